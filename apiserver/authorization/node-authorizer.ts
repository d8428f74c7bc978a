/**
 * What kubelets may do: upstream's rules for nodes, cut down to the objects that have to do with the node that asks
 * (upstream: plugin/pkg/auth/authorizer/node/node_authorizer.go, with AuthorizeNodeWithSelectors).
 */
import { groupResourceOf } from '#api/resource.ts'
import { nodeOf, type User } from '#apiserver/authentication/user.ts'
import type { Authorizer, Decision } from './authorizer.ts'
import { systemRules } from './policy/system-roles.ts'
import { type Attributes, rulesAllow } from './rules.ts'

export type RelatedResource =
  | 'pods'
  | 'secrets'
  | 'configmaps'
  | 'serviceaccounts'
  | 'persistentvolumeclaims'
  | 'persistentvolumes'
  | 'resourceclaims'
  | 'volumeattachments'
  | 'resourceslices'

/** Which objects a node has to do with: its pods, what they refer to, and what says itself that it is the node's. */
export interface NodeRelations {
  related(nodeName: string, resource: RelatedResource, object: { namespace: string; name: string }): Promise<boolean>
}

const allowed: Decision = { allowed: true, reason: '' }
const no = (reason: string): Decision => ({ allowed: false, reason })
const noOpinion = no('')
const nodeRules = systemRules['system:node'] ?? []

export function nodeAuthorizer(relations: NodeRelations): Authorizer {
  return {
    authorize(user, attributes) {
      const nodeName = nodeOf(user)
      if (nodeName === undefined) return noOpinion
      if (nodeName === '') return no(`unknown node for user ${JSON.stringify(user.name)}`)
      return decide(nodeName, attributes, relations)
    },
    rules(user: User) {
      if (nodeOf(user) === undefined) return { rules: [], incomplete: false, error: '' }
      return { rules: [], incomplete: true, error: 'node authorizer does not support user rule resolution' }
    },
  }
}

/** Waits for the relations only where a name is left to be judged by them. */
async function decide(nodeName: string, attributes: Attributes, relations: NodeRelations): Promise<Decision> {
  const key = attributes.isResource ? groupResourceOf({ group: attributes.group, plural: attributes.resource }) : ''
  const judge = Object.hasOwn(judges, key) ? judges[key] : undefined
  if (!judge) return rulesAllow(nodeRules, attributes) ? allowed : noOpinion
  const verdict = judge(nodeName, attributes)
  if (verdict !== 'if related') return verdict
  const { namespace, name, resource } = attributes
  if (name === '') return no('No Object name found')
  const isRelated = await relations.related(nodeName, resource as RelatedResource, { namespace, name })
  return isRelated ? allowed : no(`no relationship found between node '${nodeName}' and this object`)
}

type Judge = (nodeName: string, attributes: Attributes) => Decision | 'if related'

const isOne = (verb: string, ...verbs: readonly string[]): boolean => verbs.includes(verb)

const get: Judge = (_, { verb, subresource }) => {
  if (verb !== 'get') return no('can only get individual resources of this type')
  return subresource === '' ? 'if related' : no('cannot get subresource')
}

const read: Judge = (_, { verb, subresource, namespace }) => {
  if (!isOne(verb, 'get', 'list', 'watch')) return no('can only read resources of this type')
  if (subresource !== '') return no('cannot read subresource')
  return namespace === '' ? no('can only read namespaced object of this type') : 'if related'
}

const claim: Judge = (nodeName, attributes) => {
  if (attributes.subresource !== 'status') return get(nodeName, attributes)
  return isOne(attributes.verb, 'update', 'patch') ? 'if related' : no('can only get/update/patch this type')
}

const serviceAccount: Judge = (nodeName, attributes) => {
  const { verb, subresource, name } = attributes
  if (verb === 'get' && subresource === '') return read(nodeName, attributes)
  if (verb !== 'create' || name === '') return no('can only create tokens for individual service accounts')
  return subresource === 'token' ? 'if related' : no('can only create token subresource of serviceaccount')
}

const ownVerbs = ['get', 'create', 'update', 'patch', 'delete'] as const

/** The name is not known when an object is made: admission judges it then. */
const lease: Judge = (nodeName, { verb, namespace, name }) => {
  if (!isOne(verb, ...ownVerbs)) return no('can only get, create, update, patch, or delete a node lease')
  if (namespace !== 'kube-node-lease') return no('can only access leases in the "kube-node-lease" system namespace')
  if (verb === 'create' || name === nodeName) return allowed
  return no('can only access node lease with the same name as the requesting node')
}

const csiNode: Judge = (nodeName, { verb, subresource, name }) => {
  if (!isOne(verb, ...ownVerbs)) return no('can only get, create, update, patch, or delete a CSINode')
  if (subresource !== '') return no('cannot authorize CSINode subresources')
  return verb === 'create' || name === nodeName ? allowed : no('can only access CSINode with the same name as the requesting node')
}

const selects = ({ fieldSelector }: Attributes, field: string, value: string): boolean =>
  fieldSelector?.some((term) => term.field === field && term.operator === '=' && term.value === value) ?? false

const resourceSlice: Judge = (nodeName, attributes) => {
  const { verb, subresource } = attributes
  if (subresource !== '') return no('cannot authorize ResourceSlice subresources')
  if (verb === 'create') return allowed
  if (isOne(verb, 'get', 'update', 'patch', 'delete')) return 'if related'
  if (!isOne(verb, 'watch', 'list', 'deletecollection'))
    return no('only the following verbs are allowed for a ResourceSlice: get, watch, list, create, update, patch, delete, deletecollection')
  if (selects(attributes, 'spec.nodeName', nodeName)) return allowed
  return no('can only list/watch/deletecollection resourceslices with nodeName field selector')
}

const node: Judge = (nodeName, { verb, subresource, name }) => {
  if (subresource === 'status') return isOne(verb, 'update', 'patch') ? allowed : noOpinion
  if (subresource !== '') return noOpinion
  if (isOne(verb, 'create', 'update', 'patch')) return allowed
  if (!isOne(verb, 'get', 'list', 'watch')) return noOpinion
  if (name === nodeName) return allowed
  const what = name === '' ? 'all nodes' : `'${name}'`
  return no(`node '${nodeName}' cannot read ${what}, only its own Node object`)
}

/** Admission holds the writes to the node's own pods. */
const pod: Judge = (nodeName, attributes) => {
  const { verb, subresource, name } = attributes
  if (subresource === 'status') return isOne(verb, 'update', 'patch') ? allowed : noOpinion
  if (subresource === 'eviction') return verb === 'create' ? allowed : noOpinion
  if (subresource !== '') return noOpinion
  if (verb === 'get') return 'if related'
  if (isOne(verb, 'create', 'delete')) return allowed
  if (!isOne(verb, 'list', 'watch')) return noOpinion
  if (selects(attributes, 'spec.nodeName', nodeName)) return allowed
  return name === '' ? no('can only list/watch pods with spec.nodeName field selector') : 'if related'
}

const judges: Readonly<Record<string, Judge>> = {
  pods: pod,
  nodes: node,
  secrets: read,
  configmaps: read,
  serviceaccounts: serviceAccount,
  persistentvolumeclaims: claim,
  persistentvolumes: get,
  'resourceclaims.resource.k8s.io': get,
  'resourceslices.resource.k8s.io': resourceSlice,
  'volumeattachments.storage.k8s.io': get,
  'leases.coordination.k8s.io': lease,
  'csinodes.storage.k8s.io': csiNode,
  // The feature gate of pod certificates is off.
  'podcertificaterequests.certificates.k8s.io': () => noOpinion,
}
