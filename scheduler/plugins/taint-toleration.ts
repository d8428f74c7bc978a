/** TaintToleration: NoSchedule and NoExecute taints must be tolerated; each PreferNoSchedule taint that is not costs score. */
import { tolerates, untoleratedTaint } from '#api/core/rules/taints.ts'
import { normalizeToHundred, type Plugin } from '#scheduler/plugin.ts'

export const taintToleration: Plugin = {
  name: 'TaintToleration',
  weight: 3,
  filter(shape, snapshot, { nodes, verdicts }) {
    for (const i of nodes) {
      const taints = snapshot.rows[i]?.node.spec.taints
      verdicts[i] = untoleratedTaint(taints, shape.tolerations, ['NoSchedule', 'NoExecute']) ? 1 : 0
    }
  },
  explain: () => ['node(s) had untolerated taint(s)'],
  score(shape, snapshot, { nodes, scores }) {
    const relevant = shape.tolerations.filter((t) => !t.effect || t.effect === 'PreferNoSchedule')
    for (const i of nodes) {
      const taints = (snapshot.rows[i]?.node.spec.taints ?? []).filter((taint) => taint.effect === 'PreferNoSchedule')
      scores[i] = taints.filter((taint) => !relevant.some((toleration) => tolerates(toleration, taint))).length
    }
  },
  normalize: (scores) => normalizeToHundred(scores, true),
  wakesOn: ['nodeAdded', 'nodeChanged'],
}
