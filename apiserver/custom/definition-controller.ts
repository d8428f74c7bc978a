/**
 * Follows CustomResourceDefinitions: serves their kinds, says so in their status, and empties those that are deleted (upstream: the naming,
 * establishing, non-structural-schema, approval and finalizer controllers of apiextensions-apiserver).
 */
import { approvalCondition } from '#api/apiextensions/api-approval.ts'
import type { CustomResourceDefinition } from '#api/apiextensions/custom-resource-definition.ts'
import { CustomResourceDefinitions } from '#api/apiextensions/definitions.ts'
import { nonStructuralCondition } from '#api/apiextensions/non-structural.ts'
import { CLEANUP_FINALIZER, statusRules } from '#api/apiextensions/prepare.ts'
import { type AcceptedNames, isTrue, type NewCondition, planStatus, withCondition } from '#api/apiextensions/status.ts'
import { ApiError } from '#api/meta/status.ts'
import { sameJson } from '#api/own.ts'
import type { KubeObject, Resource, SubresourceRules } from '#api/resource.ts'
import type { User } from '#apiserver/authentication/user.ts'
import type { Cache } from '#apiserver/cache/cache.ts'
import { type Entry, objectOf } from '#apiserver/cache/entry.ts'
import type { Registry } from '#apiserver/registry/registry.ts'
import { timestamp } from '#apiserver/registry/system-metadata.ts'
import type { Logger } from '#component/logging.ts'
import type { LiveKinds } from './live-kinds.ts'

export interface DefinitionControllerDeps {
  cache: Cache
  registry: Registry
  live: LiveKinds
  log: Logger
  sleep: (ms: number, signal: AbortSignal) => Promise<void>
}

interface Summary extends AcceptedNames {
  isAccepted: boolean
}

const definitions = CustomResourceDefinitions as unknown as Resource
const server: User = { name: 'system:apiserver', groups: ['system:masters', 'system:authenticated'] } as User
const RETRY_MS = 1000

export class DefinitionController {
  readonly #deps: DefinitionControllerDeps
  readonly #queue = new Set<string>()
  readonly #summaries = new WeakMap<Entry, Summary>()
  readonly #verdicts = new Map<string, { version: string; condition: NewCondition | undefined }>()
  #wake: () => void = () => undefined

  constructor(deps: DefinitionControllerDeps) {
    this.#deps = deps
  }

  /** Until `signal`. What fails is tried again after a second. */
  async run(signal: AbortSignal): Promise<void> {
    const { cache, log, sleep } = this.#deps
    const stop = cache.observe(definitions, (change) => {
      if (change === undefined) this.#enqueueAll()
      else this.#enqueue((change.now ?? change.was)?.name ?? '')
    })
    if (cache.isReady) this.#enqueueAll()
    while (!signal.aborted) {
      const [name] = this.#queue
      if (name === undefined) {
        await this.#work(signal)
        continue
      }
      this.#queue.delete(name)
      try {
        await this.#sync(name)
      } catch (error) {
        log.warn({ definition: name, error }, 'a definition is not served yet')
        void sleep(RETRY_MS, signal).then(
          () => this.#enqueue(name),
          () => undefined,
        )
      }
    }
    stop()
  }

  #work(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve
      signal.addEventListener('abort', () => resolve(), { once: true })
    })
  }

  #enqueue(name: string): void {
    this.#queue.add(name)
    this.#wake()
  }

  #enqueueAll(): void {
    for (const { name } of this.#deps.cache.of(definitions).range()) this.#queue.add(name)
    for (const name of this.#deps.live.names()) this.#queue.add(name)
    this.#wake()
  }

  #read(name: string): CustomResourceDefinition | undefined {
    const { cache } = this.#deps
    const found = cache.of(definitions)
    const entry = found.get(found.keyOf('', name))
    return entry && (objectOf(entry) as CustomResourceDefinition)
  }

  /** Definitions are large; what others must know of one is read once. */
  #summaryOf(entry: Entry): Summary {
    const known = this.#summaries.get(entry)
    if (known !== undefined) return known
    const { metadata, status } = objectOf(entry) as CustomResourceDefinition
    const isAccepted = status.conditions?.some(({ type, status: is }) => type === 'NamesAccepted' && is === 'True') === true
    const summary = { definition: metadata.name ?? '', names: status.acceptedNames, isAccepted }
    this.#summaries.set(entry, summary)
    return summary
  }

  #groupOf(group: string): Summary[] {
    const entries = this.#deps.cache.of(definitions).range()
    return entries.filter(({ name }) => name.endsWith(`.${group}`)).map((entry) => this.#summaryOf(entry))
  }

  /** Schemas are judged once a generation. */
  #nonStructural(definition: CustomResourceDefinition): NewCondition | undefined {
    const { name = '', uid = '', generation = 0 } = definition.metadata
    const version = `${uid} ${generation}`
    const known = this.#verdicts.get(name)
    if (known?.version === version) return known.condition
    const condition = nonStructuralCondition(definition)
    this.#verdicts.set(name, { version, condition })
    return condition
  }

  async #sync(name: string): Promise<void> {
    const { live } = this.#deps
    const definition = this.#read(name)
    if (definition === undefined) {
      live.withdraw(name)
      this.#verdicts.delete(name)
      this.#requeueGroup(name.slice(name.indexOf('.') + 1), name)
      return
    }
    const verdicts = { nonStructural: this.#nonStructural(definition), approval: approvalCondition(definition) }
    const status = planStatus(definition, this.#groupOf(definition.spec.group), verdicts, timestamp(new Date()))
    // Served first, said afterwards: who waits for the condition finds the kind.
    await live.publish({ ...definition, status })
    if (!sameJson(JSON.parse(JSON.stringify(status)), definition.status)) {
      await this.#change(name, (now) => ({ ...now, status: { ...status, storedVersions: now.status.storedVersions } }))
      this.#requeueGroup(definition.spec.group, name)
    } else if (isEnding(definition)) await this.#end(definition)
  }

  /** Names that one definition lets go of may be what another waits for. */
  #requeueGroup(group: string, except: string): void {
    for (const { definition, isAccepted } of this.#groupOf(group)) if (definition !== except && !isAccepted) this.#enqueue(definition)
  }

  async #change(name: string, change: (now: CustomResourceDefinition) => CustomResourceDefinition): Promise<void> {
    const rules = statusRules as unknown as SubresourceRules<KubeObject>
    const request = {
      resource: definitions,
      ref: { name },
      subresource: 'status',
      rules,
      retries: true,
      change: (prev: KubeObject | undefined) => change(prev as CustomResourceDefinition),
    }
    await this.#deps.registry.update(request, { user: server, dryRun: false, namespace: '', warn: () => undefined }).catch(unlessGone)
  }

  /** Deletes what is left of a definition's objects; the definition goes with the last one. */
  async #end(definition: CustomResourceDefinition): Promise<void> {
    const name = definition.metadata.name ?? ''
    const kind = this.#deps.live.ownKind(name)
    const begun = await this.#sayEnding(name, 'True', 'InstanceDeletionInProgress', 'CustomResource deletion is in progress')
    if (!isTrue(definition, 'Established') || kind === undefined) {
      await this.#finish(name, 'NeverEstablished', 'resource was never established')
      return
    }
    const failures = await this.#deleteAll(kind)
    if (failures.length > 0) {
      await this.#sayEnding(name, 'True', 'InstanceDeletionFailed', `could not issue all deletes: ${failures[0]}`)
      throw new Error(`${name}: ${failures.length} objects could not be deleted: ${failures[0]}`)
    }
    await this.#deps.cache.fresh()
    const left = this.#deps.cache.of(kind).size
    if (left > 0) throw new Error(`${name}: waiting for ${left} objects to be removed${begun ? '' : ' still'}`)
    await this.#finish(name, 'InstanceDeletionCompleted', 'removed all instances')
  }

  async #deleteAll(kind: Resource): Promise<string[]> {
    const { cache, registry } = this.#deps
    const failures: string[] = []
    for (const { namespace, name } of cache.of(kind).range()) {
      const writer = { user: server, dryRun: false, namespace, warn: () => undefined }
      const ref = { ...(namespace === '' ? {} : { namespace }), name }
      await registry.delete(kind, ref, { apiVersion: 'v1', kind: 'DeleteOptions' }, writer).catch((error: unknown) => {
        if (!(error instanceof ApiError)) throw error
        if (error.code !== 404) failures.push(error.message)
      })
    }
    return failures
  }

  async #sayEnding(name: string, status: 'True' | 'False', reason: string, message: string): Promise<boolean> {
    let isNew = false
    await this.#change(name, (now) => {
      const conditions = withCondition(now.status.conditions ?? [], { type: 'Terminating', status, reason, message }, timestamp(new Date()))
      isNew = !sameJson(conditions, now.status.conditions)
      return { ...now, status: { ...now.status, conditions } }
    })
    return isNew
  }

  async #finish(name: string, reason: string, message: string): Promise<void> {
    await this.#change(name, (now) => {
      const last = { type: 'Terminating', status: 'False', reason, message } as const
      const conditions = withCondition(now.status.conditions ?? [], last, timestamp(new Date()))
      const finalizers = (now.metadata.finalizers ?? []).filter((finalizer) => finalizer !== CLEANUP_FINALIZER)
      return { ...now, metadata: { ...now.metadata, finalizers }, status: { ...now.status, conditions } }
    })
  }
}

const isEnding = ({ metadata }: CustomResourceDefinition): boolean =>
  metadata.deletionTimestamp !== undefined && metadata.finalizers?.includes(CLEANUP_FINALIZER) === true

function unlessGone(error: unknown): undefined {
  if (error instanceof ApiError && error.code === 404) return undefined
  throw error
}
