/** NodeName: a pod that names its node fits nowhere else. */
import type { Plugin } from '#scheduler/plugin.ts'

export const nodeName: Plugin = {
  name: 'NodeName',
  concerns: (shape) => shape.nodeName !== '',
  filter(shape, snapshot, { nodes, verdicts }) {
    for (const i of nodes) verdicts[i] = snapshot.rows[i]?.node.metadata.name === shape.nodeName ? 0 : 1
  },
  explain: () => ["node(s) didn't match the requested node name"],
  wakesOn: ['nodeAdded'],
}
