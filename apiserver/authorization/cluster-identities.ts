/**
 * What the identities of the cluster itself may do: upstream's bootstrap roles, cut down to the kinds that are there. It stands where RBAC
 * will stand; users it does not know are refused.
 */
import { authenticatedGroup, mastersGroup, nodeOf, type User } from '#apiserver/authentication/user.ts'
import type { Authorizer, Decision } from './authorizer.ts'
import { type Attributes, type Rule, read, rulesAllow, write } from './rules.ts'

/** Health and version: for everybody. */
const publicInfo: readonly Rule[] = [
  { verbs: ['get'], paths: ['/healthz', '/healthz/*', '/livez', '/livez/*', '/readyz', '/readyz/*', '/version', '/version/'] },
]

/** What every proven identity may: find out what there is, and about itself. */
const discovery: readonly Rule[] = [
  { verbs: ['get'], paths: ['/api', '/api/*', '/apis', '/apis/*', '/openapi', '/openapi/*'] },
  {
    verbs: ['create'],
    groups: ['authorization.k8s.io'],
    resources: ['selfsubjectaccessreviews', 'selfsubjectrulesreviews'],
  },
  { verbs: ['create'], groups: ['authentication.k8s.io'], resources: ['selfsubjectreviews'] },
]

const serviceAccountIssuer: readonly Rule[] = [{ verbs: ['get'], paths: ['/.well-known/openid-configuration', '/openid/v1/jwks'] }]

const events: Rule = { verbs: ['create', 'patch', 'update'], groups: ['', 'events.k8s.io'], resources: ['events'] }
const leaderElection: Rule = { verbs: ['create', 'get', 'list', 'watch', 'update'], groups: ['coordination.k8s.io'], resources: ['leases'] }
const reviews: Rule = {
  verbs: ['create'],
  groups: ['authentication.k8s.io', 'authorization.k8s.io'],
  resources: ['tokenreviews', 'subjectaccessreviews'],
}

const scheduler: readonly Rule[] = [
  events,
  leaderElection,
  reviews,
  {
    verbs: [...read],
    groups: [''],
    resources: ['pods', 'nodes', 'namespaces', 'services', 'replicationcontrollers', 'persistentvolumes', 'persistentvolumeclaims'],
  },
  { verbs: [...read], groups: ['apps', 'policy', 'storage.k8s.io', 'resource.k8s.io', 'scheduling.k8s.io'], resources: ['*'] },
  { verbs: ['delete'], groups: [''], resources: ['pods'] },
  { verbs: ['create'], groups: [''], resources: ['bindings', 'pods/binding'] },
  { verbs: ['patch', 'update'], groups: [''], resources: ['pods/status'] },
]

/** Controllers run under one identity and change every kind; secrets and tokens included, pods' streams not. */
const controllerManager: readonly Rule[] = [
  events,
  leaderElection,
  reviews,
  { verbs: [...read, ...write], groups: ['', 'apps', 'batch', 'discovery.k8s.io', 'coordination.k8s.io', 'policy'], resources: ['*'] },
  // Namespaces and garbage are collected in every group, whatever it holds.
  { verbs: [...read, 'update', 'patch', 'delete', 'deletecollection'], groups: ['*'], resources: ['*'] },
  {
    verbs: [...write],
    groups: [''],
    resources: ['nodes/status', 'pods/status', 'services/status', 'namespaces/status', 'namespaces/finalize'],
  },
  { verbs: ['create'], groups: [''], resources: ['serviceaccounts/token', 'pods/eviction'] },
  { verbs: [...read, 'update', 'patch'], groups: ['apps'], resources: ['deployments/scale', 'replicasets/scale'] },
  { verbs: [...write], groups: ['apps'], resources: ['deployments/status', 'replicasets/status', 'deployments/finalizers'] },
]

const kubeProxy: readonly Rule[] = [
  events,
  { verbs: ['list', 'watch'], groups: [''], resources: ['services', 'endpoints'] },
  { verbs: [...read], groups: [''], resources: ['nodes', 'namespaces'] },
  { verbs: ['list', 'watch'], groups: ['discovery.k8s.io'], resources: ['endpointslices'] },
]

const node: readonly Rule[] = [
  events,
  reviews,
  { verbs: ['create'], groups: ['authorization.k8s.io'], resources: ['localsubjectaccessreviews'] },
  { verbs: [...read], groups: [''], resources: ['services', 'pods'] },
  { verbs: ['create', 'get', 'list', 'watch', 'update', 'patch'], groups: [''], resources: ['nodes'] },
  { verbs: ['update', 'patch'], groups: [''], resources: ['nodes/status', 'pods/status'] },
  { verbs: ['create', 'delete'], groups: [''], resources: ['pods'] },
  { verbs: ['create'], groups: [''], resources: ['pods/eviction', 'serviceaccounts/token'] },
  { verbs: [...read], groups: [''], resources: ['secrets', 'configmaps'] },
  { verbs: ['get'], groups: [''], resources: ['endpoints', 'serviceaccounts', 'persistentvolumeclaims', 'persistentvolumes'] },
  { verbs: ['get', 'create', 'update', 'patch', 'delete'], groups: ['coordination.k8s.io'], resources: ['leases'] },
  { verbs: [...read], groups: ['node.k8s.io', 'storage.k8s.io'], resources: ['runtimeclasses', 'csidrivers', 'csinodes'] },
]

const rulesOfUser: Readonly<Record<string, readonly Rule[]>> = {
  'system:kube-scheduler': scheduler,
  'system:kube-controller-manager': controllerManager,
  'system:kube-proxy': kubeProxy,
}

const rulesOfGroup: Readonly<Record<string, readonly Rule[]>> = {
  [authenticatedGroup]: [...publicInfo, ...discovery],
  'system:unauthenticated': publicInfo,
  'system:serviceaccounts': serviceAccountIssuer,
  'system:monitoring': [{ verbs: ['get'], paths: ['/metrics', '/livez*', '/readyz*', '/healthz*'] }],
}

export type ReferredResource = 'secrets' | 'configmaps' | 'serviceaccounts'
const referred: readonly string[] = ['secrets', 'configmaps', 'serviceaccounts'] satisfies readonly ReferredResource[]

/** Which objects a node has to do with; asked for secrets, configmaps, pods and service accounts. */
export interface NodeRelations {
  /** Does a pod that is bound to the node refer to this object? */
  refers(nodeName: string, resource: ReferredResource, object: { namespace: string; name: string }): Promise<boolean>
}

const allowed: Decision = { allowed: true, reason: '' }
const refused: Decision = { allowed: false, reason: '' }

export function clusterIdentityAuthorizer(relations: NodeRelations): Authorizer {
  return {
    authorize(user, attributes) {
      return decide(user, attributes, relations)
    },
    rules(user) {
      if (user.groups.includes(mastersGroup)) return { rules: everything, incomplete: false }
      const isNode = nodeOf(user) !== undefined
      return { rules: isNode ? [...rulesFor(user), ...node] : rulesFor(user), incomplete: isNode }
    },
  }
}

const everything: readonly Rule[] = [
  { verbs: ['*'], groups: ['*'], resources: ['*'] },
  { verbs: ['*'], paths: ['*'] },
]

const ownOf = (table: Readonly<Record<string, readonly Rule[]>>, key: string): readonly Rule[] =>
  Object.hasOwn(table, key) ? (table[key] ?? []) : []

/** By name and groups; what a node may do beside this depends on its pods. */
const rulesFor = (user: User): readonly Rule[] => [
  ...ownOf(rulesOfUser, user.name),
  ...user.groups.flatMap((group) => ownOf(rulesOfGroup, group)),
]

async function decide(user: User, attributes: Attributes, relations: NodeRelations): Promise<Decision> {
  if (user.groups.includes(mastersGroup) || rulesAllow(rulesFor(user), attributes)) return allowed
  const nodeName = nodeOf(user)
  return nodeName === undefined ? refused : await decideForNode(nodeName, attributes, relations)
}

/** A node reads only what pods bound to it refer to, by name; and touches no other node. */
async function decideForNode(nodeName: string, attributes: Attributes, relations: NodeRelations): Promise<Decision> {
  if (!rulesAllow(node, attributes)) return refused
  if (attributes.group !== '' || !attributes.isResource) return allowed
  const { resource, name, namespace } = attributes
  if (referred.includes(resource)) {
    if (name === '') return { allowed: false, reason: 'can only read namespaced object of this type' }
    if (!(await relations.refers(nodeName, resource as ReferredResource, { namespace, name })))
      return { allowed: false, reason: `no relationship found between node '${nodeName}' and this object` }
  }
  if (resource === 'nodes' && attributes.verb !== 'create' && name !== '' && name !== nodeName)
    return { allowed: false, reason: `node '${nodeName}' cannot read '${name}', only its own Node object` }
  return allowed
}
