/** The status of one container of a pod: what it is doing or why it waits, how it ended before, and how often it was started. Pure. */
import type { Pod } from '#api/core/pod.ts'
import type { ContainerState, ContainerStatus } from '#api/core/pod-status.ts'
import { factsOf } from '#kubelet/containers/container-labels.ts'
import { crashBackoff, durationText } from '#kubelet/plan/crash-backoff.ts'
import type { PodSeen } from '#kubelet/pods/pod-actions.ts'
import { type AnyContainer, isSidecar, type NamedContainer, shouldRestart } from '#kubelet/pods/pod-containers.ts'
import { currentSandbox, isInHook } from '#kubelet/pods/pod-state.ts'
import { amountsOf, withActual } from '#kubelet/resize/allocation.ts'
import { actuatedOf } from '#kubelet/resize/plan.ts'
import type { Container as RuntimeContainer } from '#kubelet/runtime/runtime.ts'

export interface StatusContext {
  pod: Pod
  seen: PodSeen
  /** Nothing will be started any more. */
  ending: boolean
  previous: ReadonlyMap<string, ContainerStatus>
}

const timeText = (date: Date | undefined): string => `${(date ?? new Date(0)).toISOString().slice(0, 19)}Z`

export function containerStatus(named: NamedContainer, context: StatusContext): ContainerStatus {
  const { container } = named
  const runs = context.seen.containers.filter((each) => each.name === container.name)
  const last = runs[0]
  const before = context.previous.get(container.name)
  const older = runs.slice(1).find(({ state }) => state === 'exited')
  const status = last ? fromRuntime(last, older, named, context) : fromHistory(named, before, context)
  return {
    ...status,
    ...mountStatuses(container),
    ...resourcesOf(named, last, context.seen),
  }
}

function mountStatuses(container: AnyContainer): Pick<ContainerStatus, 'volumeMounts'> {
  const mounts = (container.volumeMounts ?? []).map((mount) => ({
    name: mount.name,
    mountPath: mount.mountPath,
    ...(mount.readOnly ? { readOnly: true, recursiveReadOnly: 'Disabled' as const } : {}),
  }))
  return mounts.length > 0 ? { volumeMounts: mounts } : {}
}

/** What the container was given, and what it really has of that while it runs. */
function resourcesOf(named: NamedContainer, last: RuntimeContainer | undefined, seen: PodSeen): Partial<ContainerStatus> {
  if (!last) return {}
  if (named.kind === 'ephemeral') return { resources: {} }
  const given = amountsOf(named.container)
  const actual = last.state === 'running' ? actuatedOf(last, seen) : undefined
  return { ...(given.requests ? { allocatedResources: given.requests } : {}), resources: withActual(given, actual) }
}

/** The runtime has no container of this name: it was never started, or it was lost. */
function fromHistory(named: NamedContainer, before: ContainerStatus | undefined, context: StatusContext): ContainerStatus {
  const { container } = named
  if (before?.state?.terminated) return before
  const base = {
    name: container.name,
    lastState: before?.lastState ?? {},
    ready: false,
    restartCount: before?.restartCount ?? 0,
    image: container.image ?? '',
    imageID: '',
    started: false,
  }
  const state = { waiting: waitingState(named, context) }
  if (!before?.state?.running || base.lastState.terminated) return { ...base, state }
  const message = 'The container could not be located when the pod was deleted.  The container used to be Running'
  const lost = { terminated: { exitCode: 137, reason: 'ContainerStatusUnknown', message } }
  return { ...base, state, lastState: lost, restartCount: base.restartCount + (context.pod.metadata.deletionTimestamp ? 0 : 1) }
}

function waitingState(named: NamedContainer, context: StatusContext): { reason: string; message?: string } {
  const { seen, pod } = context
  const failure = seen.startFailures.get(named.container.name)
  if (failure) return { reason: failure.reason, message: failure.message }
  const image = seen.images.get(named.container.name)
  if (image && 'failure' in image) return { reason: image.failure.reason, message: image.failure.message }
  return { reason: (pod.spec?.initContainers ?? []).length > 0 && named.kind !== 'ephemeral' ? 'PodInitializing' : 'ContainerCreating' }
}

function fromRuntime(
  last: RuntimeContainer,
  older: RuntimeContainer | undefined,
  named: NamedContainer,
  context: StatusContext,
): ContainerStatus {
  const { seen } = context
  const facts = factsOf(last)
  const before = older ? terminated(older, context) : undefined
  const base = {
    name: last.name,
    lastState: before ? { terminated: before } : {},
    ready: false,
    restartCount: facts.restartCount,
    image: last.image,
    imageID: imageIdText(last),
    containerID: `docker://${last.id}`,
    started: false,
  }
  if (last.state === 'created' || (last.state === 'running' && isInHook(context.pod, seen, last))) {
    // While a container is being started again, the end of the one before is what there is to tell.
    if (older?.sandboxId === last.sandboxId && !seen.startFailures.has(last.name)) {
      const oldest = seen.containers
        .filter((each) => each.name === last.name)
        .find(({ id, state }) => state === 'exited' && id !== older.id)
      return fromRuntime(older, oldest, named, context)
    }
    return { ...base, state: { waiting: waitingState(named, context) } }
  }
  if (last.state === 'running' || last.state === 'unknown') {
    const probe = seen.probes.get(last.id)
    const started = probe?.started ?? false
    return {
      ...base,
      state: { running: { startedAt: timeText(last.startedAt) } },
      ready: named.kind !== 'ephemeral' && isReady(named, started, probe?.ready ?? false),
      started,
    }
  }
  return ended(base, last, named, context)
}

/** A plain init container is ready only once it has succeeded. */
function isReady(named: NamedContainer, started: boolean, ready: boolean): boolean {
  return started && ready && (named.kind === 'app' || isSidecar(named.container))
}

function ended(base: ContainerStatus, last: RuntimeContainer, named: NamedContainer, context: StatusContext): ContainerStatus {
  const state: ContainerState = { terminated: terminated(last, context) }
  const readyInit = named.kind === 'init' && !isSidecar(named.container) && last.exitCode === 0
  const restarts = !context.ending && (context.seen.restarting.has(last.id) || shouldRestart(context.pod, named, last.exitCode ?? 0))
  if (!restarts) return { ...base, state, ready: readyInit }
  const waiting = restartWait(last, named, context)
  // It starts again at once: until it does, its end says more.
  return waiting ? { ...base, state: { waiting }, lastState: state } : { ...base, state }
}

/** Failures of containers that were made, and ended. */
const afterCreate: ReadonlySet<string> = new Set(['RunContainerError', 'PostStartHookError'])

/** Why a container that ended is not running again yet; undefined where nothing holds it back. */
function restartWait(
  last: RuntimeContainer,
  named: NamedContainer,
  context: StatusContext,
): { reason: string; message?: string } | undefined {
  const { pod, seen } = context
  const lost = currentSandbox(seen)?.id !== last.sandboxId
  const { seconds } = crashBackoff(last, seen)
  const failure = seen.startFailures.get(named.container.name)
  const image = seen.images.get(named.container.name)
  // A start that failed half way is a crash like another; what stands before a start tells more than the crash before it.
  const hindered = (failure && !afterCreate.has(failure.reason)) || (image && 'failure' in image)
  // With new resources it starts whatever the restart policy says: its end is not that of the pod.
  if (lost || hindered || seen.restarting.has(last.id)) return waitingState(named, context)
  // The start that failed says more than the end that it made.
  if (seconds === 0) return failure ? waitingState(named, context) : undefined
  const { name, namespace, uid } = pod.metadata
  return {
    reason: 'CrashLoopBackOff',
    message: `back-off ${durationText(seconds)} restarting failed container=${named.container.name} pod=${name}_${namespace}(${uid})`,
  }
}

function terminated(container: RuntimeContainer, context: StatusContext): NonNullable<ContainerState['terminated']> {
  const message = context.seen.terminationMessages.get(container.id) ?? container.error
  return {
    exitCode: container.exitCode ?? 0,
    reason: wasOutOfMemory(container, context) ? 'OOMKilled' : container.reason || (container.exitCode === 0 ? 'Completed' : 'Error'),
    ...(message ? { message } : {}),
    startedAt: timeText(container.startedAt),
    finishedAt: timeText(container.finishedAt),
    containerID: `docker://${container.id}`,
  }
}

/** What was once told of this end: the kernel's log, which knows of it where Docker does not, goes with the machine's next start. */
function wasOutOfMemory({ id, name, exitCode }: RuntimeContainer, { previous }: StatusContext): boolean {
  const before = previous.get(name)
  const told = [before?.state?.terminated, before?.lastState?.terminated].find((each) => each?.containerID === `docker://${id}`)
  return exitCode === 137 && told?.reason === 'OOMKilled'
}

/** `docker-pullable://repo@digest` was the old shim's form; as with containerd it is the digest itself, or the image's id. */
function imageIdText(container: RuntimeContainer): string {
  return container.imageRef || container.imageId
}
