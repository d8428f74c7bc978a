/** Which pods a replica set deletes first: those that serve least (upstream's ActivePodsWithRanks). */
import type { Pod } from '#api/core/pod.ts'
import { isPodActive, isPodReady, podReadySinceMs } from '#api/core/rules/pod-state.ts'

const phaseOrder: Readonly<Record<string, number>> = { Pending: 0, Unknown: 1, Running: 2 }
const costAnnotation = 'controller.kubernetes.io/pod-deletion-cost'

interface Ranked {
  pod: Pod
  /** Active pods of the same deployment on the same node. */
  neighbours: number
}
type Criterion = (a: Ranked, b: Ranked, now: Date) => number

/** Criteria in order; a negative number means that `a` goes first. */
const criteria: readonly Criterion[] = [
  // Without a node before with one.
  (a, b) => Number(Boolean(a.pod.spec.nodeName)) - Number(Boolean(b.pod.spec.nodeName)),
  (a, b) => phaseOf(a.pod) - phaseOf(b.pod),
  (a, b) => Number(isPodReady(a.pod)) - Number(isPodReady(b.pod)),
  (a, b) => costOf(a.pod) - costOf(b.pod),
  (a, b) => b.neighbours - a.neighbours,
  (a, b, now) => (isPodReady(a.pod) && isPodReady(b.pod) ? youngerFirst(podReadySinceMs(a.pod), podReadySinceMs(b.pod), [a, b, now]) : 0),
  (a, b) => restartsOf(b.pod) - restartsOf(a.pod),
  (a, b) => sidecarRestartsOf(b.pod) - sidecarRestartsOf(a.pod),
  (a, b, now) => youngerFirst(createdMs(a.pod), createdMs(b.pod), [a, b, now]),
]

/** `pods` with those to be deleted first in front. `related` decides which nodes are crowded. */
export function rankForDeletion(pods: readonly Pod[], related: readonly Pod[], now: Date): Pod[] {
  const onNode = new Map<string, number>()
  for (const pod of related) {
    const node = pod.spec.nodeName ?? ''
    if (isPodActive(pod)) onNode.set(node, (onNode.get(node) ?? 0) + 1)
  }
  return pods
    .map((pod) => ({ pod, neighbours: onNode.get(pod.spec.nodeName ?? '') ?? 0 }))
    .sort((a, b) => {
      for (const criterion of criteria) {
        const order = criterion(a, b, now)
        if (order !== 0) return order
      }
      return 0
    })
    .map(({ pod }) => pod)
}

const phaseOf = (pod: Pod): number => phaseOrder[pod.status.phase ?? ''] ?? 0

/** A cost that is no 32-bit number counts as 0. */
function costOf(pod: Pod): number {
  const text = pod.metadata.annotations?.[costAnnotation]
  if (text === undefined || !/^(0|-?[1-9]\d*)$/.test(text)) return 0
  const cost = Number(text)
  return cost === Math.trunc(cost) && Math.abs(cost) < 2 ** 31 ? cost : 0
}

const createdMs = (pod: Pod): number | undefined => {
  const text = pod.metadata.creationTimestamp
  return text === undefined ? undefined : Date.parse(text)
}

/** Ages count by their power of two, so that it is not always the newest pods that go; within one power the uid decides. */
function youngerFirst(a: number | undefined, b: number | undefined, [left, right, now]: [Ranked, Ranked, Date]): number {
  if (a === b) return 0
  if (a === undefined) return -1
  if (b === undefined) return 1
  const order = ageRank(a, now) - ageRank(b, now)
  if (order !== 0) return order
  return (left.pod.metadata.uid ?? '') < (right.pod.metadata.uid ?? '') ? -1 : 1
}

/** In nanoseconds, as upstream's durations are. */
function ageRank(atMs: number, now: Date): number {
  const age = (now.getTime() - atMs) * 1e6
  return age > 0 ? Math.trunc(Math.log2(age)) : -1
}

const restartsOf = (pod: Pod): number => Math.max(0, ...(pod.status.containerStatuses ?? []).map((c) => c.restartCount ?? 0))

function sidecarRestartsOf(pod: Pod): number {
  const sidecars = new Set((pod.spec.initContainers ?? []).filter((c) => c.restartPolicy === 'Always').map((c) => c.name))
  const statuses = (pod.status.initContainerStatuses ?? []).filter((c) => sidecars.has(c.name))
  return Math.max(0, ...statuses.map((c) => c.restartCount ?? 0))
}
