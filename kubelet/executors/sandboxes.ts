/** Making and ending a pod's sandbox. */

import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Pod } from '#api/core/pod.ts'
import { ExecError } from '#component/exec.ts'
import type { Cgroups } from '#kubelet/cgroups/cgroups.ts'
import type { CpusAssigned } from '#kubelet/containers/container-config.ts'
import { sandboxLabels } from '#kubelet/containers/container-labels.ts'
import { type DnsFacts, podDns } from '#kubelet/containers/dns.ts'
import { sandboxHostname } from '#kubelet/containers/hosts-file.ts'
import type { RuntimeHandlerOf } from '#kubelet/containers/runtime-class.ts'
import { sandboxDuration, sandboxErrors, startedPodErrors, startedPods } from '#kubelet/metrics.ts'
import type { NodeEvent } from '#kubelet/node/node-events.ts'
import type { AnyContainer } from '#kubelet/pods/pod-containers.ts'
import type { RecordEvent } from '#kubelet/pods/pod-events.ts'
import { ActionError } from '#kubelet/pods/pod-work.ts'
import { resizableContainers } from '#kubelet/resize/allocation.ts'
import type { ContainerRuntime, Sandbox, SandboxConfig } from '#kubelet/runtime/runtime.ts'
import type { Executors } from './executor.ts'

export interface SandboxExecutorDeps {
  runtime: ContainerRuntime
  cgroups: Pick<Cgroups, 'parent' | 'create' | 'remove' | 'has' | 'containerStarted'>
  event: RecordEvent
  nodeEvent: NodeEvent
  assigned(pod: Pod, container: AnyContainer): CpusAssigned
  runtimeHandler: RuntimeHandlerOf
  podDir(uid: string): string
  /** Asks for another look at the pod. */
  wake(uid: string): void
  node: { hostname: string; dns: () => DnsFacts; podPidsLimit?: number }
}

export function sandboxExecutors(deps: SandboxExecutorDeps): Pick<Executors, 'createSandbox' | 'stopSandbox' | 'removeSandbox'> {
  const { runtime } = deps
  return {
    async createSandbox(action, work, signal) {
      const { pod } = work
      if (work.sandboxes.length > 0) {
        deps.event(pod, { type: 'Normal', reason: 'SandboxChanged', message: 'Pod sandbox changed, it will be killed and re-created.' })
        for (const old of work.sandboxes) await runtime.stopSandbox(old.id, signal)
      }
      refuseUnsupported(pod, deps)
      mkdirSync(join(deps.podDir(work.uid), 'containers'), { recursive: true, mode: 0o750 })
      work.hasDirectories = true
      work.hasCgroup = true
      const ready = Promise.withResolvers<Sandbox>()
      // Nobody may be waiting for it.
      ready.promise.catch(() => undefined)
      try {
        const config = sandboxConfig(pod, action.attempt, deps)
        const { runtimeClassName } = pod.spec ?? {}
        const handler = runtimeClassName ? { runtimeHandler: await deps.runtimeHandler(runtimeClassName, signal) } : {}
        const runSandbox = timedSandbox(runtime, handler.runtimeHandler ?? '')
        const made = await runSandbox({ ...config, ...handler }, signal, {
          planned: (sandbox) => {
            work.planned = { sandbox, ready: ready.promise }
            deps.wake(work.uid)
          },
          cgroup: () => deps.cgroups.create(pod, cgroupExtras(pod, deps)),
        })
        startedPods.inc()
        work.sandboxes = [made, ...work.sandboxes.map((each) => ({ ...each, ready: false }))]
        ready.resolve(made)
      } catch (error) {
        ready.reject(error)
        if (!signal.aborted) startedPodErrors.inc()
        const message = `Failed to create pod sandbox: ${sandboxFailure(error)}`
        deps.event(pod, { type: 'Warning', reason: 'FailedCreatePodSandBox', message })
        throw new ActionError(message)
      } finally {
        work.planned = undefined
      }
    },
    async stopSandbox(action, work, signal) {
      await runtime.stopSandbox(action.id, signal)
      work.sandboxes = work.sandboxes.map((each) => (each.id === action.id ? { ...each, ready: false } : each))
    },
    async removeSandbox(action, work, signal) {
      await runtime.stopSandbox(action.id, signal)
      await runtime.removeSandbox(action.id, signal)
      work.sandboxes = work.sandboxes.filter((each) => each.id !== action.id)
    },
  }
}

function timedSandbox(runtime: ContainerRuntime, handler: string): ContainerRuntime['runSandbox'] {
  const labels = { runtime_handler: handler }
  return async (config, signal, hooks) => {
    const end = sandboxDuration.startTimer(labels)
    try {
      return await runtime.runSandbox(config, signal, hooks)
    } catch (error) {
      if (!signal.aborted) sandboxErrors.inc(labels)
      throw error
    } finally {
      end()
    }
  }
}

/** Of a program that failed, what it said: how it was run is for the log. */
function sandboxFailure(error: unknown): string {
  const { message, cause } = error as Error
  const program = cause instanceof ExecError ? cause : error
  return (program instanceof ExecError && program.stderr.trim()) || message
}

/** What the node adds to the limits of a pod's cgroup. */
export function cgroupExtras(
  pod: Pod,
  { node, assigned }: Pick<SandboxExecutorDeps, 'node' | 'assigned'>,
): { pids?: number; noCpuQuota: boolean } {
  const noCpuQuota = resizableContainers(pod).some((container) => assigned(pod, container).noCpuQuota)
  return { noCpuQuota, ...(node.podPidsLimit === undefined ? {} : { pids: node.podPidsLimit }) }
}

/** What this node cannot give is said, not left out. */
function refuseUnsupported(pod: Pod, deps: SandboxExecutorDeps): void {
  if ((pod.spec?.resourceClaims ?? []).length > 0) {
    const message = 'Failed to prepare dynamic resources: resource claims are not supported by this node'
    deps.event(pod, { type: 'Warning', reason: 'FailedPrepareDynamicResources', message })
    throw new ActionError(message, { retryAfterMs: 60_000 })
  }
  if (pod.spec?.hostUsers !== false) return
  const message = "Failed to create pod sandbox: can't set `spec.hostUsers: false`, runtime does not support user namespaces"
  deps.event(pod, { type: 'Warning', reason: 'FailedCreatePodSandBox', message })
  throw new ActionError(message, { retryAfterMs: 60_000 })
}

function sandboxConfig(pod: Pod, attempt: number, deps: SandboxExecutorDeps): SandboxConfig {
  const { namespace = '', name = '', uid = '', annotations = {} } = pod.metadata
  const dns = deps.node.dns()
  const resolver = podDns(pod, dns)
  for (const { reason, message, ofNode } of resolver.warnings) {
    if (ofNode !== undefined) deps.nodeEvent({ type: 'Warning', reason, message: ofNode })
    deps.event(pod, { type: 'Warning', reason, message })
  }
  const containers = [
    ...(pod.spec?.containers ?? []),
    ...(pod.spec?.initContainers ?? []).filter((each) => each.restartPolicy === 'Always'),
  ]
  return {
    podUid: uid,
    namespace,
    name,
    attempt,
    hostname: sandboxHostname(pod, dns.clusterDomain, deps.node.hostname),
    hostNetwork: pod.spec?.hostNetwork ?? false,
    hostPid: pod.spec?.hostPID ?? false,
    hostIpc: pod.spec?.hostIPC ?? false,
    shareProcessNamespace: pod.spec?.shareProcessNamespace ?? false,
    dns: resolver.config,
    portMappings: containers.flatMap((container) =>
      (container.ports ?? [])
        .filter((port) => port.hostPort)
        .map((port) => ({
          containerPort: port.containerPort,
          hostPort: port.hostPort ?? 0,
          protocol: (port.protocol ?? 'TCP') as 'TCP' | 'UDP' | 'SCTP',
          hostIp: port.hostIP ?? '',
        })),
    ),
    sysctls: Object.fromEntries((pod.spec?.securityContext?.sysctls ?? []).map((each) => [each.name, each.value])),
    cgroupParent: deps.cgroups.parent(pod),
    labels: sandboxLabels(pod),
    annotations,
  }
}
