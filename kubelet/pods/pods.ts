/** All pods of this node: an actor for each that the API binds here, that a static manifest names, or of which something is left behind. */
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Pod } from '#api/core/pod.ts'
import { longestTimerMs } from '#component/clock.ts'
import type { Logger } from '#component/logging.ts'
import type { AdmissionCheck, Rejection } from '#kubelet/admission/admission.ts'
import type { Cgroups } from '#kubelet/cgroups/cgroups.ts'
import { factsOf } from '#kubelet/containers/container-labels.ts'
import type { DeadContainerLimits } from '#kubelet/garbage/dead-containers.ts'
import * as metrics from '#kubelet/metrics.ts'
import type { ObjectCache } from '#kubelet/object-cache.ts'
import { countConditions } from '#kubelet/resize/metrics.ts'
import type { Resizer } from '#kubelet/resize/resizer.ts'
import type { ContainerRuntime, Container as RuntimeContainer, RuntimeEvent, Sandbox } from '#kubelet/runtime/runtime.ts'
import type { StatusWriter } from '#kubelet/status/status-writer.ts'
import type { VolumeManager } from '#kubelet/volumes/volume-manager.ts'
import { persist } from './persist.ts'
import type { PodDesired, PodFailure } from './pod-actions.ts'
import { PodActor, type PodActorDeps } from './pod-actor.ts'
import type { RecordEvent } from './pod-events.ts'
import { type ObjectRef, objectsOf } from './pod-references.ts'
import { isStatic, isTerminalPhase } from './pod-state.ts'
import { PodWork } from './pod-work.ts'
import { rejectionLabel } from './rejection-label.ts'

export interface PodsDeps extends Omit<PodActorDeps, 'gone' | 'turned'> {
  runtime: ContainerRuntime
  cgroups: Pick<Cgroups, 'has' | 'pods' | 'containerStarted'>
  volumes: VolumeManager
  objects: ObjectCache
  statuses: Pick<StatusWriter, 'publish' | 'observe' | 'forget'>
  event: RecordEvent
  /** Asked in order; the first that refuses is told. */
  admission: readonly AdmissionCheck[]
  resizer: Resizer
  /** False while some source of pods has not answered yet: what runs may be wanted. */
  allKnown?(): boolean
  rootDir: string
  /** The longest wait between restarts of a container that crashes. */
  longestBackoffSeconds: number
  deadContainers: DeadContainerLimits
  log: Logger
}

export class Pods {
  readonly #deps: PodsDeps
  readonly #actors = new Map<string, PodActor>()
  /** Static pods by `namespace/name` whose predecessors of that name are not gone yet. */
  readonly #waiting = new Map<string, Pod>()
  #auditedAtMs: number | undefined
  /** Of the pod that is just being admitted. */
  #victims: Set<string> | undefined

  constructor(deps: PodsDeps) {
    this.#deps = deps
    deps.resizer.attach({
      get: (uid) => this.get(uid),
      admit: (pod) => this.#admit(pod),
      resized: (uid, pod, granted) => this.#resized(uid, pod, granted),
    })
  }

  list(): readonly PodWork[] {
    return [...this.#actors.values()].map((actor) => actor.work)
  }

  get(uid: string): PodWork | undefined {
    return this.#actors.get(uid)?.work
  }

  /**
   * Takes up what the runtime and the disk still have of these pods, before anything is decided about them. Retries until the runtime answers.
   * What belongs to no pod is found by the first audit.
   */
  async begin(known: readonly Pod[], signal: AbortSignal): Promise<void> {
    const [containers, sandboxes] = await persist(
      () => Promise.all([this.#deps.runtime.listContainers({}, signal), this.#deps.runtime.listSandboxes(signal)]),
      { signal, failed: (error) => this.#deps.log.warn({ error }, 'the runtime does not answer yet') },
    )
    if (signal.aborted) return
    const byAge = [...known].sort((a, b) => (a.metadata.creationTimestamp ?? '').localeCompare(b.metadata.creationTimestamp ?? ''))
    const started = (pod: Pod): boolean =>
      pod.status?.startTime !== undefined || containers.some((each) => each.podUid === pod.metadata.uid)
    for (const pod of [...byAge.filter(started), ...byAge.filter((each) => !started(each))]) {
      const uid = pod.metadata.uid ?? ''
      const given = this.#deps.resizer.known(pod, containers)
      // A kubelet that ended while Docker was starting one has not done it.
      for (const { id, podUid, state } of containers)
        if (podUid === uid && state === 'running') this.#deps.cgroups.containerStarted(pod, id)
      this.#add({ given, wanted: pod }, { fresh: false, sandboxes: sandboxes.filter((each) => each.podUid === uid), running: started(pod) })
    }
    this.#deps.resizer.retry('pods_added')
  }

  /** A change of the API's or a manifest's pod; `was` alone means that the object is gone. */
  changed(now: Pod | undefined, was: Pod | undefined): void {
    const pod = now ?? was
    const actor = this.#actors.get(pod?.metadata.uid ?? '')
    if (now) {
      this.#deps.statuses.observe(now)
      if (actor) this.#update(actor, now, was)
      else if (this.#mustWait(now)) this.#waiting.set(nameOf(now), now)
      else this.#add({ given: now, wanted: now }, { fresh: true, sandboxes: [], running: false })
    } else if (was && this.#waiting.get(nameOf(was))?.metadata.uid === was.metadata.uid) this.#waiting.delete(nameOf(was))
    else if (was && actor) {
      this.#deps.statuses.forget(was.metadata.uid ?? '')
      actor.update({ pod: was, removed: true })
      this.#deps.resizer.retry('pods_removed')
    }
  }

  runtimeEvent(event: RuntimeEvent): void {
    this.#deps.log.debug({ event }, 'the runtime tells')
    if (event.type === 'resync') for (const actor of this.#actors.values()) actor.containersChanged()
    else this.#actors.get(event.podUid)?.containersChanged()
  }

  objectChanged(ref: ObjectRef): void {
    for (const actor of this.#actors.values()) {
      const { pod } = actor.work
      if (pod.metadata.namespace !== ref.namespace) continue
      if (objectsOf(pod).some((each) => each.kind === ref.kind && each.name === ref.name)) actor.sourcesChanged()
    }
  }

  /** Of the pods named, what volumes show is to be written anew (tokens). */
  refresh(uids: readonly string[]): void {
    for (const uid of uids) this.#actors.get(uid)?.sourcesChanged()
  }

  /** The node ends a pod (eviction, preemption, shutdown): its containers go and it becomes Failed. No event is told here. */
  end(uid: string, failure: PodFailure): void {
    this.#actors.get(uid)?.end(failure)
  }

  /** As `end`, in favour of the pod that is just being admitted: that one starts when this has ended. */
  preempt(uid: string, failure: PodFailure): void {
    this.#victims?.add(uid)
    this.end(uid, failure)
  }

  wake(uid: string): void {
    this.#actors.get(uid)?.wake()
  }

  /**
   * Compares what actors believe with what is; events do the work, this only finds what they missed. Answers whether no pod was passed over, as those are
   * that are at work.
   */
  async audit(signal: AbortSignal): Promise<boolean> {
    let isWhole = true
    const began = performance.now()
    // What an actor did or saw while the runtime was listed is newer than the list.
    const believed = new Map(this.list().map((work) => [work, { sandboxes: work.sandboxes, containers: work.containers }]))
    const [containers, sandboxes] = await Promise.all([
      this.#deps.runtime.listContainers({}, signal),
      this.#deps.runtime.listSandboxes(signal),
    ])
    metrics.relistDuration.observe((performance.now() - began) / 1000)
    if (this.#auditedAtMs !== undefined) metrics.relistInterval.observe((began - this.#auditedAtMs) / 1000)
    this.#auditedAtMs = began
    metrics.lastRelist.set(Math.floor(this.#deps.now().getTime() / 1000))
    for (const actor of this.#actors.values()) {
      const { work } = actor
      const then = believed.get(work)
      if (work.inFlight.size > 0 || then?.sandboxes !== work.sandboxes || then.containers !== work.containers) {
        isWhole = false
        continue
      }
      const real = containers.filter((each) => each.podUid === work.uid)
      const readySandboxes = sandboxes.filter((each) => each.podUid === work.uid && each.ready).map((each) => each.id)
      const lost = work.sandboxes.some(({ id, ready }) => ready && !readySandboxes.includes(id))
      if (lost) work.sandboxes = work.sandboxes.map((each) => ({ ...each, ready: readySandboxes.includes(each.id) }))
      if (lost || fingerprint(real) !== fingerprint(work.containers)) actor.containersChanged()
    }
    if (this.#deps.allKnown?.() ?? true) this.#adoptOrphans(containers, sandboxes)
    this.#deps.resizer.keepOnly(this.#actors)
    countConditions(this.list().map((work) => work.resize))
    return isWhole
  }

  close(): void {
    for (const actor of this.#actors.values()) actor.close()
  }

  /** `given`: with the resources that it has on this node already. */
  #add(
    { given: pod, wanted }: { given: Pod; wanted: Pod },
    facts: { fresh: boolean; sandboxes: readonly Sandbox[]; running: boolean },
  ): void {
    const over = isTerminalPhase(pod.status?.phase) || pod.metadata.deletionTimestamp !== undefined
    const victims = new Set<string>()
    this.#victims = victims
    const rejection = facts.running || over ? undefined : this.#admit(pod)
    this.#victims = undefined
    if (rejection) {
      metrics.admissionRejections.inc({ reason: rejectionLabel(rejection.reason) })
      this.#deps.event(pod, { type: 'Warning', ...rejection })
    } else if (!over) this.#deps.resizer.admitted(pod, wanted)
    const desired: PodDesired = { pod, removed: false, ...(rejection ? { failure: { ...rejection, rejected: true } } : {}) }
    this.#deps.objects.register(pod)
    const actor = this.#make(desired, facts)
    actor.work.waitsFor = victims
    for (const victim of victims) setTimeout(() => this.#madeWay(victim), victimPatienceMs(this.get(victim)?.pod)).unref()
    actor.wake()
  }

  /** The victim has ended, or has had time enough. */
  #madeWay(victim: string): void {
    for (const actor of this.#actors.values()) {
      const { waitsFor } = actor.work
      if (!waitsFor.has(victim)) continue
      actor.work.waitsFor = new Set([...waitsFor].filter((uid) => uid !== victim))
      actor.wake()
    }
  }

  /** Pods that have a claim on the node, as they were given resources. */
  active(): Pod[] {
    return this.list()
      .filter(({ status, desired }) => !isTerminalPhase(status.phase) && !desired.removed && !desired.failure)
      .map((work) => work.pod)
  }

  #admit(pod: Pod): Rejection | undefined {
    const others = this.active().filter((each) => each.metadata.uid !== pod.metadata.uid)
    for (const check of this.#deps.admission) {
      const rejection = check(pod, others)
      if (rejection) return rejection
    }
    return undefined
  }

  #make(desired: PodDesired, facts: { fresh: boolean; sandboxes: readonly Sandbox[] }): PodActor {
    const uid = desired.pod.metadata.uid ?? ''
    // Of a pod that was never here there is no cgroup, and to look in the trees of all controllers takes its time.
    const hasCgroup = !facts.fresh && this.#deps.cgroups.has(uid)
    const work = new PodWork(desired, { hasCgroup, hasDirectories: this.#deps.volumes.hasDirectory(uid) })
    work.longestBackoffSeconds = this.#deps.longestBackoffSeconds
    work.deadContainers = this.#deps.deadContainers
    work.sandboxes = [...facts.sandboxes].sort((a, b) => b.attempt - a.attempt)
    const told = observeStart(facts.fresh)
    const turned = (of: PodWork): void => {
      told(of)
      if (of.desired.failure && isTerminalPhase(of.status.phase)) this.#madeWay(of.uid)
    }
    const actor = new PodActor(work, { ...this.#deps, gone: (gone) => this.#gone(gone), turned }, { fresh: facts.fresh })
    this.#actors.set(uid, actor)
    if (!desired.removed) metrics.containersPerPod.observe(desired.pod.spec?.containers.length ?? 0)
    work.actuated = this.#deps.resizer.actuated(uid)
    return actor
  }

  /** What a pod runs with has changed, or what is said of its resize. */
  #resized(uid: string, pod: Pod, granted: boolean): void {
    const actor = this.#actors.get(uid)
    if (!actor || actor.work.desired.removed) return
    actor.update({ pod, removed: false })
    if (granted) actor.sourcesChanged()
  }

  /** A manifest that has changed: the pod of its old text ends first, since both would want the same of the node. */
  #mustWait(pod: Pod): boolean {
    const isLike = ({ work }: PodActor): boolean => isStatic(work.pod) && nameOf(work.pod) === nameOf(pod)
    return isStatic(pod) && [...this.#actors.values()].some(isLike)
  }

  #gone(uid: string): void {
    const name = nameOf(this.#actors.get(uid)?.work.pod)
    this.#actors.delete(uid)
    this.#madeWay(uid)
    this.#deps.objects.unregister(uid)
    this.#deps.statuses.forget(uid)
    this.#deps.resizer.gone(uid)
    const next = this.#waiting.get(name)
    if (!next) return
    this.#waiting.delete(name)
    this.changed(next, undefined)
  }

  #update(actor: PodActor, now: Pod, was: Pod | undefined): void {
    if (now.metadata.generation !== was?.metadata.generation) this.#deps.objects.register(now)
    // Ephemeral containers may use volumes that no container used before.
    const shown = (pod: Pod | undefined): string =>
      JSON.stringify([pod?.metadata.labels, pod?.metadata.annotations, pod?.spec?.ephemeralContainers?.length])
    actor.update({ pod: this.#deps.resizer.changed(now), removed: false })
    if (shown(now) !== shown(was)) actor.sourcesChanged()
  }

  /** What belongs to no pod that is wanted gets an actor whose only wish is that nothing is left. */
  #adoptOrphans(containers: readonly RuntimeContainer[], sandboxes: readonly Sandbox[]): void {
    const uids = new Set([
      ...containers.map((each) => each.podUid),
      ...sandboxes.map((each) => each.podUid),
      ...directoriesIn(join(this.#deps.rootDir, 'pods')),
      ...this.#deps.cgroups.pods(),
    ])
    for (const uid of uids) {
      if (uid === '' || this.#actors.has(uid)) continue
      const own = sandboxes.filter((each) => each.podUid === uid)
      const pod = skeleton(
        uid,
        own[0],
        containers.find((each) => each.podUid === uid),
      )
      this.#deps.log.info({ pod: `${pod.metadata.namespace}/${pod.metadata.name}`, uid }, 'cleaning up after a pod that is gone')
      if (own.length > 0 || containers.some((each) => each.podUid === uid)) metrics.orphanedPods.inc()
      this.#make({ pod, removed: true }, { fresh: false, sandboxes: own }).wake()
    }
  }
}

/** Upstream's: half as long again as its grace, and ten seconds at least. */
function victimPatienceMs(victim: Pod | undefined): number {
  return Math.min(Math.max(10_000, (victim?.spec?.terminationGracePeriodSeconds ?? 30) * 1500), longestTimerMs)
}

const nameOf = (pod: Pod | undefined): string => `${pod?.metadata.namespace}/${pod?.metadata.name}`

/** As much of a lost pod as its remains tell. */
function skeleton(uid: string, sandbox: Sandbox | undefined, container: RuntimeContainer | undefined): Pod {
  const facts = container ? factsOf(container) : undefined
  const name = sandbox?.name ?? facts?.podName ?? ''
  const namespace = sandbox?.namespace ?? facts?.podNamespace ?? ''
  const grace = facts?.graceSeconds ?? 30
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace, uid },
    spec: { containers: [], terminationGracePeriodSeconds: grace },
    status: {},
  }
}

function directoriesIn(path: string): string[] {
  return existsSync(path) ? readdirSync(path) : []
}

function fingerprint(containers: readonly RuntimeContainer[]): string {
  return containers
    .map(({ id, state }) => `${id}=${state}`)
    .sort()
    .join()
}

/** Tells the start-up metrics once: when the work on a pod begins that was not here before, and when all containers run for the first time. */
function observeStart(fresh: boolean): (work: PodWork) => void {
  let told = false
  let begun = !fresh
  const firstSeen = performance.now()
  return (work) => {
    const { pod } = work
    if (!begun) metrics.podWorkerStart.observe((performance.now() - firstSeen) / 1000)
    begun = true
    if (told || work.status.phase !== 'Running') return
    told = true
    if (pod.status?.phase === 'Running') return
    metrics.podStartDuration.observe((performance.now() - firstSeen) / 1000)
    const created = Date.parse(pod.metadata.creationTimestamp ?? '')
    if (Number.isNaN(created)) return
    const seconds = Math.max(0, (Date.now() - created) / 1000)
    metrics.podStartTotal.observe(seconds)
    metrics.podStartSli.observe(seconds)
  }
}
