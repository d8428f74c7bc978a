/** Describers by kind; everything else is described by its fields. */
import type { KubeObject } from '#api/resource.ts'
import { configMap, namespace, secret, serviceAccount } from './configuration.ts'
import type { Describer } from './describer.ts'
import { generic } from './generic.ts'
import { endpointSlice, endpoints, service } from './network.ts'
import { node } from './node.ts'
import { pod } from './pod.ts'
import { deployment, replicaSet } from './workloads.ts'

/** By `kind.group`. */
const describers = {
  'Pod.': pod,
  'Node.': node,
  'Service.': service,
  'Endpoints.': endpoints,
  'EndpointSlice.discovery.k8s.io': endpointSlice,
  'ConfigMap.': configMap,
  'Secret.': secret,
  'ServiceAccount.': serviceAccount,
  'Namespace.': namespace,
  'Deployment.apps': deployment,
  'ReplicaSet.apps': replicaSet,
} as const satisfies Readonly<Record<string, unknown>>

export function describerOf(kind: string, group: string): Describer<KubeObject> {
  const key = `${kind}.${group}`
  return Object.hasOwn(describers, key) ? (describers[key as keyof typeof describers] as unknown as Describer<KubeObject>) : generic
}
