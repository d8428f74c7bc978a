/** Field trees as OpenAPI schemas, in the dialects of version 3 and 2, with upstream's definition names and x-kubernetes-* keys. */
import type { Scalar } from './fields.ts'
import type { FieldNode, MessageNode } from './tree.ts'

export type Dialect = 'v2' | 'v3'
export type Schema = Record<string, unknown>

export interface Gvk {
  group: string
  kind: string
  version: string
}

const refPrefix = { v2: '#/definitions/', v3: '#/components/schemas/' } as const

const simple: Partial<Record<Scalar, Schema>> = {
  string: { type: 'string' },
  int32: { type: 'integer', format: 'int32' },
  int64: { type: 'integer', format: 'int64' },
  bool: { type: 'boolean' },
  double: { type: 'number', format: 'double' },
  bytes: { type: 'string', format: 'byte' },
}

/** Scalars that have a definition of their own. */
const named: Partial<Record<Scalar, string>> = {
  quantity: 'io.k8s.apimachinery.pkg.api.resource.Quantity',
  time: 'io.k8s.apimachinery.pkg.apis.meta.v1.Time',
  microTime: 'io.k8s.apimachinery.pkg.apis.meta.v1.MicroTime',
  duration: 'io.k8s.apimachinery.pkg.apis.meta.v1.Duration',
  intOrString: 'io.k8s.apimachinery.pkg.util.intstr.IntOrString',
  raw: 'io.k8s.apimachinery.pkg.apis.meta.v1.FieldsV1',
}

const rawExtension = 'io.k8s.apimachinery.pkg.runtime.RawExtension'
const patch = 'io.k8s.apimachinery.pkg.apis.meta.v1.Patch'

const builtIn: Readonly<Record<Dialect, Readonly<Record<string, Schema>>>> = {
  v3: {
    [named.quantity ?? '']: {
      description: 'An amount with a suffix: 500m, 1536Mi, 2e3. Written back in its canonical form.',
      oneOf: [{ type: 'string' }, { type: 'number' }],
    },
    [named.intOrString ?? '']: {
      description: 'A whole number or a text.',
      format: 'int-or-string',
      oneOf: [{ type: 'integer' }, { type: 'string' }],
    },
  },
  v2: {
    [named.quantity ?? '']: {
      description: 'An amount with a suffix: 500m, 1536Mi, 2e3. Written back in its canonical form.',
      type: 'string',
    },
    [named.intOrString ?? '']: { description: 'A whole number or a text.', type: 'string', format: 'int-or-string' },
  },
}

const extensions = 'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.'
/** Unions that Go reads with codecs of their own, by the field of a JSON schema. */
const jsonNames: Readonly<Record<string, string>> = {
  items: `${extensions}JSONSchemaPropsOrArray`,
  additionalItems: `${extensions}JSONSchemaPropsOrBool`,
  additionalProperties: `${extensions}JSONSchemaPropsOrBool`,
  dependencies: `${extensions}JSONSchemaPropsOrStringArray`,
}
const anyJson = `${extensions}JSON`

const builtInBoth: Readonly<Record<string, Schema>> = {
  [anyJson]: { description: 'Any JSON value.' },
  [jsonNames['items'] ?? '']: { description: 'A schema, or a list of schemas.' },
  [jsonNames['additionalItems'] ?? '']: { description: 'A schema, or whether anything may stand here.' },
  [jsonNames['dependencies'] ?? '']: { description: 'A schema, or names of properties.' },
  [named.time ?? '']: { description: 'A time in RFC 3339 form, to the second.', type: 'string', format: 'date-time' },
  [named.microTime ?? '']: { description: 'A time in RFC 3339 form, to the microsecond.', type: 'string', format: 'date-time' },
  [named.duration ?? '']: { description: 'A length of time, such as 1h30m.', type: 'string' },
  [named.raw ?? '']: { description: 'A set of fields as a nested object: f: and a name, k: and keys, v: and a value.', type: 'object' },
  [rawExtension]: { description: 'Any object of the API.', type: 'object' },
  [patch]: { description: 'A patch; its form is that of the content type.', type: 'object' },
}

const union = (discriminator: string, fields: Readonly<Record<string, string>>) => [{ discriminator, 'fields-to-discriminateBy': fields }]
const localhostUnion = union('type', { localhostProfile: 'LocalhostProfile' })
const unions: Readonly<Record<string, unknown>> = {
  'io.k8s.api.core.v1.AppArmorProfile': localhostUnion,
  'io.k8s.api.core.v1.SeccompProfile': localhostUnion,
  'io.k8s.api.flowcontrol.v1.LimitResponse': union('type', { queuing: 'Queuing' }),
  'io.k8s.api.flowcontrol.v1.PriorityLevelConfigurationSpec': union('type', { exempt: 'Exempt', limited: 'Limited' }),
  'io.k8s.api.flowcontrol.v1.Subject': union('kind', { group: 'Group', serviceAccount: 'ServiceAccount', user: 'User' }),
}

/** The definitions of one document: those that were referred to, and all below them. */
export class Definitions {
  readonly schemas: Record<string, Schema> = {}
  readonly #dialect: Dialect
  readonly #kinds: ReadonlyMap<string, readonly Gvk[]>

  /** `kinds` says which definitions are kinds of their own. */
  constructor(dialect: Dialect, kinds: ReadonlyMap<string, readonly Gvk[]>) {
    this.#dialect = dialect
    this.#kinds = kinds
  }

  refName(name: string): Schema {
    return { $ref: refPrefix[this.#dialect] + name }
  }

  /** A reference to a message, which is defined on the way. */
  ref(message: MessageNode): Schema {
    if (!Object.hasOwn(this.schemas, message.name)) this.#define(message)
    return this.refName(message.name)
  }

  refBuiltIn(name: string): Schema {
    const schema = builtInBoth[name] ?? builtIn[this.#dialect][name]
    if (schema === undefined) throw new Error(`no definition ${name}`)
    this.schemas[name] = schema
    return this.refName(name)
  }

  refPatch(): Schema {
    return this.refBuiltIn(patch)
  }

  /** Adds a schema that no message stands for (lists). */
  add(name: string, schema: Schema): Schema {
    this.schemas[name] = this.#withKinds(name, schema)
    return this.refName(name)
  }

  #withKinds(name: string, schema: Schema): Schema {
    const kinds = this.#kinds.get(name)
    return kinds === undefined ? schema : { ...schema, 'x-kubernetes-group-version-kind': kinds }
  }

  #define(message: MessageNode): void {
    const schema: Schema = { description: message.description, type: 'object' }
    // Known before its properties are made: a message may hold itself.
    this.schemas[message.name] = schema
    const required = message.fields.filter((field) => field.required && field.number !== 0).map((field) => field.name)
    if (required.length > 0) schema['required'] = required
    if (message.fields.length > 0) {
      const sorted = [...message.fields].sort((a, b) => (a.name < b.name ? -1 : 1))
      schema['properties'] = Object.fromEntries(sorted.map((field) => [field.name, this.property(field)]))
    }
    if (message.atomic) schema['x-kubernetes-map-type'] = 'atomic'
    if (unions[message.name] !== undefined) schema['x-kubernetes-unions'] = unions[message.name]
    Object.assign(schema, this.#withKinds(message.name, {}))
  }

  property(field: FieldNode): Schema {
    const schema: Schema = { description: field.description, ...this.#shape(field) }
    if (field.listKeys.length > 0) schema['x-kubernetes-list-map-keys'] = field.listKeys
    if (field.listType !== undefined) schema['x-kubernetes-list-type'] = field.listType
    if (field.mapType !== undefined) schema['x-kubernetes-map-type'] = field.mapType
    if (field.patchMergeKey !== undefined) schema['x-kubernetes-patch-merge-key'] = field.patchMergeKey
    if (field.patchStrategies.length > 0) schema['x-kubernetes-patch-strategy'] = field.patchStrategies.join(',')
    return schema
  }

  #shape(field: FieldNode): Schema {
    if (field.shape === 'list') return { type: 'array', items: this.#element(field) }
    if (field.shape === 'map') return { type: 'object', additionalProperties: this.#element(field) }
    const scalar = simple[field.scalar as Scalar]
    if (scalar === undefined) return this.#reference(field, !field.pointer && field.message !== undefined)
    const isValue = field.json === 'always' && !field.pointer && field.number !== 0 && field.scalar !== 'bytes'
    return { ...scalar, ...this.#default(field, isValue), ...(field.enum === undefined ? {} : { enum: field.enum }) }
  }

  #default(field: FieldNode, isValue: boolean): Schema {
    if (this.#dialect === 'v2' && field.default === undefined) return {}
    if (field.default !== undefined) return this.#dialect === 'v2' ? {} : { default: field.default }
    if (!isValue) return {}
    return { default: field.scalar === 'string' ? '' : field.scalar === 'bool' ? false : 0 }
  }

  #refTo(field: FieldNode): Schema {
    if (field.message !== undefined) return this.ref(field.message)
    if (field.scalar === 'raw' && field.name !== 'fieldsV1') return this.refBuiltIn(rawExtension)
    if (field.scalar === 'json') return this.refBuiltIn(jsonNames[field.name] ?? anyJson)
    return this.refBuiltIn(named[field.scalar as Scalar] ?? '')
  }

  /** Version 2 ignores what stands beside a reference, version 3 forbids it and wraps the reference. */
  #reference(field: FieldNode, withDefault: boolean): Schema {
    const reference = this.#refTo(field)
    if (this.#dialect === 'v2') return reference
    return { ...(withDefault ? { default: {} } : {}), allOf: [reference] }
  }

  #element(field: FieldNode): Schema {
    if (field.nested !== undefined) return this.#shape(field.nested)
    if (field.message !== undefined) return this.#reference(field, true)
    const scalar = simple[field.scalar as Scalar]
    if (scalar === undefined) return this.#refTo(field)
    const isValue = this.#dialect === 'v3' && field.scalar !== 'bytes'
    const zero = field.scalar === 'string' ? '' : field.scalar === 'bool' ? false : 0
    return { ...scalar, ...(isValue ? { default: zero } : {}), ...(field.enum === undefined ? {} : { enum: field.enum }) }
  }
}
