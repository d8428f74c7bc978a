/** Rules of resizing a running pod: only CPU and memory of containers and sidecars. */
import type { Container } from '#api/core/container.ts'
import { isMirror } from '#api/core/mirror-pod.ts'
import type { Pod } from '#api/core/pod.ts'
import { qosClass } from '#api/core/rules/qos.ts'
import { isSidecar, type ResourceList } from '#api/core/rules/resources.ts'
import { type FieldError, forbidden, invalid } from '#api/meta/field-error.ts'
import { sameValue } from '#api/meta/same-value.ts'
import { validatePodContent } from './pod.ts'

function validateOrder(next: Pod, prev: Pod): FieldError[] {
  return (['containers', 'initContainers'] as const).flatMap((name) => {
    const [now, was] = [next.spec[name] ?? [], prev.spec[name] ?? []]
    if (now.length !== was.length) return [forbidden(`spec.${name}`, `${name} may not be added or removed on resize`)]
    return was.flatMap((container, i) =>
      container.name === now[i]?.name ? [] : [forbidden(`spec.${name}[${i}].name`, `${name} may not be renamed or reordered on resize`)],
    )
  })
}

const removed = (now: ResourceList | undefined, was: ResourceList | undefined): boolean =>
  Object.keys(was ?? {}).some((name) => !Object.hasOwn(now ?? {}, name))

function validateRemoved(next: Container, prev: Container, path: string): FieldError[] {
  return (['requests', 'limits'] as const)
    .filter((name) => removed(next.resources?.[name], prev.resources?.[name]))
    .map((name) => forbidden(`${path}.resources.${name}`, `resource ${name} cannot be removed`))
}

function withOldComputeAmounts(now: ResourceList | undefined, was: ResourceList | undefined): ResourceList {
  const { cpu: _cpu, memory: _memory, ...others } = now ?? {}
  const { cpu, memory } = was ?? {}
  return { ...others, ...(cpu !== undefined && { cpu }), ...(memory !== undefined && { memory }) }
}

/** The new container as it would be without its changes of CPU and memory. */
function withoutResize(next: Container, prev: Container): Container {
  const { claims } = next.resources ?? {}
  const limits = withOldComputeAmounts(next.resources?.limits, prev.resources?.limits)
  const requests = withOldComputeAmounts(next.resources?.requests, prev.resources?.requests)
  const some = (list: ResourceList): boolean => Object.keys(list).length > 0
  return {
    ...next,
    resources: { ...(claims && { claims }), ...(some(limits) && { limits }), ...(some(requests) && { requests }) },
  }
}

function validateContainer(next: Container, prev: Container, list: 'containers' | 'initContainers'): FieldError[] {
  if (list === 'initContainers' && !isSidecar(next)) {
    return sameValue(next, prev) ? [] : [forbidden('spec', 'resources for non-sidecar init containers are immutable')]
  }
  if (sameValue(withoutResize(next, prev), { ...prev, resources: prev.resources ?? {} })) return []
  const which = list === 'containers' ? '' : ' for sidecar containers'
  return [forbidden('spec', `only cpu and memory resources${which} are mutable`)]
}

function hasPodLevelAmounts(pod: Pod): boolean {
  const { requests = {}, limits = {} } = pod.spec.resources ?? {}
  return Object.keys(requests).length + Object.keys(limits).length > 0
}

export function validateResize(next: Pod, prev: Pod): FieldError[] {
  if (isMirror(prev)) return [forbidden('[]', 'static pods cannot be resized')]
  if (prev.spec.os?.name === 'windows') return [forbidden('[]', 'windows pods cannot be resized')]
  const found = validatePodContent(next, prev)
  if ((prev.status.qosClass ?? qosClass(prev.spec)) !== qosClass(next.spec)) {
    found.push(invalid('spec', next.status.qosClass ?? '', 'Pod QOS Class may not change as a result of resizing'))
  }
  const running = prev.status.containerStatuses?.find((status) => status.state?.running)
  if (running && !running.resources) found.push(forbidden('spec', 'Pod running on node without support for resize'))
  if (hasPodLevelAmounts(prev) || hasPodLevelAmounts(next)) {
    const gate = 'InPlacePodLevelResourcesVerticalScalingEnabled feature gate is disabled'
    return [...found, forbidden('[]', `resize of pods with pod-level resources is forbidden when ${gate}`)]
  }
  const order = validateOrder(next, prev)
  if (order.length > 0) return [...found, ...order]
  for (const list of ['initContainers', 'containers'] as const) {
    for (const [i, old] of (prev.spec[list] ?? []).entries()) {
      const container = next.spec[list]?.[i]
      if (!container || (list === 'initContainers' && !isSidecar(old))) continue
      found.push(...validateRemoved(container, old, `spec.${list}[${i}]`))
    }
  }
  for (const list of ['containers', 'initContainers'] as const) {
    for (const [i, old] of (prev.spec[list] ?? []).entries()) {
      const container = next.spec[list]?.[i]
      if (container) found.push(...validateContainer(container, old, list))
    }
  }
  return found
}
