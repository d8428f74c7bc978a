/** What an action's executor is: it writes what it learns into the pod's work, and throws ActionError where it fails. */
import type { ActionOf, PodAction, Verb } from '#kubelet/pods/pod-actions.ts'
import type { PodWork } from '#kubelet/pods/pod-work.ts'

export type Executor<V extends Verb> = (action: ActionOf<V>, work: PodWork, signal: AbortSignal) => Promise<void>
/** An action without an executor does not compile. */
export type Executors = { readonly [V in Verb]: Executor<V> }

/** Runs one action. The record's type ties each verb to its action; the cast only tells the compiler so. */
export function execute(executors: Executors, action: PodAction, work: PodWork, signal: AbortSignal): Promise<void> {
  const run = executors[action.verb] as (action: PodAction, work: PodWork, signal: AbortSignal) => Promise<void>
  return run(action, work, signal)
}
