/** Endpoints of services with selectors: the older form, which v1.35 still keeps (upstream: pkg/controller/endpoint). */
import { type EndpointAddress, type EndpointPort, type EndpointSubset, type Endpoints, EndpointsResource } from '#api/core/endpoints.ts'
import type { Pod } from '#api/core/pod.ts'
import { isPodReady, podCondition } from '#api/core/rules/pod-state.ts'
import { type Service, Services } from '#api/core/service.ts'
import { sameValue } from '#api/meta/same-value.ts'
import { keyOf, refOfKey } from '#client/resource-path.ts'
import type { Controller } from '#client/runner/controller.ts'
import { nothing, type Plan } from '#client/runner/plan.ts'
import { type World, watch } from '#client/runner/world.ts'
import {
  belongsInEndpoints,
  hasHostname,
  hasManagedEndpoints,
  hasServiceIp,
  headlessLabel,
  podsOf,
  serviceWatches,
  targetPortOf,
  triggerAnnotation,
} from './service-pods.ts'

const maxAddresses = 1000
const overCapacityAnnotation = 'endpoints.kubernetes.io/over-capacity'
const managedByLabel = 'endpoints.kubernetes.io/managed-by'
const leaderAnnotation = 'control-plane.alpha.kubernetes.io/leader'

/** One address under one port; subsets are these gathered. */
interface Entry {
  address: EndpointAddress
  port: EndpointPort | undefined
  ready: boolean
}

export const endpointsController: Controller = {
  name: 'endpoints-controller',
  eventSource: 'endpoint-controller',
  watches: [...serviceWatches, watch(EndpointsResource, { keys: ownEndpoints })],
  reconcile: (key, world) => reconcileEndpoints(key, world),
}

/**
 * Endpoints that somebody else wrote may come before their service, and are looked at only for the sake of one: they go when it is deleted, as
 * upstream, but not because it is not there yet.
 */
export function ownEndpoints(endpoints: Endpoints): string[] {
  return endpoints.metadata.labels?.[managedByLabel] === 'endpoint-controller' ? [keyOf(endpoints)] : []
}

export function reconcileEndpoints(key: string, world: World): Plan {
  const service = world.of(Services).get(key)
  const current = world.of(EndpointsResource).get(key)
  if (!service) return withoutService(key, current)
  if (!hasManagedEndpoints(service)) return nothing
  const pods = podsOf(service, world)
  const all = subsetsOf(pods.flatMap((pod) => entriesOf(service, pod)))
  const { subsets, truncated } = truncate(all)
  const labels = {
    ...service.metadata.labels,
    ...(hasServiceIp(service) ? {} : { [headlessLabel]: '' }),
    [managedByLabel]: 'endpoint-controller',
  }
  const { [triggerAnnotation]: _, [overCapacityAnnotation]: __, ...others } = current?.metadata.annotations ?? {}
  const capacity = truncated ? { [overCapacityAnnotation]: 'truncated' } : {}
  const same =
    current &&
    sameValue(withoutVersions(current.subsets), withoutVersions(subsets)) &&
    sameValue(current.metadata.labels, labels) &&
    current.metadata.annotations?.[overCapacityAnnotation] === capacity[overCapacityAnnotation]
  if (same) return nothing
  const trigger = triggerTime(service, pods, current)
  const annotations = { ...others, ...(trigger ? { [triggerAnnotation]: trigger } : {}), ...capacity }
  if (current) {
    const object: Endpoints = { ...current, metadata: { ...current.metadata, labels, annotations }, subsets }
    return {
      actions: [{ verb: 'update', type: EndpointsResource, object, reason: 'endpoints changed', failureEvent: failure(service, 'Update') }],
    }
  }
  const { namespace = '', name = '' } = service.metadata
  const object = { metadata: { namespace, name, labels, annotations }, subsets }
  return {
    actions: [
      { verb: 'create', type: EndpointsResource, object, reason: 'service without endpoints', failureEvent: failure(service, 'Create') },
    ],
  }
}

/** Endpoints go with their service; those that lock a leader election never had one. */
function withoutService(key: string, current: Endpoints | undefined): Plan {
  if (!current || current.metadata.annotations?.[leaderAnnotation] !== undefined) return nothing
  const { uid } = current.metadata
  const preconditions = uid ? { preconditions: { uid } } : {}
  return { actions: [{ verb: 'delete', type: EndpointsResource, ref: refOfKey(key), ...preconditions, reason: 'service is gone' }] }
}

function failure(service: Service, verb: 'Create' | 'Update') {
  const { namespace = '', name = '', uid } = service.metadata
  const about = { apiVersion: 'v1', kind: 'Endpoints', metadata: { namespace, name, ...(uid ? { uid } : {}) } }
  const what = verb === 'Create' ? 'Failed to create endpoint for service' : 'Failed to update endpoint'
  return { about, type: 'Warning', reason: `FailedTo${verb}Endpoint`, message: `${what} ${namespace}/${name}: {error}` } as const
}

function entriesOf(service: Service, pod: Pod): Entry[] {
  const publish = service.spec.publishNotReadyAddresses === true
  if (!belongsInEndpoints(pod, publish)) return []
  const address = addressOf(service, pod)
  if (!address) return []
  const ready = publish || isPodReady(pod)
  const ports = service.spec.ports ?? []
  if (ports.length === 0) return service.spec.clusterIP === 'None' ? [{ address, port: undefined, ready }] : []
  return ports.flatMap((servicePort) => {
    const port = targetPortOf(pod, servicePort)
    if (port === undefined) return []
    const { name, protocol = 'TCP', appProtocol } = servicePort
    return [{ address, ready, port: { ...(name ? { name } : {}), port, protocol, ...(appProtocol === undefined ? {} : { appProtocol }) } }]
  })
}

/** The pod's address of the service's first family. */
function addressOf(service: Service, pod: Pod): EndpointAddress | undefined {
  const family = service.spec.ipFamilies?.[0] ?? (service.spec.clusterIP?.includes(':') ? 'IPv6' : 'IPv4')
  const ips = (pod.status.podIPs ?? [{ ip: pod.status.podIP }]).flatMap(({ ip }) => ip ?? [])
  const ip = ips.find((text) => text.includes(':') === (family === 'IPv6'))
  if (!ip) return undefined
  const { namespace = '', name = '', uid = '' } = pod.metadata
  return {
    ip,
    ...(pod.spec.nodeName ? { nodeName: pod.spec.nodeName } : {}),
    ...(hasHostname(pod, service) && pod.spec.hostname ? { hostname: pod.spec.hostname } : {}),
    targetRef: { kind: 'Pod', namespace, name, uid },
  }
}

/** Ports with the same addresses share a subset; everything in a stable order. An address that is not ready for one entry of a port is not ready. */
export function subsetsOf(entries: readonly Entry[]): EndpointSubset[] {
  const byPort = new Map<string, { port: EndpointPort | undefined; addresses: Map<string, { address: EndpointAddress; ready: boolean }> }>()
  for (const { address, port, ready } of entries) {
    const key = JSON.stringify(port ?? null)
    const group = byPort.get(key) ?? { port, addresses: new Map() }
    byPort.set(key, group)
    const id = `${address.ip}\0${address.targetRef?.uid ?? ''}`
    const before = group.addresses.get(id)
    group.addresses.set(id, { address, ready: ready && (before?.ready ?? true) })
  }
  const byAddresses = new Map<string, { ports: EndpointPort[]; addresses: { address: EndpointAddress; ready: boolean }[] }>()
  for (const { port, addresses } of byPort.values()) {
    const sorted = [...addresses.entries()].sort(([a], [b]) => (a < b ? -1 : 1))
    const key = JSON.stringify(sorted.map(([id, { ready }]) => [id, ready]))
    const subset = byAddresses.get(key) ?? { ports: [], addresses: sorted.map(([, value]) => value) }
    byAddresses.set(key, subset)
    if (port) subset.ports.push(port)
  }
  return [...byAddresses.values()].map(subsetOf).sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1))
}

function subsetOf({
  ports,
  addresses,
}: {
  ports: EndpointPort[]
  addresses: { address: EndpointAddress; ready: boolean }[]
}): EndpointSubset {
  const ready = addresses.filter((a) => a.ready).map((a) => a.address)
  const notReady = addresses.filter((a) => !a.ready).map((a) => a.address)
  ports.sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1))
  return {
    ...(ready.length > 0 ? { addresses: ready } : {}),
    ...(notReady.length > 0 ? { notReadyAddresses: notReady } : {}),
    ...(ports.length > 0 ? { ports } : {}),
  }
}

/** At most 1000 addresses: ready ones before others, each subset in proportion to its size. */
function truncate(subsets: readonly EndpointSubset[]): { subsets: EndpointSubset[]; truncated: boolean } {
  const ready = subsets.reduce((n, s) => n + (s.addresses?.length ?? 0), 0)
  const notReady = subsets.reduce((n, s) => n + (s.notReadyAddresses?.length ?? 0), 0)
  if (ready + notReady <= maxAddresses) return { subsets: [...subsets], truncated: false }
  const field = ready > maxAddresses ? 'addresses' : 'notReadyAddresses'
  const [room, total] = ready > maxAddresses ? [maxAddresses, ready] : [maxAddresses - ready, notReady]
  let left = room
  const cut = subsets.map((subset) => {
    const list = subset[field] ?? []
    const count = Math.min(left, Math.ceil((list.length / total) * room), list.length)
    left -= count
    const next: EndpointSubset = { ...subset, [field]: list.slice(0, count) }
    return field === 'addresses' ? { ...next, notReadyAddresses: [] } : next
  })
  return { subsets: cut, truncated: true }
}

function withoutVersions(subsets: readonly EndpointSubset[] | undefined): unknown {
  const plain = ({ targetRef, ...address }: EndpointAddress): unknown => {
    const { resourceVersion: _, ...target } = targetRef ?? {}
    return { ...address, target }
  }
  return (subsets ?? []).map((s) => ({ ...s, addresses: s.addresses?.map(plain), notReadyAddresses: s.notReadyAddresses?.map(plain) }))
}

/** The earliest readiness change among pods whose readiness the current endpoints do not show yet. */
function triggerTime(service: Service, pods: readonly Pod[], current: Endpoints | undefined): string | undefined {
  if (!current) return service.metadata.creationTimestamp
  const shown = new Map<string, boolean>()
  for (const { addresses = [], notReadyAddresses = [] } of current.subsets ?? []) {
    for (const { targetRef } of addresses) shown.set(targetRef?.uid ?? '', true)
    for (const { targetRef } of notReadyAddresses) shown.set(targetRef?.uid ?? '', false)
  }
  const times = pods
    .filter((pod) => shown.get(pod.metadata.uid ?? '') !== isPodReady(pod))
    .flatMap((pod) => podCondition(pod, 'Ready')?.lastTransitionTime ?? [])
  return times.sort()[0]
}
