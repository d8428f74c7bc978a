/** Runs the garbage collector: watches every kind that discovery shows, keeps the owner graph, and carries out what is decided for each object. */
import type { OwnerReference } from '#api/meta/object-meta.ts'
import { ApiError } from '#api/meta/status.ts'
import { apiVersionOf, type KubeObject } from '#api/resource.ts'
import { BoundedMap } from '#client/bounded-map.ts'
import { type Clock, systemClock } from '#client/clock.ts'
import type { DiscoveredResource, Discovery } from '#client/discovery.ts'
import type { EventRecorder } from '#client/events.ts'
import { Informer } from '#client/informer.ts'
import type { Ref, ResourceType } from '#client/resource-path.ts'
import type { Client } from '#client/rest.ts'
import { applyPlan, type Executors, outlasting, type Until } from '#client/runner/apply.ts'
import type { InformerSet } from '#client/runner/informers.ts'
import type { RunnerLog, RunnerMetrics } from '#client/runner/runner.ts'
import { ConnectionError } from '#client/transport.ts'
import { WorkQueue } from '#client/workqueue.ts'
import { decide, misplacedEvent, type OwnerState, unknownOwners } from './decide.ts'
import { type GraphNode, graphNode, OwnerGraph } from './owner-graph.ts'

export interface CollectorOptions {
  client: Client
  discovery: (signal: AbortSignal) => Promise<Discovery>
  /** Kinds that other controllers watch already are watched once. */
  informers?: InformerSet
  log: RunnerLog
  /** Told of every failure of a watch; it goes on by itself. */
  onError: (type: ResourceType, error: unknown) => void
  events?: EventRecorder
  metrics?: RunnerMetrics
  guard?: () => void
  executors?: Executors
  workers: number
  /** How often new kinds are looked for. */
  syncPeriodMs: number
  clock?: Clock
}

const name = 'garbage-collector-controller'
/** Owned and unowned by nobody, short-lived and many. */
const ignored = new Set(['/events', 'events.k8s.io/events'])
/** A kind that cannot be listed must not hold up the rest; absent owners are read live anyway. */
const firstSyncTimeoutMs = 30_000
/**
 * The cache shows a write a moment later; a decision on the old state would be refused by its preconditions. What the cache never shows (objects
 * of a kind that went) is tried ever less often.
 */
const firstDelayMs = 50
const unreachableMaxMs = 2000

interface Monitor {
  type: DiscoveredResource
  stop: AbortController
  synced: Promise<void>
}

export class GarbageCollector {
  readonly #options: CollectorOptions
  readonly #graph = new OwnerGraph()
  readonly #queue: WorkQueue
  readonly #clock: Clock
  readonly #monitors = new Map<string, Monitor>()
  readonly #absent = new BoundedMap<string, true>(500)
  readonly #running = new Set<Promise<void>>()

  constructor(options: CollectorOptions) {
    this.#options = options
    this.#clock = options.clock ?? systemClock
    this.#queue = new WorkQueue({ clock: this.#clock, firstDelayMs })
  }

  async run(signal: AbortSignal): Promise<void> {
    signal.addEventListener('abort', () => this.#queue.close(), { once: true })
    await this.#syncMonitors(signal)
    const synced = Promise.all([...this.#monitors.values()].map((monitor) => monitor.synced))
    await Promise.race([synced, this.#clock.sleep(firstSyncTimeoutMs, signal)])
    const writing = outlasting(signal)
    const workers = Array.from({ length: this.#options.workers }, () => this.#work({ stop: signal, writing }))
    while (!signal.aborted) {
      await this.#clock.sleep(this.#options.syncPeriodMs, signal)
      if (!signal.aborted) await this.#syncMonitors(signal)
    }
    for (const { stop } of this.#monitors.values()) stop.abort()
    await Promise.all([...workers, ...this.#running])
  }

  async #syncMonitors(signal: AbortSignal): Promise<void> {
    let discovery: Discovery
    try {
      discovery = await this.#options.discovery(signal)
    } catch (error) {
      if (!signal.aborted) this.#options.log.warn({ controller: name, error }, 'discovery failed, will try again')
      return
    }
    const wanted = new Map(discovery.resources.filter(isCollectable).map((type) => [monitorKey(type), type]))
    for (const [key, monitor] of this.#monitors) {
      // Kinds of a group that did not answer stay: their objects are still there.
      const unread = discovery.failures.some(({ groupVersion }) => groupVersion === apiVersionOf(monitor.type))
      if (wanted.has(key) || unread) continue
      monitor.stop.abort()
      this.#monitors.delete(key)
    }
    for (const [key, type] of wanted) if (!this.#monitors.has(key)) this.#monitors.set(key, this.#monitor(type))
  }

  #monitor(type: DiscoveredResource): Monitor {
    const stop = new AbortController()
    const shared = this.#options.informers?.find(type)
    const informer = shared ?? this.#ownInformer(type)
    informer.onChange((now, was) => {
      if (stop.signal.aborted) return
      for (const uid of now ? this.#took(graphNode(type, now)) : was ? this.#lost(graphNode(type, was)) : []) this.#queue.add(uid)
    })
    if (!shared) {
      const run = informer.run(stop.signal)
      this.#running.add(run)
      run.finally(() => this.#running.delete(run)).catch((error) => this.#options.log.error({ controller: name, error }, 'monitor ended'))
    }
    return { type, stop, synced: informer.synced }
  }

  #took(node: GraphNode): string[] {
    for (const misplaced of this.#graph.misplacedBy(node)) {
      const event = misplacedEvent(misplaced)
      this.#options.events?.event(event.about, event)
    }
    return this.#graph.put(node)
  }

  #lost(node: GraphNode): string[] {
    const { uid, name: owner, namespace, type } = node
    this.#absent.set(identityOf({ apiVersion: apiVersionOf(type), kind: type.kind, name: owner, uid }, namespace), true)
    return this.#graph.remove(uid)
  }

  #ownInformer(type: DiscoveredResource): Informer<KubeObject> {
    return new Informer<KubeObject>(this.#options.client, type, {
      metadataOnly: true,
      transform: onlyOwnership,
      onError: (error) => this.#options.onError(type, error),
    })
  }

  async #work(until: Until): Promise<void> {
    for (let uid = await this.#queue.next(); uid !== undefined; uid = await this.#queue.next()) {
      const startedMs = this.#clock.monotonicMs()
      const outcome = await this.#handle(uid, until)
      this.#options.metrics?.reconciled(name, outcome, (this.#clock.monotonicMs() - startedMs) / 1000)
      this.#options.metrics?.queueDepth(name, this.#queue.length)
      this.#queue.done(uid)
    }
  }

  async #handle(uid: string, until: Until): Promise<'success' | 'conflict' | 'error'> {
    const node = this.#graph.get(uid)
    if (!node) {
      this.#queue.forget(uid)
      return 'success'
    }
    try {
      const live = await this.#liveOwners(node, until.stop)
      const plan = decide(node, this.#graph, live)
      await this.#apply(plan, node, until)
      this.#queue.forget(uid)
      return 'success'
    } catch (error) {
      if (until.stop.aborted) return 'error'
      const delayMs = this.#queue.addRateLimited(uid, error instanceof ConnectionError ? unreachableMaxMs : undefined)
      if (error instanceof ApiError && (error.code === 404 || error.code === 409)) return 'conflict'
      const object = { resource: node.type.plural, namespace: node.namespace, object: node.name }
      const level = error instanceof ConnectionError ? 'debug' : 'warn'
      this.#options.log[level]({ controller: name, ...object, error, delayMs }, 'collect failed, will try again')
      return 'error'
    }
  }

  async #apply(plan: ReturnType<typeof decide>, node: GraphNode, { stop, writing }: Until): Promise<void> {
    const { client, guard, executors, log, metrics } = this.#options
    await applyPlan(plan, {
      client,
      stop,
      signal: writing,
      ...(guard ? { guard } : {}),
      ...(executors ? { executors } : {}),
      done: (action) => {
        metrics?.applied(name, action.verb, 'success')
        const fields = { controller: name, verb: action.verb, resource: node.type.plural, namespace: node.namespace, object: node.name }
        log.debug({ ...fields, reason: action.reason }, 'applied')
      },
      failed: (action) => metrics?.applied(name, action.verb, 'error'),
    })
  }

  /** Owners that the graph does not have may be new, of a kind not watched, or gone: only the server knows. */
  async #liveOwners(node: GraphNode, signal: AbortSignal): Promise<Map<string, OwnerState>> {
    const states = new Map<string, OwnerState>()
    for (const reference of node.deleting ? [] : unknownOwners(node, this.#graph)) {
      states.set(reference.uid, await this.#liveOwner(node, reference, signal))
    }
    return states
  }

  async #liveOwner(node: GraphNode, reference: OwnerReference, signal: AbortSignal): Promise<OwnerState> {
    // The uid alone could be that of an object which others name rightly.
    const identities = [identityOf(reference, undefined), identityOf(reference, node.namespace)]
    if (identities.some((identity) => this.#absent.get(identity))) return 'absent'
    const { resources } = await this.#options.discovery(signal)
    const type = resources.find((r) => apiVersionOf(r) === reference.apiVersion && r.kind === reference.kind && r.verbs.includes('get'))
    if (!type) throw new Error(`no resource is served for owner ${reference.apiVersion} ${reference.kind}`)
    if (type.scope === 'Namespaced' && !node.namespace) return 'invalid'
    const ref: Ref = type.scope === 'Namespaced' ? { namespace: node.namespace, name: reference.name } : { name: reference.name }
    try {
      const owner = await this.#options.client.get(type, ref, { metadataOnly: true, signal })
      if (owner.metadata.uid === reference.uid) return 'present'
    } catch (error) {
      if (!(error instanceof ApiError && error.code === 404)) throw error
    }
    this.#absent.set(identityOf(reference, ref.namespace), true)
    return 'absent'
  }
}

const identityOf = ({ apiVersion, kind, name: owner, uid }: OwnerReference, namespace: string | undefined): string =>
  [namespace ?? '', apiVersion, kind, owner, uid].join('|')
const monitorKey = (type: DiscoveredResource): string => `${type.group}/${type.version}/${type.plural}`

function isCollectable(type: DiscoveredResource): boolean {
  const has = (verb: string): boolean => type.verbs.includes(verb)
  return type.preferred && has('list') && has('watch') && has('delete') && !ignored.has(`${type.group}/${type.plural}`)
}

/** The rest of the metadata would be most of this program's memory. */
function onlyOwnership(object: KubeObject): KubeObject {
  const { name, namespace, uid, resourceVersion, ownerReferences, finalizers, deletionTimestamp } = object.metadata
  return {
    apiVersion: object.apiVersion,
    kind: object.kind,
    metadata: {
      ...(name === undefined ? {} : { name }),
      ...(namespace === undefined ? {} : { namespace }),
      ...(uid === undefined ? {} : { uid }),
      ...(resourceVersion === undefined ? {} : { resourceVersion }),
      ...(ownerReferences ? { ownerReferences } : {}),
      ...(finalizers ? { finalizers } : {}),
      ...(deletionTimestamp === undefined ? {} : { deletionTimestamp }),
    },
  }
}
