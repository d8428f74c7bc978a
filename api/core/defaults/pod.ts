/** Dependent defaults of pods and pod templates (upstream: pkg/apis/core/v1/defaults.go). */
import type { Container } from '#api/core/container.ts'
import type { Pod } from '#api/core/pod.ts'
import type { PodSpec } from '#api/core/pod-spec.ts'
import type { PodStatus } from '#api/core/pod-status.ts'
import { containerLimits, containerRequests, isPodLevelResource, type ResourceList } from '#api/core/rules/resources.ts'
import type { ObjectMeta } from '#api/meta/object-meta.ts'
import { defaultContainer } from './container.ts'
import { roundResourceList } from './resource-list.ts'
import { defaultVolume } from './volume.ts'

const graceSeconds = 30

const initContainerAnnotations = ['init-containers', 'init-container-statuses'].flatMap((name) => [
  `pod.beta.kubernetes.io/${name}`,
  `pod.alpha.kubernetes.io/${name}`,
])

/** Annotations that once held init containers are not kept. */
export function dropInitContainerAnnotations(meta: ObjectMeta | undefined): void {
  const annotations = meta?.annotations
  if (annotations === undefined) return
  // Deleting what is not there makes every later reader slow.
  for (const name of initContainerAnnotations) if (Object.hasOwn(annotations, name)) delete annotations[name]
}

/** `serviceAccount` is the old name of the field and always says the same. */
function syncServiceAccount(spec: PodSpec): void {
  const name = spec.serviceAccountName || spec.serviceAccount
  if (name) Object.assign(spec, { serviceAccountName: name, serviceAccount: name })
  else if (spec.serviceAccount !== undefined) delete spec.serviceAccount
}

/** The one address and the list of them follow each other: where they differ, the one wins. */
function defaultStatus(status: PodStatus | undefined): void {
  if (!status) return
  const { containerStatuses = [], initContainerStatuses = [], ephemeralContainerStatuses = [] } = status
  for (const container of [status, ...containerStatuses, ...initContainerStatuses, ...ephemeralContainerStatuses]) {
    roundResourceList(container.allocatedResources)
    roundResourceList(container.resources?.limits)
    roundResourceList(container.resources?.requests)
  }
  const { podIP } = status
  if (podIP && status.podIPs?.[0]?.ip !== podIP) status.podIPs = [{ ip: podIP }]
  const first = status.podIPs?.[0]?.ip
  if (first) status.podIP = first
}

/** What holds for pods and for templates alike. */
export function defaultPodSpec(spec: PodSpec): void {
  spec.dnsPolicy ||= 'ClusterFirst'
  spec.restartPolicy ||= 'Always'
  spec.securityContext ??= {}
  spec.terminationGracePeriodSeconds ??= graceSeconds
  spec.schedulerName ||= 'default-scheduler'
  syncServiceAccount(spec)
  for (const volume of spec.volumes ?? []) defaultVolume(volume)
  for (const container of spec.initContainers ?? []) defaultContainer(container)
  for (const container of spec.containers ?? []) defaultContainer(container)
  for (const container of spec.ephemeralContainers ?? []) defaultContainer(container)
  roundResourceList(spec.overhead)
  roundResourceList(spec.resources?.limits)
  roundResourceList(spec.resources?.requests)
}

function defaultRequestsFromLimits(container: Container): void {
  const limits = container.resources?.limits
  if (!container.resources || !limits) return
  container.resources.requests = { ...limits, ...container.resources.requests }
}

/** Host networking makes every container port a host port. */
function defaultHostPorts(containers: readonly Container[] | undefined): void {
  for (const container of containers ?? []) for (const port of container.ports ?? []) port.hostPort ||= port.containerPort
}

/** Pod-level huge page limits follow those of the containers where the pod states amounts of its own at all. */
function defaultPodLimits(pod: Pod): void {
  const resources = pod.spec.resources
  const stated = Object.keys(resources?.limits ?? {}).length + Object.keys(resources?.requests ?? {}).length
  if (!resources || stated === 0) return
  const limits: ResourceList = { ...resources.limits }
  for (const [name, amount] of Object.entries(containerLimits(pod))) {
    if (!name.startsWith('hugepages-') || Object.hasOwn(resources.requests ?? {}, name) || Object.hasOwn(limits, name)) continue
    limits[name] = amount
  }
  if (Object.keys(limits).length > 0) resources.limits = limits
}

/** Pod-level requests: what the containers ask for where that may be overcommitted, else the pod-level limits. */
function defaultPodRequests(pod: Pod): void {
  const resources = pod.spec.resources
  if (!resources || Object.keys(resources.limits ?? {}).length === 0) return
  const requests: ResourceList = { ...resources.requests }
  for (const [name, amount] of Object.entries(containerRequests(pod))) {
    if ((name === 'cpu' || name === 'memory') && !Object.hasOwn(requests, name)) requests[name] = amount
  }
  for (const [name, amount] of Object.entries(resources.limits ?? {})) {
    if (isPodLevelResource(name) && !Object.hasOwn(requests, name)) requests[name] = amount
  }
  if (Object.keys(requests).length > 0) resources.requests = requests
}

export function defaultPod(pod: Pod): Pod {
  const { spec } = pod
  dropInitContainerAnnotations(pod.metadata)
  defaultStatus(pod.status)
  for (const container of spec.containers ?? []) defaultRequestsFromLimits(container)
  for (const container of spec.initContainers ?? []) defaultRequestsFromLimits(container)
  defaultPodLimits(pod)
  defaultPodRequests(pod)
  spec.enableServiceLinks ??= true
  if (spec.hostNetwork) {
    defaultHostPorts(spec.containers)
    defaultHostPorts(spec.initContainers)
  }
  defaultPodSpec(spec)
  // upstream reads a negative period as one second
  if ((spec.terminationGracePeriodSeconds ?? 0) < 0) spec.terminationGracePeriodSeconds = 1
  return pod
}
