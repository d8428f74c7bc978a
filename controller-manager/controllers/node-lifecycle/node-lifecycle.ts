/** The health of nodes: silent ones become Unknown, unhealthy ones are tainted, their pods stop being ready (upstream: pkg/controller/nodelifecycle). */
import { Leases } from '#api/coordination/lease.ts'
import { type Node, type NodeCondition, Nodes, type Taint } from '#api/core/node.ts'
import { type Pod, Pods } from '#api/core/pod.ts'
import { isPodReady } from '#api/core/rules/pod-state.ts'
import type { KubeObject } from '#api/resource.ts'
import { keyOf, refOf } from '#client/resource-path.ts'
import type { Controller } from '#client/runner/controller.ts'
import { type Action, type ActionEvent, nothing, type Plan } from '#client/runner/plan.ts'
import { type World, watch } from '#client/runner/world.ts'
import { timeText } from '#controller-manager/controllers/conditions.ts'
import { type NodeMonitor, type NodeSeen, notReadyTaint, readyStatus, unreachableTaint, wantsEviction } from './monitor.ts'

/** Pods by the node they are bound to. */
export const podNodeIndex = { node: (pod: Pod): string[] => (pod.spec.nodeName ? [pod.spec.nodeName] : []) }
/** How soon to ask again for a turn to evict. */
const evictionRetryMs = 1000

export function nodeLifecycleController(monitor: NodeMonitor, monitorPeriodMs: number): Controller<NodeSeen> {
  return {
    name: 'node-lifecycle-controller',
    eventSource: 'node-controller',
    watches: [
      watch(Nodes, { keys: (node) => [keyOf(node)] }),
      // Renewals are looked at in turns, not one by one.
      watch(Leases, {}),
      watch(Pods, { indexes: podNodeIndex, keys: nodeOfPod, concerns: (now, was) => now.spec.nodeName !== was.spec.nodeName }),
    ],
    observe: (key, world, signal) => monitor.observe(key, world, signal),
    reconcile: (key, world, seen, now) => reconcileNode(key, world, seen, now),
    resync: { everyMs: monitorPeriodMs, keys: (world) => world.of(Nodes).list().map(keyOf) },
  }
}

/** A pod that comes to a node which is not ready. */
function nodeOfPod(pod: Pod, world: World): string[] {
  const node = pod.spec.nodeName ? world.of(Nodes).get(pod.spec.nodeName) : undefined
  return node && readyStatus(node) !== 'True' ? [keyOf(node)] : []
}

export function reconcileNode(key: string, world: World, seen: NodeSeen, now: Date): Plan {
  const node = world.of(Nodes).get(key)
  if (!node) return seen.removedUid === undefined ? nothing : { actions: [], events: [removedEvent(key, seen.removedUid)] }
  const events: ActionEvent[] = seen.added
    ? [nodeEvent(node, 'RegisteredNode', `Node ${key} event: Registered Node ${key} in Controller`)]
    : []
  const silenced = seen.silent ? withUnknown(node, now) : undefined
  if (silenced) {
    // Taints and pods follow when the cache shows the condition.
    const event = readyStatus(node) === 'True' ? { event: turnedEvent(node) } : {}
    return { actions: [{ verb: 'updateStatus', type: Nodes, object: silenced, reason: 'node is silent', ...event }], events }
  }
  if (seen.justTurned && readyStatus(node) === 'False') events.push(...turnedOnce(node, world))
  const actions: Action[] = [...labelActions(node), ...taintActions(node, seen, now), ...podActions(node, world, seen, now)]
  return { actions, events, ...(wantsEviction(node) && !seen.mayEvict ? { recheckAfterMs: evictionRetryMs } : {}) }
}

function nodeEvent(node: KubeObject, reason: string, message: string): ActionEvent {
  const { name = '', uid = '' } = node.metadata
  return { about: { apiVersion: 'v1', kind: 'Node', metadata: { name, uid } }, type: 'Normal', reason, message }
}

function removedEvent(name: string, uid: string): ActionEvent {
  const node = { apiVersion: 'v1', kind: 'Node', metadata: { name, uid } }
  return nodeEvent(node, 'RemovingNode', `Node ${name} event: Removing Node ${name} from Controller`)
}

const turnedEvent = (node: Node): ActionEvent => nodeEvent(node, 'NodeNotReady', `Node ${node.metadata.name} status is now: NodeNotReady`)

/** The kubelet itself said so: told once, together with its pods. */
function turnedOnce(node: Node, world: World): ActionEvent[] {
  return podsToMark(node, world).length > 0 || !hasTaint(node, notReadyTaint, 'NoSchedule') ? [turnedEvent(node)] : []
}

const watchedConditions = ['Ready', 'MemoryPressure', 'DiskPressure', 'PIDPressure'] as const

/** The node with conditions Unknown; undefined where they are already. */
function withUnknown(node: Node, now: Date): Node | undefined {
  const at = timeText(now)
  const conditions: NodeCondition[] = [...(node.status.conditions ?? [])]
  let changed = false
  for (const type of watchedConditions) {
    const index = conditions.findIndex((c) => c.type === type)
    const current = conditions[index]
    if (current?.status === 'Unknown') continue
    changed = true
    if (current) {
      const message = 'Kubelet stopped posting node status.'
      conditions[index] = { ...current, status: 'Unknown', reason: 'NodeStatusUnknown', message, lastTransitionTime: at }
    } else {
      const message = 'Kubelet never posted node status.'
      const heartbeat = node.metadata.creationTimestamp ? { lastHeartbeatTime: node.metadata.creationTimestamp } : {}
      conditions.push({ type, status: 'Unknown', reason: 'NodeStatusNeverUpdated', message, ...heartbeat, lastTransitionTime: at })
    }
  }
  return changed ? { ...node, status: { ...node.status, conditions } } : undefined
}

const conditionTaints: readonly [condition: string, status: string, taint: string][] = [
  ['Ready', 'False', notReadyTaint],
  ['Ready', 'Unknown', unreachableTaint],
  ['MemoryPressure', 'True', 'node.kubernetes.io/memory-pressure'],
  ['DiskPressure', 'True', 'node.kubernetes.io/disk-pressure'],
  ['NetworkUnavailable', 'True', 'node.kubernetes.io/network-unavailable'],
  ['PIDPressure', 'True', 'node.kubernetes.io/pid-pressure'],
]
const unschedulableTaint = 'node.kubernetes.io/unschedulable'
const managedNoSchedule = new Set([...conditionTaints.map(([, , taint]) => taint), unschedulableTaint])

const hasTaint = (node: Node, key: string, effect: string): boolean =>
  node.spec.taints?.some((t) => t.key === key && t.effect === effect) ?? false

function taintActions(node: Node, seen: NodeSeen, now: Date): Action[] {
  const wanted = [...wantedNoSchedule(node), ...wantedNoExecute(node, seen)]
  const current = node.spec.taints ?? []
  const isManaged = ({ key, effect }: Taint): boolean =>
    effect === 'NoSchedule' ? managedNoSchedule.has(key) : effect === 'NoExecute' && (key === notReadyTaint || key === unreachableTaint)
  const same = (a: Pick<Taint, 'key' | 'effect'>, b: Pick<Taint, 'key' | 'effect'>): boolean => a.key === b.key && a.effect === b.effect
  const kept = current.filter((taint) => !isManaged(taint) || wanted.some((w) => same(w, taint)))
  const added = wanted.filter((w) => !current.some((taint) => same(w, taint)))
  if (added.length === 0 && kept.length === current.length) return []
  const taints = [...kept, ...added.map((taint) => ({ ...taint, timeAdded: timeText(now) }))]
  // The version makes the patch fail where somebody else tainted the node meanwhile.
  const { resourceVersion } = node.metadata
  const body = { metadata: { ...(resourceVersion ? { resourceVersion } : {}) }, spec: { taints: taints.length > 0 ? taints : null } }
  return [{ verb: 'patch', type: Nodes, ref: refOf(node), patch: { type: 'merge', body }, reason: 'taints follow conditions' }]
}

function wantedNoSchedule(node: Node): Taint[] {
  const keys = conditionTaints
    .filter(([type, status]) => node.status.conditions?.some((c) => c.type === type && c.status === status))
    .map(([, , key]) => key)
  return [...keys, ...(node.spec.unschedulable ? [unschedulableTaint] : [])].map((key) => ({ key, effect: 'NoSchedule' }))
}

/** A taint that is there stays while the node is unhealthy; a new one waits for its turn. */
function wantedNoExecute(node: Node, seen: NodeSeen): Taint[] {
  const ready = readyStatus(node)
  if (seen.allDisrupted || (ready !== 'False' && ready !== 'Unknown')) return []
  if (wantsEviction(node) && !seen.mayEvict) return []
  return [{ key: ready === 'False' ? notReadyTaint : unreachableTaint, effect: 'NoExecute' }]
}

function podsToMark(node: Node, world: World): Pod[] {
  return world
    .of(Pods)
    .byIndex('node', node.metadata.name ?? '')
    .filter(isPodReady)
}

/**
 * Pods of a node that cannot serve are not ready. While the node is silent that holds at any time; where its kubelet lives and says that
 * the node is not ready, only at that moment, as the kubelet knows its pods better afterwards.
 */
function podActions(node: Node, world: World, seen: NodeSeen, now: Date): Action[] {
  const ready = readyStatus(node)
  if (ready !== 'Unknown' && !(ready === 'False' && seen.justTurned)) return []
  const lastTransitionTime = timeText(now)
  const body = { status: { conditions: [{ type: 'Ready', status: 'False', lastTransitionTime }] } }
  return podsToMark(node, world).map((pod) => ({
    verb: 'patch',
    type: Pods,
    ref: refOf(pod),
    subresource: 'status',
    patch: { type: 'strategic', body: { metadata: pod.metadata.uid ? { uid: pod.metadata.uid } : {}, ...body } },
    reason: 'node is not ready',
    event: { about: pod, type: 'Warning', reason: 'NodeNotReady', message: 'Node is not ready' },
  }))
}

const labelPairs: readonly [stable: string, beta: string][] = [
  ['kubernetes.io/os', 'beta.kubernetes.io/os'],
  ['kubernetes.io/arch', 'beta.kubernetes.io/arch'],
]

/** The beta labels repeat the stable ones. */
function labelActions(node: Node): Action[] {
  const labels: Record<string, string> = {}
  for (const [stable, beta] of labelPairs) {
    const value = node.metadata.labels?.[stable]
    if (value !== undefined && node.metadata.labels?.[beta] !== value) labels[beta] = value
  }
  if (Object.keys(labels).length === 0) return []
  return [{ verb: 'patch', type: Nodes, ref: refOf(node), patch: { type: 'merge', body: { metadata: { labels } } }, reason: 'beta labels' }]
}
