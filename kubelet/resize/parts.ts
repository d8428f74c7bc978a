/** The parts of in-place resize, put together. */
import type { Logger } from '#component/logging.ts'
import type { Settings } from '#kubelet/config.ts'
import { Allocations } from './allocations.ts'
import { Resizer, type ResizerDeps } from './resizer.ts'

export function resizeParts(
  { rootDir, config }: Settings,
  deps: Pick<ResizerDeps, 'node' | 'event' | 'now'> & { log: Logger },
): { allocations: Allocations; resizer: Resizer } {
  const allocations = new Allocations(rootDir, deps.log)
  const reserved = [config.systemReserved, config.kubeReserved]
  return { allocations, resizer: new Resizer({ ...deps, allocations, reserved, cpuManagerPolicy: config.cpuManagerPolicy ?? 'none' }) }
}
