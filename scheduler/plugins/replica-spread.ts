/**
 * PodTopologySpread's default by host name: prefers nodes with fewer pods of the same controller, so that a workload's replicas do not
 * end together. Upstream counts pods of the same services and owners for this; the owner alone is what nearly all replicas share.
 */
import { normalizeToHundred, type Plugin } from '#scheduler/plugin.ts'
import { controllerUid } from '#scheduler/shape.ts'

export const replicaSpread: Plugin = {
  name: 'PodTopologySpread',
  weight: 2,
  concerns: (shape) => shape.controllerUid !== '',
  score(shape, snapshot, { nodes, scores }) {
    for (const i of nodes) {
      let siblings = 0
      for (const { pod } of snapshot.rows[i]?.placed.values() ?? []) if (controllerUid(pod) === shape.controllerUid) siblings++
      scores[i] = siblings
    }
  },
  normalize: (scores) => normalizeToHundred(scores, true),
  wakesOn: [],
}
