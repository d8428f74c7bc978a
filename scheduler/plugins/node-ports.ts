/** NodePorts: no two pods of a node share a host port; the same port on two different addresses is no conflict. */
import type { Plugin } from '#scheduler/plugin.ts'
import type { HostPort } from '#scheduler/shape.ts'

const everywhere = '0.0.0.0'

function collide(a: HostPort, b: HostPort): boolean {
  return a.port === b.port && a.protocol === b.protocol && (a.ip === b.ip || a.ip === everywhere || b.ip === everywhere)
}

export const nodePorts: Plugin = {
  name: 'NodePorts',
  concerns: (shape) => shape.hostPorts.length > 0,
  filter(shape, snapshot, { nodes, verdicts }) {
    for (const i of nodes) {
      const placed = [...(snapshot.rows[i]?.placed.values() ?? [])]
      verdicts[i] = placed.some(({ ports }) => ports.some((used) => shape.hostPorts.some((wanted) => collide(used, wanted)))) ? 1 : 0
    }
  },
  explain: () => ["node(s) didn't have free ports for the requested pod ports"],
  resolvable: () => true,
  wakesOn: ['nodeAdded', 'podGone'],
}
