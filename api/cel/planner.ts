/** A checked tree to a chain of closures that evaluates and charges it (cel-go, interpreter/planner.go and decorators.go). */
import { cachedRe2 } from '#api/regexp/re2.ts'
import type { CallExpr, Expr, IdentExpr, ListExpr, MapExpr, SelectExpr } from './ast.ts'
import { type Attribute, ConditionalAttribute, PathAttribute, type Qualifier } from './attribute.ts'
import { callNode } from './calls.ts'
import { typeAsValue } from './conversions.ts'
import type { CelEnvironment } from './environment.ts'
import { typeNamed } from './environment.ts'
import { foldNode, type Slots } from './fold.ts'
import { formatValue } from './format-value.ts'
import { Frame, type Node } from './frame.ts'
import { equal } from './operations.ts'
import { callCost } from './runtime-cost.ts'
import {
  ArrayList,
  CelError,
  type CelList,
  type CelValue,
  elementsOf,
  HashMap,
  hashKey,
  mapKey,
  noSuchOverload,
  Optional,
} from './value.ts'

/** A planned expression. */
export interface Planned {
  readonly node: Node
  /** The value, where it is known beforehand and costs nothing. */
  readonly constant?: CelValue
  readonly attribute?: Attribute
}

/** Raised where a program cannot be made of a valid expression. */
export class PlanFault {
  readonly message: string
  constructor(message: string) {
    this.message = message
  }
}

/** Throws a PlanFault. */
export function planProgram(root: Expr, env: CelEnvironment): Node {
  return new Planner(env).plan(root).node
}

const foldedConversions = new Set(['bool', 'bytes', 'double', 'dyn', 'duration', 'int', 'string', 'timestamp', 'type', 'uint'])

class Planner {
  readonly #env: CelEnvironment
  readonly #scopes: Map<string, Node>[] = []
  #slots = 0

  constructor(env: CelEnvironment) {
    this.#env = env
  }

  plan(expr: Expr): Planned {
    switch (expr.kind) {
      case 'literal':
        return constant(expr.value)
      case 'ident':
        return this.#ident(expr)
      case 'select':
        return this.#select(expr)
      case 'call':
        return this.#call(expr)
      case 'list':
        return this.#list(expr)
      case 'map':
        return this.#map(expr)
      case 'fold':
        return {
          node: foldNode(expr, {
            plan: (inner) => this.plan(inner).node,
            within: (names, inner) => this.#within(names, inner),
            newSlot: () => this.#slots++,
          } satisfies Slots),
        }
      case 'struct':
        throw new PlanFault(`unknown type: ${expr.typeName}`)
      default:
        throw new PlanFault('expression has errors')
    }
  }

  #within<T>(names: ReadonlyMap<string, Node>, body: () => T): T {
    this.#scopes.push(new Map(names))
    try {
      return body()
    } finally {
      this.#scopes.pop()
    }
  }

  #ident(expr: IdentExpr): Planned {
    return this.#name(expr.name)
  }

  #name(name: string): Planned {
    const local = this.#scopes.findLast((scope) => scope.has(name))?.get(name)
    if (local) return ofAttribute(new PathAttribute(local))
    if (this.#env.variables.has(name)) {
      return ofAttribute(new PathAttribute((frame) => frame.variables[name] ?? missing(frame, name)))
    }
    const type = typeNamed(name)
    if (!type) throw new PlanFault(`reference to undefined type: ${name}`)
    return constant(typeAsValue(type))
  }

  #select(expr: SelectExpr): Planned {
    if (expr.qualified !== undefined) return this.#name(expr.qualified)
    const attribute = attributeOf(this.plan(expr.operand))
    const { field } = expr
    attribute.add({ optional: false, presenceOnly: expr.testOnly, key: () => field })
    return expr.testOnly ? { ...ofAttribute(attribute), node: presenceNode(attribute) } : ofAttribute(attribute)
  }

  #call(expr: CallExpr): Planned {
    const operands = expr.target ? [expr.target, ...expr.args] : expr.args
    const args = operands.map((operand) => this.plan(operand))
    const [first, second, third] = args as [Planned, Planned, Planned]
    switch (expr.function) {
      case '_&&_':
        return { node: logicalNode(first.node, second.node, false) }
      case '_||_':
        return { node: logicalNode(first.node, second.node, true) }
      case '_?_:_':
        return ofAttribute(new ConditionalAttribute(first.node, attributeOf(second), attributeOf(third)))
      case '_==_':
      case '_!=_':
        return { node: equalityNode(expr.function, first.node, second.node) }
      case '_[_]':
        return indexed(first, second, false)
      case '_[?_]':
      case '_?._':
        return indexed(first, second, true)
      case '@not_strictly_false':
        return { node: notStrictlyFalseNode(first.node) }
      case 'or':
      case 'orValue':
        return { node: optionalOrNode(expr.function, first.node, second.node) }
      default:
        return this.#function(expr, args)
    }
  }

  #function(expr: CallExpr, args: readonly Planned[]): Planned {
    const fn = this.#env.functions.get(expr.function)
    if (!fn) throw new PlanFault(`no such overload: ${expr.function}()`)
    if (expr.function === '@in') {
      const member = setMembership(expr, args)
      if (member) return member
    }
    const compiled = hasFixedPattern(expr, args)
    const node = callNode(
      fn,
      expr.overloads ?? [],
      args.map((arg) => arg.node),
      compiled,
    )
    const [only] = args
    if (args.length !== 1 || only?.constant === undefined || !foldedConversions.has(expr.function)) return { node }
    const value = node(new Frame({}, Number.POSITIVE_INFINITY))
    if (value instanceof CelError) throw new PlanFault(value.message)
    return constant(value)
  }

  #list(expr: ListExpr): Planned {
    const elements = expr.elements.map((element) => this.plan(element))
    const make = listNode(
      elements.map((element) => element.node),
      expr.optional,
    )
    return folded(elements, make, 10)
  }

  #map(expr: MapExpr): Planned {
    const keys = expr.entries.map((entry) => this.plan(entry.key))
    const values = expr.entries.map((entry) => this.plan(entry.value))
    const make = mapNode(
      expr,
      keys.map((key) => key.node),
      values.map((value) => value.node),
    )
    return folded([...keys, ...values], make, 30)
  }
}

const constant = (value: CelValue): Planned => ({ node: () => value, constant: value })

function missing(frame: Frame, name: string): CelValue {
  return Object.hasOwn(frame.variables, name) ? (frame.variables[name] as CelValue) : new CelError(`no such attribute(s): ${name}`)
}

/** A literal container: known beforehand where all its parts are. */
function folded(parts: readonly Planned[], make: Node, cost: number): Planned {
  if (parts.every((part) => part.constant !== undefined)) return constant(make(new Frame({}, Number.POSITIVE_INFINITY)))
  return {
    node: (frame) => {
      const value = make(frame)
      frame.charge(cost)
      return value
    },
  }
}

function ofAttribute(attribute: Attribute): Planned {
  const node: Node = attribute.free
    ? (frame) => attribute.resolve(frame)
    : (frame) => {
        const value = attribute.resolve(frame)
        frame.charge(1)
        return value
      }
  return { node, attribute }
}

const attributeOf = (planned: Planned): Attribute => planned.attribute ?? new PathAttribute(planned.node)

function presenceNode(attribute: Attribute): Node {
  return (frame) => {
    const value = attribute.resolve(frame)
    return value instanceof Optional ? value.value !== undefined : value
  }
}

/** An index that is itself an attribute is not charged as a whole. */
function indexed(operand: Planned, index: Planned, optional: boolean): Planned {
  const attribute = attributeOf(operand)
  const inner = index.attribute
  const key: Qualifier['key'] = inner ? (frame) => inner.resolve(frame) : index.node
  attribute.add({ optional, presenceOnly: false, key })
  return ofAttribute(attribute)
}

/** `&&` and `||`: the deciding value wins over an error on either side. */
function logicalNode(left: Node, right: Node, deciding: boolean): Node {
  return (frame) => {
    const first = left(frame)
    if (first === deciding) return deciding
    const second = right(frame)
    if (second === deciding) return deciding
    if (typeof first !== 'boolean') return first instanceof CelError ? first : noSuchOverload
    if (typeof second !== 'boolean') return second instanceof CelError ? second : noSuchOverload
    return !deciding
  }
}

function equalityNode(name: '_==_' | '_!=_', left: Node, right: Node): Node {
  const cost = callCost(name, name === '_==_' ? 'equals' : 'not_equals')
  const negated = name === '_!=_'
  return (frame) => {
    const first = left(frame)
    const second = right(frame)
    const result = first instanceof CelError ? first : second instanceof CelError ? second : compareForEquality(first, second, negated)
    frame.charge(cost([first, second], result))
    return result
  }
}

function compareForEquality(left: CelValue, right: CelValue, negated: boolean): CelValue {
  const same = equal(left, right)
  return negated ? same !== true : same
}

function notStrictlyFalseNode(arg: Node): Node {
  return (frame) => {
    const value = arg(frame)
    frame.charge(1)
    return typeof value === 'boolean' ? value : true
  }
}

/** Optional's `or` and `orValue` evaluate their argument only where it is needed, and are free. */
function optionalOrNode(name: 'or' | 'orValue', left: Node, right: Node): Node {
  return (frame) => {
    const first = left(frame)
    if (!(first instanceof Optional)) return first
    if (first.value === undefined) return right(frame)
    return name === 'or' ? first : first.value
  }
}

function listNode(elements: readonly Node[], optional: ReadonlySet<number>): Node {
  return (frame) => {
    const values: CelValue[] = []
    for (const [at, element] of elements.entries()) {
      const value = element(frame)
      if (value instanceof CelError) return value
      if (!optional.has(at)) values.push(value)
      else if (!(value instanceof Optional)) {
        return new CelError(`cannot initialize optional list element from non-optional value ${formatValue(value)}`)
      } else if (value.value !== undefined) values.push(value.value)
    }
    return new ArrayList(values)
  }
}

function mapNode(expr: MapExpr, keys: readonly Node[], values: readonly Node[]): Node {
  return (frame) => {
    const entries = new Map<string, readonly [CelValue, CelValue]>()
    for (const [at, entry] of expr.entries.entries()) {
      const key = (keys[at] as Node)(frame)
      if (key instanceof CelError) return key
      const value = (values[at] as Node)(frame)
      if (value instanceof CelError) return value
      // Odd keys are entries of their own that nothing finds.
      const hash = mapKey(key) ?? `o${entries.size}`
      if (!entry.optional) entries.set(hash, [key, value])
      else if (!(value instanceof Optional)) {
        return new CelError(`cannot initialize optional entry '${formatValue(key)}' from non-optional value ${formatValue(value)}`)
      } else if (value.value === undefined) entries.delete(hash)
      else entries.set(hash, [key, value.value])
    }
    return new HashMap(entries)
  }
}

/** `x in [constants]` is a look-up that costs nothing. */
function setMembership(expr: CallExpr, args: readonly Planned[]): Planned | undefined {
  const [value, list] = args as [Planned, Planned]
  if (list.constant === undefined || expr.overloads?.length !== 1 || expr.overloads[0] !== 'in_list') return undefined
  const elements = elementsOf(list.constant as CelList)
  if (elements.length === 0) return constant(false)
  const hashes = elements.map(hashKey)
  if (hashes.some((hash) => hash === undefined)) return undefined
  const known = new Set(hashes)
  return {
    node: (frame) => {
      const sought = value.node(frame)
      if (sought instanceof CelError) return sought
      const hash = hashKey(sought)
      return hash !== undefined && known.has(hash)
    },
  }
}

/** Whether a call has a pattern that is known beforehand: it must compile. */
function hasFixedPattern(expr: CallExpr, args: readonly Planned[]): boolean {
  if (expr.function !== 'matches' && expr.function !== 'find' && expr.function !== 'findAll') return false
  const pattern = args[1]?.constant
  if (typeof pattern !== 'string') return false
  const compiled = cachedRe2(pattern)
  if (!compiled.ok) throw new PlanFault(compiled.error)
  return true
}
