/** NodeResourcesBalancedAllocation: prefers nodes whose cpu and memory would be used in like proportion. */
import type { Plugin } from '#scheduler/plugin.ts'

const share = (used: number, allocatable: number): number => (allocatable === 0 ? 1 : Math.min(1, used / allocatable))

export const balancedAllocation: Plugin = {
  name: 'NodeResourcesBalancedAllocation',
  weight: 1,
  concerns: (shape) => shape.requests.cpuMilli > 0 || shape.requests.memoryBytes > 0,
  score(shape, snapshot, { nodes, scores }) {
    const { columns } = snapshot
    for (const i of nodes) {
      const cpu = share((columns.cpuRequested[i] ?? 0) + shape.requests.cpuMilli, columns.cpuAllocatable[i] ?? 0)
      const memory = share((columns.memoryRequested[i] ?? 0) + shape.requests.memoryBytes, columns.memoryAllocatable[i] ?? 0)
      // For two shares the standard deviation is half of their difference.
      scores[i] = Math.floor((1 - Math.abs(cpu - memory) / 2) * 100)
    }
  },
  wakesOn: [],
}
