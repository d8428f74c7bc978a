/** How long kubelets may keep secrets and config maps before they ask again: longer in larger clusters (upstream: pkg/controller/ttl). */
import { Nodes } from '#api/core/node.ts'
import { refOf } from '#client/resource-path.ts'
import type { Controller } from '#client/runner/controller.ts'
import type { Plan } from '#client/runner/plan.ts'
import { type World, watch } from '#client/runner/world.ts'

const annotation = 'node.alpha.kubernetes.io/ttl'
/** Steps overlap, so that a cluster at the edge of one does not rewrite its nodes again and again. */
const steps: readonly [min: number, max: number, seconds: number][] = [
  [0, 100, 0],
  [90, 500, 15],
  [450, 1000, 30],
  [900, 2000, 60],
  [1800, Number.POSITIVE_INFINITY, 300],
]

export const nodeTtlController: Controller = {
  name: 'ttl-controller',
  watches: [
    watch(Nodes, {
      keys: () => ['nodes'],
      concerns: (now, was) => now.metadata.annotations?.[annotation] !== was.metadata.annotations?.[annotation],
    }),
  ],
  reconcile: (_, world) => reconcileNodeTtl(world),
}

export function reconcileNodeTtl(world: World): Plan {
  const nodes = world.of(Nodes).list()
  const actions = nodes.flatMap((node) => {
    const current = node.metadata.annotations?.[annotation]
    const fitting = steps.filter(([min, max]) => nodes.length >= min && nodes.length <= max).map(([, , seconds]) => String(seconds))
    const [wanted] = fitting
    if (wanted === undefined || (current !== undefined && fitting.includes(current))) return []
    const body = { metadata: { annotations: { [annotation]: wanted } } }
    return [
      { verb: 'patch' as const, type: Nodes, ref: refOf(node), patch: { type: 'merge' as const, body }, reason: 'size of the cluster' },
    ]
  })
  return { actions: [{ parallel: actions }] }
}
