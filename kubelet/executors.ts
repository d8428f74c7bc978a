/**
 * What each action does. The record is typed by the union of actions: an action without an executor does not compile. Executors write what they
 * learn into the pod's work and throw ActionError where they fail.
 */
import { type Failpoint, withFailpoint } from '#component/failpoint.ts'
import { type ContainerExecutorDeps, containerExecutors } from './executors/containers.ts'
import { type ImageExecutorDeps, imageExecutors } from './executors/images.ts'
import { type RemovalExecutorDeps, removalExecutors } from './executors/removal.ts'
import { type ResizeExecutorDeps, resizeExecutors } from './executors/resize.ts'
import { type SandboxExecutorDeps, sandboxExecutors } from './executors/sandboxes.ts'
import { type VolumeExecutorDeps, volumeExecutors } from './executors/volumes.ts'
import type { ActionOf, PodAction, Verb } from './pods/pod-actions.ts'
import type { PodWork } from './pods/pod-work.ts'

export type Executor<V extends Verb> = (action: ActionOf<V>, work: PodWork, signal: AbortSignal) => Promise<void>
export type Executors = { readonly [V in Verb]: Executor<V> }
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

/** Runs one action. The record's type ties each verb to its action; the cast only tells the compiler so. */
export function execute(executors: Executors, action: PodAction, work: PodWork, signal: AbortSignal): Promise<void> {
  const run = executors[action.verb] as (action: PodAction, work: PodWork, signal: AbortSignal) => Promise<void>
  return run(action, work, signal)
}
