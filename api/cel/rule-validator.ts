/** Custom resources held to the rules of their schema (apiextensions-apiserver, schema/cel/validation.go). */
import { duplicate, type FieldError, forbidden, invalid, required } from '#api/meta/field-error.ts'
import type { Correlated } from '#api/structural/correlate.ts'
import { additionalOf, isEmbedded, itemsOf, type Structural } from '#api/structural/schema.ts'
import { type DeclType, typeOfSchema, withTypeAndObjectMeta } from './decl-type.ts'
import { escapeName } from './escaping.ts'
import { trimSpace } from './library-strings.ts'
import { MapList } from './map-list.ts'
import { costLimits, type Program } from './program.ts'
import { type CompiledRule, compileRules, ruleText } from './rules.ts'
import { schemaValue } from './schema-value.ts'
import { type CelValue, Optional, optionalNone } from './value.ts'

export interface RuleSubject {
  value: unknown
  /** The value before an update; undefined where there was none. */
  oldValue: unknown
  /** The same, as ratcheting sees it; undefined on create. */
  correlated: Correlated | undefined
  /** The field that the value stands in; undefined for the root. */
  path?: string | undefined
}

export interface RuleFindings {
  errors: FieldError[]
  /** Texts for the Warning header: broken rules on data that did not change. */
  warnings: string[]
}

/** The rules of a schema and all below it; undefined where there are none. Compiled when they are first needed. */
export function ruleValidator(schema: Structural, resourceRoot = true): RuleValidator | undefined {
  return anyRules(schema) ? new RuleValidator(schema, resourceRoot) : undefined
}

function anyRules(schema: Structural): boolean {
  if ((schema['x-kubernetes-validations']?.length ?? 0) > 0) return true
  const below = [itemsOf(schema), additionalOf(schema), ...Object.values(schema.properties ?? {}), ...(schema.allOf ?? [])]
  return below.some((part) => part !== undefined && anyRules(part))
}

export class RuleValidator {
  readonly #schema: Structural
  readonly #resourceRoot: boolean
  #root: RuleNode | undefined | null = null

  constructor(schema: Structural, resourceRoot: boolean) {
    this.#schema = schema
    this.#resourceRoot = resourceRoot
  }

  /** Runs all rules; `budget` is what they may cost together. */
  validate(subject: RuleSubject, budget: number = costLimits.perRequest): RuleFindings {
    if (this.#root === null) {
      this.#root = makeNode(this.#schema, this.#schema, typeOfSchema(this.#schema, this.#resourceRoot), this.#resourceRoot)
    }
    const run = new Run(budget)
    this.#root?.validate(run, { ...subject, path: subject.path, nearest: undefined })
    return { errors: run.errors, warnings: run.warnings }
  }
}

class Run {
  readonly errors: FieldError[] = []
  readonly warnings: string[] = []
  budget: number
  /** The budget is spent: nothing more is run. */
  over = false

  constructor(budget: number) {
    this.budget = budget
  }

  stop(error: FieldError): void {
    this.errors.push(error)
    this.over = true
  }
}

interface Place extends RuleSubject {
  path: string | undefined
  /** The nearest value above that can be compared with its old one. */
  nearest: Correlated | undefined
}

interface NodeParts {
  schema: Structural
  rules: readonly CompiledRule[]
  resourceRoot: boolean
  items: RuleNode | undefined
  additional: RuleNode | undefined
  properties: ReadonlyMap<string, RuleNode>
  allOf: readonly RuleNode[]
}

/** `rules` holds the rules and their places, `schema` the types: they differ below allOf. */
function makeNode(rules: Structural, schema: Structural, decl: DeclType | undefined, resourceRoot: boolean): RuleNode | undefined {
  const items = partNode(itemsOf(rules), itemsOf(schema), decl?.element)
  const additional = partNode(additionalOf(rules), additionalOf(schema), decl?.element)
  const properties = propertyNodes(rules, schema, decl)
  const allOf = (rules.allOf ?? []).map((part) => makeNode(part, schema, decl, resourceRoot)).filter((node) => node !== undefined)
  const ruleSchema = { ...schema, 'x-kubernetes-validations': rules['x-kubernetes-validations'] }
  const compiled = decl ? compileRules(ruleSchema, decl) : []
  if (compiled.length === 0 && !items && !additional && properties.size === 0 && allOf.length === 0) return undefined
  return new RuleNode({ schema, rules: compiled, resourceRoot, items, additional, properties, allOf })
}

function partNode(rules: Structural | undefined, schema: Structural | undefined, decl: DeclType | undefined): RuleNode | undefined {
  return rules && schema && makeNode(rules, schema, decl, isEmbedded(schema))
}

function propertyNodes(rules: Structural, schema: Structural, decl: DeclType | undefined): Map<string, RuleNode> {
  const nodes = new Map<string, RuleNode>()
  for (const [name, property] of Object.entries(rules.properties ?? {})) {
    const own = Object.hasOwn(schema.properties ?? {}, name) ? schema.properties?.[name] : undefined
    if (!own) continue
    const escaped = escapeName(name)
    // What has no name in CEL has a type of its own; what has no type has no rules.
    const type = escaped === undefined ? typeOfSchema(own, isEmbedded(own)) : decl?.fields?.get(escaped)
    const node = type && makeNode(property, own, type, isEmbedded(own))
    if (node) nodes.set(name, node)
  }
  return nodes
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const ownValue = (object: unknown, name: string): unknown => (isObject(object) && Object.hasOwn(object, name) ? object[name] : undefined)

class RuleNode {
  readonly #parts: NodeParts
  readonly #usesOldSelf: boolean
  readonly #valueSchema: Structural

  constructor(parts: NodeParts) {
    this.#parts = parts
    this.#usesOldSelf = parts.rules.some((rule) => rule.usesOldSelf)
    this.#valueSchema = (parts.resourceRoot ? withTypeAndObjectMeta(parts.schema) : parts.schema) as Structural
  }

  validate(run: Run, place: Place): void {
    if (place.value === null || place.value === undefined) return
    this.#runRules(run, place)
    for (const node of this.#parts.allOf) {
      if (run.over) return
      node.validate(run, { ...place, correlated: undefined })
    }
    if (run.over) return
    if (Array.isArray(place.value)) this.#validateItems(run, place, place.value)
    else if (isObject(place.value)) this.#validateMembers(run, place, place.value)
  }

  #validateItems(run: Run, place: Place, values: readonly unknown[]): void {
    const { items, schema } = this.#parts
    if (!items) return
    const old = new MapList(schema, place.oldValue)
    for (const [at, value] of values.entries()) {
      items.validate(run, {
        ...below(place, (correlated) => correlated.index(at)),
        value,
        oldValue: old.find(value),
        path: `${place.path ?? ''}[${at}]`,
      })
      if (run.over) return
    }
  }

  #validateMembers(run: Run, place: Place, members: Readonly<Record<string, unknown>>): void {
    const { additional, properties, schema } = this.#parts
    if (!additional && properties.size === 0) return
    const mapType = schema['x-kubernetes-map-type'] ?? 'granular'
    const correlatable = mapType === 'granular' || mapType === 'atomic'
    for (const [name, value] of Object.entries(members)) {
      const oldValue = correlatable ? ownValue(place.oldValue, name) : undefined
      const inner = { ...below(place, (correlated) => correlated.key(name), name), value, oldValue }
      additional?.validate(run, { ...inner, path: `${place.path ?? ''}[${name}]` })
      if (run.over) return
      properties.get(name)?.validate(run, { ...inner, path: childPath(place.path, name) })
      if (run.over) return
    }
  }

  #runRules(run: Run, place: Place): void {
    const { rules } = this.#parts
    if (rules.length === 0) return
    if (run.budget <= 0) {
      run.stop(this.#fault(place, outOfBudget))
      return
    }
    const variables = this.#variables(place)
    for (const compiled of rules) {
      if (compiled.error !== undefined) {
        run.errors.push(this.#fault(place, `rule compile error: ${compiled.error}`))
        continue
      }
      const hasOld = place.oldValue !== null && place.oldValue !== undefined
      const optional = compiled.rule.optionalOldSelf === true
      if (!compiled.program || (compiled.usesOldSelf && !hasOld && !optional)) continue
      this.#runRule(run, place, compiled, optional ? variables.optional : variables.plain)
      if (run.over) return
    }
  }

  #fault(place: Place, detail: string): FieldError {
    return invalid(place.path ?? '<nil>', this.#parts.schema.type ?? '', detail)
  }

  #variables(place: Place): { plain: Variables; optional: Variables } {
    const self = schemaValue(place.value, this.#valueSchema)
    if (!this.#usesOldSelf) return { plain: { self }, optional: { self } }
    if (place.oldValue === null || place.oldValue === undefined) return { plain: { self }, optional: { self, oldSelf: optionalNone } }
    const oldSelf = schemaValue(place.oldValue, this.#valueSchema)
    return { plain: { self, oldSelf }, optional: { self, oldSelf: new Optional(oldSelf) } }
  }

  #runRule(run: Run, place: Place, compiled: CompiledRule, variables: Variables): void {
    const outcome = (compiled.program as Program).evaluate(variables, costLimits.perCall)
    if (outcome.cost > run.budget) {
      run.stop(this.#fault(place, outOfBudget))
      return
    }
    run.budget -= outcome.cost
    if (!outcome.ok) this.#failed(run, place, compiled, outcome.error)
    else if (outcome.value !== true) this.#broken(run, place, compiled, variables)
  }

  #broken(run: Run, place: Place, compiled: CompiledRule, variables: Variables): void {
    const path = compiled.fieldPath === undefined ? place.path : childPath(place.path, compiled.fieldPath)
    const detail = this.#message(run, compiled, variables, path)
    if (detail === undefined) return
    this.#report(run, place, compiled, brokenRule(path ?? '<nil>', this.#parts.schema, place.value, { ...compiled.rule, detail }))
  }

  #failed(run: Run, place: Place, compiled: CompiledRule, error: string): void {
    const named = ruleText(compiled.rule)
    if (error.startsWith('no such overload')) {
      const why = 'call arguments did not match a supported operator, function or macro signature for rule'
      run.errors.push(this.#fault(place, `'${error}': ${why}: ${named}`))
    } else if (error.startsWith('operation cancelled: actual cost limit exceeded')) {
      const why = 'no further validation rules will be run due to call cost exceeds limit for rule'
      run.stop(this.#fault(place, `'${error}': ${why}: ${named}`))
    } else {
      run.errors.push(this.#fault(place, `${error} evaluating rule: ${named}`))
    }
  }

  /** What is said of a broken rule; undefined where saying it took the rest of the budget. */
  #message(run: Run, compiled: CompiledRule, variables: Variables, path: string | undefined): string | undefined {
    const otherwise = compiled.rule.message ? compiled.rule.message.trim() : `failed rule: ${ruleText(compiled.rule)}`
    if (!compiled.message) return otherwise
    const outcome = compiled.message.evaluate(variables, costLimits.perCall)
    const stop = (why: string) => run.stop(invalid(path ?? '<nil>', this.#parts.schema.type ?? '', why))
    if (outcome.cost > run.budget) {
      stop('messageExpression evaluation failed due to running out of cost budget, no further validation rules will be run')
      return undefined
    }
    if (!outcome.ok && outcome.error.startsWith('operation cancelled: actual cost limit exceeded')) {
      const named = JSON.stringify(compiled.rule.messageExpression)
      stop(`no further validation rules will be run due to call cost exceeds limit for messageExpression: ${named}`)
      return undefined
    }
    run.budget -= outcome.cost
    return (outcome.ok ? usableMessage(outcome.value) : undefined) ?? otherwise
  }

  /** Broken rules on data that did not change only warn, if the rule does not look at the old data itself. */
  #report(run: Run, place: Place, compiled: CompiledRule, error: FieldError): void {
    const comparable = place.correlated ?? place.nearest
    if (!compiled.usesOldSelf && comparable?.isSame === true) run.warnings.push(`${error.field}: ${error.message}`)
    else run.errors.push(error)
  }
}

type Variables = Readonly<Record<string, CelValue>>

const outOfBudget = 'validation failed due to running out of cost budget, no further validation rules will be run'

const childPath = (path: string | undefined, name: string): string => (path === undefined ? name : `${path}.${name}`)

/** The place of a child for ratcheting; apiVersion and kind of the root are never compared. */
function below(
  place: Place,
  child: (correlated: Correlated) => Correlated | undefined,
  name?: string,
): Pick<Place, 'correlated' | 'nearest'> {
  const { correlated, nearest } = place
  if (!correlated) return { correlated, nearest }
  if (nearest === undefined && (name === 'apiVersion' || name === 'kind')) return { correlated: undefined, nearest: undefined }
  return { correlated: child(correlated), nearest: correlated }
}

const maxMessageBytes = 5 * 1024

function usableMessage(value: CelValue): string | undefined {
  const text = typeof value === 'string' ? trimSpace(value) : ''
  return text === '' || text.includes('\n') || Buffer.byteLength(text) > maxMessageBytes ? undefined : text
}

function brokenRule(path: string, schema: Structural, value: unknown, rule: { reason?: string | undefined; detail: string }): FieldError {
  const { reason, detail } = rule
  // Objects and lists are not printed.
  const omitted = schema.type === 'object' || schema.type === 'array'
  switch (reason) {
    case 'FieldValueForbidden':
      return forbidden(path, detail)
    case 'FieldValueRequired':
      return required(path, detail)
    case 'FieldValueDuplicate':
      return omitted ? { reason: 'FieldValueDuplicate', field: path, message: 'Duplicate value' } : duplicate(path, value)
    default:
      return omitted ? { reason: 'FieldValueInvalid', field: path, message: `Invalid value: ${detail}` } : invalid(path, value, detail)
  }
}
