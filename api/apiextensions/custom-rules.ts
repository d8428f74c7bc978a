/** The rules of one version of a custom resource on the write road: status, generation, schema, scale (source: registry/customresource). */
import { type RuleValidator, ruleValidator } from '#api/cel/rule-validator.ts'
import { clone } from '#api/clone.ts'
import { type FieldError, invalid } from '#api/meta/field-error.ts'
import { goQuote } from '#api/meta/go-quote.ts'
import { invalidError } from '#api/meta/status.ts'
import { sameJson } from '#api/own.ts'
import type { KubeObject, SubresourceRules } from '#api/resource.ts'
import { Correlated } from '#api/structural/correlate.ts'
import { validateEmbedded } from '#api/structural/embedded.ts'
import { validateListTypes } from '#api/structural/list-types.ts'
import { propertyOf, type Structural } from '#api/structural/schema.ts'
import { validateValue } from '#api/structural/validate.ts'
import { checkQualifiedName } from '#api/validation/names.ts'
import type { CustomResourceDefinitionVersion } from './custom-resource-definition.ts'
import { integerAt, PathError, textAt } from './custom-views.ts'

type Custom = KubeObject & { status?: unknown }
type Identity = { group: string; version: string; kind: string }

const INT32_MAX = 2147483647
/** After these nothing can be said of an object by expressions. */
const blocking: ReadonlySet<string> = new Set([
  'FieldValueNotSupported',
  'FieldValueRequired',
  'FieldValueTooLong',
  'FieldValueTooMany',
  'FieldValueTypeInvalid',
])

export class CustomRules {
  readonly #identity: Identity
  readonly #schema: Structural
  readonly #hasStatus: boolean
  readonly #rules: RuleValidator | undefined
  /** What rules said of data that did not change, from validation to the warnings. */
  readonly #warned = new WeakMap<KubeObject, readonly string[]>()
  readonly #scale: NonNullable<CustomResourceDefinitionVersion['subresources']>['scale']

  constructor(identity: Identity, schema: Structural, version: CustomResourceDefinitionVersion) {
    this.#identity = identity
    this.#schema = schema
    this.#hasStatus = version.subresources?.status !== undefined
    this.#scale = version.subresources?.scale
    this.#rules = ruleValidator(schema)
  }

  /** Everything but the metadata counts for the generation; the write road has taken the status from `prev`. */
  prepare(next: Custom, prev: Custom | undefined): Custom {
    if (prev === undefined) {
      if (this.#hasStatus) delete next.status
      next.metadata.generation = 1
    } else if (!sameContent(next, prev)) next.metadata.generation = (prev.metadata.generation ?? 0) + 1
    return next
  }

  validate(next: KubeObject, prev: KubeObject | undefined): readonly FieldError[] {
    this.#checkKind(next)
    const correlated = prev && new Correlated(next, prev, this.#schema)
    const found = [
      ...validateValue(next, this.#schema, undefined, correlated),
      ...this.#scaleSpec(next),
      ...this.#scaleStatus(next),
      ...validateEmbedded(next, this.#schema),
    ]
    if (prev === undefined || validateListTypes(prev, this.#schema).length === 0) found.push(...validateListTypes(next, this.#schema))
    return this.#withRules(found, next, prev, correlated)
  }

  readonly status: SubresourceRules<Custom> = {
    prepare: (next, prev) => {
      const { managedFields } = next.metadata
      const made: Custom = { ...clone(prev), metadata: { ...prev.metadata } }
      if (managedFields === undefined) delete made.metadata.managedFields
      else made.metadata.managedFields = managedFields
      if (next.status === undefined) delete made.status
      else made.status = next.status
      return made
    },
    validate: (next, prev) => {
      this.#checkKind(next)
      const correlated = new Correlated(next, prev, this.#schema)
      const schema = propertyOf(this.#schema, 'status')
      const found: FieldError[] = []
      if (schema !== undefined && Object.hasOwn(next, 'status'))
        found.push(...validateValue(next.status, schema, 'status', correlated.key('status')))
      found.push(...this.#scaleStatus(next))
      const lists = validateListTypes(next, this.#schema)
      if (lists.length > 0 && validateListTypes(prev, this.#schema).length === 0) found.push(...lists)
      return this.#withRules(found, next, prev, correlated)
    },
  }

  /** Expressions are not tried on objects that are not even of the right shape. */
  #withRules(found: FieldError[], next: KubeObject, prev: KubeObject | undefined, correlated: Correlated | undefined): FieldError[] {
    if (this.#rules === undefined) return found
    if (found.some(({ reason }) => blocking.has(reason))) {
      const text =
        'some validation rules were not checked because the object was invalid; correct the existing errors to complete validation'
      return [...found, invalid('<nil>', null, text)]
    }
    const { errors, warnings } = this.#rules.validate({ value: next, oldValue: prev, correlated })
    if (warnings.length > 0) this.#warned.set(next, warnings)
    return [...found, ...errors]
  }

  /** Upstream names the kind that the object claims, and looks at nothing else then. */
  #checkKind(next: KubeObject): void {
    const { group, version, kind } = this.#identity
    const apiVersion = `${group}/${version}`
    const found: FieldError[] = []
    if (next.kind !== kind) found.push(invalid('kind', next.kind, `must be ${kind}`))
    if (next.apiVersion !== apiVersion) found.push(invalid('apiVersion', next.apiVersion, `must be ${apiVersion}`))
    if (found.length === 0) return
    const claimed = next.apiVersion.includes('/') ? (next.apiVersion.split('/')[0] ?? '') : ''
    throw invalidError({ group: claimed, plural: '', kind: next.kind }, next.metadata.name ?? '', found)
  }

  #scaleSpec(object: KubeObject): FieldError[] {
    return this.#scale ? replicasFaults(object, this.#scale.specReplicasPath) : []
  }

  #scaleStatus(object: KubeObject): FieldError[] {
    if (!this.#scale) return []
    const { statusReplicasPath, labelSelectorPath } = this.#scale
    const found = replicasFaults(object, statusReplicasPath)
    if (labelSelectorPath === undefined) return found
    try {
      textAt(object, labelSelectorPath)
      return found
    } catch (error) {
      if (!(error instanceof PathError)) throw error
      return [...found, invalid(labelSelectorPath, '', error.message)]
    }
  }

  warnings(next: KubeObject, prev: KubeObject | undefined): readonly string[] {
    const old = new Set(prev?.metadata.finalizers)
    const added = [...new Set(next.metadata.finalizers)].filter((name) => !old.has(name)).sort()
    return [...(this.#warned.get(next) ?? []), ...added.flatMap(finalizerWarnings)]
  }
}

function sameContent(a: KubeObject, b: KubeObject): boolean {
  const { metadata: _a, ...left } = a
  const { metadata: _b, ...right } = b
  return sameJson(left, right)
}

function replicasFaults(object: KubeObject, path: string): FieldError[] {
  try {
    const replicas = integerAt(object, path) ?? 0
    if (replicas < 0) return [invalid(path, replicas, 'should be a non-negative integer')]
    return replicas > INT32_MAX ? [invalid(path, replicas, `should be less than or equal to ${INT32_MAX}`)] : []
  } catch (error) {
    if (!(error instanceof PathError)) throw error
    return [invalid(path, 0, error.message)]
  }
}

const standardFinalizers: ReadonlySet<string> = new Set(['orphan', 'foregroundDeletion', 'kubernetes'])

function finalizerWarnings(name: string): string[] {
  const head = `metadata.finalizers: ${goQuote(name)}: `
  const found = checkQualifiedName(name).map((message) => head + message)
  if (name.includes('/') || standardFinalizers.has(name)) return found
  const path = name.includes('.') ? ' including a path (/)' : ''
  return [...found, `${head}prefer a domain-qualified finalizer name${path} to avoid accidental conflicts with other finalizer writers`]
}
