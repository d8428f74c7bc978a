/** Rules of endpoint slices (upstream: pkg/apis/discovery/validation). */
import { protocols } from '#api/core/validation/containers.ts'
import { validateEndpointIP } from '#api/core/validation/endpoint-address.ts'
import { validateKubeFinalizers } from '#api/core/validation/finalizers.ts'
import { checkLabelName, checkSubdomainName, immutableMessage, invalids } from '#api/core/validation/values.ts'
import { duplicate, type FieldError, invalid, notSupported, required, tooMany } from '#api/meta/field-error.ts'
import { sameValue } from '#api/meta/same-value.ts'
import { parseIp, validateIp, validateIpForLegacyField } from '#api/validation/addresses.ts'
import { checkDns1123Label, checkDns1123Subdomain, checkLabelValue, checkQualifiedName } from '#api/validation/names.ts'
import { validateLabels } from '#api/validation/object-meta.ts'
import type { Endpoint, EndpointHints, EndpointPort, EndpointSlice } from './endpoint-slice.ts'

const addressTypes = ['FQDN', 'IPv4', 'IPv6']
const most = { topologyLabels: 16, addresses: 100, ports: 20000, endpoints: 1000, zoneHints: 8, nodeHints: 8 }

function validateDomain(field: string, name: string): FieldError[] {
  if (name === '') return [required(field)]
  const bare = name.endsWith('.') ? name.slice(0, -1) : name
  const messages = checkDns1123Subdomain(bare)
  if (messages.length > 0) return invalids(field, bare, messages)
  if (!bare.includes('.')) return [invalid(field, bare, 'should be a domain with at least two segments separated by dots')]
  return bare.split('.').flatMap((label) => invalids(field, label, checkDns1123Label(label)))
}

function validateAddress(address: string, index: number, list: string, type: string): FieldError[] {
  const field = `${list}[${index}]`
  if (type === 'FQDN') return validateDomain(field, address)
  if (type !== 'IPv4' && type !== 'IPv6') return []
  const syntax = type === 'IPv4' ? validateIpForLegacyField(field, address) : validateIp(field, address)
  if (syntax.length > 0) return syntax
  const family = parseIp(address)?.family
  const wrong = (type === 'IPv4') !== (family === 4)
  return [...(wrong ? [invalid(list, address, `must be an ${type} address`)] : []), ...validateEndpointIP(field, address)]
}

function validateNames(names: readonly string[], list: string, check: (name: string) => string[]): FieldError[] {
  const seen = new Set<string>()
  return names.flatMap((name, i) => {
    const field = `${list}[${i}].name`
    const again = seen.has(name) ? [duplicate(field, name)] : []
    seen.add(name)
    return [...again, ...invalids(field, name, check(name))]
  })
}

function validateHints(hints: EndpointHints, path: string): FieldError[] {
  const zones = (hints.forZones ?? []).map(({ name }) => name)
  const nodes = (hints.forNodes ?? []).map(({ name }) => name)
  if (zones.length > most.zoneHints) return [tooMany(`${path}.forZones`, zones.length, most.zoneHints)]
  const found = validateNames(zones, `${path}.forZones`, checkLabelValue)
  if (nodes.length > most.nodeHints) return [...found, tooMany(`${path}.forNodes`, nodes.length, most.nodeHints)]
  return [...found, ...validateNames(nodes, `${path}.forNodes`, checkDns1123Subdomain)]
}

function validateEndpoint(endpoint: Endpoint, path: string, type: string): FieldError[] {
  const list = `${path}.addresses`
  const addresses = endpoint.addresses ?? []
  const { nodeName, hostname, deprecatedTopology: topology = {}, hints } = endpoint
  const found: FieldError[] = []
  if (addresses.length === 0) found.push(required(list, 'must contain at least 1 address'))
  else if (addresses.length > most.addresses) found.push(tooMany(list, addresses.length, most.addresses))
  found.push(...addresses.flatMap((address, i) => validateAddress(address, i, list, type)))
  if (nodeName !== undefined) found.push(...checkSubdomainName(`${path}.nodeName`, nodeName))
  const labels = Object.keys(topology).length
  if (labels > most.topologyLabels) found.push(tooMany(`${path}.deprecatedTopology`, labels, most.topologyLabels))
  found.push(...validateLabels(topology, `${path}.deprecatedTopology`))
  if (hostname !== undefined) found.push(...checkLabelName(`${path}.hostname`, hostname))
  return hints ? [...found, ...validateHints(hints, `${path}.hints`)] : found
}

/** Whether both say the same; an empty name is something else than none. Stored lists that are empty are null. */
export function sameEndpoints(a: readonly Endpoint[] | null | undefined, b: readonly Endpoint[] | null | undefined): boolean {
  const named = (list: readonly Endpoint[] | null | undefined) =>
    (list ?? []).map((one) => [one.hostname, one.nodeName, one.zone].map((name) => name !== undefined))
  return sameValue(a, b) && sameValue(named(a), named(b))
}

function validateEndpoints(endpoints: readonly Endpoint[], type: string): FieldError[] {
  if (endpoints.length > most.endpoints) return [tooMany('endpoints', endpoints.length, most.endpoints)]
  return endpoints.flatMap((endpoint, i) => validateEndpoint(endpoint, `endpoints[${i}]`, type))
}

function validatePorts(ports: readonly EndpointPort[]): FieldError[] {
  if (ports.length > most.ports) return [tooMany('ports', ports.length, most.ports)]
  const found: FieldError[] = []
  const names = new Set<string>()
  for (const [i, { name = '', protocol, appProtocol }] of ports.entries()) {
    const at = `ports[${i}]`
    if (name !== '') found.push(...checkLabelName(`${at}.name`, name))
    if (names.has(name)) found.push(duplicate(`${at}.name`, name))
    names.add(name)
    if (protocol === undefined) found.push(required(`${at}.protocol`))
    else if (!protocols.includes(protocol)) found.push(notSupported(`${at}.protocol`, protocol, protocols))
    if (appProtocol !== undefined) found.push(...invalids(`${at}.appProtocol`, appProtocol, checkQualifiedName(appProtocol)))
  }
  return found
}

export function validateEndpointSlice(next: EndpointSlice, prev: EndpointSlice | undefined): FieldError[] {
  const type = next.addressType ?? ''
  const found = validateKubeFinalizers(next.metadata)
  if (type === '') found.push(required('addressType'))
  else if (!addressTypes.includes(type)) found.push(notSupported('addressType', type, addressTypes))
  found.push(...validatePorts(next.ports ?? []))
  // what was stored under older rules may stay as long as nobody touches it
  if (!prev || !sameEndpoints(next.endpoints, prev.endpoints)) found.push(...validateEndpoints(next.endpoints ?? [], type))
  if (prev && type !== prev.addressType) found.push(invalid('addressType', type, immutableMessage))
  return found
}
