/** What a kind is: one value from which routes, storage keys, discovery, OpenAPI, tables and patches are derived. */
import type { z } from 'zod'
import type { FieldError } from './meta/field-error.ts'
import type { ObjectMeta } from './meta/object-meta.ts'

export interface KubeObject {
  apiVersion: string
  kind: string
  metadata: ObjectMeta
}

/** An object as a client writes it for `create`: the server fills in status and most of metadata. */
export type New<T extends KubeObject> = Omit<T, 'status' | 'apiVersion' | 'kind'> & { apiVersion?: string; kind?: string; status?: unknown }

export type Cell = string | number | boolean | null

/** One table column. Names are upstream's as stock kubectl shows them (printers). */
export interface Column<T extends KubeObject> {
  name: string
  type: 'string' | 'integer' | 'number' | 'boolean' | 'date'
  format?: string
  description: string
  /** 0 always shown, greater only by `-o wide`. */
  priority: number
  /** Null where the object has nothing to show (custom resources). */
  cell(obj: T, now: Date): Cell
}

/** The rules of one subresource that is written as the whole object (status, ephemeralcontainers, resize). */
export interface SubresourceRules<T extends KubeObject> {
  /** Keeps of `next` what this subresource may change and takes the rest from `prev`. */
  prepare(next: T, prev: T, now: Date): T
  validate?(next: T, prev: T, now: Date): readonly FieldError[]
}

export interface ScaleRules<T extends KubeObject> {
  replicas(obj: T): number
  statusReplicas(obj: T): number
  /** The selector as text, `a=b,c in (d)`. */
  selector(obj: T): string
  setReplicas(obj: T, replicas: number): T
  /** Names of the fields on the way to the number; `spec.replicas` by default. */
  replicasPath?: readonly string[]
  /** The field that holds no number where there should be one; only custom resources can lack it. */
  missing?(obj: T): string | undefined
}

/** Rules of graceful deletion: how long an object stays with a deletionTimestamp before it may go. */
export interface DeletionRules<T extends KubeObject> {
  /** Seconds the object is given; 0 deletes at once. `requested` is DeleteOptions.gracePeriodSeconds. */
  graceSeconds(obj: T, requested: number | undefined): number
}

const allVerbs = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'] as const
export type Verb = (typeof allVerbs)[number]

/** Reads one selectable field; taken from a method type, for the reason below. */
export type FieldReader<T extends KubeObject> = { read(obj: T): string }['read']

export interface RowCondition {
  type: 'Completed'
  status: 'True'
  reason: string
  message: string
}

/**
 * Methods (not function properties) on purpose: TypeScript then lets a Resource<Pod> stand in a list of Resource<KubeObject>.
 * `defaults`, `prepare` and `setReplicas` own their first argument and may change it in place; everything else is pure.
 */
export interface Resource<T extends KubeObject = KubeObject> {
  /** '' for the core group. */
  group: string
  version: string
  kind: string
  plural: string
  singular?: string
  /** `<kind>List` by default. */
  listKind?: string
  shortNames?: readonly string[]
  categories?: readonly string[]
  scope: 'Namespaced' | 'Cluster'
  /** What can be done with it; all eight verbs by default. */
  verbs?: readonly Verb[]
  /** Under /registry/; the plural by default. Upstream's own, e.g. `minions` for nodes, `services/specs` for services. */
  storagePrefix?: string
  schema: z.ZodType<T>
  /** Dependent defaults; static ones stand in the schema and are applied first. */
  defaults?(obj: T): T
  /** Server-owned fields on create and update of the main resource. Status is taken from `prev` before, generation is set after, both by the write path. */
  prepare?(next: T, prev: T | undefined): T
  /** Limits, cross-field and immutability rules; the same for every verb. All causes at once, in upstream's order and words. */
  validate?(next: T, prev: T | undefined): readonly FieldError[]
  /** Text for the Warning header of every request, where the kind is on its way out. */
  deprecation?: string
  /** Texts for the Warning header. */
  warnings?(next: T, prev: T | undefined): readonly string[]
  columns: readonly Column<T>[]
  /** What a row of a table says beside its cells; nothing by default. */
  rowConditions?(obj: T): readonly RowCondition[]
  subresources?: Readonly<Record<string, SubresourceRules<T>>>
  scale?: ScaleRules<T>
  deletion?: DeletionRules<T>
  /** What the first deletion makes of an object that never goes at once; `now` is RFC 3339. */
  markDeleted?(obj: T, now: string): T
  /** Field selectors beside metadata.name and metadata.namespace. */
  selectableFields?: Readonly<Record<string, FieldReader<T>>>
  /** What is said of other fields than these; a default in upstream's words. */
  fieldRefusal?(field: string): string
  /**
   * False where upstream leaves metadata.generation alone, or where `prepare` counts it by rules of its own: the write path then
   * carries the stored one over before `prepare` and never sets it. Default: true if the schema has a spec.
   */
  generation?: boolean
  /** PUT makes the object where it does not exist yet. */
  createOnUpdate?: true
  /** False where an update must name the resourceVersion that it was made from. */
  unconditionalUpdate?: false
  /** The answer to a finished deletion is the object instead of a Status. */
  returnsDeleted?: true
  /** What it owns stays where a deletion does not say otherwise (kinds that are older than garbage collection). */
  orphansByDefault?: true
  /** Text for the Warning header of a deletion that does not say what comes of what it owns. */
  orphansWarning?: string
  /**
   * Upstream looks at the metadata of an update once for all kinds, and most kinds once more for themselves at what changed; some also as if the
   * object were new. What is wrong is told as often.
   */
  metadataOnUpdate?: 'left to the rules of the kind' | 'checked as of a new object'
  /** Validation of metadata.name; a DNS-1123 subdomain by default. Returns upstream's messages. */
  validateName?(name: string): readonly string[]
  /** Seconds after which an object goes by itself (events). */
  ttlSeconds?: number
  /**
   * Objects stand in the store in several versions, and in the cache as they were stored: every version, that of the store too, is a face that
   * converts them as they are read.
   */
  keepsVersions?: true
  /** A second face of a kind stored under another group or version: pure converters to and from the stored one. */
  storedAs?: {
    resource: Resource
    toStored(obj: T): KubeObject
    fromStored(obj: KubeObject): T
    /** Where somebody else converts (a webhook): several objects at once, instead of the two above. Throws ApiError. */
    convert?(objects: readonly KubeObject[], to: 'stored' | 'face'): Promise<KubeObject[]>
  }
}

export const verbsOf = ({ verbs }: Pick<Resource, 'verbs'>): readonly string[] => verbs ?? allVerbs

export function apiVersionOf(resource: Pick<Resource, 'group' | 'version'>): string {
  return resource.group === '' ? resource.version : `${resource.group}/${resource.version}`
}

/** `pods`, or `deployments.apps` outside the core group: upstream's GroupResource text. */
export function groupResourceOf(resource: Pick<Resource, 'group' | 'plural'>): string {
  return resource.group === '' ? resource.plural : `${resource.plural}.${resource.group}`
}
