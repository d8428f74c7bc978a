/**
 * Keeps the flow schemas and priority levels that every cluster has, and says of each flow schema whether its level is there (upstream:
 * pkg/registry/flowcontrol/ensurer and the configuration consumer of apiserver/pkg/util/flowcontrol). No request is held back by them yet.
 */
import {
  autoUpdateAnnotation,
  mandatoryFlowSchemas,
  mandatoryPriorityLevels,
  suggestedFlowSchemas,
  suggestedPriorityLevels,
} from '#api/flowcontrol/bootstrap.ts'
import { type FlowSchema, FlowSchemas } from '#api/flowcontrol/flow-schema.ts'
import { PriorityLevelConfigurations } from '#api/flowcontrol/priority-level-configuration.ts'
import { sameValue } from '#api/meta/same-value.ts'
import { ApiError } from '#api/meta/status.ts'
import { formatTime } from '#api/meta/time.ts'
import { apiVersionOf, type KubeObject, type Resource } from '#api/resource.ts'
import type { Cache } from '#apiserver/cache/cache.ts'
import type { Registry } from '#apiserver/registry/registry.ts'
import type { Writer } from '#apiserver/registry/write-context.ts'
import type { Logger } from '#component/logging.ts'

interface Wanted {
  resource: Resource
  name: string
  spec: object
  /** Nobody may change it; suggested ones can be taken out of the server's care. */
  isMandatory: boolean
}

type WithSpec = KubeObject & { spec?: unknown }

const user = { name: 'system:apiserver', groups: ['system:masters'] }
const manager = 'api-priority-and-fairness-config'
const writer: Writer = { user, dryRun: false, namespace: '', fieldManager: `${manager}-producer-v1`, warn: () => undefined }
const reader: Writer = { ...writer, fieldManager: `${manager}-consumer-v1` }

function wantedOf(kind: Resource, specs: ReadonlyMap<string, object>, isMandatory: boolean): Wanted[] {
  return [...specs].map(([name, spec]) => ({ resource: kind, name, spec, isMandatory }))
}

const levels = PriorityLevelConfigurations as unknown as Resource
const schemas = FlowSchemas as unknown as Resource
const wanted: readonly Wanted[] = [
  ...wantedOf(levels, mandatoryPriorityLevels, true),
  ...wantedOf(levels, suggestedPriorityLevels, false),
  ...wantedOf(schemas, mandatoryFlowSchemas, true),
  ...wantedOf(schemas, suggestedFlowSchemas, false),
]

/** The stored object as it should be; undefined where nothing is to be done. Without a word of the administrator, the first version is ours. */
export function revised(stored: WithSpec, { spec, isMandatory }: Pick<Wanted, 'spec' | 'isMandatory'>): KubeObject | undefined {
  const { annotations = {}, generation } = stored.metadata
  const said = annotations[autoUpdateAnnotation]
  const ours = isMandatory || (said === 'true' || said === 'false' ? said === 'true' : generation === 1)
  const changes = ours && !sameValue(stored.spec, spec)
  if (!changes && said === String(ours)) return undefined
  const metadata = { ...stored.metadata, annotations: { ...annotations, [autoUpdateAnnotation]: String(ours) } }
  return { ...stored, metadata, ...(changes ? { spec: structuredClone(spec) } : {}) } as KubeObject
}

/** The schema with the condition Dangling as it should be; undefined where it is so already. */
export function withDangling(schema: FlowSchema, levelNames: ReadonlySet<string>, now: Date): FlowSchema | undefined {
  const { name } = schema.spec.priorityLevelConfiguration
  const found = levelNames.has(name)
  const conditions = schema.status.conditions ?? []
  const old = conditions.find(({ type }) => type === 'Dangling')
  const start = `This FlowSchema references the PriorityLevelConfiguration object named ${JSON.stringify(name)}`
  const wished = {
    type: 'Dangling',
    status: found ? 'False' : 'True',
    reason: found ? 'Found' : 'NotFound',
    message: found ? `${start} and it exists` : `${start} but there is no such object`,
  }
  if (old && old.status === wished.status && old.reason === wished.reason && old.message === wished.message) return undefined
  const lastTransitionTime = old?.status === wished.status && old.lastTransitionTime ? old.lastTransitionTime : formatTime(now)
  return { ...schema, status: { conditions: [...conditions.filter((c) => c !== old), { ...wished, lastTransitionTime }] } }
}

/** Another server was quicker; what is left to do is seen the next time. */
function unlessRace(error: unknown): void {
  if (!(error instanceof ApiError) || (error.code !== 409 && error.code !== 404)) throw error
}

export class FlowControlKeeper {
  readonly #registry: Registry

  constructor(registry: Registry) {
    this.#registry = registry
  }

  /** Makes and mends the objects. Throws what the registry throws. */
  async ensure(): Promise<void> {
    await Promise.all(wanted.map((one) => this.#ensure(one).catch(unlessRace)))
  }

  /** Says of each schema whether its level is there. Throws what the registry throws. */
  async markDangling(): Promise<void> {
    const { store } = this.#registry
    const present = await store.list(PriorityLevelConfigurations, '', 'consistent')
    const names = new Set(present.map(({ object }) => object.metadata.name ?? ''))
    for (const { object } of await store.list(FlowSchemas, '', 'consistent')) {
      const next = withDangling(object, names, this.#registry.now())
      if (next) await this.#writeStatus(next).catch(unlessRace)
    }
  }

  async #ensure({ resource, name, spec, isMandatory }: Wanted): Promise<void> {
    const ref = { namespace: undefined, name }
    const stored = await this.#registry.store.current(resource, ref, 'consistent')
    if (!stored) {
      const metadata = { name, annotations: { [autoUpdateAnnotation]: 'true' } }
      const object = { apiVersion: apiVersionOf(resource), kind: resource.kind, metadata, spec: structuredClone(spec), status: {} }
      await this.#registry.create(resource, object as unknown as KubeObject, writer)
      return
    }
    const next = revised(stored.object, { spec, isMandatory })
    if (next) await this.#registry.update({ resource, ref, subresource: '', retries: false, change: () => next }, writer)
  }

  async #writeStatus(schema: FlowSchema): Promise<void> {
    const rules = schemas.subresources?.['status']
    const ref = { namespace: undefined, name: schema.metadata.name ?? '' }
    const request = { resource: schemas, ref, subresource: 'status', retries: false, change: () => structuredClone(schema) as KubeObject }
    await this.#registry.update({ ...request, ...(rules ? { rules } : {}) }, reader)
  }
}

export interface FlowControlDeps {
  registry: Registry
  cache: Pick<Cache, 'observe'>
  log: Logger
}

/** Says of the schemas whether their levels are there as soon as one of either changes, until `signal`. */
export async function followFlowControl({ registry, cache, log }: FlowControlDeps, signal: AbortSignal): Promise<void> {
  const keeper = new FlowControlKeeper(registry)
  let hasChanged = false
  let wake = (): void => undefined
  const note = (): void => {
    hasChanged = true
    wake()
  }
  const ends = [cache.observe(levels, note), cache.observe(schemas, note)]
  signal.addEventListener('abort', note)
  while (!signal.aborted) {
    if (!hasChanged) await new Promise<void>((resolve) => (wake = resolve))
    hasChanged = false
    // what fails is done when the built-in objects are looked after the next time
    if (!signal.aborted)
      await keeper.markDangling().catch((error) => log.warn({ error }, 'cannot say whether flow schemas have their levels'))
  }
  for (const end of ends) end()
}
