/** All kinds, one line each: what routes, storage, discovery, OpenAPI and tables are derived from. */
import { Deployments } from './apps/deployment.ts'
import { ReplicaSets } from './apps/replica-set.ts'
import { Leases } from './coordination/lease.ts'
import { ConfigMaps } from './core/config-map.ts'
import { EndpointsResource } from './core/endpoints.ts'
import { CoreEvents } from './core/event.ts'
import { Namespaces } from './core/namespace.ts'
import { Nodes } from './core/node.ts'
import { Pods } from './core/pod.ts'
import { Secrets } from './core/secret.ts'
import { Services } from './core/service.ts'
import { ServiceAccounts } from './core/service-account.ts'
import { EndpointSlices } from './discovery/endpoint-slice.ts'
import { EventsV1 } from './events/event.ts'
import { apiVersionOf, type Resource } from './resource.ts'

export const resources: readonly Resource[] = [
  ConfigMaps,
  EndpointsResource,
  CoreEvents,
  Namespaces,
  Nodes,
  Pods,
  Secrets,
  ServiceAccounts,
  Services,
  Deployments,
  ReplicaSets,
  Leases,
  EndpointSlices,
  EventsV1,
]

const byPlural = new Map(resources.map((resource) => [`${apiVersionOf(resource)}/${resource.plural}`, resource]))
const byKind = new Map(resources.map((resource) => [`${apiVersionOf(resource)}/${resource.kind}`, resource]))

export function resourceOf(group: string, version: string, plural: string): Resource | undefined {
  return byPlural.get(`${apiVersionOf({ group, version })}/${plural}`)
}

export function kindOf(apiVersion: string, kind: string): Resource | undefined {
  return byKind.get(`${apiVersion}/${kind}`)
}

/** `PodList`: every kind has its list, which is no kind of its own. */
export const listKindOf = (resource: Pick<Resource, 'kind' | 'listKind'>): string => resource.listKind ?? `${resource.kind}List`

export interface GroupVersion {
  group: string
  version: string
  resources: readonly Resource[]
}

/** Group versions in the order of the registry. */
export const groupVersions: readonly GroupVersion[] = [...Map.groupBy(resources, apiVersionOf).values()].map((members) => ({
  group: members[0]?.group ?? '',
  version: members[0]?.version ?? '',
  resources: members,
}))
