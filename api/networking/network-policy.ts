/** DESCRIBE file api/networking/network-policy.ts */
import type { z } from 'zod'
import { int32, intOrString, kind, list, message, object, string } from '#api/fields.ts'
import { labelSelectorSchema } from '#api/meta/label-selector.ts'
import { objectMetaSchema } from '#api/meta/object-meta.ts'

export const networkPolicyPortSchema = message('io.k8s.api.networking.v1.NetworkPolicyPort', 'DESCRIBE NetworkPolicyPort', {
  protocol: string(1, 'DESCRIBE NetworkPolicyPort.protocol', { pointer: true, enum: ['SCTP', 'TCP', 'UDP'] }),
  port: intOrString(2, 'DESCRIBE NetworkPolicyPort.port', { pointer: true }),
  endPort: int32(3, 'DESCRIBE NetworkPolicyPort.endPort', { pointer: true }),
})
export type NetworkPolicyPort = z.output<typeof networkPolicyPortSchema>

export const ipBlockSchema = message('io.k8s.api.networking.v1.IPBlock', 'DESCRIBE IPBlock', {
  cidr: string(1, 'DESCRIBE IPBlock.cidr', { json: 'always' }),
  except: list(2, 'string', 'DESCRIBE IPBlock.except', { listType: 'atomic' }),
})
export type IPBlock = z.output<typeof ipBlockSchema>

export const networkPolicyPeerSchema = message('io.k8s.api.networking.v1.NetworkPolicyPeer', 'DESCRIBE NetworkPolicyPeer', {
  podSelector: object(1, labelSelectorSchema, 'DESCRIBE NetworkPolicyPeer.podSelector', { pointer: true }),
  namespaceSelector: object(2, labelSelectorSchema, 'DESCRIBE NetworkPolicyPeer.namespaceSelector', { pointer: true }),
  ipBlock: object(3, ipBlockSchema, 'DESCRIBE NetworkPolicyPeer.ipBlock', { pointer: true }),
})
export type NetworkPolicyPeer = z.output<typeof networkPolicyPeerSchema>

export const networkPolicyIngressRuleSchema = message(
  'io.k8s.api.networking.v1.NetworkPolicyIngressRule',
  'DESCRIBE NetworkPolicyIngressRule',
  {
    ports: list(1, networkPolicyPortSchema, 'DESCRIBE NetworkPolicyIngressRule.ports', { listType: 'atomic' }),
    from: list(2, networkPolicyPeerSchema, 'DESCRIBE NetworkPolicyIngressRule.from', { listType: 'atomic' }),
  },
)
export type NetworkPolicyIngressRule = z.output<typeof networkPolicyIngressRuleSchema>

export const networkPolicyEgressRuleSchema = message(
  'io.k8s.api.networking.v1.NetworkPolicyEgressRule',
  'DESCRIBE NetworkPolicyEgressRule',
  {
    ports: list(1, networkPolicyPortSchema, 'DESCRIBE NetworkPolicyEgressRule.ports', { listType: 'atomic' }),
    to: list(2, networkPolicyPeerSchema, 'DESCRIBE NetworkPolicyEgressRule.to', { listType: 'atomic' }),
  },
)
export type NetworkPolicyEgressRule = z.output<typeof networkPolicyEgressRuleSchema>

export const networkPolicySpecSchema = message('io.k8s.api.networking.v1.NetworkPolicySpec', 'DESCRIBE NetworkPolicySpec', {
  podSelector: object(1, labelSelectorSchema, 'DESCRIBE NetworkPolicySpec.podSelector', { json: 'always', required: false }),
  ingress: list(2, networkPolicyIngressRuleSchema, 'DESCRIBE NetworkPolicySpec.ingress', { listType: 'atomic' }),
  egress: list(3, networkPolicyEgressRuleSchema, 'DESCRIBE NetworkPolicySpec.egress', { listType: 'atomic' }),
  policyTypes: list(4, 'string', 'DESCRIBE NetworkPolicySpec.policyTypes', { enum: ['Egress', 'Ingress'], listType: 'atomic' }),
})
export type NetworkPolicySpec = z.output<typeof networkPolicySpecSchema>

export const networkPolicySchema = kind('io.k8s.api.networking.v1.NetworkPolicy', 'DESCRIBE NetworkPolicy', {
  metadata: object(1, objectMetaSchema, 'DESCRIBE NetworkPolicy.metadata', { json: 'always', required: false }),
  spec: object(2, networkPolicySpecSchema, 'DESCRIBE NetworkPolicy.spec', { json: 'always', required: false }),
})
export type NetworkPolicy = z.output<typeof networkPolicySchema>
