/** Table columns of the networking kinds. */
import { selectorText } from '#api/apps/columns.ts'
import { ageColumn, column, nameColumn } from '#api/meta/age.ts'
import type { Column } from '#api/resource.ts'
import type { Ingress, IngressRule } from './ingress.ts'
import type { IngressClass } from './ingress-class.ts'
import type { IPAddress } from './ip-address.ts'
import type { NetworkPolicy } from './network-policy.ts'
import type { ServiceCIDR } from './service-cidr.ts'

const none = '<none>'
const hostsShown = 3

/** Upstream counts what is left out from all rules, those without a host included. */
function hostsText(rules: readonly IngressRule[]): string {
  const hosts: string[] = []
  let more = false
  for (const { host } of rules) {
    if (hosts.length === hostsShown) more = true
    if (!more && host) hosts.push(host)
  }
  if (hosts.length === 0) return '*'
  return more ? `${hosts.join(',')} + ${rules.length - hostsShown} more...` : hosts.join(',')
}

function addressText({ status }: Ingress): string {
  const addresses = (status.loadBalancer?.ingress ?? []).map(({ ip, hostname }) => ip || hostname || '').filter((text) => text !== '')
  return [...new Set(addresses)].sort().join(',')
}

export const ingressColumns: readonly Column<Ingress>[] = [
  nameColumn,
  column('Class', 'Class whose controller serves it.', ({ spec }) => spec.ingressClassName ?? none),
  column('Hosts', 'Hosts that it serves.', ({ spec }) => hostsText(spec.rules ?? [])),
  column('Address', 'Where it is reached.', addressText),
  column('Ports', 'Ports that it serves.', ({ spec }) => ((spec.tls ?? []).length > 0 ? '80, 443' : '80')),
  ageColumn,
]

function parametersText({ spec }: IngressClass): string {
  const { parameters } = spec
  if (!parameters) return none
  const group = parameters.apiGroup === undefined ? '' : `.${parameters.apiGroup}`
  return `${parameters.kind}${group}/${parameters.name}`
}

export const ingressClassColumns: readonly Column<IngressClass>[] = [
  nameColumn,
  column('Controller', 'Controller of the class.', ({ spec }) => spec.controller ?? ''),
  column('Parameters', 'Object with further settings.', parametersText),
  ageColumn,
]

export const networkPolicyColumns: readonly Column<NetworkPolicy>[] = [
  nameColumn,
  column('Pod-Selector', 'Labels of the pods.', ({ spec }) => selectorText(spec.podSelector) || none),
  ageColumn,
]

export const serviceCIDRColumns: readonly Column<ServiceCIDR>[] = [
  nameColumn,
  column('CIDRs', 'Ranges of addresses.', ({ spec }) => (spec.cidrs ?? []).join(',')),
  ageColumn,
]

function parentText({ spec }: IPAddress): string {
  const parent = spec.parentRef
  if (!parent) return none
  const resource = `${parent.resource ?? ''}${parent.group ? `.${parent.group}` : ''}`.toLowerCase()
  return [resource, ...(parent.namespace ? [parent.namespace] : []), parent.name ?? ''].join('/')
}

export const ipAddressColumns: readonly Column<IPAddress>[] = [nameColumn, column('ParentRef', 'Object that uses the address.', parentText)]
