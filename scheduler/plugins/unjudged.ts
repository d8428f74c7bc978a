/** Refuses pods with hard constraints that no plug-in judges yet: placing them as if they had none would break a promise in silence. */
import type { Plugin } from '#scheduler/plugin.ts'

export const unjudged: Plugin = {
  name: 'Unjudged',
  concerns: (shape) => shape.unjudged.length > 0,
  filter(_shape, _snapshot, { nodes, verdicts }) {
    for (const i of nodes) verdicts[i] = 1
  },
  explain: (_code, shape) => [`node(s) cannot be judged: this scheduler does not support ${shape.unjudged.join(' and ')} yet`],
  wakesOn: [],
}
