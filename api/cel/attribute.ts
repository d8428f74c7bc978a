/**
 * Attributes: a variable or computed value and the fields and indices read from it, as one unit. Upstream resolves and charges them as a
 * unit too: each field or index that is read costs 1, and so does the whole (cel-go, interpreter/attributes.go).
 */
import { formatValue } from './format-value.ts'
import type { Frame, Node } from './frame.ts'
import { CelError, CelList, CelMap, type CelValue, noSuchOverload, Optional, optionalNone, typeOfValue, Uint } from './value.ts'

export interface Qualifier {
  /** `.?field` or `[?index]`. */
  readonly optional: boolean
  /** The last field of a has(): answers whether it is there. */
  readonly presenceOnly: boolean
  readonly key: Node
}

/** Something that fields can be read from. */
export interface Attribute {
  /** The value, not charged for the whole. */
  resolve(frame: Frame): CelValue
  add(qualifier: Qualifier): void
  /** Conditionals are free as a whole. */
  readonly free: boolean
}

/** A value from a variable or an operand, with its qualifiers. */
export class PathAttribute implements Attribute {
  readonly free = false
  readonly #operand: Node
  readonly #qualifiers: Qualifier[] = []

  constructor(operand: Node) {
    this.#operand = operand
  }

  add(qualifier: Qualifier): void {
    this.#qualifiers.push(qualifier)
  }

  resolve(frame: Frame): CelValue {
    const start = this.#operand(frame)
    const qualifiers = this.#qualifiers
    if (qualifiers.length === 0) return start
    if (start instanceof Optional) return start.value === undefined ? start : this.#read(frame, start.value, true)
    return this.#read(frame, start, false)
  }

  #read(frame: Frame, start: CelValue, startsOptional: boolean): CelValue {
    let value = start
    let optional = startsOptional
    for (const qualifier of this.#qualifiers) {
      if (value instanceof CelError) return value
      const key = qualifier.key(frame)
      optional ||= qualifier.optional
      if (key instanceof CelError) {
        if (!optional) frame.charge(1)
        return key
      }
      if (qualifier.presenceOnly) {
        value = presence(value, key)
        frame.charge(1)
        if (optional && value === false) return optionalNone
        continue
      }
      const found = qualify(value, key)
      if (optional && found instanceof CelError) return found
      if (optional && found === undefined) return optionalNone
      frame.charge(1)
      if (found === undefined) return value instanceof CelList ? new CelError(`index out of bounds: ${formatValue(key)}`) : noSuchKey(key)
      value = found
    }
    return optional && !(value instanceof CelError) ? new Optional(value) : value
  }
}

const noSuchKey = (key: CelValue): CelError => new CelError(`no such key: ${formatValue(key)}`)

function presence(value: CelValue, key: CelValue): CelValue {
  const found = qualify(value, key)
  return found instanceof CelError && !(value instanceof CelMap) ? found : found !== undefined
}

/** The value at a field, key or index; undefined where there is none; an error where it cannot be asked for. */
function qualify(value: CelValue, key: CelValue): CelValue | undefined {
  if (value instanceof CelMap) return value.find(key)
  if (!(value instanceof CelList)) return undefined
  const index = listIndex(key)
  if (index instanceof CelError) return index
  return index >= 0 && index < value.size ? value.get(index) : undefined
}

function listIndex(key: CelValue): number | CelError {
  if (typeof key === 'bigint') return Number(key)
  if (key instanceof Uint) return Number(key.value)
  if (typeof key === 'number') {
    return Number.isInteger(key) ? key : new CelError(`unsupported index value ${formatValue(key)} in list`)
  }
  return new CelError(`unsupported index type '${typeOfValue(key).name}' in list`)
}

/** `condition ? yes : no`, whose qualifiers are read from the branch taken. */
export class ConditionalAttribute implements Attribute {
  readonly free = true
  readonly #condition: Node
  readonly #yes: Attribute
  readonly #no: Attribute

  constructor(condition: Node, yes: Attribute, no: Attribute) {
    this.#condition = condition
    this.#yes = yes
    this.#no = no
  }

  add(qualifier: Qualifier): void {
    this.#yes.add(qualifier)
    this.#no.add(qualifier)
  }

  resolve(frame: Frame): CelValue {
    const condition = this.#condition(frame)
    if (condition === true) return this.#yes.resolve(frame)
    if (condition === false) return this.#no.resolve(frame)
    return condition instanceof CelError ? condition : noSuchOverload
  }
}
