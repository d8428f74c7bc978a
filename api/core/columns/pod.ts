/** Table columns of pods; STATUS and RESTARTS follow upstream's printer (pkg/printers/internalversion). */
import type { Pod } from '#api/core/pod.ts'
import type { ContainerStatus } from '#api/core/pod-status.ts'
import { isPodReady } from '#api/core/rules/pod-state.ts'
import { isSidecar } from '#api/core/rules/resources.ts'
import { ageColumn, column, nameColumn, since } from '#api/meta/age.ts'
import type { Column, RowCondition } from '#api/resource.ts'

interface Summary {
  status: string
  ready: number
  total: number
  restarts: number
  /** RFC 3339, empty if nothing restarted. */
  lastRestart: string
}

interface Restarts {
  count: number
  last: string
}

function addRestarts(sum: Restarts, status: ContainerStatus): void {
  sum.count += status.restartCount ?? 0
  const finished = status.lastState?.terminated?.finishedAt ?? ''
  if (finished !== '' && (sum.last === '' || Date.parse(finished) > Date.parse(sum.last))) sum.last = finished
}

function terminatedReason(state: { reason?: string | undefined; signal?: number | undefined; exitCode: number }): string {
  if (state.reason) return state.reason
  return state.signal ? `Signal:${state.signal}` : `ExitCode:${state.exitCode ?? 0}`
}

/** The status word of the first init container that holds the pod up. */
function initStatus(pod: Pod, index: number, status: ContainerStatus): string {
  const waiting = status.state?.waiting?.reason ?? ''
  if (status.state?.terminated) return `Init:${terminatedReason(status.state.terminated)}`
  if (waiting !== '' && waiting !== 'PodInitializing') return `Init:${waiting}`
  return `Init:${index}/${pod.spec.initContainers?.length ?? 0}`
}

interface Initialization {
  /** Empty once all init containers are done. */
  status: string
  readySidecars: number
  all: Restarts
  sidecars: Restarts
}

function initialization(pod: Pod): Initialization {
  const result: Initialization = { status: '', readySidecars: 0, all: { count: 0, last: '' }, sidecars: { count: 0, last: '' } }
  const sidecars = new Set((pod.spec.initContainers ?? []).filter(isSidecar).map((container) => container.name))
  for (const [index, status] of (pod.status.initContainerStatuses ?? []).entries()) {
    addRestarts(result.all, status)
    if (sidecars.has(status.name)) addRestarts(result.sidecars, status)
    if (status.state?.terminated && (status.state.terminated.exitCode ?? 0) === 0) continue
    if (sidecars.has(status.name) && status.started) {
      if (status.ready) result.readySidecars++
      continue
    }
    result.status = initStatus(pod, index, status)
    break
  }
  return result
}

interface ContainersView {
  status: string
  ready: number
}

function containersStatus(pod: Pod, before: string, restarts: Restarts): ContainersView {
  let status = before
  let failure = ''
  let running = false
  let ready = 0
  for (const container of [...(pod.status.containerStatuses ?? [])].reverse()) {
    addRestarts(restarts, container)
    const { waiting, terminated, running: up } = container.state ?? {}
    if (waiting?.reason) status = waiting.reason
    else if (terminated) {
      status = terminatedReason(terminated)
      if ((terminated.exitCode ?? 0) !== 0) failure = status
    } else if (container.ready && up) {
      running = true
      ready++
    }
  }
  if (status !== 'Completed') return { status, ready }
  if (running && isPodReady(pod)) return { status: 'Running', ready }
  return { status: failure !== '' ? failure : running ? 'NotReady' : status, ready }
}

function baseStatus(pod: Pod): string {
  const gated = pod.status.conditions?.some((c) => c.type === 'PodScheduled' && c.reason === 'SchedulingGated')
  return gated ? 'SchedulingGated' : pod.status.reason || pod.status.phase || ''
}

function terminatingStatus(pod: Pod): string {
  if (pod.metadata.deletionTimestamp === undefined) return ''
  if (pod.status.reason === 'NodeLost') return 'Unknown'
  return pod.status.phase === 'Failed' || pod.status.phase === 'Succeeded' ? '' : 'Terminating'
}

/** What `kubectl get pods` shows of a pod's state. */
export function podSummary(pod: Pod): Summary {
  const init = initialization(pod)
  const initialized = pod.status.conditions?.find((c) => c.type === 'Initialized')?.status === 'True'
  const sidecarCount = (pod.spec.initContainers ?? []).filter(isSidecar).length
  const total = (pod.spec.containers?.length ?? 0) + sidecarCount
  let status = init.status || baseStatus(pod)
  let ready = init.readySidecars
  let restarts = init.all
  if (init.status === '' || initialized) {
    restarts = init.sidecars
    const view = containersStatus(pod, status, restarts)
    status = view.status
    ready += view.ready
  }
  return { status: terminatingStatus(pod) || status, ready, total, restarts: restarts.count, lastRestart: restarts.last }
}

function restartsText(pod: Pod, now: Date): string {
  const { restarts, lastRestart } = podSummary(pod)
  return restarts !== 0 && lastRestart !== '' ? `${restarts} (${since(lastRestart, now)} ago)` : String(restarts)
}

function readinessGates(pod: Pod): string {
  const gates = pod.spec.readinessGates ?? []
  if (gates.length === 0) return '<none>'
  const passed = gates.filter((gate) => pod.status.conditions?.find((c) => c.type === gate.conditionType)?.status === 'True')
  return `${passed.length}/${gates.length}`
}

export const podColumns: readonly Column<Pod>[] = [
  nameColumn,
  column('Ready', 'Containers that are ready, of how many.', (pod) => `${podSummary(pod).ready}/${podSummary(pod).total}`),
  column('Status', 'State of the pod and its containers in one word.', (pod) => podSummary(pod).status),
  column('Restarts', 'Restarts of all containers, and how long ago the last one was.', restartsText),
  ageColumn,
  column('IP', 'First address of the pod.', (pod) => pod.status.podIPs?.[0]?.ip || '<none>', 1),
  column('Node', 'Node on which the pod runs.', (pod) => pod.spec.nodeName || '<none>', 1),
  column('Nominated Node', 'Node kept free for the pod by preemption.', (pod) => pod.status.nominatedNodeName || '<none>', 1),
  column('Readiness Gates', 'Readiness gates that are passed, of how many.', readinessGates, 1),
]

const endings: Readonly<Record<string, string>> = { Succeeded: 'The pod has completed successfully.', Failed: 'The pod failed.' }

export function podRowConditions({ status: { phase = '' } }: Pod): readonly RowCondition[] {
  const message = endings[phase]
  return message === undefined ? [] : [{ type: 'Completed', status: 'True', reason: phase, message }]
}
