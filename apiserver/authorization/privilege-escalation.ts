/** Nobody gives away what they do not hold: checks on writes of roles and bindings (upstream: registry/rbac, escalation_check.go and policybased storages). */
import { goQuote } from '#api/meta/go-quote.ts'
import { sameValue } from '#api/meta/same-value.ts'
import { ApiError, notFoundError } from '#api/meta/status.ts'
import type { ClusterRole } from '#api/rbac/cluster-role.ts'
import { type Binding, rbacGroup } from '#api/rbac/defaults.ts'
import type { PolicyRule } from '#api/rbac/role.ts'
import { groupResourceOf, type KubeObject } from '#api/resource.ts'
import { type AdmissionPlugin, type AdmissionRequest, refuse } from '#apiserver/admission/admission.ts'
import { mastersGroup } from '#apiserver/authentication/user.ts'
import type { Authorizer } from './authorizer.ts'
import { describeRules, missingRules, quotedList } from './coverage.ts'
import type { RbacAuthorizer } from './rbac.ts'
import type { Attributes } from './rules.ts'

const fullAuthority: readonly PolicyRule[] = [
  { verbs: ['*'], apiGroups: ['*'], resources: ['*'] },
  { verbs: ['*'], nonResourceURLs: ['*'] },
]

/** Comes after all plug-ins that change objects and cannot be switched off. */
export function privilegeEscalation(authorizer: Authorizer, rbac: RbacAuthorizer): AdmissionPlugin {
  const may = async (request: AdmissionRequest, verb: string, on: Partial<Attributes>): Promise<boolean> => {
    const base = { isResource: true, path: '', group: rbacGroup, version: '*', resource: '', subresource: '', namespace: '', name: '' }
    return (await authorizer.authorize(request.user, { ...base, verb, ...on })).allowed
  }
  const confirm = (request: AdmissionRequest, wanted: readonly PolicyRule[]): string | undefined => missing(rbac, request, wanted)

  const checkRole = async (request: AdmissionRequest): Promise<void> => {
    const { namespace, resource, operation } = request
    const name = operation === 'create' ? '' : request.name
    if (await may(request, 'escalate', { resource: resource.plural, namespace, name })) return
    const role = request.object as ClusterRole
    if (onlyForCollection(role, request.old)) return
    const why = confirm(request, role.rules ?? [])
    if (why !== undefined) throw refuse(request, why)
    const gathers = (of: ClusterRole | undefined): boolean => (of?.aggregationRule?.clusterRoleSelectors?.length ?? 0) > 0
    if (!gathers(role) && !gathers(request.old as ClusterRole | undefined)) return
    if (confirm(request, fullAuthority) !== undefined)
      throw refuse(request, 'must have cluster-admin privileges to use the aggregationRule')
  }

  const checkBinding = async (request: AdmissionRequest): Promise<void> => {
    const { namespace } = request
    const binding = request.object as Binding
    if (onlyForCollection(binding, request.old)) return
    const { kind, name, apiGroup } = binding.roleRef
    const plural = kind === 'ClusterRole' ? 'clusterroles' : 'roles'
    const known = kind === 'ClusterRole' || kind === 'Role'
    if (known && (await may(request, 'bind', { group: apiGroup, resource: plural, namespace, name }))) return
    if (!known) throw new ApiError(500, '', `unsupported role reference kind: ${goQuote(kind)}`)
    const rules = rbac.rulesOf({ ...binding, metadata: { ...binding.metadata, namespace } })
    // Upstream names what is being written, not what is missing.
    if (!rules) throw notFoundError(request.resource, name)
    const why = confirm(request, rules)
    if (why !== undefined) throw refuse(request, why)
  }

  return {
    name: 'PrivilegeEscalation',
    kinds: ['roles', 'rolebindings', 'clusterroles', 'clusterrolebindings'].map((plural) => `${plural}.${rbacGroup}`),
    async mutate(request) {
      const { resource, subresource, operation, user } = request
      if (resource.group !== rbacGroup || subresource !== '' || (operation !== 'create' && operation !== 'update')) return
      if (user.groups.includes(mastersGroup)) return
      await (resource.plural.endsWith('roles') ? checkRole(request) : checkBinding(request))
    },
  }
}

/** What the user does not hold of `wanted`, in upstream's words; undefined where they hold all of it. */
function missing(rbac: RbacAuthorizer, { user, namespace, resource }: AdmissionRequest, wanted: readonly PolicyRule[]): string | undefined {
  const held = rbac.held(user, namespace)
  const lacking = missingRules(held.rules, wanted)
  if (lacking.length === 0) return undefined
  const who = `user ${goQuote(user.name)} (groups=${quotedList(user.groups)})`
  const absent = [...new Set(held.missing)].map((name) => `${groupResourceOf(resource)} ${goQuote(name)} not found`)
  const errors = absent.length === 0 ? '' : `; resolution errors: [${absent.length === 1 ? absent[0] : `[${absent.join(', ')}]`}]`
  return `${who} is attempting to grant RBAC permissions not currently held:\n${describeRules(lacking).join('\n')}${errors}`
}

/** Owner references and finalizers may be changed by whoever collects garbage. */
function onlyForCollection(next: KubeObject, old: KubeObject | undefined): boolean {
  if (!old) return false
  const bare = (object: KubeObject): KubeObject => {
    const { ownerReferences: _owners, finalizers: _finalizers, managedFields: _fields, ...rest } = object.metadata
    return { ...object, metadata: rest as KubeObject['metadata'] }
  }
  return sameValue(bare(next), bare(old))
}
