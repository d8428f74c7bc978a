/** Network policies. */
import type { z } from 'zod'
import { int32, intOrString, kind, list, message, object, string } from '#api/fields.ts'
import { labelSelectorSchema } from '#api/meta/label-selector.ts'
import { objectMetaSchema } from '#api/meta/object-meta.ts'
import { sameJson } from '#api/own.ts'
import type { Resource } from '#api/resource.ts'
import { networkPolicyColumns } from './columns.ts'
import { networkPolicyWarnings, validateNetworkPolicy } from './validation/network-policy.ts'

export const networkPolicyPortSchema = message('io.k8s.api.networking.v1.NetworkPolicyPort', 'Ports of a policy.', {
  protocol: string(1, 'TCP, UDP or SCTP.', { pointer: true, enum: ['SCTP', 'TCP', 'UDP'], goType: 'v1.Protocol' }),
  port: intOrString(2, 'Number or name of the port; all where absent.', { pointer: true }),
  endPort: int32(3, 'Last port of a range that begins with port.', { pointer: true }),
})
export type NetworkPolicyPort = z.output<typeof networkPolicyPortSchema>

export const ipBlockSchema = message('io.k8s.api.networking.v1.IPBlock', 'A range of addresses, with exceptions.', {
  cidr: string(1, 'The range, such as 192.168.1.0/24.', { json: 'always' }),
  except: list(2, 'string', 'Ranges inside it that do not count.', { listType: 'atomic' }),
})
export type IPBlock = z.output<typeof ipBlockSchema>

export const networkPolicyPeerSchema = message('io.k8s.api.networking.v1.NetworkPolicyPeer', 'Pods or addresses on the other side.', {
  podSelector: object(1, labelSelectorSchema, 'Labels of the pods.', { pointer: true }),
  namespaceSelector: object(2, labelSelectorSchema, 'Namespaces of the pods.', { pointer: true }),
  ipBlock: object(3, ipBlockSchema, 'A range of addresses; excludes the selectors.', { pointer: true }),
})
export type NetworkPolicyPeer = z.output<typeof networkPolicyPeerSchema>

export const networkPolicyIngressRuleSchema = message('io.k8s.api.networking.v1.NetworkPolicyIngressRule', 'Traffic that pods may take.', {
  ports: list(1, networkPolicyPortSchema, 'Ports it may go to; all where empty.', { listType: 'atomic' }),
  from: list(2, networkPolicyPeerSchema, 'Peers it may come from; all where empty.', { listType: 'atomic' }),
})
export type NetworkPolicyIngressRule = z.output<typeof networkPolicyIngressRuleSchema>

export const networkPolicyEgressRuleSchema = message('io.k8s.api.networking.v1.NetworkPolicyEgressRule', 'Traffic that pods may send.', {
  ports: list(1, networkPolicyPortSchema, 'Ports that may be reached; all where empty.', { listType: 'atomic' }),
  to: list(2, networkPolicyPeerSchema, 'Peers that may be reached; all where empty.', { listType: 'atomic' }),
})
export type NetworkPolicyEgressRule = z.output<typeof networkPolicyEgressRuleSchema>

export const networkPolicySpecSchema = message('io.k8s.api.networking.v1.NetworkPolicySpec', 'The wanted state of a network policy.', {
  podSelector: object(1, labelSelectorSchema, 'Labels of the pods it is about; all pods of the namespace where empty.', {
    json: 'always',
    required: false,
  }),
  ingress: list(2, networkPolicyIngressRuleSchema, 'Traffic that the pods may take.', { listType: 'atomic' }),
  egress: list(3, networkPolicyEgressRuleSchema, 'Traffic that the pods may send.', { listType: 'atomic' }),
  policyTypes: list(4, 'string', 'Ingress, Egress or both.', { enum: ['Egress', 'Ingress'], listType: 'atomic', goType: 'v1.PolicyType' }),
})
export type NetworkPolicySpec = z.output<typeof networkPolicySpecSchema>

export const networkPolicySchema = kind('io.k8s.api.networking.v1.NetworkPolicy', 'Which traffic some pods may take and send.', {
  metadata: object(1, objectMetaSchema, 'Name, labels and the other data every object has.', { json: 'always', required: false }),
  spec: object(2, networkPolicySpecSchema, 'The wanted state.', { json: 'always', required: false }),
})
export type NetworkPolicy = z.output<typeof networkPolicySchema>

function defaultNetworkPolicy(policy: NetworkPolicy): NetworkPolicy {
  const { spec } = policy
  for (const rule of [...(spec.ingress ?? []), ...(spec.egress ?? [])]) {
    for (const port of rule.ports ?? []) port.protocol ??= 'TCP'
  }
  if ((spec.policyTypes ?? []).length === 0) spec.policyTypes = (spec.egress ?? []).length > 0 ? ['Ingress', 'Egress'] : ['Ingress']
  return policy
}

export const NetworkPolicies: Resource<NetworkPolicy> = {
  group: 'networking.k8s.io',
  version: 'v1',
  kind: 'NetworkPolicy',
  plural: 'networkpolicies',
  singular: 'networkpolicy',
  shortNames: ['netpol'],
  scope: 'Namespaced',
  schema: networkPolicySchema,
  columns: networkPolicyColumns,
  // upstream compares the structs: a list of nothing is not the absence of a list
  generation: false,
  defaults: defaultNetworkPolicy,
  prepare(next, prev) {
    if (!prev || !sameJson(next.spec, prev.spec)) next.metadata.generation = (prev?.metadata.generation ?? 0) + 1
    return next
  },
  validate: validateNetworkPolicy,
  warnings: networkPolicyWarnings,
}
