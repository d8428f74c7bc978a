/** Which statuses may wait a moment for better ones: those of a pod on its way to its first start. Pure. */
import type { PodStatus } from '#api/core/pod-status.ts'

const onTheWay: ReadonlySet<string> = new Set(['ContainerCreating', 'PodInitializing'])

/** True while all containers only wait to be created: a fast start spares writing that, and nobody acts on it. */
export function canWait(wanted: PodStatus): boolean {
  const containers = [...(wanted.initContainerStatuses ?? []), ...(wanted.containerStatuses ?? [])]
  if (wanted.phase !== 'Pending' || containers.length === 0) return false
  return containers.every(({ state, restartCount }) => restartCount === 0 && onTheWay.has(state?.waiting?.reason ?? ''))
}
