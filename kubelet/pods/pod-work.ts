/** What one pod's actor knows: the desired state, the last observation and the results of its actions. Executors write here, deciders read. */
import type { Pod } from '#api/core/pod.ts'
import type { PodStatus } from '#api/core/pod-status.ts'
import { longestTimerMs } from '#component/clock.ts'
import { factsOf } from '#kubelet/containers/container-labels.ts'
import { type DeadContainerLimits, usualLimits } from '#kubelet/garbage/dead-containers.ts'
import type { Amounts } from '#kubelet/resize/allocation.ts'
import { conditionsFrom, type ResizeConditions } from '#kubelet/resize/conditions.ts'
import type { Container as RuntimeContainer, Sandbox } from '#kubelet/runtime/runtime.ts'
import type { ImageSeen, PodAction, PodDesired, PodSeen, ProbeSeen, VolumesSeen, Waiting } from './pod-actions.ts'

/** Thrown by an executor that failed; `retryAfterMs` where the time of the next try is its own business. */
export class ActionError extends Error {
  readonly retryAfterMs: number | undefined
  constructor(message: string, options: { retryAfterMs?: number } = {}) {
    super(message)
    this.name = 'ActionError'
    this.retryAfterMs = options.retryAfterMs
  }
}

export class PodWork implements PodSeen {
  readonly uid: string
  desired: PodDesired
  sandboxes: readonly Sandbox[] = []
  /** `ready` resolves when the sandbox is among `sandboxes`. */
  planned: { sandbox: Sandbox; ready: Promise<Sandbox> } | undefined
  #containers: readonly RuntimeContainer[] = []
  readonly #waiting = new Set<() => void>()
  readonly images = new Map<string, ImageSeen>()
  readonly startFailures = new Map<string, Waiting>()
  volumes: VolumesSeen
  volumesStale = false
  readonly notBefore = new Map<string, Date>()
  probes: ReadonlyMap<string, ProbeSeen> = new Map()
  readonly terminationMessages = new Map<string, string>()
  readonly inFlight = new Map<string, { action: PodAction; until?: Date }>()
  hasCgroup: boolean
  hasDirectories: boolean
  objectDeleted = false
  actuated: ReadonlyMap<string, Amounts> = new Map()
  resize: ResizeConditions
  readonly restarting = new Set<string>()
  readonly probeKills = new Map<string, { before: Date | undefined }>()
  readonly knownRestarts = new Map<string, number>()
  waitsFor: ReadonlySet<string> = new Set()
  longestBackoffSeconds = 300
  deadContainers: DeadContainerLimits = usualLimits
  /** The newest status known: the API's at first, then what was computed last. */
  status: PodStatus

  constructor(desired: PodDesired, found: { hasCgroup: boolean; hasDirectories: boolean }) {
    this.uid = desired.pod.metadata.uid ?? ''
    this.desired = desired
    this.hasCgroup = found.hasCgroup
    this.hasDirectories = found.hasDirectories
    this.volumes = found.hasDirectories ? 'unknown' : 'absent'
    this.status = desired.pod.status ?? {}
    this.resize = conditionsFrom(this.status.conditions)
    const known = [...(this.status.containerStatuses ?? []), ...(this.status.initContainerStatuses ?? [])]
    for (const { name, restartCount, containerID, state, lastState } of known) {
      // One that waits and has no end behind it was made, but has not run.
      const hasRun = state?.waiting === undefined || lastState?.terminated !== undefined
      if (containerID && hasRun) this.knownRestarts.set(name, restartCount)
    }
  }

  get pod(): Pod {
    return this.desired.pod
  }

  get containers(): readonly RuntimeContainer[] {
    return this.#containers
  }

  set containers(found: readonly RuntimeContainer[]) {
    this.#containers = found
    // Whoever takes a container away behind our back does not take away that it was started.
    for (const container of found) {
      const { restartCount } = factsOf(container)
      if (container.state !== 'created' && restartCount >= (this.knownRestarts.get(container.name) ?? 0))
        this.knownRestarts.set(container.name, restartCount)
    }
    for (const look of this.#waiting) look()
  }

  /** Resolves once none of these containers runs any more, or after `ms`. */
  whenEnded(ids: readonly string[], ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => finish(), Math.min(ms, longestTimerMs))
      const finish = (): void => {
        clearTimeout(timer)
        this.#waiting.delete(look)
        resolve()
      }
      const look = (): void => {
        const living = this.#containers.some(({ id, state }) => ids.includes(id) && (state === 'running' || state === 'unknown'))
        if (!living) finish()
      }
      this.#waiting.add(look)
      look()
    })
  }

  /** Addresses of the pod itself. */
  get podIps(): readonly string[] {
    return this.sandboxes[0]?.ips ?? []
  }
}
