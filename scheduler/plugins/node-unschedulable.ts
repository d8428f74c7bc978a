/** NodeUnschedulable: a cordoned node takes only pods that tolerate its cordon. */
import { tolerates } from '#api/core/rules/taints.ts'
import type { Plugin } from '#scheduler/plugin.ts'

const cordon = { key: 'node.kubernetes.io/unschedulable', value: '', effect: 'NoSchedule' }

export const nodeUnschedulable: Plugin = {
  name: 'NodeUnschedulable',
  filter(shape, snapshot, { nodes, verdicts }) {
    const tolerated = shape.tolerations.some((toleration) => tolerates(toleration, cordon))
    for (const i of nodes) verdicts[i] = snapshot.rows[i]?.node.spec.unschedulable && !tolerated ? 1 : 0
  },
  explain: () => ['node(s) were unschedulable'],
  wakesOn: ['nodeAdded', 'nodeChanged'],
}
