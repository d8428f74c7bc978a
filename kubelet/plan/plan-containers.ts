/** The containers' part of a pod's plan: init containers in order, sidecars that stay, app containers side by side, restarts with back-off. */
import type { Pod } from '#api/core/pod.ts'
import { factsOf } from '#kubelet/containers/container-labels.ts'
import { surplus, usualLimits } from '#kubelet/garbage/dead-containers.ts'
import { startsEarly } from '#kubelet/pods/early-start.ts'
import type { PodSeen } from '#kubelet/pods/pod-actions.ts'
import { containerHash, containersOf, isSidecar, type NamedContainer, shouldRestart } from '#kubelet/pods/pod-containers.ts'
import { current, currentSandbox, hasInitialized, isRunning, latest } from '#kubelet/pods/pod-state.ts'
import { restartsForResize } from '#kubelet/resize/plan.ts'
import type { Container as RuntimeContainer } from '#kubelet/runtime/runtime.ts'
import { crashBackoff, endedInFuture } from './crash-backoff.ts'
import type { PlanDraft } from './plan-draft.ts'

export function planContainers(pod: Pod, seen: PodSeen, draft: PlanDraft): void {
  const all = containersOf(pod)
  const initialized = hasInitialized(pod, seen)
  removeOldContainers(all, seen, draft)
  // They come to look at what goes wrong, which may well be the initialisation.
  for (const named of all) if (named.kind === 'ephemeral') planOne(pod, named, seen, draft)
  for (const named of all) {
    if (named.kind === 'ephemeral') continue
    if (named.kind === 'init') {
      if (initialized) {
        if (isSidecar(named.container)) planOne(pod, named, seen, draft)
      } else if (!planInit(pod, named, seen, draft)) return
    } else planOne(pod, named, seen, draft)
  }
}

/** True when this init container no longer holds up the next one. */
function planInit(pod: Pod, named: NamedContainer, seen: PodSeen, draft: PlanDraft): boolean {
  planOne(pod, named, seen, draft)
  const found = current(seen, named.container.name)
  if (!found) return false
  if (!isSidecar(named.container)) return found.state === 'exited' && found.exitCode === 0
  return isRunning(found) && seen.probes.get(found.id)?.started === true && !seen.inFlight.has(`startContainer/${named.container.name}`)
}

/** Brings one container to where it should be: started, kept, killed for a reason, or started again when its time has come. */
function planOne(pod: Pod, named: NamedContainer, seen: PodSeen, draft: PlanDraft): void {
  const name = named.container.name
  const last = latest(seen, name)
  const found = current(seen, name)
  if (last?.state === 'created') {
    // A start that was cut short between create and start, maybe with its sandbox: it is done again from the beginning, with the same attempt.
    if (!seen.inFlight.has(`startContainer/${name}`))
      draft.add({ verb: 'removeContainer', id: last.id, reason: 'created but never started' })
    return
  }
  if (found && found.state !== 'exited') {
    const kill = killReason(pod, named, found, seen)
    if (kill) draft.kill({ verb: 'killContainer', id: found.id, name, preStop: true, ...kill })
    return
  }
  if (found && !seen.restarting.has(found.id) && !shouldRestart(pod, named, found.exitCode ?? 0)) return
  // Lost with its sandbox but over for good: it is not run a second time.
  if (!found && last?.state === 'exited' && named.kind !== 'init' && !shouldRestart(pod, named, last.exitCode ?? 0)) return
  planStart(pod, named, seen, draft)
}

function planStart(pod: Pod, named: NamedContainer, seen: PodSeen, draft: PlanDraft): void {
  const { container, kind } = named
  // The start under way has used up its image; it must not be asked for again before the start is seen.
  if (seen.inFlight.has(`startContainer/${container.name}`)) return
  const last = latest(seen, container.name)
  // A container of a lost sandbox did not crash: it comes back at once.
  const ended = current(seen, container.name)
  // What another definition did says nothing about this one, nor what the kubelet ended to start it with other resources.
  const backoff = crashBackoff(
    ended && factsOf(ended).hash === containerHash(container) && !seen.restarting.has(ended.id) ? ended : undefined,
    seen,
  )
  if (!endedInFuture(ended, draft.now) && !draft.isDue(backoff.startAt)) return
  const image = seen.images.get(container.name)
  if (!image || 'failure' in image) {
    draft.add({ verb: 'pullImage', name: container.name, image: container.image ?? '', reason: 'the image is needed' })
    return
  }
  if (!(currentSandbox(seen) || startsEarly(container, seen)) || seen.volumes !== 'mounted') return
  const known = seen.knownRestarts.get(container.name)
  const attempt = last ? factsOf(last).restartCount + 1 : known === undefined ? 0 : known + 1
  draft.add({
    verb: 'startContainer',
    name: container.name,
    kind,
    attempt,
    backoffSeconds: last && !ended ? factsOf(last).backoffSeconds : backoff.nextSeconds,
    reason: last ? `it ended with code ${last.exitCode ?? 'unknown'}` : `the pod wants it (restart policy ${pod.spec?.restartPolicy})`,
  })
}

interface Kill {
  reason: string
  message: string
  graceSeconds: number
  restart?: true
  probed?: true
}

/** Why a running container must go; undefined to keep it. The words are upstream's, which does not say of sidecars that they come back. */
function killReason(pod: Pod, named: NamedContainer, found: RuntimeContainer, seen: PodSeen): Kill | undefined {
  const title = `${named.kind === 'init' ? 'Init container' : 'Container'} ${named.container.name}`
  const graceSeconds = pod.spec?.terminationGracePeriodSeconds ?? 30
  if (found.state === 'unknown')
    return {
      reason: 'its state is unknown',
      message: `${named.kind === 'init' ? 'Init container' : 'Container'} is in "unknown" state, try killing it before restart`,
      graceSeconds,
    }
  if (named.kind === 'ephemeral') return undefined
  const again = named.kind === 'init' ? '' : ', will be restarted'
  if (factsOf(found).hash !== containerHash(named.container))
    return { reason: 'its spec has changed', message: `${title} definition changed${again}`, graceSeconds }
  if (restartsForResize(pod, named.container, found, seen))
    return {
      reason: 'its new resources ask for a restart',
      message: `Container ${found.name} resize requires restart`,
      graceSeconds,
      restart: true,
    }
  const probe = seen.probes.get(found.id)
  if (!probe?.failed) return undefined
  // Rules look at exit codes, and there is none yet.
  const policy = named.container.restartPolicy ?? pod.spec?.restartPolicy
  return {
    reason: `its ${probe.failed} probe failed`,
    message: `${title} failed ${probe.failed} probe${policy === 'Never' ? '' : again}`,
    graceSeconds: probe.graceSeconds ?? graceSeconds,
    probed: true,
  }
}

/** Of each name one ended container is kept, or what the node's limits say, for its logs and its state; the newest may be running. */
function removeOldContainers(all: readonly NamedContainer[], seen: PodSeen, draft: PlanDraft): void {
  const limits = seen.deadContainers ?? usualLimits
  for (const { container } of all) {
    const ended = seen.containers.filter((each) => each.name === container.name && each.state === 'exited')
    for (const old of surplus(ended, latest(seen, container.name), limits)) {
      const until = new Date((old.finishedAt ?? old.createdAt).getTime() + limits.minAgeMs)
      if (limits.minAgeMs > 0 && !draft.isDue(until)) continue
      draft.add({ verb: 'removeContainer', id: old.id, reason: 'only the last ended ones are kept' })
    }
  }
}
