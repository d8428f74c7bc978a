/** All executors of the kubelet, one for each action. */
import { type Failpoint, withFailpoint } from '#component/failpoint.ts'
import { type ContainerExecutorDeps, containerExecutors } from './executors/containers.ts'
import type { Executors } from './executors/executor.ts'
import { type ImageExecutorDeps, imageExecutors } from './executors/images.ts'
import { type RemovalExecutorDeps, removalExecutors } from './executors/removal.ts'
import { type ResizeExecutorDeps, resizeExecutors } from './executors/resize.ts'
import { type SandboxExecutorDeps, sandboxExecutors } from './executors/sandboxes.ts'
import { type VolumeExecutorDeps, volumeExecutors } from './executors/volumes.ts'

export type ExecutorDeps = ContainerExecutorDeps &
  ImageExecutorDeps &
  RemovalExecutorDeps &
  ResizeExecutorDeps &
  SandboxExecutorDeps &
  VolumeExecutorDeps

export function podExecutors(deps: ExecutorDeps, failpoint?: Failpoint): Executors {
  const record: Executors = {
    ...sandboxExecutors(deps),
    ...volumeExecutors(deps),
    ...imageExecutors(deps),
    ...containerExecutors(deps),
    ...removalExecutors(deps),
    ...resizeExecutors(deps),
  }
  return withFailpoint(record, failpoint)
}
