/** Endpoints that users write for services without selectors are copied into EndpointSlices, which is all that proxies read (upstream: pkg/controller/endpointslicemirroring). */
import { isIP } from 'node:net'
import { type EndpointAddress, type EndpointSubset, type Endpoints, EndpointsResource } from '#api/core/endpoints.ts'
import { Services } from '#api/core/service.ts'
import { type Endpoint, type EndpointPort, type EndpointSlice, EndpointSlices } from '#api/discovery/endpoint-slice.ts'
import { controllerReference } from '#api/meta/owner.ts'
import { sameValue } from '#api/meta/same-value.ts'
import type { New } from '#api/resource.ts'
import { keyOf, refOf } from '#client/resource-path.ts'
import type { Controller } from '#client/runner/controller.ts'
import { type Action, type ActionEvent, nothing, type Plan } from '#client/runner/plan.ts'
import { type World, watch } from '#client/runner/world.ts'
import { packSlices, portsKey } from './pack-slices.ts'
import { triggerAnnotation } from './service-pods.ts'

const managedBy = 'endpointslicemirroring-controller.k8s.io'
const managedByLabel = 'endpointslice.kubernetes.io/managed-by'
const serviceNameLabel = 'kubernetes.io/service-name'
const skipLabel = 'endpointslice.kubernetes.io/skip-mirror'
const leaderAnnotation = 'control-plane.alpha.kubernetes.io/leader'
const ownAnnotations = new Set([triggerAnnotation, 'kubectl.kubernetes.io/last-applied-configuration'])
const maxPerSlice = 100
const maxPerSubset = 1000

export const endpointSliceMirroringController: Controller = {
  name: 'endpointslice-mirroring-controller',
  watches: [
    watch(EndpointsResource, { keys: (endpoints) => [keyOf(endpoints)] }),
    watch(Services, {
      keys: (service) => [keyOf(service)],
      concerns: (now, was) => (now.spec.selector === undefined) !== (was.spec.selector === undefined),
    }),
    watch(EndpointSlices, { indexes: { mirrored: endpointsOfSlice }, keys: endpointsOfSlice }),
  ],
  reconcile: (key, world) => reconcileMirror(key, world),
}

function endpointsOfSlice({ metadata }: EndpointSlice): string[] {
  const name = metadata.labels?.[serviceNameLabel]
  return name && metadata.labels?.[managedByLabel] === managedBy ? [`${metadata.namespace}/${name}`] : []
}

interface Group {
  addressType: 'IPv4' | 'IPv6'
  ports: EndpointPort[]
  endpoints: Map<string, Endpoint>
}

export function reconcileMirror(key: string, world: World): Plan {
  const slices = world.of(EndpointSlices).byIndex('mirrored', key)
  const endpoints = world.of(EndpointsResource).get(key)
  const service = world.of(Services).get(key)
  const mirrored = endpoints && service && isMirrored(endpoints) && Object.keys(service.spec.selector ?? {}).length === 0
  if (!mirrored) return slices.length === 0 ? nothing : { actions: slices.map((slice) => remove(slice, 'nothing to mirror')) }
  const groups = groupsOf(endpoints.subsets ?? [])
  const actions: Action[] = []
  for (const [groupKey, group] of groups) {
    const existing = slices.filter((slice) => keyOfSlice(slice) === groupKey)
    const packed = packSlices(existing, [...group.endpoints.values()], maxPerSlice)
    actions.push(
      ...packed.create.map((list) => create(endpoints, group, list)),
      ...packed.delete.map((slice) => remove(slice, 'no endpoints left for it')),
    )
    for (const slice of existing.filter((s) => !packed.delete.includes(s)))
      actions.push(...update(endpoints, slice, packed.update.get(slice)))
  }
  const foreign = slices.filter((slice) => !groups.has(keyOfSlice(slice)))
  return { actions: [...actions, ...foreign.map((slice) => remove(slice, 'no endpoints left for it'))], events: tooMany(endpoints) }
}

const isMirrored = ({ metadata }: Endpoints): boolean =>
  metadata.labels?.[skipLabel] !== 'true' && metadata.annotations?.[leaderAnnotation] === undefined

const keyOfSlice = (slice: EndpointSlice): string => `${slice.addressType} ${portsKey(slice.ports ?? [])}`

function groupsOf(subsets: readonly EndpointSubset[]): Map<string, Group> {
  const groups = new Map<string, Group>()
  for (const { ports: given = [], addresses = [], notReadyAddresses = [] } of subsets) {
    const ports = given.map(({ name = '', port, protocol = 'TCP', appProtocol }) => ({
      name,
      port,
      protocol,
      ...(appProtocol ? { appProtocol } : {}),
    }))
    const all = [...addresses.map((a) => [a, true] as const), ...notReadyAddresses.map((a) => [a, false] as const)]
    for (const [address, ready] of all.filter(([a]) => isIP(a.ip) !== 0).slice(0, maxPerSubset)) {
      const addressType = isIP(address.ip) === 6 ? 'IPv6' : 'IPv4'
      const key = `${addressType} ${portsKey(ports)}`
      const group = groups.get(key) ?? { addressType, ports, endpoints: new Map<string, Endpoint>() }
      groups.set(key, group)
      group.endpoints.set(address.ip, endpointOf(address, ready))
    }
  }
  return groups
}

function endpointOf({ ip, nodeName, hostname, targetRef }: EndpointAddress, ready: boolean): Endpoint {
  return {
    addresses: [ip],
    conditions: { ready },
    ...(targetRef ? { targetRef } : {}),
    ...(nodeName ? { nodeName } : {}),
    ...(hostname ? { hostname } : {}),
  }
}

function labelsOf({ metadata }: Endpoints): Record<string, string> {
  return { ...metadata.labels, [serviceNameLabel]: metadata.name ?? '', [managedByLabel]: managedBy }
}

function annotationsOf({ metadata }: Endpoints): Record<string, string> {
  return Object.fromEntries(Object.entries(metadata.annotations ?? {}).filter(([key]) => !ownAnnotations.has(key)))
}

function create(endpoints: Endpoints, { addressType, ports }: Group, list: Endpoint[]): Action {
  const { namespace = '', name = '' } = endpoints.metadata
  const metadata = {
    generateName: `${name}-`,
    namespace,
    labels: labelsOf(endpoints),
    annotations: annotationsOf(endpoints),
    ownerReferences: [controllerReference({ apiVersion: 'v1', kind: 'Endpoints', metadata: endpoints.metadata })],
  }
  const object = { metadata, addressType, ports, endpoints: list } as New<EndpointSlice>
  return { verb: 'create', type: EndpointSlices, object, reason: 'endpoints without a slice' }
}

function update(endpoints: Endpoints, slice: EndpointSlice, list: Endpoint[] | undefined): Action[] {
  const labels = labelsOf(endpoints)
  const annotations = annotationsOf(endpoints)
  const { metadata } = slice
  const current = Object.fromEntries(Object.entries(metadata.annotations ?? {}).filter(([key]) => !ownAnnotations.has(key)))
  if (!list && sameValue(labels, metadata.labels) && sameValue(annotations, current)) return []
  const object: EndpointSlice = {
    ...slice,
    metadata: { ...metadata, labels, annotations },
    endpoints: list ?? slice.endpoints,
  }
  return [{ verb: 'update', type: EndpointSlices, object, reason: list ? 'endpoints changed' : 'labels or annotations changed' }]
}

function remove(slice: EndpointSlice, reason: string): Action {
  const { uid } = slice.metadata
  return { verb: 'delete', type: EndpointSlices, ref: refOf(slice), ...(uid ? { preconditions: { uid } } : {}), reason }
}

function tooMany(endpoints: Endpoints): ActionEvent[] {
  const skipped = (endpoints.subsets ?? []).reduce(
    (sum, { addresses = [], notReadyAddresses = [] }) => sum + Math.max(0, addresses.length + notReadyAddresses.length - maxPerSubset),
    0,
  )
  if (skipped === 0) return []
  const message = `A max of ${maxPerSubset} addresses can be mirrored to EndpointSlices per Endpoints subset. ${skipped} addresses were skipped`
  return [{ about: endpoints, type: 'Warning', reason: 'TooManyAddressesToMirror', message }]
}
