/** Differential test of custom resources: definitions and objects, good and bad, on our apiserver and on upstream's. */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Answered, type Both, type Step, startBoth } from './both.ts'
import { objectProperties, objects, propertySchemas, rootSchemas, specs, versions } from './custom-resource-corpus.ts'

const skip = process.env['TYPERNETES_ORACLE'] === undefined && 'set TYPERNETES_ORACLE to compare with upstream'
const definitions = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions'
const group = `story-${process.pid}.example.com`

type Json = Record<string, unknown>
const parsed = (text: string): Json => JSON.parse(text) as Json

let both: Both
before(async () => {
  if (!skip) both = await startBoth()
})
after(async () => {
  if (skip) return
  await both.upstream({ method: 'DELETE', path: `${definitions}/tabs.${group}` })
  await both[Symbol.asyncDispose]()
})

const hidden: ReadonlySet<string> = new Set(['uid', 'resourceVersion', 'creationTimestamp', 'managedFields', 'time', 'lastTransitionTime'])
const byText = (list: readonly unknown[]): unknown[] => [...list].sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1))

/** Without what differs by nature; causes in no order, as upstream ranges over maps. */
function comparable(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(comparable)
  // A whole object inside of a message: keys in another order, names and times of its own.
  if (typeof value === 'string') return value.replace(/Invalid value: "\{.*\}": /s, '')
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value as Json).filter(([key, item]) => !hidden.has(key) && !(key === 'continue' && item === ''))
  return Object.fromEntries(
    entries
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, item]) => [key, key === 'causes' ? byText((item as unknown[]).map(comparable)) : comparable(item)]),
  )
}

function shown({ code, body, warnings }: Answered): unknown {
  const { message, ...rest } = body as Json & { message?: string }
  const causes = (rest['details'] as { causes?: unknown[] } | undefined)?.causes ?? []
  const text = causes.length > 1 ? message?.replace(/is invalid: .*/s, 'is invalid') : message
  // Of a column only what upstream makes of the definition is compared: our words for the others are our own.
  const columns = rest['columnDefinitions'] as Json[] | undefined
  const told = columns?.map(({ description, ...column }) =>
    String(description).includes('JSONPath') ? { ...column, description } : column,
  )
  return {
    code,
    body: comparable({
      ...rest,
      ...(told && { columnDefinitions: told }),
      message: text?.replace(/Value: ".*": (?=json|strict|kind)/s, ''),
    }),
    warnings: [...warnings].sort(),
  }
}

async function same(step: Step): Promise<void> {
  const [ours, upstream] = await Promise.all([both.ours(step), both.upstream(step)])
  assert.deepEqual(shown(ours), shown(upstream), `${step.method} ${step.path} ${JSON.stringify(step.body)?.slice(0, 300)}`)
}

const definition = (schema: unknown, spec: Json = {}, version: Json = {}): Json => ({
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'foos.story.example.com' },
  spec: {
    group: 'story.example.com',
    scope: 'Namespaced',
    names: { plural: 'foos', kind: 'Foo' },
    versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: schema }, ...version }],
    ...spec,
  },
})
const anySpec = { type: 'object', properties: { spec: { type: 'object', properties: { x: { type: 'string' } } } } }
const create = (body: Json): Step => ({ method: 'POST', path: `${definitions}?dryRun=All`, body })

describe('definitions', { skip }, () => {
  for (const text of propertySchemas)
    test(`a property ${text}`, () =>
      same(create(definition({ type: 'object', properties: { spec: { type: 'object', properties: { x: parsed(text) } } } }))))
  for (const text of rootSchemas) test(`an object ${text}`, () => same(create(definition(parsed(text)))))
  for (const text of specs) test(`a spec ${text}`, () => same(create(definition(anySpec, parsed(text)))))
  for (const text of versions) test(`a version ${text}`, () => same(create(definition(anySpec, {}, parsed(text)))))
  test('unknown fields', () =>
    same({ ...create(definition({ type: 'object', foo: 1 })), path: `${definitions}?dryRun=All&fieldValidation=Strict` }))
})

const scale = { specReplicasPath: '.spec.replicas', statusReplicasPath: '.status.replicas', labelSelectorPath: '.status.sel' }
const column = (name: string, type: string, jsonPath: string): Json => ({ name, type, jsonPath })

function versionOf(name: string, storage: boolean, more: Json = {}): Json {
  const properties = Object.fromEntries(Object.entries(objectProperties).map(([key, text]) => [key, parsed(text)]))
  const status = {
    type: 'object',
    properties: { replicas: { type: 'integer' }, sel: { type: 'string' }, phase: { type: 'string', enum: ['Up'] } },
  }
  const spec = { type: 'object', required: ['a'], properties: { ...properties, ...(more['properties'] as Json | undefined) } }
  return {
    name,
    served: true,
    storage,
    subresources: { status: {}, scale },
    additionalPrinterColumns: [
      column('R', 'integer', '.spec.replicas'),
      column('L', 'string', '.spec.list'),
      column('B', 'boolean', '.spec.flag'),
      column('N', 'number', '.spec.num'),
    ],
    // What all versions have in common is not allowed beside schemas that differ.
    selectableFields: name === 'v1' ? [{ jsonPath: '.spec.e' }, { jsonPath: '.spec.flag' }] : [],
    schema: { openAPIV3Schema: { type: 'object', properties: { spec, status } } },
    ...(more['version'] as Json | undefined),
  }
}

const items = `/apis/${group}/v1/namespaces/default/tabs`
const old = items.replace('/v1/', '/v1beta1/')
const tab = (name: string, spec: unknown, more: Json = {}): Json => ({
  apiVersion: `${group}/v1`,
  kind: 'Tab',
  metadata: { name },
  spec,
  ...more,
})
const merge = (path: string, body: unknown): Step => ({ method: 'PATCH', path, body, contentType: 'application/merge-patch+json' })

async function established(path: string): Promise<void> {
  for (let i = 0; i < 100; i++) {
    const [ours, upstream] = await Promise.all([both.ours({ method: 'GET', path }), both.upstream({ method: 'GET', path })])
    if (ours.code === 200 && upstream.code === 200) return
    await sleep(100)
  }
  assert.fail(`${path} is not served`)
}

describe('objects', { skip }, () => {
  before(async () => {
    if (skip) return
    const deprecated = { properties: { d: { type: 'integer', default: 8 } }, version: { deprecated: true } }
    const spec = {
      group,
      scope: 'Namespaced',
      names: { plural: 'tabs', kind: 'Tab', shortNames: ['tb'], categories: ['stories'] },
      versions: [versionOf('v1', true), versionOf('v1beta1', false, deprecated)],
    }
    const body = { ...definition({}), metadata: { name: `tabs.${group}` }, spec }
    for (const send of [both.ours, both.upstream]) {
      const { code, body: answer } = await send({ method: 'POST', path: definitions, body })
      assert.equal(code, 201, String(answer['message']))
    }
    await established(items)
  })

  for (const text of objects)
    test(`an object ${text}`, () => same({ method: 'POST', path: `${items}?dryRun=All`, body: tab('x', JSON.parse(text)) }))

  const metadata: readonly unknown[] = [
    { name: 'x', labels: { a: 5 } },
    { name: 'x', labels: 'q' },
    5,
    null,
    { name: '' },
    { name: 'A_B' },
    { name: 'x', finalizers: ['foo.bar', 'x', 'a/b'] },
    { name: 'x', namespace: 'other' },
  ]
  for (const value of metadata)
    test(`metadata ${JSON.stringify(value)}`, () =>
      same({ method: 'POST', path: `${items}?dryRun=All`, body: tab('x', { a: 'xx' }, { metadata: value }) }))
  const heads: readonly Json[] = [{ kind: 'Other' }, { kind: '' }, { apiVersion: 5 }, { apiVersion: '' }, { status: { phase: 'Down' } }]
  for (const value of heads)
    test(`with ${JSON.stringify(value)}`, () => same({ method: 'POST', path: `${items}?dryRun=All`, body: tab('x', { a: 'xx' }, value) }))

  for (const validation of ['Strict', 'Warn', 'Ignore'])
    test(`unknown and duplicate fields, ${validation}`, () =>
      same({
        method: 'POST',
        path: `${items}?dryRun=All&fieldValidation=${validation}`,
        body: `{"apiVersion":"${group}/v1","kind":"Tab","metadata":{"name":"x","foo":1},"spec":{"a":"xx","a":"xy","any":{"b":1,"b":2},"unk":{"z":1}}}`,
      }))

  const story: readonly (Step & { sleepMs?: number })[] = [
    { method: 'POST', path: items, body: tab('a', { a: 'xx', flag: true, e: 'A', replicas: 3, list: ['p', 'q'], num: 1.5 }) },
    { method: 'POST', path: items, body: tab('b', { a: 'xy', e: 'B' }, { status: { phase: 'Up' } }) },
    { method: 'POST', path: items, body: tab('a', { a: 'xx' }) },
    { method: 'POST', path: old, body: tab('c', { a: 'xz' }, { apiVersion: `${group}/v1beta1` }) },
    ...[`${items}/a`, `${items}/c`, `${old}/c`, `${old}/a`, `${items}/zz`, `${items}/a/foo`, items, `/apis/${group}/v1/tabs?limit=500`].map(
      (path) => ({ method: 'GET', path }),
    ),
    ...['spec.e=A', 'spec.e!=A', 'spec.flag=true', 'spec.flag=', 'spec.zz=1', 'spec.e=B,metadata.name=b'].map((text) => ({
      method: 'GET',
      path: `${items}?fieldSelector=${encodeURIComponent(text)}`,
    })),
    merge(`${items}/a`, { spec: { replicas: 4, list: null } }),
    merge(`${items}/a`, { spec: { replicas: 'x' } }),
    merge(`${items}/a?fieldValidation=Strict`, { spec: { zz: 'x' } }),
    merge(`${items}/a`, { kind: 'Foo' }),
    merge(`${items}/a`, { apiVersion: 'v1' }),
    merge(`${items}/a`, { metadata: { labels: { a: 5 } } }),
    merge(`${items}/nope`, { spec: {} }),
    { ...merge(`${items}/a`, [{ op: 'replace', path: '/spec/replicas', value: 5 }]), contentType: 'application/json-patch+json' },
    { ...merge(`${items}/a`, [{ op: 'test', path: '/spec/replicas', value: 6 }]), contentType: 'application/json-patch+json' },
    { ...merge(`${items}/a`, { spec: { replicas: 4 } }), contentType: 'application/strategic-merge-patch+json' },
    merge(`${items}/a`, { status: { phase: 'Up' } }),
    merge(`${items}/a/status`, { status: { phase: 'Up', replicas: 2, sel: 'a=b' }, spec: { replicas: 9 } }),
    merge(`${items}/a/status`, { status: { phase: 'Nope' } }),
    merge(`${items}/a/status`, { status: { replicas: -1 } }),
    { method: 'POST', path: `${items}/a/status`, body: {} },
    { method: 'GET', path: `${items}/a/scale` },
    { method: 'GET', path: `${items}/b/scale` },
    ...[2, 20, -2].map((replicas) => merge(`${items}/a/scale`, { spec: { replicas } })),
    merge(`${items}/b/scale`, { spec: { replicas: 2 } }),
    merge(`${old}/a`, { spec: { replicas: 7 } }),
    { method: 'GET', path: `${items}/a` },
    ...(['scope', 'group'] as const).map((name) => merge(`${definitions}/tabs.${group}`, { spec: { [name]: 'Cluster' } })),
    merge(`${definitions}/tabs.${group}`, { spec: { names: { kind: 'X', plural: 'xs' } } }),
    merge(`${definitions}/tabs.${group}`, { spec: { versions: [versionOf('v1beta1', true)] } }),
    merge(`${definitions}/tabs.${group}/status`, { status: { storedVersions: ['x'] } }),
    { method: 'DELETE', path: `${items}/b` },
    { method: 'DELETE', path: `${items}/b` },
    { method: 'GET', path: `/apis/${group}` },
  ]
  test('a story of requests', async (t) => {
    for (const step of story) await t.test(`${step.method} ${step.path}`, () => same(step))
  })

  test('a schema that changes', async (t) => {
    const changed = { extra: { type: 'string', default: 'hi' }, a: { type: 'string', pattern: '^zz' } }
    const body = { spec: { versions: [versionOf('v1', true, { properties: changed }), versionOf('v1beta1', false)] } }
    await same(merge(`${definitions}/tabs.${group}`, body))
    await sleep(2000)
    for (const step of [
      { method: 'GET', path: `${items}/a` },
      merge(`${items}/a`, { spec: { replicas: 1 } }),
      merge(`${items}/a`, { spec: { a: 'xb' } }),
    ])
      await t.test(`${step.method} ${step.path}`, () => same(step))
  })
})
