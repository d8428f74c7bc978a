/**
 * Rules as a CustomResourceDefinition brings them: whether they compile, and whether all of them together can be paid for
 * (apiextensions-apiserver, apis/apiextensions/validation, cel_validation.go and validation.go).
 */
import { goRule } from '#api/apiextensions/validation/internal-form.ts'
import { type FieldError, forbidden, internalFault, invalid } from '#api/meta/field-error.ts'
import { additionalOf, isEmbedded, itemsOf, propertyOf, type Structural } from '#api/structural/schema.ts'
import { type DeclType, typeOfSchema } from './decl-type.ts'
import { escapeName } from './escaping.ts'
import { unbounded } from './estimate-range.ts'
import { costLimits } from './program.ts'
import { type CompiledRule, compileRules } from './rules.ts'

const maxRequestBytes = 3 * 1024 * 1024

interface Expense {
  path: string
  cost: number
}

/** What all rules of one schema cost. */
class Total {
  cost = 0
  /** The most expensive, of those that matter. */
  expenses: Expense[] = []

  add(path: string, cost: number): void {
    this.cost = Math.min(unbounded, this.cost + cost)
    if (cost < costLimits.estimatedPerSchema / 100) return
    this.expenses = [...this.expenses, { path, cost }].sort((a, b) => b.cost - a.cost).slice(0, 4)
  }
}

/** Where in a schema rules stand: the type of the data, and how often it can be there. */
export class SchemaRules {
  readonly #schema: Structural
  readonly #parent: SchemaRules | undefined
  readonly #fromParent: ((decl: DeclType) => DeclType | undefined) | undefined
  /** Rules here or above. */
  private readonly inScope: boolean
  /** The most that the schema can stand for in one object; undefined where there is no limit. */
  readonly #cardinality: number | undefined
  readonly #total: Total
  readonly #options: { suppressPerExpressionCost: boolean }
  #decl: DeclType | undefined

  private constructor(schema: Structural, origin: Origin) {
    this.#schema = schema
    this.#parent = origin.parent
    this.#fromParent = origin.fromParent
    this.#total = origin.parent ? origin.parent.#total : new Total()
    this.#options = origin.options
    this.inScope = hasRules(schema) || origin.parent?.inScope === true
    this.#cardinality = origin.parent ? times(origin.parent.#cardinality, mostElements(origin.parent.#schema)) : 1
  }

  /** `suppressPerExpressionCost`: the schema is an old one, whose rules may cost what they cost. */
  static root(schema: Structural, options: { suppressPerExpressionCost: boolean }): SchemaRules {
    return new SchemaRules(schema, { parent: undefined, fromParent: undefined, options })
  }

  property(schema: Structural, name: string): SchemaRules {
    return this.#child(schema, (decl) => {
      const escaped = propertyOf(this.#schema, name) && escapeName(name)
      return escaped === undefined ? undefined : decl.fields?.get(escaped)
    })
  }

  items(schema: Structural): SchemaRules {
    return this.#child(schema, (decl) => (itemsOf(this.#schema) ? decl.element : undefined))
  }

  additional(schema: Structural): SchemaRules {
    return this.#child(schema, (decl) => (additionalOf(this.#schema) ? decl.element : undefined))
  }

  #child(schema: Structural, fromParent: (decl: DeclType) => DeclType | undefined): SchemaRules {
    return new SchemaRules(schema, { parent: this, fromParent, options: this.#options })
  }

  private get type(): DeclType | undefined {
    if (!this.inScope) return undefined
    const parent = this.#parent?.type
    this.#decl ??=
      (parent && this.#fromParent?.(parent)) ?? typeOfSchema(this.#schema, this.#parent === undefined || isEmbedded(this.#schema))
    return this.#decl
  }

  /** Complaints about the rules at this node. `uncorrelatable` is the path of the part above that has no old value to compare with. */
  check(schema: Structural, path: string, uncorrelatable: string | undefined): FieldError[] {
    const at = `${path}.x-kubernetes-validations`
    const decl = this.type
    if (!decl) {
      const why = 'unable to convert structural schema to CEL declarations'
      return [internalFault(at, `internal error: failed to construct type information for x-kubernetes-validations rules: ${why}`)]
    }
    // Data of which one piece fills the request can only be there once.
    const mostByBytes = Math.floor(maxRequestBytes / (decl.minSerializedSize + 1))
    return compileRules(schema, decl).flatMap((compiled, i) => {
      const cost = product(compiled.maxCost, this.#cardinality ?? mostByBytes)
      return [
        ...this.#costOf(`${at}[${i}].rule`, 'estimated rule cost', cost),
        ...brokenParts(compiled, `${at}[${i}]`),
        ...this.#messageCost(compiled, `${at}[${i}].messageExpression`),
        ...oldSelfFaults(compiled, `${at}[${i}]`, uncorrelatable),
      ]
    })
  }

  #costOf(path: string, name: string, cost: number): FieldError[] {
    this.#total.add(path, cost)
    if (this.#options.suppressPerExpressionCost || cost <= costLimits.estimatedPerExpression) return []
    return [forbidden(path, tooExpensive(name, cost, costLimits.estimatedPerExpression))]
  }

  #messageCost(compiled: CompiledRule, path: string): FieldError[] {
    if (!compiled.message) return []
    return this.#costOf(path, 'estimated messageExpression cost', compiled.message.estimatedCost.max)
  }

  /** Complaints about the cost of all rules below the root, once all have been checked. */
  totals(path: string): FieldError[] {
    const { cost, expenses } = this.#total
    if (cost <= costLimits.estimatedPerSchema) return []
    const contributed = 'contributed to estimated rule cost total exceeding cost limit for entire OpenAPIv3 schema'
    const name = 'x-kubernetes-validations estimated rule cost total for entire OpenAPIv3 schema'
    return [
      ...expenses.map((expense) => forbidden(expense.path, contributed)),
      forbidden(path, tooExpensive(name, cost, costLimits.estimatedPerSchema)),
    ]
  }
}

interface Origin {
  parent: SchemaRules | undefined
  fromParent: ((decl: DeclType) => DeclType | undefined) | undefined
  options: { suppressPerExpressionCost: boolean }
}

const hasRules = (schema: Structural): boolean => (schema['x-kubernetes-validations']?.length ?? 0) > 0

const product = (cost: number, count: number): number => (cost === 0 || count === 0 ? 0 : Math.min(unbounded, cost * count))

function times(count: number | undefined, factor: number | undefined): number | undefined {
  return count === undefined || factor === undefined ? undefined : product(count, factor)
}

/** How many children of each kind a value of the schema has at most. */
function mostElements(schema: Structural): number | undefined {
  const limit = (most: number | undefined) => (most === undefined ? undefined : Math.max(0, most))
  if (schema.type === 'array') return limit(schema.maxItems)
  return schema.type === 'object' && schema.additionalProperties !== undefined ? limit(schema.maxProperties) : 1
}

function tooExpensive(name: string, cost: number, limit: number): string {
  const factor = cost / limit
  const shown = factor > 100 ? 'more than 100' : factor.toFixed(factor < 1.5 ? 6 : 1)
  const advice = 'try simplifying the rule, or adding maxItems, maxProperties, and maxLength where arrays, maps, and strings are declared'
  return `${name} exceeds budget by factor of ${shown}x (${advice})`
}

function brokenParts({ rule, error, messageError }: CompiledRule, path: string): FieldError[] {
  const found: FieldError[] = []
  if (error !== undefined) found.push(invalid(`${path}.rule`, goRule(rule), error))
  if (messageError !== undefined) found.push(invalid(`${path}.messageExpression`, goRule(rule), messageError))
  return found
}

function oldSelfFaults({ rule, usesOldSelf }: CompiledRule, path: string, uncorrelatable: string | undefined): FieldError[] {
  if (!usesOldSelf) {
    if (rule.optionalOldSelf === undefined) return []
    return [invalid(`${path}.optionalOldSelf`, rule.optionalOldSelf, 'may not be set if oldSelf is not used in rule')]
  }
  if (uncorrelatable === undefined) return []
  return [invalid(`${path}.rule`, rule.rule, `oldSelf cannot be used on the uncorrelatable portion of the schema within ${uncorrelatable}`)]
}
