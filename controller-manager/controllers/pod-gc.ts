/** Pods that nobody else removes: too many terminated ones, those of nodes that are gone, those deleted before they got a node (upstream: pkg/controller/podgc). */
import { Nodes } from '#api/core/node.ts'
import { type Pod, Pods } from '#api/core/pod.ts'
import { isPodTerminal } from '#api/core/rules/pod-state.ts'
import { ApiError } from '#api/meta/status.ts'
import { refOf } from '#client/resource-path.ts'
import type { Client } from '#client/rest.ts'
import type { Controller } from '#client/runner/controller.ts'
import type { Action, Plan } from '#client/runner/plan.ts'
import { type World, watch } from '#client/runner/world.ts'
import { timeText } from './conditions.ts'

export interface PodGcOptions {
  /** 0 keeps all terminated pods. */
  terminatedThreshold: number
  periodMs: number
  /** How long a node must be missing before its pods are given up. */
  quarantineMs?: number
  monotonicMs: () => number
}
interface Seen {
  /** Nodes that pods name and that a live read did not find after the quarantine. */
  goneNodes: ReadonlySet<string>
}

const key = 'pods'
const outOfServiceTaint = 'node.kubernetes.io/out-of-service'

export function podGcController(client: Pick<Client, 'get'>, options: PodGcOptions): Controller<Seen> {
  const missingSince = new Map<string, number>()
  const { quarantineMs = 40_000, monotonicMs } = options
  return {
    name: 'pod-garbage-collector-controller',
    watches: [watch(Pods, {}), watch(Nodes, {})],
    observe: async (_, world, signal) => {
      const missing = missingNodes(world)
      for (const name of missingSince.keys()) if (!missing.has(name)) missingSince.delete(name)
      const goneNodes = new Set<string>()
      for (const name of missing) {
        const since = missingSince.get(name) ?? monotonicMs()
        missingSince.set(name, since)
        if (monotonicMs() - since >= quarantineMs && !(await exists(client, name, signal))) goneNodes.add(name)
      }
      return { goneNodes }
    },
    reconcile: (_, world, seen, now) => reconcilePods(world, seen, options.terminatedThreshold, now),
    resync: { everyMs: options.periodMs, keys: () => [key] },
  }
}

function missingNodes(world: World): Set<string> {
  const names = world
    .of(Pods)
    .list()
    .flatMap((pod) => pod.spec.nodeName || [])
  return new Set(names.filter((name) => !world.of(Nodes).get(name)))
}

async function exists(client: Pick<Client, 'get'>, name: string, signal: AbortSignal): Promise<boolean> {
  try {
    await client.get(Nodes, { name }, { signal })
    return true
  } catch (error) {
    if (error instanceof ApiError && error.code === 404) return false
    throw error
  }
}

export function reconcilePods(world: World, { goneNodes }: Seen, terminatedThreshold: number, now: Date): Plan {
  const pods = world.of(Pods).list()
  const orphaned = pods.filter((pod) => goneNodes.has(pod.spec.nodeName ?? ''))
  const unscheduled = pods.filter((pod) => pod.metadata.deletionTimestamp !== undefined && !pod.spec.nodeName)
  const outOfService = pods.filter((pod) => pod.metadata.deletionTimestamp !== undefined && isOutOfService(pod, world))
  const terminated = terminatedThreshold > 0 ? pods.filter(isPodTerminal).sort(evictedAndOldestFirst) : []
  const excess = terminated.slice(0, Math.max(0, terminated.length - terminatedThreshold))
  const doomed: [Pod[], string][] = [
    [excess, 'more terminated pods than --terminated-pod-gc-threshold'],
    [outOfService, 'node is out of service'],
    [orphaned, 'node is gone'],
    [unscheduled, 'deleted before it was scheduled'],
  ]
  return { actions: doomed.flatMap(([list, reason]) => list.flatMap((pod) => removal(pod, reason, now))) }
}

function isOutOfService(pod: Pod, world: World): boolean {
  const node = pod.spec.nodeName ? world.of(Nodes).get(pod.spec.nodeName) : undefined
  const ready = node?.status.conditions?.some((c) => c.type === 'Ready' && c.status === 'True')
  return node !== undefined && !ready && (node.spec.taints?.some((taint) => taint.key === outOfServiceTaint) ?? false)
}

function evictedAndOldestFirst(a: Pod, b: Pod): number {
  const evicted = (pod: Pod): number => (pod.status.phase === 'Failed' && pod.status.reason === 'Evicted' ? 0 : 1)
  const created = (pod: Pod): string => pod.metadata.creationTimestamp ?? ''
  if (evicted(a) !== evicted(b)) return evicted(a) - evicted(b)
  if (created(a) !== created(b)) return created(a) < created(b) ? -1 : 1
  return (a.metadata.name ?? '') < (b.metadata.name ?? '') ? -1 : 1
}

/** A pod that has not ended is marked Failed first, so that its owner does not count it as lost without a trace. */
function removal(pod: Pod, reason: string, now: Date): Action[] {
  const { uid } = pod.metadata
  const condition = {
    type: 'DisruptionTarget',
    status: 'True',
    reason: 'DeletionByPodGC',
    message: 'PodGC: node no longer exists',
    lastTransitionTime: timeText(now),
  }
  const status = { phase: 'Failed', ...(reason === 'node is gone' ? { conditions: [condition] } : {}) }
  const patch = { type: 'strategic' as const, body: { metadata: uid ? { uid } : {}, status } }
  const mark: Action = { verb: 'patch', type: Pods, ref: refOf(pod), subresource: 'status', patch, reason }
  const remove: Action = {
    verb: 'delete',
    type: Pods,
    ref: refOf(pod),
    gracePeriodSeconds: 0,
    ...(uid ? { preconditions: { uid } } : {}),
    reason,
  }
  return isPodTerminal(pod) ? [remove] : [mark, remove]
}
