/** The words between deciding and doing: what a pod actor can be told to do, and what it has seen. */
import type { Pod } from '#api/core/pod.ts'
import type { DeadContainerLimits } from '#kubelet/garbage/dead-containers.ts'
import type { Amounts } from '#kubelet/resize/allocation.ts'
import type { ResizeConditions } from '#kubelet/resize/conditions.ts'
import type { Image, Container as RuntimeContainer, Sandbox } from '#kubelet/runtime/runtime.ts'
import type { ContainerKind } from './pod-containers.ts'

/** Each action carries a reason for the log; events have their own texts. */
export type PodAction = { reason: string } & (
  | { verb: 'createSandbox'; attempt: number }
  | { verb: 'stopSandbox'; id: string }
  | { verb: 'removeSandbox'; id: string }
  | { verb: 'mountVolumes' }
  | { verb: 'refreshVolumes' }
  | { verb: 'pullImage'; name: string; image: string }
  | { verb: 'startContainer'; name: string; kind: ContainerKind; attempt: number; backoffSeconds: number }
  /** `message` is the text of the Killing event. `after`: ids of containers that end first, as long as the grace allows. */
  | {
      verb: 'killContainer'
      id: string
      name: string
      graceSeconds: number
      message: string
      preStop: boolean
      restart?: true
      /** A probe asked for it. */
      probed?: true
      after?: readonly string[]
    }
  | { verb: 'removeContainer'; id: string }
  /** Brings running containers to the resources that the pod was given. */
  | { verb: 'resizePod' }
  | { verb: 'unmountVolumes' }
  | { verb: 'removeCgroup' }
  | { verb: 'removeDirectories' }
  /** Ends the API object: grace 0, on the condition that it is still this one. */
  | { verb: 'deleteObject' }
)
export type Verb = PodAction['verb']
export type ActionOf<V extends Verb> = Extract<PodAction, { verb: V }>

/** Two actions with the same key do the same thing to the same target; only one of them runs at a time. */
export function actionKey(action: PodAction): string {
  switch (action.verb) {
    case 'pullImage':
    case 'startContainer':
      return `${action.verb}/${action.name}`
    case 'killContainer':
    case 'removeContainer':
    case 'stopSandbox':
    case 'removeSandbox':
      return `${action.verb}/${action.id}`
    default:
      return action.verb
  }
}

/** What may be broken off when it is no longer wanted (of a start the post-start hook). A kill is never. */
export function isAbortable(verb: Verb): boolean {
  return verb === 'pullImage' || verb === 'mountVolumes' || verb === 'startContainer'
}

export interface PodDesired {
  pod: Pod
  /** The API object is gone: nothing may stay behind. */
  removed: boolean
  /** The node refused the pod, or ended it itself (deadline, eviction): its status becomes Failed with these. */
  failure?: PodFailure
}

export interface PodFailure {
  reason: string
  message: string
  /** No container of it was ever thought of. */
  rejected: boolean
  /** Where the node disturbed a pod that did nothing wrong: the message of its DisruptionTarget condition. */
  disruption?: string
  /** Instead of the pod's own grace. */
  graceSeconds?: number
}

/** Why something waits, in the words of a container's waiting state. */
export interface Waiting {
  reason: string
  message: string
}

export type ImageSeen = { image: Image } | { failure: Waiting }
/** `unknown` after a restart of the kubelet: something may be in place. */
export type VolumesSeen = 'absent' | 'unknown' | 'mounted'

export interface ProbeSeen {
  /** The start-up probe has passed, or there is none. */
  started: boolean
  ready: boolean
  /** Which probe failed for good, so that the container must be killed. */
  failed?: 'liveness' | 'startup'
  /** Grace that the failed probe itself asks for. */
  graceSeconds?: number
}

export interface PodSeen {
  /** Newest first. */
  sandboxes: readonly Sandbox[]
  /** The sandbox that is being made, once containers can be created for it. */
  planned?: { sandbox: Sandbox } | undefined
  /** Newest first. */
  containers: readonly RuntimeContainer[]
  /** By container name; an entry holds until the container has been started. */
  images: ReadonlyMap<string, ImageSeen>
  /** Failed starts by container name. */
  startFailures: ReadonlyMap<string, Waiting>
  volumes: VolumesSeen
  /** What the volumes show has changed since they were written. */
  volumesStale: boolean
  /** Actions that failed, by key, are not tried again before. */
  notBefore: ReadonlyMap<string, Date>
  /** By container id. */
  probes: ReadonlyMap<string, ProbeSeen>
  /** By container id, where one was left. */
  terminationMessages: ReadonlyMap<string, string>
  /** Actions under way, by key; of kills the moment at which their grace ends. */
  inFlight: ReadonlyMap<string, { action: PodAction; until?: Date }>
  /** The pod's cgroup and its directory are still there. */
  hasCgroup: boolean
  hasDirectories: boolean
  /** The API has been told to end the object. */
  objectDeleted: boolean
  /** What running containers were set to since their start, by container id. */
  actuated: ReadonlyMap<string, Amounts>
  /** How far a resize of the pod has come. */
  resize: ResizeConditions
  /** Containers that were killed to be started again whatever their restart policy says, by id. */
  restarting: ReadonlySet<string>
  /** Containers that were killed since a probe failed, by id, with the end of the run before it, if there was one. */
  probeKills: ReadonlyMap<string, { before: Date | undefined }>
  /** Pods that are ending to make room for this one, which does not start before they have. */
  waitsFor?: ReadonlySet<string>
  /** How many ended containers are kept; upstream's default where it is not said. */
  deadContainers?: DeadContainerLimits
  /** The longest wait between restarts; upstream's default where it is not said. */
  longestBackoffSeconds?: number
  /** Highest restart count that the pod's status knows, by container name, for containers that the runtime has lost. */
  knownRestarts: ReadonlyMap<string, number>
}

export interface PodPlan {
  actions: readonly PodAction[]
  recheckAfterMs?: number
}
