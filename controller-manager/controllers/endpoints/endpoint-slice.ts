/** EndpointSlices of services with selectors (upstream: pkg/controller/endpointslice and k8s.io/endpointslice). */
import { type Node, Nodes } from '#api/core/node.ts'
import { type Pod, Pods } from '#api/core/pod.ts'
import { isPodReady, podCondition } from '#api/core/rules/pod-state.ts'
import { type Service, Services } from '#api/core/service.ts'
import { type Endpoint, type EndpointPort, type EndpointSlice, EndpointSlices } from '#api/discovery/endpoint-slice.ts'
import { controllerReference } from '#api/meta/owner.ts'
import { sameValue } from '#api/meta/same-value.ts'
import type { New } from '#api/resource.ts'
import { keyOf, refOf } from '#client/resource-path.ts'
import type { Controller } from '#client/runner/controller.ts'
import { type Action, nothing, type Plan } from '#client/runner/plan.ts'
import { type World, watch } from '#client/runner/world.ts'
import { packSlices, portsKey } from './pack-slices.ts'
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

const managedBy = 'endpointslice-controller.k8s.io'
const managedByLabel = 'endpointslice.kubernetes.io/managed-by'
const serviceNameLabel = 'kubernetes.io/service-name'
const zoneLabel = 'topology.kubernetes.io/zone'
const reservedLabels = new Set([managedByLabel, serviceNameLabel, headlessLabel])
/** A pod's node may come into the cache after the pod. */
const nodeMissingRecheckMs = 1000

type Family = 'IPv4' | 'IPv6'
interface Group {
  ports: EndpointPort[]
  endpoints: Endpoint[]
}

export function endpointSliceController(maxEndpoints: number): Controller {
  return {
    name: 'endpointslice-controller',
    eventSource: 'endpoint-slice-controller',
    watches: [...serviceWatches, watch(Nodes, {}), watch(EndpointSlices, { indexes: sliceIndex, keys: serviceOfSlice })],
    reconcile: (key, world) => reconcileEndpointSlices(key, world, maxEndpoints),
  }
}

/** `namespace/service` of slices that this controller manages. */
const sliceIndex = { service: serviceOfSlice }

function serviceOfSlice({ metadata }: EndpointSlice): string[] {
  const name = metadata.labels?.[serviceNameLabel]
  return name && metadata.labels?.[managedByLabel] === managedBy ? [`${metadata.namespace}/${name}`] : []
}

export function reconcileEndpointSlices(key: string, world: World, maxEndpoints: number): Plan {
  const service = world.of(Services).get(key)
  if (!service || !hasManagedEndpoints(service)) return nothing
  const slices = world
    .of(EndpointSlices)
    .byIndex('service', key)
    .filter((slice) => slice.metadata.deletionTimestamp === undefined)
  const families = familiesOf(service)
  const actions = families.flatMap((family) => familyActions({ service, family, world, maxEndpoints }, slices))
  const foreign = slices.filter((slice) => !families.includes(slice.addressType as Family))
  const waits = !service.spec.publishNotReadyAddresses && podsOf(service, world).some((pod) => pod.spec.nodeName && !nodeOf(pod, world))
  return {
    actions: [...actions, ...foreign.map((slice) => deleteSlice(slice, 'address type is not the service’s'))],
    ...(waits ? { recheckAfterMs: nodeMissingRecheckMs } : {}),
  }
}

function familiesOf({ spec }: Service): Family[] {
  const families = (spec.ipFamilies ?? []).filter((f): f is Family => f === 'IPv4' || f === 'IPv6')
  if (families.length > 0) return families
  if (spec.clusterIP && spec.clusterIP !== 'None') return [spec.clusterIP.includes(':') ? 'IPv6' : 'IPv4']
  return ['IPv4', 'IPv6']
}

const nodeOf = (pod: Pod, world: World): Node | undefined => (pod.spec.nodeName ? world.of(Nodes).get(pod.spec.nodeName) : undefined)

interface FamilyTask {
  service: Service
  family: Family
  world: World
  maxEndpoints: number
}

function familyActions(task: FamilyTask, all: readonly EndpointSlice[]): Action[] {
  const { service, family, maxEndpoints } = task
  const slices = all.filter((slice) => slice.addressType === family)
  const owned = slices.filter((slice) => isOwned(slice, service))
  const doomed = slices.filter((slice) => !isOwned(slice, service))
  const create: Group[] = []
  const update = new Map<EndpointSlice, EndpointSlice>()
  const changed: Endpoint[] = []
  const groups = desiredGroups(task)
  for (const [ports, group] of groups) {
    const existing = owned.filter((slice) => portsKey(slice.ports ?? []) === ports)
    const packed = packSlices(existing, group.endpoints, maxEndpoints)
    for (const endpoints of packed.create) create.push({ ports: group.ports, endpoints })
    for (const [slice, endpoints] of packed.update) update.set(slice, { ...slice, endpoints })
    doomed.push(...packed.delete)
    changed.push(...packed.changed)
  }
  doomed.push(...owned.filter((slice) => !groups.has(portsKey(slice.ports ?? []))))
  if (slices.length === doomed.length && create.length === 0) {
    // A service without endpoints has one empty slice, which is not replaced by another such.
    const empty = doomed.length === 1 ? doomed[0] : undefined
    if (empty && isOwned(empty, service) && isPlaceholder(empty)) doomed.length = 0
    else create.push({ ports: [], endpoints: [] })
  }
  const kept = owned.filter((slice) => !doomed.includes(slice))
  return writes({ ...task, create, update, doomed, kept, trigger: triggerTime(task, slices, changed) })
}

const isPlaceholder = (slice: EndpointSlice): boolean => (slice.endpoints ?? []).length === 0 && (slice.ports ?? []).length === 0

function isOwned(slice: EndpointSlice, service: Service): boolean {
  return (slice.metadata.ownerReferences ?? []).some((o) => o.uid === service.metadata.uid && o.kind === 'Service' && o.apiVersion === 'v1')
}

function desiredGroups({ service, family, world }: FamilyTask): Map<string, Group> {
  const groups = new Map<string, Group>()
  for (const pod of podsOf(service, world)) {
    if (!belongsInEndpoints(pod, true)) continue
    const ports = endpointPorts(service, pod)
    const key = portsKey(ports)
    const group = groups.get(key) ?? { ports, endpoints: [] }
    groups.set(key, group)
    const node = nodeOf(pod, world)
    if (!node && !service.spec.publishNotReadyAddresses) continue
    const endpoint = endpointOf(pod, node, service, family)
    if (endpoint.addresses.length > 0) group.endpoints.push(endpoint)
  }
  return groups
}

function endpointPorts(service: Service, pod: Pod): EndpointPort[] {
  return (service.spec.ports ?? []).flatMap((servicePort) => {
    const port = targetPortOf(pod, servicePort)
    if (port === undefined) return []
    const { name = '', protocol = 'TCP', appProtocol } = servicePort
    return [{ name, port, protocol, ...(appProtocol === undefined ? {} : { appProtocol }) }]
  })
}

function endpointOf(pod: Pod, node: Node | undefined, service: Service, family: Family): Endpoint {
  const serving = isPodReady(pod)
  const terminating = pod.metadata.deletionTimestamp !== undefined
  const ready = service.spec.publishNotReadyAddresses === true || (serving && !terminating)
  const { namespace = '', name = '', uid = '' } = pod.metadata
  const { nodeName } = pod.spec
  const zone = node?.metadata.labels?.[zoneLabel]
  const addresses = (pod.status.podIPs ?? []).flatMap(({ ip }) => (ip && ip.includes(':') === (family === 'IPv6') ? [ip] : []))
  const endpoint: Endpoint = {
    addresses,
    conditions: { ready, serving, terminating },
    targetRef: { kind: 'Pod', namespace, name, uid },
    ...(nodeName ? { nodeName } : {}),
    ...(zone ? { zone } : {}),
    ...(hasHostname(pod, service) ? { hostname: pod.spec.hostname } : {}),
  }
  const hints = ready ? hintsOf(service, endpoint) : undefined
  return hints ? { ...endpoint, hints } : endpoint
}

/** For which zones and nodes an endpoint is near, where the service asks for near ones. */
function hintsOf({ spec }: Service, { zone, nodeName }: Endpoint): Endpoint['hints'] {
  const near = spec.trafficDistribution
  if (near !== 'PreferClose' && near !== 'PreferSameZone' && near !== 'PreferSameNode') return undefined
  const forNodes = near === 'PreferSameNode' && nodeName ? { forNodes: [{ name: nodeName }] } : {}
  const forZones = zone ? { forZones: [{ name: zone }] } : {}
  const hints = { ...forZones, ...forNodes }
  return Object.keys(hints).length > 0 ? hints : undefined
}

/**
 * When the earliest of the changes happened that this write brings: the readiness of pods, or the service itself for its first slice.
 * Undefined where nothing tells (a pod that went).
 */
function triggerTime({ service, world }: FamilyTask, slices: readonly EndpointSlice[], changed: readonly Endpoint[]): string | undefined {
  if (slices.length === 0) return service.metadata.creationTimestamp
  const times = changed.flatMap(({ targetRef }) => {
    const pod = world.of(Pods).get(`${targetRef?.namespace}/${targetRef?.name}`)
    return (pod && podCondition(pod, 'Ready')?.lastTransitionTime) ?? []
  })
  return times.sort()[0]
}

interface Writes extends FamilyTask {
  create: Group[]
  update: Map<EndpointSlice, EndpointSlice>
  doomed: EndpointSlice[]
  kept: EndpointSlice[]
  trigger: string | undefined
}

function writes({ service, family, create, update, doomed, kept, trigger }: Writes): Action[] {
  const actions: Action[] = []
  const spare = doomed.filter((slice) => isOwned(slice, service))
  for (const group of create) {
    // A slice that would be deleted is written anew instead: watchers see one event, not two.
    const reused = spare.shift()
    if (reused) update.set(reused, { ...reused, ...group })
    else if (service.metadata.deletionTimestamp === undefined) actions.push(createSlice(service, family, group, trigger))
  }
  for (const slice of new Set([...kept, ...update.keys()])) {
    const next = update.get(slice)
    const labels = sliceLabels(service)
    if (!next && sameValue(ownLabels(slice.metadata.labels), ownLabels(labels))) continue
    const { [triggerAnnotation]: _, ...others } = slice.metadata.annotations ?? {}
    const annotations = { ...others, ...(trigger ? { [triggerAnnotation]: trigger } : {}) }
    const object: EndpointSlice = { ...slice, ...next, metadata: { ...slice.metadata, labels, annotations } }
    actions.push({ verb: 'update', type: EndpointSlices, object, reason: next ? 'endpoints changed' : 'labels of the service changed' })
  }
  const gone = doomed.filter((slice) => !update.has(slice))
  return [...actions, ...gone.map((slice) => deleteSlice(slice, 'no endpoints left for it'))]
}

function ownLabels(labels: Readonly<Record<string, string>> | undefined): Record<string, string> {
  return Object.fromEntries(Object.entries(labels ?? {}).filter(([key]) => !reservedLabels.has(key)))
}

function sliceLabels(service: Service): Record<string, string> {
  return {
    ...ownLabels(service.metadata.labels),
    ...(hasServiceIp(service) ? {} : { [headlessLabel]: '' }),
    [serviceNameLabel]: service.metadata.name ?? '',
    [managedByLabel]: managedBy,
  }
}

function createSlice(service: Service, family: Family, group: Group, trigger: string | undefined): Action {
  const { namespace = '', name = '' } = service.metadata
  const metadata = {
    generateName: `${name}-`,
    namespace,
    labels: sliceLabels(service),
    ...(trigger ? { annotations: { [triggerAnnotation]: trigger } } : {}),
    ownerReferences: [controllerReference({ apiVersion: 'v1', kind: 'Service', metadata: service.metadata })],
  }
  return {
    verb: 'create',
    type: EndpointSlices,
    object: { metadata, addressType: family, ...group } as New<EndpointSlice>,
    reason: 'endpoints without a slice',
    failureEvent: failureEvent(service),
  }
}

function failureEvent(service: Service) {
  const message = `Error updating Endpoint Slices for Service ${keyOf(service)}: {error}`
  return { about: service, type: 'Warning', reason: 'FailedToUpdateEndpointSlices', message } as const
}

function deleteSlice(slice: EndpointSlice, reason: string): Action {
  const { uid } = slice.metadata
  return { verb: 'delete', type: EndpointSlices, ref: refOf(slice), ...(uid ? { preconditions: { uid } } : {}), reason }
}
