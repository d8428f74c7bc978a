/** Differential test of rules in CEL: which are refused and why, and what is said of custom resources that break them. */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { JsonSchemaProps } from '#api/apiextensions/json-schema.ts'
import { forCreate } from '#api/apiextensions/validation/requirements.ts'
import { rootRules } from '#api/apiextensions/validation/rule-checks.ts'
import { validateSchema } from '#api/apiextensions/validation/schema-rules.ts'
import { ruleValidator } from '#api/cel/rule-validator.ts'
import type { FieldError } from '#api/meta/field-error.ts'
import { Correlated } from '#api/structural/correlate.ts'
import { broken, conditions, deepSchema, specSchema, specs, told } from './cel-corpus.ts'
import { type Cause, causesOf } from './compare.ts'
import { call } from './upstream.ts'

const skip = process.env['TYPERNETES_ORACLE'] === undefined && 'set TYPERNETES_ORACLE to compare with upstream'
type Rules = NonNullable<JsonSchemaProps['x-kubernetes-validations']>

const definitions = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions'
const group = 'cel-rules.typernetes.test'

const schemaWith = (rules: Rules, spec = specSchema): JsonSchemaProps => ({
  type: 'object',
  required: ['spec'],
  'x-kubernetes-validations': rules,
  properties: { spec },
})

const definition = (plural: string, schema: JsonSchemaProps) => ({
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: `${plural}.${group}` },
  spec: {
    group,
    names: { kind: plural, plural },
    scope: 'Namespaced',
    versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: schema } }],
  },
})

/** Upstream's names of object types hold the time of day. */
const stable = (text: string): string => text.replaceAll(/selfType\d+/g, 'selfType')

const causeText = ({ field, message, reason }: Cause | FieldError): string => `${field}: ${reason}: ${stable(message ?? '')}`
const listed = (causes: readonly (Cause | FieldError)[]): string[] => causes.map(causeText).sort()

function ourRefusals(schema: JsonSchemaProps): FieldError[] {
  const path = 'spec.validation.openAPIV3Schema'
  const rules = rootRules(schema, false)
  return [...validateSchema(schema, path, forCreate, rules.context), ...rules.totals(path)]
}

describe('rules that are refused', { skip }, () => {
  for (const [at, rule] of broken.entries()) {
    test(`${at}: ${rule.rule} ${rule.messageExpression ?? ''}`, async () => {
      const schema = schemaWith([rule])
      const reply = await call('POST', `${definitions}?dryRun=All`, definition(`broken${at}`, schema))
      assert.equal(reply.code, 422)
      assert.deepEqual(listed(ourRefusals(schema)), listed(causesOf(reply)))
    })
  }
})

/** Rules that upstream takes, and objects that are held to them. */
async function compareObjects(plural: string, schema: JsonSchemaProps): Promise<void> {
  const collection = `/apis/${group}/v1/namespaces/default/${plural}`
  const validator = ruleValidator(schema)
  for (const [name, spec] of Object.entries(specs)) {
    const object = { apiVersion: `${group}/v1`, kind: plural, metadata: { name: `c-${name}`, namespace: 'default' }, spec }
    const reply = await call('POST', `${collection}?dryRun=All`, object)
    const ours = validator?.validate({ value: object, oldValue: undefined, correlated: undefined }).errors ?? []
    assert.deepEqual(listed(ours), listed(causesOf(reply)), name)
  }
}

async function established(plural: string, schema: JsonSchemaProps): Promise<void> {
  await call('DELETE', `${definitions}/${plural}.${group}`)
  for (let tries = 0; tries < 100; tries++) {
    const created = await call('POST', definitions, definition(plural, schema))
    if (created.code === 201) break
    assert.equal(created.code, 409, JSON.stringify(created.body))
  }
  for (let tries = 0; tries < 200; tries++) {
    const found = await call('GET', `/apis/${group}/v1/namespaces/default/${plural}`)
    if (found.code === 200) return
  }
  assert.fail(`${plural} is not served`)
}

describe('objects held to rules', { skip }, () => {
  const plurals = ['celconditions', 'celtold', 'celdeep', 'celratchet']
  after(async () => {
    for (const plural of plurals) await call('DELETE', `${definitions}/${plural}.${group}`)
  })

  test('each condition by itself', async () => {
    const schema = schemaWith(conditions.slice(0, -1).map((rule) => ({ rule })))
    await established('celconditions', schema)
    await compareObjects('celconditions', schema)
  })

  test('messages, reasons, paths, and what an evaluation may cost', async () => {
    const schema = schemaWith([...told, { rule: conditions.at(-1) as string }])
    await established('celtold', schema)
    await compareObjects('celtold', schema)
  })

  test('rules at every depth', async () => {
    const schema = schemaWith([], deepSchema)
    await established('celdeep', schema)
    await compareObjects('celdeep', schema)
  })

  describe('updates', () => {
    const schema = schemaWith([...told, { rule: 'self.spec.count < 3' }], deepSchema)
    const collection = `/apis/${group}/v1/namespaces/default/celratchet`
    const object = (spec: unknown) => ({
      apiVersion: `${group}/v1`,
      kind: 'celratchet',
      metadata: { name: 'c', namespace: 'default' },
      spec,
    })
    const first = object({ ...specs['whole'], count: 2 })

    before(async () => {
      const free: JsonSchemaProps = { type: 'object', properties: { spec: specSchema } }
      await established('celratchet', free)
      await call('POST', collection, first)
      const name = `celratchet.${group}`
      const stored = await call('GET', `${definitions}/${name}`)
      await call('PUT', `${definitions}/${name}`, {
        ...stored.body,
        ...definition('celratchet', schema),
        metadata: stored.body['metadata'],
      })
      // The rules count once an object that breaks them is refused.
      for (let tries = 0; tries < 200; tries++) {
        const reply = await call('POST', `${collection}?dryRun=All`, {
          ...object(specs['whole']),
          metadata: { name: 'other', namespace: 'default' },
        })
        if (reply.code === 422) return
      }
    })

    for (const [name, spec] of Object.entries({ ...specs, same: { ...specs['whole'], count: 2 }, less: { ...specs['whole'], count: 1 } })) {
      test(name, async () => {
        const stored = (await call('GET', `${collection}/c`)).body
        const next = { ...object(spec), metadata: { ...(stored['metadata'] as object) } }
        const reply = await call('PUT', `${collection}/c?dryRun=All`, next)
        const found = ruleValidator(schema)?.validate({ value: next, oldValue: stored, correlated: new Correlated(next, stored, schema) })
        assert.deepEqual(listed(found?.errors ?? []), listed(causesOf(reply)))
        assert.deepEqual([...(found?.warnings ?? [])].sort(), [...reply.warnings].sort())
      })
    }
  })
})
