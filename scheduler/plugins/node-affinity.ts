/** NodeAffinity: nodeSelector and required node affinity must hold; preferred terms add their weights. */
import { matchesNodeSelection, matchesTerm } from '#api/core/rules/node-selector.ts'
import { normalizeToHundred, type Plugin } from '#scheduler/plugin.ts'
import type { NodeRow } from '#scheduler/snapshot.ts'

const identity = (row: NodeRow) => ({ name: row.node.metadata.name ?? '', labels: row.node.metadata.labels ?? {} })

export const nodeAffinity: Plugin = {
  name: 'NodeAffinity',
  weight: 2,
  concerns: (shape) => shape.nodeSelector !== undefined || shape.affinity?.nodeAffinity !== undefined,
  filter(shape, snapshot, { nodes, verdicts }) {
    for (const i of nodes) {
      const row = snapshot.rows[i]
      verdicts[i] = row && matchesNodeSelection(shape, identity(row)) ? 0 : 1
    }
  },
  explain: () => ["node(s) didn't match Pod's node affinity/selector"],
  score(shape, snapshot, { nodes, scores }) {
    const terms = shape.affinity?.nodeAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? []
    for (const i of nodes) {
      const row = snapshot.rows[i]
      scores[i] = row ? terms.reduce((sum, term) => sum + (matchesTerm(term.preference, identity(row)) ? term.weight : 0), 0) : 0
    }
  },
  normalize: (scores) => normalizeToHundred(scores, false),
  wakesOn: ['nodeAdded', 'nodeChanged'],
}
