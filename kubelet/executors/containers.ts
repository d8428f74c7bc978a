/** Starting a container (configuration, create, start, post-start hook) and killing one (pre-stop hook, stop). */
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Pod } from '#api/core/pod.ts'
import type { Service } from '#api/core/service.ts'
import { rewriteSync } from '#component/rewrite.ts'
import { checkApparmor } from '#kubelet/containers/apparmor-profile.ts'
import { type Assigned, containerConfig } from '#kubelet/containers/container-config.ts'
import { hostsFile } from '#kubelet/containers/hosts-file.ts'
import { groupsOfUser, type ImageUsers } from '#kubelet/containers/image-users.ts'
import { runHook } from '#kubelet/containers/lifecycle-hook.ts'
import { readSeccompProfile } from '#kubelet/containers/seccomp-profile.ts'
import { containerSecurity, userBesideGroup } from '#kubelet/containers/security.ts'
import { ConfigError, containerEnv } from '#kubelet/environment/env.ts'
import { ImageError } from '#kubelet/images/image-puller.ts'
import { startedContainerErrors, startedContainers } from '#kubelet/metrics.ts'
import type { ObjectCache } from '#kubelet/object-cache.ts'
import type { ActionOf } from '#kubelet/pods/pod-actions.ts'
import { type AnyContainer, type ContainerKind, containerNamed } from '#kubelet/pods/pod-containers.ts'
import type { EventWords, RecordEvent } from '#kubelet/pods/pod-events.ts'
import { objectsOf } from '#kubelet/pods/pod-references.ts'
import { currentSandbox } from '#kubelet/pods/pod-state.ts'
import { ActionError, type PodWork } from '#kubelet/pods/pod-work.ts'
import {
  type ContainerConfig,
  type ContainerRuntime,
  type Image,
  type Mount,
  RuntimeError,
  type Sandbox,
} from '#kubelet/runtime/runtime.ts'
import { type ContainerMountsDeps, volumeDevices, volumeMounts } from '#kubelet/volumes/container-mounts.ts'
import { readVolumeFile } from '#kubelet/volumes/volume-file.ts'
import type { VolumeManager } from '#kubelet/volumes/volume-manager.ts'
import type { Executors } from './executor.ts'
import { killContainer } from './kill.ts'
import { cgroupExtras, type SandboxExecutorDeps } from './sandboxes.ts'
import type { VolumeExecutorDeps } from './volumes.ts'

export interface ContainerExecutorDeps extends SandboxExecutorDeps, VolumeExecutorDeps, ContainerMountsDeps {
  runtime: ContainerRuntime
  objects: ObjectCache
  volumes: VolumeManager
  event: RecordEvent
  services(): readonly Service[]
  nodeMemoryBytes: number
  prepare(pod: Pod, container: AnyContainer): Promise<Assigned>
  imageUsers(imageId: string): Promise<ImageUsers>
  /** Where profiles are, and whether containers without one get the runtime's. */
  seccomp: { directory: string; isDefault: boolean }
}

export function containerExecutors(deps: ContainerExecutorDeps): Pick<Executors, 'startContainer' | 'killContainer'> {
  return {
    startContainer: (action, work, signal) => startContainer(deps, action, work, signal),
    killContainer: (action, work) => {
      noteKill(action, work)
      return killContainer(deps, action, work)
    },
  }
}

/** What its end and the next start will mean. */
function noteKill({ id, name, restart, probed }: ActionOf<'killContainer'>, work: PodWork): void {
  if (restart) work.restarting.add(id)
  const before = work.containers.find((each) => each.name === name && each.id !== id && each.state === 'exited')?.finishedAt
  if (probed) work.probeKills.set(id, { before })
}

async function startContainer(
  deps: ContainerExecutorDeps,
  action: ActionOf<'startContainer'>,
  work: PodWork,
  signal: AbortSignal,
): Promise<void> {
  const { pod } = work
  const container = containerNamed(pod, action.name)?.container
  const planned = currentSandbox(work) ? undefined : work.planned
  const sandbox = currentSandbox(work) ?? planned?.sandbox
  const image = work.images.get(action.name)
  if (!container || !sandbox || !image || 'failure' in image) return
  const tell = (words: EventWords): void => deps.event(pod, words, container)
  const fail = (reason: string, error: unknown): ActionError => {
    const message = (error as Error).message
    startedContainerErrors.inc({ container_type: typeLabel(action.kind), code: reason })
    work.startFailures.set(action.name, { reason, message })
    tell({ type: 'Warning', reason: 'Failed', message: `Error: ${error instanceof ImageError ? error.reason : message}` })
    if (error instanceof ImageError) return new ActionError(message, { retryAfterMs: error.retryAfterMs })
    return new ActionError(message, reason === 'CreateContainerConfigError' ? { retryAfterMs: 10_000 } : {})
  }
  let config: ContainerConfig
  try {
    config = await configOf(deps, { action, work, container, sandbox, image: image.image, signal })
  } catch (error) {
    signal.throwIfAborted()
    throw fail(configFailure(error as Error), error)
  }
  // The pod may have been given more since its sandbox was made, and a child cannot have more than its parent.
  if (action.attempt > 0) await deps.cgroups.create(pod, cgroupExtras(pod, deps))
  let id: string
  try {
    id = await deps.runtime.createContainer(sandbox, config, signal)
  } catch (error) {
    signal.throwIfAborted()
    // Its place went with the sandbox that failed, which is told by itself.
    if (planned && !currentSandbox(work) && work.planned !== planned) throw new ActionError('the sandbox could not be made')
    // It may be another image's name by now, or be gone.
    if (error instanceof RuntimeError && error.code === 'imageNotFound') work.images.delete(action.name)
    if (error instanceof RuntimeError && error.code === 'notFound') {
      work.sandboxes = work.sandboxes.map((each) => (each.id === sandbox.id ? { ...each, ready: false } : each))
      throw new ActionError(error.message)
    }
    throw fail('CreateContainerError', error)
  }
  tell({ type: 'Normal', reason: 'Created', message: 'Container created' })
  // The image is asked for again before the next start.
  work.images.delete(action.name)
  try {
    // Past this point nothing is broken off half way: a start that was sent has happened.
    const ready = planned?.ready.then((made) => writeHosts(deps, work, made.ips))
    // Also where the start fails for reasons of its own.
    ready?.catch(() => undefined)
    await deps.runtime.startContainer(id, new AbortController().signal, ready)
    deps.cgroups.containerStarted(pod, id)
  } catch (error) {
    if (planned && !currentSandbox(work)) throw new ActionError('the sandbox could not be made')
    throw fail('RunContainerError', error)
  }
  work.startFailures.delete(action.name)
  for (const each of work.containers) {
    if (each.name !== action.name) continue
    work.restarting.delete(each.id)
    work.probeKills.delete(each.id)
  }
  startedContainers.inc({ container_type: typeLabel(action.kind) })
  tell({ type: 'Normal', reason: 'Started', message: 'Container started' })
  const hook = container.lifecycle?.postStart
  if (!hook) return
  try {
    const podIp = work.podIps[0] ?? work.status.podIP ?? ''
    await runHook(hook, { pod, container, containerId: id, podIp, event: deps.event }, deps.runtime, signal)
  } catch (error) {
    if (signal.aborted) return
    tell({ type: 'Warning', reason: 'FailedPostStartHook', message: 'PostStartHook failed' })
    const graceSeconds = pod.spec?.terminationGracePeriodSeconds ?? 30
    startedContainerErrors.inc({ container_type: typeLabel(action.kind), code: 'PostStartHookError' })
    work.startFailures.set(action.name, { reason: 'PostStartHookError', message: (error as Error).message })
    await killContainer(deps, { id, name: action.name, graceSeconds, message: 'FailedPostStartHook', preStop: true }, work)
  }
}

const typeLabel = (kind: ContainerKind): string => (kind === 'app' ? 'container' : `${kind}_container`)

/** The waiting reason of a container whose configuration could not be put together; of an image volume that its image gives. */
function configFailure(error: Error): string {
  if (error instanceof ImageError) return error.reason
  return error instanceof ConfigError || !('code' in error) ? 'CreateContainerConfigError' : 'CreateContainerError'
}

interface Starting {
  action: ActionOf<'startContainer'>
  work: PodWork
  container: AnyContainer
  sandbox: Sandbox
  image: Image
  signal: AbortSignal
}

async function configOf(deps: ContainerExecutorDeps, starting: Starting): Promise<ContainerConfig> {
  const { action, work, container, sandbox, image, signal } = starting
  const { pod } = work
  const namespace = pod.metadata.namespace ?? ''
  const processesOf = targetOf(container, work)
  if (objectsOf(pod).length > 0) await deps.objects.ready(pod, signal)
  const sources = {
    configMap: (name: string) => deps.objects.configMap(namespace, name),
    secret: (name: string) => deps.objects.secret(namespace, name),
    services: deps.services(),
    file: (volume: string, path: string) => readVolumeFile(deps.volumes.placed(work.uid, volume), volume, path),
  }
  const facts = { ...deps.downward(work), podIps: pod.spec?.hostNetwork ? deps.downward(work).hostIps : sandbox.ips }
  const env = containerEnv(pod, container, sources, facts)
  const mounts = await volumeMounts(deps, { pod, container, env, signal })
  const readProfile = (name: string): string => readSeccompProfile(deps.seccomp.directory, name)
  const user = userBesideGroup(pod, container, image)
  const ofImage = user === undefined ? [] : groupsOfUser(user, await deps.imageUsers(image.id))
  const security = containerSecurity(pod, container, image, {
    groups: [...ofImage, ...deps.volumes.groups(work.uid)],
    readProfile,
    checkApparmor,
    seccompDefault: deps.seccomp.isDefault,
  })
  return containerConfig({
    pod,
    container,
    kind: action.kind,
    attempt: action.attempt,
    backoffSeconds: action.backoffSeconds,
    image,
    env,
    mounts: [...mounts, ...ownMounts(deps, starting, mounts)],
    devices: volumeDevices(deps, { pod, container }),
    security,
    nodeMemoryBytes: deps.nodeMemoryBytes,
    assigned: await deps.prepare(pod, container),
    ...(processesOf === undefined ? {} : { processesOf }),
  })
}

/** The container that an ephemeral one looks into. Pods whose containers see each other anyway have no use for it. */
function targetOf(container: AnyContainer, work: PodWork): string | undefined {
  const name = 'targetContainerName' in container ? container.targetContainerName : undefined
  if (!name || work.pod.spec?.shareProcessNamespace || work.pod.spec?.hostPID) return undefined
  const found = work.containers.find((each) => each.name === name && each.state === 'running')
  if (!found) throw new ConfigError(`unable to find target container "${name}"`)
  return found.id
}

/** /etc/hosts and the file for the termination message, unless the pod mounts something there itself. */
function ownMounts(deps: ContainerExecutorDeps, { container, work, sandbox, action }: Starting, given: readonly Mount[]): Mount[] {
  const directory = deps.podDir(work.uid)
  const mounts: Mount[] = []
  const add = (hostPath: string, containerPath: string): void => {
    if (!given.some((mount) => mount.containerPath === containerPath))
      mounts.push({ hostPath, containerPath, readOnly: false, propagation: 'private', exists: true })
  }
  add(writeHosts(deps, work, sandbox.ips), '/etc/hosts')
  if (container.terminationMessagePath) {
    const path = terminationLog(directory, container.name, action.attempt)
    mkdirSync(join(directory, 'containers', container.name), { recursive: true, mode: 0o750 })
    writeFileSync(path, '', { mode: 0o666 })
    chmodSync(path, 0o666)
    add(path, container.terminationMessagePath)
  }
  return mounts
}

/** Answers the file's path. A sandbox that is still being made has no addresses: the file is written again when it has. */
function writeHosts(deps: ContainerExecutorDeps, { pod, uid }: PodWork, ips: readonly string[]): string {
  const file = join(deps.podDir(uid), 'etc-hosts')
  const nodeHosts = pod.spec?.hostNetwork && existsSync('/etc/hosts') ? readFileSync('/etc/hosts', 'utf8') : ''
  rewriteSync(file, hostsFile(pod, ips, { clusterDomain: deps.node.dns().clusterDomain, nodeHosts }), 0o644)
  return file
}

/** Upstream names the file at random; by attempt it is found again after a restart. */
export function terminationLog(podDir: string, container: string, attempt: number): string {
  return join(podDir, 'containers', container, `termination-log-${attempt}`)
}
