/** Rules of network policies (upstream: pkg/apis/networking/validation), and texts for the Warning header. */
import { validateMetaAgain } from '#api/core/validation/meta-again.ts'
import { invalids } from '#api/core/validation/values.ts'
import { type FieldError, forbidden, invalid, notSupported, required } from '#api/meta/field-error.ts'
import type { IPBlock, NetworkPolicy, NetworkPolicyPeer, NetworkPolicyPort, NetworkPolicySpec } from '#api/networking/network-policy.ts'
import { cidrContains, parseCidr, validateCidrForLegacyField, warningsForCidr } from '#api/validation/addresses.ts'
import { validateLabelSelector } from '#api/validation/label-selector.ts'
import { checkPortName, checkPortNumber } from '#api/validation/names.ts'

/** What a stored policy has and may keep. */
interface Tolerated {
  allowInvalidValues: boolean
  cidrs: readonly string[]
}

function validatePort({ protocol, port, endPort }: NetworkPolicyPort, path: string): FieldError[] {
  const end = `${path}.endPort`
  const found: FieldError[] = []
  if (protocol !== undefined && !['TCP', 'UDP', 'SCTP'].includes(protocol)) {
    found.push(notSupported(`${path}.protocol`, protocol, ['TCP', 'UDP', 'SCTP']))
  }
  if (port === undefined) {
    if (endPort !== undefined) found.push(invalid(end, endPort, 'may not be specified when `port` is not specified'))
  } else if (typeof port === 'number') {
    found.push(...invalids(`${path}.port`, port, checkPortNumber(port)))
    if (endPort === undefined) return found
    if (endPort < port) found.push(invalid(end, port, 'must be greater than or equal to `port`'))
    found.push(...invalids(end, endPort, checkPortNumber(endPort)))
  } else {
    if (endPort !== undefined) found.push(invalid(end, endPort, 'may not be specified when `port` is non-numeric'))
    found.push(...invalids(`${path}.port`, port, checkPortName(port)))
  }
  return found
}

/** Whether every address of `inner` is one of `outer`, and not the other way round. */
function isStrictSubset(inner: string, outer: string): boolean | undefined {
  const [small, large] = [parseCidr(inner), parseCidr(outer)]
  if (!small || !large) return undefined
  return cidrContains(large, small.address) && large.prefixLength < small.prefixLength
}

function validateIPBlock({ cidr, except = [] }: IPBlock, path: string, tolerated: Tolerated): FieldError[] {
  if (!cidr) return [required(`${path}.cidr`)]
  const found = validateCidrForLegacyField(`${path}.cidr`, cidr, tolerated.cidrs)
  if (!parseCidr(cidr)) return found
  for (const [i, text] of except.entries()) {
    const field = `${path}.except[${i}]`
    found.push(...validateCidrForLegacyField(field, text, tolerated.cidrs))
    if (isStrictSubset(text, cidr) === false) found.push(invalid(field, text, 'must be a strict subset of `cidr`'))
  }
  return found
}

function validatePeer(peer: NetworkPolicyPeer, path: string, tolerated: Tolerated): FieldError[] {
  const { podSelector, namespaceSelector, ipBlock } = peer
  const selectors = [podSelector, namespaceSelector].filter((selector) => selector !== undefined)
  const found = [
    ...validateLabelSelector(podSelector, `${path}.podSelector`, tolerated),
    ...validateLabelSelector(namespaceSelector, `${path}.namespaceSelector`, tolerated),
    ...(ipBlock ? validateIPBlock(ipBlock, `${path}.ipBlock`, tolerated) : []),
  ]
  if (selectors.length === 0 && !ipBlock) found.push(required(path, 'must specify a peer'))
  else if (selectors.length > 0 && ipBlock) found.push(forbidden(path, 'may not specify both ipBlock and another peer'))
  return found
}

interface Rule {
  ports: readonly NetworkPolicyPort[]
  peers: readonly NetworkPolicyPeer[]
  path: string
  peersName: 'from' | 'to'
}

const rulesOf = ({ ingress = [], egress = [] }: NetworkPolicySpec): Rule[] => [
  ...ingress.map(({ ports = [], from = [] }, i): Rule => ({ ports, peers: from, path: `spec.ingress[${i}]`, peersName: 'from' })),
  ...egress.map(({ ports = [], to = [] }, i): Rule => ({ ports, peers: to, path: `spec.egress[${i}]`, peersName: 'to' })),
]

function validateSpec(spec: NetworkPolicySpec, tolerated: Tolerated): FieldError[] {
  const found = validateLabelSelector(spec.podSelector, 'spec.podSelector', tolerated)
  for (const { ports, peers, path, peersName } of rulesOf(spec)) {
    found.push(...ports.flatMap((port, i) => validatePort(port, `${path}.ports[${i}]`)))
    found.push(...peers.flatMap((peer, i) => validatePeer(peer, `${path}.${peersName}[${i}]`, tolerated)))
  }
  const types = spec.policyTypes ?? []
  const allowed = ['Ingress', 'Egress']
  if (types.length > 2) return [...found, invalid('spec.policyTypes', types, 'may not specify more than two policyTypes')]
  for (const [i, type] of types.entries()) {
    if (!allowed.includes(type)) found.push(notSupported(`spec.policyTypes[${i}]`, type, allowed))
  }
  return found
}

const cidrsOf = ({ cidr, except = [] }: IPBlock): string[] => [cidr, ...except]
const blocksOf = (spec: NetworkPolicySpec): string[] =>
  rulesOf(spec).flatMap(({ peers }) => peers.flatMap(({ ipBlock }) => (ipBlock ? cidrsOf(ipBlock) : [])))

/** Upstream looks at a changed spec twice, the first time without regard for the ranges that are stored. */
export function validateNetworkPolicy(next: NetworkPolicy, prev: NetworkPolicy | undefined): FieldError[] {
  const allowInvalidValues = prev !== undefined && validateLabelSelector(prev.spec.podSelector, '').length > 0
  return [
    ...validateMetaAgain(next.metadata, prev !== undefined, { namespaced: true }),
    ...validateSpec(next.spec, { allowInvalidValues, cidrs: [] }),
    ...(prev ? validateSpec(next.spec, { allowInvalidValues, cidrs: blocksOf(prev.spec) }) : []),
  ]
}

export function networkPolicyWarnings({ spec }: NetworkPolicy): string[] {
  return rulesOf(spec).flatMap(({ peers, path, peersName }) =>
    peers.flatMap(({ ipBlock }, i) => {
      if (!ipBlock) return []
      const at = `${path}.${peersName}[${i}].ipBlock`
      const except = (ipBlock.except ?? []).flatMap((text, k) => warningsForCidr(`${at}.except[${k}]`, text))
      return [...warningsForCidr(`${at}.cidr`, ipBlock.cidr), ...except]
    }),
  )
}
