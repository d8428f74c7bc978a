/** Which pods stand behind a service, with which ports: shared by EndpointSlices and Endpoints. */
import { type Pod, Pods } from '#api/core/pod.ts'
import { isPodReady, isPodTerminal } from '#api/core/rules/pod-state.ts'
import { type Service, type ServicePort, Services } from '#api/core/service.ts'
import { matches, selectorFromLabels } from '#api/meta/label-selector.ts'
import { sameValue } from '#api/meta/same-value.ts'
import type { KubeObject } from '#api/resource.ts'
import { keyOf } from '#client/resource-path.ts'
import { type World, watch } from '#client/runner/world.ts'
import { namespaceIndex } from '#controller-manager/controllers/ownership.ts'

export const headlessLabel = 'service.kubernetes.io/headless'
export const triggerAnnotation = 'endpoints.kubernetes.io/last-change-trigger-time'

/** `namespace/label=value` for each label of a pod. */
const podLabelIndex = {
  label: ({ metadata }: KubeObject): string[] =>
    Object.entries(metadata.labels ?? {}).map(([key, value]) => `${metadata.namespace ?? ''}/${key}=${value}`),
}

/** Services whose endpoints are made here: those with a selector that are not mere names. */
export function hasManagedEndpoints(service: Service): boolean {
  return service.spec.type !== 'ExternalName' && Object.keys(service.spec.selector ?? {}).length > 0
}

export function podsOf(service: Service, world: World): Pod[] {
  const selector = selectorFromLabels(service.spec.selector)
  const [first] = Object.entries(service.spec.selector ?? {})
  if (!first) return []
  const candidates = world.of(Pods).byIndex('label', `${service.metadata.namespace ?? ''}/${first[0]}=${first[1]}`)
  return candidates.filter((pod) => matches(selector, pod.metadata.labels))
}

function servicesOfPod(pod: Pod, world: World): string[] {
  return world
    .of(Services)
    .byIndex('namespace', pod.metadata.namespace ?? '')
    .filter((service) => hasManagedEndpoints(service) && matches(selectorFromLabels(service.spec.selector), pod.metadata.labels))
    .map(keyOf)
}

/** What both controllers look at beside their own objects. */
export const serviceWatches = [
  watch(Services, { indexes: namespaceIndex, keys: (service) => [keyOf(service)] }),
  watch(Pods, { indexes: podLabelIndex, keys: servicesOfPod, concerns: endpointsConcern }),
]

/** Whether a change of a pod can change endpoints. */
function endpointsConcern(now: Pod, was: Pod): boolean {
  return !sameValue(endpointFacts(now), endpointFacts(was))
}

function endpointFacts(pod: Pod): unknown {
  const { labels, deletionTimestamp } = pod.metadata
  const { hostname, subdomain, nodeName } = pod.spec
  const { podIP, podIPs } = pod.status
  return { labels, deletionTimestamp, hostname, subdomain, nodeName, podIP, podIPs, ready: isPodReady(pod), terminal: isPodTerminal(pod) }
}

export function belongsInEndpoints(pod: Pod, includeTerminating: boolean): boolean {
  if (isPodTerminal(pod)) return false
  if (!pod.status.podIP && (pod.status.podIPs ?? []).length === 0) return false
  return includeTerminating || pod.metadata.deletionTimestamp === undefined
}

/** The container port that a service port means for this pod; undefined where no container has a port of that name. */
export function targetPortOf(pod: Pod, port: ServicePort): number | undefined {
  const target = port.targetPort ?? port.port
  if (typeof target === 'number') return target
  const sidecars = (pod.spec.initContainers ?? []).filter((c) => c.restartPolicy === 'Always')
  for (const { ports = [] } of [...pod.spec.containers, ...sidecars]) {
    const found = ports.find((p) => p.name === target && (p.protocol ?? 'TCP') === (port.protocol ?? 'TCP'))
    if (found) return found.containerPort
  }
  return undefined
}

export function hasHostname(pod: Pod, service: Service): boolean {
  return Boolean(pod.spec.hostname) && pod.spec.subdomain === service.metadata.name
}

export function hasServiceIp(service: Service): boolean {
  return Boolean(service.spec.clusterIP) && service.spec.clusterIP !== 'None'
}
