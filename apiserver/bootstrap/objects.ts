/** Objects that every cluster has from the start: system namespaces, the kubernetes Service with its endpoints (pure). */
import type { ConfigMap } from '#api/core/config-map.ts'
import type { Service } from '#api/core/service.ts'
import type { EndpointSlice } from '#api/discovery/endpoint-slice.ts'
import type { KubeObject } from '#api/resource.ts'
import { systemPriorityClasses } from '#api/scheduling/validation.ts'
import type { FrontProxy } from '#apiserver/authentication/setup.ts'

export const systemNamespaces = ['default', 'kube-system', 'kube-public', 'kube-node-lease'] as const

export const namespaceObject = (name: string): KubeObject =>
  ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name }, spec: {}, status: {} }) as KubeObject

export interface OwnAddress {
  address: string
  port: number
}

/** The first address of the range is the API server's. */
export const kubernetesService = (clusterIp: string, port: number): Service =>
  ({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'kubernetes', namespace: 'default', labels: { component: 'apiserver', provider: 'kubernetes' } },
    spec: {
      type: 'ClusterIP',
      clusterIP: clusterIp,
      clusterIPs: [clusterIp],
      ports: [{ name: 'https', protocol: 'TCP', port: 443, targetPort: port }],
      sessionAffinity: 'None',
    },
    status: { loadBalancer: {} },
  }) as Service

const mirrorLabel = { 'endpointslice.kubernetes.io/skip-mirror': 'true' }

/** `addresses` are those of all API servers, sorted. */
export const kubernetesEndpoints = (addresses: readonly string[], port: number): KubeObject =>
  ({
    apiVersion: 'v1',
    kind: 'Endpoints',
    metadata: { name: 'kubernetes', namespace: 'default', labels: mirrorLabel },
    subsets: [{ addresses: addresses.map((ip) => ({ ip })), ports: [{ name: 'https', port, protocol: 'TCP' }] }],
  }) as unknown as KubeObject

export const kubernetesSlice = (addresses: readonly string[], port: number): EndpointSlice =>
  ({
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { name: 'kubernetes', namespace: 'default', labels: { 'kubernetes.io/service-name': 'kubernetes' } },
    addressType: addresses[0]?.includes(':') ? 'IPv6' : 'IPv4',
    endpoints: addresses.map((address) => ({ addresses: [address], conditions: { ready: true } })),
    ports: [{ name: 'https', port, protocol: 'TCP' }],
  }) as EndpointSlice

const priorityClassWords: Readonly<Record<string, string>> = {
  'system-cluster-critical': 'Used for system critical pods that must run in the cluster, but can be moved to another node if necessary.',
  'system-node-critical': 'Used for system critical pods that must not be moved from their current node.',
}

export const priorityClassObjects = (): KubeObject[] =>
  [...systemPriorityClasses].map(
    ([name, value]) =>
      ({
        apiVersion: 'scheduling.k8s.io/v1',
        kind: 'PriorityClass',
        metadata: { name },
        value,
        description: priorityClassWords[name] ?? '',
        preemptionPolicy: 'PreemptLowerPriority',
      }) as unknown as KubeObject,
  )

/** How other servers verify who calls them: what extension servers read to believe this one (upstream: clusterauthenticationtrust). */
export interface ClusterAuthentication {
  /** PEM. */
  clientCa: string | undefined
  frontProxy: FrontProxy | undefined
}

export function authenticationConfigMap({ clientCa, frontProxy }: ClusterAuthentication): ConfigMap {
  const list = (words: readonly string[]): string => JSON.stringify(words)
  const ofProxy = frontProxy && {
    'requestheader-username-headers': list(frontProxy.headers.username),
    ...(frontProxy.headers.uid.length > 0 ? { 'requestheader-uid-headers': list(frontProxy.headers.uid) } : {}),
    'requestheader-group-headers': list(frontProxy.headers.groups),
    'requestheader-extra-headers-prefix': list(frontProxy.headers.extraPrefixes),
    'requestheader-client-ca-file': frontProxy.ca,
    'requestheader-allowed-names': list(frontProxy.names),
  }
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'extension-apiserver-authentication', namespace: 'kube-system' },
    data: { ...(clientCa === undefined ? {} : { 'client-ca-file': clientCa }), ...ofProxy },
  }
}
