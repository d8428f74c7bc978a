/** The types of CEL as the checker sees them, and how error texts write them. */

export type TypeKind =
  | 'any'
  | 'bool'
  | 'bytes'
  | 'double'
  | 'duration'
  | 'dyn'
  | 'error'
  | 'int'
  | 'list'
  | 'map'
  | 'null'
  | 'opaque'
  | 'param'
  | 'string'
  | 'struct'
  | 'timestamp'
  | 'type'
  | 'uint'

export interface CelType {
  readonly kind: TypeKind
  /** The name at run time: `list`, `map`, `optional_type`, or the name of an object or opaque type. */
  readonly name: string
  readonly params: readonly CelType[]
}

const simple = (kind: TypeKind, name: string = kind): CelType => ({ kind, name, params: [] })

export const boolType = simple('bool')
export const bytesType = simple('bytes')
export const doubleType = simple('double')
export const durationType = simple('duration', 'google.protobuf.Duration')
export const dynType = simple('dyn')
export const anyType = simple('any', 'google.protobuf.Any')
export const errorType = simple('error')
export const intType = simple('int')
export const nullType = simple('null', 'null_type')
export const stringType = simple('string')
export const timestampType = simple('timestamp', 'google.protobuf.Timestamp')
export const typeType = simple('type')
export const uintType = simple('uint')

export const listType = (element: CelType): CelType => ({ kind: 'list', name: 'list', params: [element] })
export const mapType = (key: CelType, value: CelType): CelType => ({ kind: 'map', name: 'map', params: [key, value] })
export const opaqueType = (name: string, ...params: CelType[]): CelType => ({ kind: 'opaque', name, params })
export const optionalType = (inner: CelType): CelType => opaqueType('optional_type', inner)
export const objectType = (name: string): CelType => simple('struct', name)
export const paramType = (name: string): CelType => simple('param', name)
/** The type of a value that is itself a type: `type(1)` is of `typeOf(int)`. */
export const typeOf = (inner: CelType): CelType => ({ kind: 'type', name: 'type', params: [inner] })

/** Whether both are the same type, names of type parameters included. */
export function isExactType(a: CelType, b: CelType): boolean {
  return sameType(a, b, true)
}

/** As isExactType, with all type parameters alike. */
export function isEquivalentType(a: CelType, b: CelType): boolean {
  return sameType(a, b, false)
}

function sameType(a: CelType, b: CelType, namesOfParams: boolean): boolean {
  if (a === b) return true
  if (a.kind !== b.kind || a.params.length !== b.params.length) return false
  if ((namesOfParams || a.kind !== 'param') && a.name !== b.name) return false
  return a.params.every((param, at) => sameType(param, b.params[at] as CelType, namesOfParams))
}

export const isDyn = (type: CelType): boolean => type.kind === 'dyn' || type.kind === 'any'
export const isDynOrError = (type: CelType): boolean => type.kind === 'error' || isDyn(type)

export function isOptional(type: CelType): boolean {
  return type.kind === 'opaque' && type.name === 'optional_type'
}

/** The inner type of an optional, or the type itself. */
export function unwrapOptional(type: CelType): CelType {
  return isOptional(type) ? (type.params[0] ?? dynType) : type
}

const formattedNames: Partial<Record<TypeKind, string>> = {
  any: 'any',
  duration: 'duration',
  error: '!error!',
  null: 'null',
  timestamp: 'timestamp',
}

/** As error texts of the checker write a type (cel-go, checker.FormatCELType). */
export function formatType(type: CelType): string {
  const fixed = formattedNames[type.kind]
  if (fixed !== undefined) return fixed
  return type.params.length === 0 ? type.name : `${type.name}(${type.params.map(formatType).join(', ')})`
}

/** Argument types of a call: `(int, string)`, or `string.(int)` where the first is the receiver. */
export function formatSignature(types: readonly CelType[], member: boolean): string {
  const [receiver, ...rest] = types
  if (member && receiver) return `${formatType(receiver)}.(${rest.map(formatType).join(', ')})`
  return `(${types.map(formatType).join(', ')})`
}
