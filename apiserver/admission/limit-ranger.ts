/** LimitRanger: containers get the defaults of the namespace's limit ranges; containers, pods and claims must stay within them. */
import type { Container } from '#api/core/container.ts'
import type { LimitRange, LimitRangeItem } from '#api/core/limit-range.ts'
import type { PersistentVolumeClaim } from '#api/core/persistent-volume-claim.ts'
import type { Pod } from '#api/core/pod.ts'
import { podLimits, podRequests, type ResourceList } from '#api/core/rules/resources.ts'
import { compareQuantities, milliValue } from '#api/meta/quantity.ts'
import { type AdmissionPlugin, type AdmissionRequest, isResource, refuse } from './admission.ts'

const annotation = 'kubernetes.io/limit-ranger'

export interface LimitRangerDeps {
  limitRanges(namespace: string): readonly LimitRange[]
}

export function limitRanger(deps: LimitRangerDeps): AdmissionPlugin {
  return {
    name: 'LimitRanger',
    kinds: ['pods', 'persistentvolumeclaims'],
    mutate(request) {
      if (!isLimited(request) || !isResource(request, '', 'pods')) return
      for (const range of deps.limitRanges(request.namespace)) fillIn(request.object as Pod, range)
    },
    validate(request) {
      if (!isLimited(request)) return
      for (const { spec } of deps.limitRanges(request.namespace)) {
        const faults = spec.limits.flatMap((limit) => faultsOf(request, limit))
        if (faults.length > 0) throw refuse(request, faults.length === 1 ? (faults[0] ?? '') : `[${faults.join(', ')}]`)
      }
    },
  }
}

/** Containers of a pod change only through resize; whatever is being deleted is left alone. */
function isLimited(request: AdmissionRequest): boolean {
  const { operation, subresource, old, object } = request
  if (object === undefined || old?.metadata.deletionTimestamp !== undefined) return false
  if (isResource(request, '', 'pods'))
    return operation === 'create' ? subresource === '' : operation === 'update' && subresource === 'resize'
  const isWrite = operation === 'create' || operation === 'update'
  return isWrite && subresource === '' && isResource(request, '', 'persistentvolumeclaims')
}

/** Defaults of the first range count: what a container then has is no longer missing. */
function fillIn(pod: Pod, { spec }: LimitRange): void {
  const items = spec.limits.filter(({ type }) => type === 'Container')
  const requests: ResourceList = Object.assign({}, ...items.map(({ defaultRequest }) => defaultRequest))
  const limits: ResourceList = Object.assign({}, ...items.map((item) => item.default))
  const told = [
    ...pod.spec.containers.flatMap((container) => fillContainer(container, 'container', { requests, limits })),
    ...(pod.spec.initContainers ?? []).flatMap((container) => fillContainer(container, 'init container', { requests, limits })),
  ]
  if (told.length === 0) return
  pod.metadata.annotations = { ...pod.metadata.annotations, [annotation]: `LimitRanger plugin set: ${told.join('; ')}` }
}

/** What was set, in upstream's words: `cpu, memory request for container c`. */
function fillContainer(container: Container, what: string, defaults: { requests: ResourceList; limits: ResourceList }): string[] {
  return (['requests', 'limits'] as const).flatMap((field) => {
    const given: ResourceList = container.resources?.[field] ?? {}
    const added = Object.keys(defaults[field]).filter((name) => !Object.hasOwn(given, name))
    if (added.length === 0) return []
    const filled = Object.fromEntries(added.map((name) => [name, defaults[field][name] ?? '']))
    container.resources = { ...container.resources, [field]: { ...given, ...filled } }
    return [`${added.sort().join(', ')} ${field === 'requests' ? 'request' : 'limit'} for ${what} ${container.name}`]
  })
}

function faultsOf(request: AdmissionRequest, limit: LimitRangeItem): string[] {
  if (isResource(request, '', 'pods')) {
    const pod = request.object as Pod
    if (limit.type === 'Pod')
      return rangeFaults(limit, {
        requests: podRequests(pod, { excludeOverhead: true }),
        limits: podLimits(pod, { excludeOverhead: true }),
      })
    if (limit.type !== 'Container') return []
    const containers = [...pod.spec.containers, ...(pod.spec.initContainers ?? [])]
    return containers.flatMap(({ resources }) =>
      rangeFaults(limit, { requests: resources?.requests ?? {}, limits: resources?.limits ?? {} }),
    )
  }
  if (limit.type !== 'PersistentVolumeClaim') return []
  const requests = (request.object as PersistentVolumeClaim).spec.resources?.requests ?? {}
  return [
    ...Object.entries(limit.min ?? {}).flatMap(([name, least]) =>
      minFault({ type: limit.type, name, bound: least }, { requests, limits: {} }),
    ),
    ...Object.entries(limit.max ?? {}).flatMap(([name, most]) => maxRequestFault({ type: limit.type, name, bound: most }, requests)),
  ]
}

interface Amounts {
  requests: ResourceList
  limits: ResourceList
}

interface Bound {
  type: string
  name: string
  bound: string
}

function rangeFaults({ type, min, max, maxLimitRequestRatio: ratio }: LimitRangeItem, amounts: Amounts): string[] {
  return [
    ...Object.entries(min ?? {}).flatMap(([name, bound]) => minFault({ type, name, bound }, amounts)),
    ...Object.entries(max ?? {}).flatMap(([name, bound]) => maxFault({ type, name, bound }, amounts)),
    ...Object.entries(ratio ?? {}).flatMap(([name, bound]) => ratioFault({ type, name, bound }, amounts)),
  ]
}

const own = (list: ResourceList, name: string): string | undefined => (Object.hasOwn(list, name) ? list[name] : undefined)

function minFault({ type, name, bound }: Bound, { requests, limits }: Amounts): string[] {
  const [request, limit] = [own(requests, name), own(limits, name)]
  const rule = `minimum ${name} usage per ${type} is ${bound}`
  if (request === undefined) return [`${rule}.  No request is specified`]
  if (compareQuantities(request, bound) < 0) return [`${rule}, but request is ${request}`]
  return limit !== undefined && compareQuantities(limit, bound) < 0 ? [`${rule}, but limit is ${limit}`] : []
}

function maxFault({ type, name, bound }: Bound, { requests, limits }: Amounts): string[] {
  const [request, limit] = [own(requests, name), own(limits, name)]
  const rule = `maximum ${name} usage per ${type} is ${bound}`
  if (limit === undefined) return [`${rule}.  No limit is specified`]
  if (compareQuantities(limit, bound) > 0) return [`${rule}, but limit is ${limit}`]
  return request !== undefined && compareQuantities(request, bound) > 0 ? [`${rule}, but request is ${request}`] : []
}

function maxRequestFault({ type, name, bound }: Bound, requests: ResourceList): string[] {
  const request = own(requests, name)
  const rule = `maximum ${name} usage per ${type} is ${bound}`
  if (request === undefined) return [`${rule}.  No request is specified`]
  return compareQuantities(request, bound) > 0 ? [`${rule}, but request is ${request}`] : []
}

function ratioFault({ type, name, bound }: Bound, { requests, limits }: Amounts): string[] {
  const [request, limit] = [milliValue(own(requests, name) ?? '0'), milliValue(own(limits, name) ?? '0')]
  const rule = `${name} max limit to request ratio per ${type} is ${bound}`
  if (request === 0) return [`${rule}, but no request is specified or request is 0`]
  if (limit === 0) return [`${rule}, but no limit is specified or limit is 0`]
  const ratio = limit / request
  return ratio * 1000 > milliValue(bound) ? [`${rule}, but provided ratio is ${ratio.toFixed(6)}`] : []
}
