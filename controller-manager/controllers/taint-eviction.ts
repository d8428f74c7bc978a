/** Pods that do not tolerate a NoExecute taint of their node are deleted, at once or when their toleration ends (upstream: pkg/controller/tainteviction). */
import { type Node, Nodes, type Taint } from '#api/core/node.ts'
import { type Pod, Pods } from '#api/core/pod.ts'
import { podCondition } from '#api/core/rules/pod-state.ts'
import { tolerationSeconds } from '#api/core/rules/taints.ts'
import { sameValue } from '#api/meta/same-value.ts'
import { keyOf, refOf } from '#client/resource-path.ts'
import type { Controller } from '#client/runner/controller.ts'
import { type Action, type ActionEvent, nothing, type Plan } from '#client/runner/plan.ts'
import { type World, watch } from '#client/runner/world.ts'
import { timeText } from './conditions.ts'
import { podNodeIndex } from './node-lifecycle/node-lifecycle.ts'

interface Seen {
  /** Since when the pod's node has been seen with NoExecute taints, in milliseconds since 1970; undefined without such. */
  taintedSinceMs: number | undefined
  /** It was about to be evicted, and its node has no such taint any more. */
  relieved: boolean
}

export function taintEvictionController(now: () => Date): Controller<Seen> {
  const taintedSince = new Map<string, number>()
  return {
    name: 'taint-eviction-controller',
    watches,
    observe: (key, world) => {
      const tainted = taintsFor(world.of(Pods).get(key), world).length > 0
      const relieved = !tainted && taintedSince.delete(key) && world.of(Pods).get(key) !== undefined
      if (tainted && !taintedSince.has(key)) taintedSince.set(key, now().getTime())
      return Promise.resolve({ taintedSinceMs: taintedSince.get(key), relieved })
    },
    reconcile: (key, world, seen, at) => reconcileTaintedPod(key, world, seen, at),
  }
}

const watches = [
  watch(Nodes, { keys: podsOnNode, concerns: (now, was) => !sameValue(noExecute(now), noExecute(was)) }),
  watch(Pods, {
    indexes: podNodeIndex,
    keys: (pod) => [keyOf(pod)],
    concerns: (now, was) => now.spec.nodeName !== was.spec.nodeName || !sameValue(now.spec.tolerations, was.spec.tolerations),
  }),
]

const noExecute = (node: Node): Taint[] => (node.spec.taints ?? []).filter((taint) => taint.effect === 'NoExecute')

function podsOnNode(node: Node, world: World): string[] {
  return noExecute(node).length === 0
    ? []
    : world
        .of(Pods)
        .byIndex('node', node.metadata.name ?? '')
        .map(keyOf)
}

function taintsFor(pod: Pod | undefined, world: World): Taint[] {
  const node = pod?.spec.nodeName ? world.of(Nodes).get(pod.spec.nodeName) : undefined
  return node ? noExecute(node) : []
}

export function reconcileTaintedPod(key: string, world: World, seen: Seen, now: Date): Plan {
  const pod = world.of(Pods).get(key)
  if (!pod || pod.metadata.deletionTimestamp !== undefined) return nothing
  if (seen.relieved && tolerationSeconds([anyTaint], pod.spec.tolerations) !== Number.POSITIVE_INFINITY) {
    return { actions: [], events: [evictionEvent(pod, 'Cancelling deletion of Pod')] }
  }
  const taints = taintsFor(pod, world)
  const seconds = tolerationSeconds(taints, pod.spec.tolerations)
  if (taints.length === 0 || seconds === Number.POSITIVE_INFINITY) return nothing
  // kubectl taint does not say when: then it counts from when it was first seen.
  const since = Math.max(...taints.map(({ timeAdded }) => (timeAdded ? Date.parse(timeAdded) : (seen.taintedSinceMs ?? now.getTime()))))
  const leftMs = since + seconds * 1000 - now.getTime()
  if (seconds > 0 && leftMs > 0) return { actions: [], recheckAfterMs: leftMs }
  return { actions: evict(pod, now) }
}

/** Pods that tolerate everything for ever were never about to be evicted. */
const anyTaint: Taint = { key: '', effect: 'NoExecute' }

function evictionEvent(pod: Pod, what: string): ActionEvent {
  return { about: pod, type: 'Normal', reason: 'TaintManagerEviction', message: `${what} ${keyOf(pod)}` }
}

function evict(pod: Pod, now: Date): Action[] {
  const { uid } = pod.metadata
  const condition = {
    type: 'DisruptionTarget',
    status: 'True',
    reason: 'DeletionByTaintManager',
    message: 'Taint manager: deleting due to NoExecute taint',
    lastTransitionTime: timeText(now),
  }
  const body = { metadata: uid ? { uid } : {}, status: { conditions: [condition] } }
  const told = podCondition(pod, 'DisruptionTarget')?.reason === condition.reason
  const tell: Action = {
    verb: 'patch',
    type: Pods,
    ref: refOf(pod),
    subresource: 'status',
    patch: { type: 'strategic', body },
    reason: 'taint is not tolerated',
  }
  const remove: Action = {
    verb: 'delete',
    type: Pods,
    ref: refOf(pod),
    ...(uid ? { preconditions: { uid } } : {}),
    reason: 'taint is not tolerated',
    event: evictionEvent(pod, 'Marking for deletion Pod'),
  }
  return told ? [remove] : [tell, remove]
}
