/** Which statuses may wait a moment for better ones. Pure. */
import type { PodStatus } from '#api/core/pod-status.ts'
import { statusPatch } from './status-patch.ts'

/** What the API shows of the pod. */
export interface Shown {
  status: PodStatus
  deleted: boolean
}

const onTheWay: ReadonlySet<string> = new Set(['ContainerCreating', 'PodInitializing'])

/** Longer than a start takes; shorter than whoever looks on would mind. */
const startMs = 1000
/** For what nobody looks at by itself: it is read together with what comes after it. */
const betweenMs = 2000
/** So many pods that start or end at once take longer for it: a burst of a hundred saves a fifth of its status writes. */
const crowd = 8
const crowdFactor = 3

/**
 * Milliseconds that a status may wait for a better one to overtake it, while those of so many other pods wait. Zero where somebody may act on what is
 * new.
 */
export function patienceMs(wanted: PodStatus, shown: Shown, others: number): number {
  const factor = others >= crowd ? crowdFactor : 1
  if (isStarting(wanted)) return (isStarting(shown.status) ? betweenMs : startMs) * factor
  return shown.deleted && tellsOnlyOfGeneration(wanted, shown.status) ? betweenMs * factor : 0
}

/** All containers only wait to be created. */
function isStarting({ phase, initContainerStatuses = [], containerStatuses = [] }: PodStatus): boolean {
  const containers = [...initContainerStatuses, ...containerStatuses]
  if (phase !== 'Pending' || containers.length === 0) return false
  return containers.every(({ state, restartCount }) => restartCount === 0 && onTheWay.has(state?.waiting?.reason ?? ''))
}

/** The deletion itself is a new generation; how the containers ended is the news that comes after it. */
function tellsOnlyOfGeneration(wanted: PodStatus, shown: PodStatus): boolean {
  return statusPatch(withoutGenerations(shown), withoutGenerations(wanted)) === undefined
}

function withoutGenerations({ observedGeneration: _, conditions, ...status }: PodStatus): PodStatus {
  if (!conditions) return status
  return { ...status, conditions: conditions.map(({ observedGeneration: __, ...condition }) => condition) }
}
