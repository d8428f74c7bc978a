/** What of a pod's resources this node has set aside, as against what its spec asks for since. Pure. */
import type { Container } from '#api/core/container.ts'
import type { Pod } from '#api/core/pod.ts'
import { compareQuantities } from '#api/meta/quantity.ts'
import { type AnyContainer, isSidecar } from '#kubelet/pods/pod-containers.ts'

export interface Amounts {
  limits?: Record<string, string> | undefined
  requests?: Record<string, string> | undefined
}

/** By container name: app containers and sidecars, which are those that can be resized. */
export type Allocation = Readonly<Record<string, Amounts>>

export const resizable = ['cpu', 'memory'] as const

/** Limits and requests only; absent where empty, so that equal amounts are equal values. */
export function amountsOf(container: AnyContainer): Amounts {
  const { limits, requests } = ('resources' in container ? container.resources : undefined) ?? {}
  const some = (list: Record<string, string> | undefined): boolean => Object.keys(list ?? {}).length > 0
  return { ...(some(limits) ? { limits } : {}), ...(some(requests) ? { requests } : {}) }
}

export function resizableContainers(pod: Pod): Container[] {
  return [...(pod.spec?.initContainers ?? []).filter(isSidecar), ...(pod.spec?.containers ?? [])]
}

export function allocationOf(pod: Pod): Allocation {
  return Object.fromEntries(resizableContainers(pod).map((container) => [container.name, amountsOf(container)]))
}

/** The pod with the resources that it was given in place of those that it asks for; the same object where these are one. */
export function withAllocation(pod: Pod, allocation: Allocation | undefined): Pod {
  if (!allocation || !pod.spec) return pod
  let changed = false
  const given = (container: Container): Container => {
    const own = Object.hasOwn(allocation, container.name) ? allocation[container.name] : undefined
    if (!own || sameAmounts(own, amountsOf(container))) return container
    changed = true
    const { claims } = container.resources ?? {}
    return { ...container, resources: { ...own, ...(claims ? { claims } : {}) } as NonNullable<Container['resources']> }
  }
  const containers = pod.spec.containers?.map(given) ?? []
  const initContainers = pod.spec.initContainers?.map(given)
  return changed ? { ...pod, spec: { ...pod.spec, containers, ...(initContainers ? { initContainers } : {}) } } : pod
}

/** What was given, with the CPU and memory that are really there. */
export function withActual(given: Amounts, actual: Amounts | undefined): Amounts {
  const list = (kind: 'limits' | 'requests') => {
    const compute = resizable.flatMap((name) => {
      const amount = given[kind]?.[name] === undefined ? undefined : actual?.[kind]?.[name]
      return amount === undefined ? [] : [[name, amount] as const]
    })
    return given[kind] ? { [kind]: { ...given[kind], ...Object.fromEntries(compute) } } : {}
  }
  return { ...list('limits'), ...list('requests') }
}

/** Equal as quantities: `1` is `1000m`, and a missing amount is no zero. */
export function sameAmounts(a: Amounts, b: Amounts): boolean {
  return (['limits', 'requests'] as const).every((kind) => {
    const [left, right] = [a[kind] ?? {}, b[kind] ?? {}]
    const names = new Set([...Object.keys(left), ...Object.keys(right)])
    return [...names].every((name) => {
      const [x, y] = [left[name], right[name]]
      return x !== undefined && y !== undefined && compareQuantities(x, y) === 0
    })
  })
}

/** As `sameAmounts`, of CPU and memory only; here a missing amount is zero, as for the kernel. */
export function sameCompute(a: Amounts, b: Amounts): boolean {
  return resizable.every((name) =>
    (['limits', 'requests'] as const).every((kind) => compareQuantities(a[kind]?.[name] ?? '0', b[kind]?.[name] ?? '0') === 0),
  )
}
