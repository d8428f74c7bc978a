/** What an expression may use: variables, object types and functions. */
import { type DeclType, objectTypesOf } from './decl-type.ts'
import { isReservedWord } from './escaping.ts'
import { type CelFunction, functionTable } from './functions.ts'
import { kubernetesLibraries } from './libraries.ts'
import {
  boolType,
  bytesType,
  type CelType,
  doubleType,
  durationType,
  dynType,
  intType,
  listType,
  mapType,
  nullType,
  stringType,
  timestampType,
  typeOf,
  typeType,
  uintType,
} from './type.ts'

export interface CelEnvironment {
  readonly variables: ReadonlyMap<string, CelType>
  /** The declaration whose bounds limit estimates. */
  readonly bounds: DeclType | undefined
  readonly objectTypes: ReadonlyMap<string, DeclType>
  readonly functions: ReadonlyMap<string, CelFunction>
}

export interface EnvironmentOptions {
  /** A type, or a declaration with bounds (named by withTypeNames where it holds objects). */
  variables: Readonly<Record<string, CelType | DeclType>>
  /** The declaration that paths below every variable lead through, for cost estimates; without it sizes are unbounded. */
  bounds?: DeclType
  /** Functions besides Kubernetes' own. */
  functions?: readonly CelFunction[]
}

const kubernetesFunctions = functionTable(kubernetesLibraries)

const isDecl = (type: CelType | DeclType): type is DeclType => 'minSerializedSize' in type

/** The environment of Kubernetes 1.35, with these variables. */
export function celEnvironment({ variables, bounds, functions = [] }: EnvironmentOptions): CelEnvironment {
  const declared = [...Object.values(variables), bounds].filter((type) => type !== undefined).filter(isDecl)
  const objectTypes = new Map<string, DeclType>()
  for (const decl of declared) objectTypesOf(decl, objectTypes)
  return {
    variables: new Map(Object.entries(variables).map(([name, type]) => [name, isDecl(type) ? type.type : type])),
    bounds,
    objectTypes,
    functions: functions.length === 0 ? kubernetesFunctions : functionTable([...kubernetesLibraries, functions]),
  }
}

const typeNames: ReadonlyMap<string, CelType> = new Map<string, CelType>([
  ['bool', boolType],
  ['bytes', bytesType],
  ['double', doubleType],
  ['google.protobuf.Duration', durationType],
  ['google.protobuf.Timestamp', timestampType],
  ['int', intType],
  ['list', listType(dynType)],
  ['map', mapType(dynType, dynType)],
  ['null_type', nullType],
  ['string', stringType],
  ['type', typeType],
  ['uint', uintType],
  ['net.IP', { kind: 'opaque', name: 'net.IP', params: [] }],
  ['net.CIDR', { kind: 'opaque', name: 'net.CIDR', params: [] }],
  ['optional_type', { kind: 'opaque', name: 'optional_type', params: [] }],
])

/** Names that upstream's type provider takes for types although no value can be had by them. */
const providerNames: ReadonlyMap<string, CelType> = new Map<string, CelType>([
  ['duration', durationType],
  ['timestamp', timestampType],
])

/** Whether fields of a type of this name can be asked for. */
export function isStructName(env: CelEnvironment, name: string): boolean {
  return env.objectTypes.has(name) || providerNames.has(name) || (typeNames.has(name) && !name.includes('.') && name !== 'type')
}

/** The type that a name names as a value at run time. */
export function typeNamed(name: string): CelType | undefined {
  return typeNames.get(name)
}

/** The type of a name that is a variable or a type; a type's name has the type `type(…)`. */
export function identType(env: CelEnvironment, name: string): CelType | undefined {
  const variable = env.variables.get(name)
  if (variable) return variable
  const object = env.objectTypes.get(name)
  if (object) return typeOf(object.type)
  const named = typeNames.get(name) ?? providerNames.get(name)
  return named && typeOf(named)
}

/** The declared type of an object's field; reserved words stand for their escaped form. */
export function fieldType(env: CelEnvironment, objectName: string, field: string): CelType | undefined {
  const fields = env.objectTypes.get(objectName)?.fields
  const decl = fields?.get(field) ?? (isReservedWord(field) ? fields?.get(`__${field}__`) : undefined)
  return decl?.type
}
