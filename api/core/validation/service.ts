/** Rules of services, in upstream's order. */
import { externallyAccessible, needsHealthCheck } from '#api/core/rules/service.ts'
import type { LoadBalancerStatus, Service, ServicePort, ServiceSpec, SessionAffinityConfig } from '#api/core/service.ts'
import { duplicate, type FieldError, forbidden, invalid, notSupported, required } from '#api/meta/field-error.ts'
import { parseIp, validateCidrForLegacyField, validateIpForLegacyField } from '#api/validation/addresses.ts'
import { checkPortNumber, checkQualifiedName } from '#api/validation/names.ts'
import { validateLabels } from '#api/validation/object-meta.ts'
import { protocols } from './containers.ts'
import { validateEndpointIP } from './endpoint-address.ts'
import { validateKubeFinalizers } from './finalizers.ts'
import { validatePort as validatePortOrName } from './probes.ts'
import { isHeadlessSpec, validateAddresses, validateClusterIPChange, validateFamilyChange } from './service-addresses.ts'
import { checkLabelName, checkSubdomainName, invalids, requireOneOf } from './values.ts'

const types = ['ClusterIP', 'ExternalName', 'LoadBalancer', 'NodePort']
const trafficPolicies = ['Cluster', 'Local']
const distributions = ['PreferClose', 'PreferSameZone', 'PreferSameNode']
const longestAffinitySeconds = 86400
const annotation = {
  hints: 'service.kubernetes.io/topology-aware-hints',
  mode: 'service.kubernetes.io/topology-mode',
  sourceRanges: 'service.beta.kubernetes.io/load-balancer-source-ranges',
}

function validateTopologyAnnotations(annotations: Readonly<Record<string, string>>): FieldError[] {
  const [hints, mode] = [annotations[annotation.hints], annotations[annotation.mode]]
  if (hints === undefined || mode === undefined || hints === mode) return []
  const text = `must match annotations[${annotation.hints}] when both are specified`
  return [invalid(`metadata.annotations[${annotation.mode}]`, mode, text)]
}

function validateExternalName(spec: ServiceSpec): FieldError[] {
  const text = 'may not be set for ExternalName services'
  const found: FieldError[] = []
  if ((spec.clusterIPs ?? []).length > 0) found.push(forbidden('spec.clusterIPs', text))
  if ((spec.ipFamilies ?? []).length > 0) found.push(forbidden('spec.ipFamilies', text))
  if (spec.ipFamilyPolicy !== undefined) found.push(forbidden('spec.ipFamilyPolicy', text))
  const name = (spec.externalName ?? '').replace(/\.$/, '')
  return [...found, ...(name === '' ? [required('spec.externalName')] : checkSubdomainName('spec.externalName', name))]
}

function validateType(spec: ServiceSpec): FieldError[] {
  const headless = isHeadlessSpec(spec)
  if (spec.type === 'ExternalName') return validateExternalName(spec)
  if (!headless || (spec.type !== 'LoadBalancer' && spec.type !== 'NodePort')) return []
  return [invalid('spec.clusterIPs[0]', 'None', `may not be set to 'None' for ${spec.type} services`)]
}

function validateOnePort(port: ServicePort, path: string, nameRequired: boolean, names: Set<string>): FieldError[] {
  const found: FieldError[] = []
  const { name, protocol, appProtocol } = port
  if (name) {
    found.push(...checkLabelName(`${path}.name`, name))
    if (names.has(name)) found.push(duplicate(`${path}.name`, name))
    names.add(name)
  } else if (nameRequired) found.push(required(`${path}.name`))
  found.push(...invalids(`${path}.port`, port.port ?? 0, checkPortNumber(port.port ?? 0)))
  found.push(...requireOneOf(`${path}.protocol`, protocol, protocols))
  found.push(...validatePortOrName(port.targetPort, `${path}.targetPort`))
  if (appProtocol !== undefined) found.push(...invalids(`${path}.appProtocol`, appProtocol, checkQualifiedName(appProtocol)))
  return found
}

function validatePorts(spec: ServiceSpec): FieldError[] {
  const ports = spec.ports ?? []
  const names = new Set<string>()
  return ports.flatMap((port, i) => validateOnePort(port, `spec.ports[${i}]`, ports.length > 1, names))
}

/** The same port or node port twice. Upstream prints its own struct for the former. */
function validateRepeatedPorts(spec: ServiceSpec): FieldError[] {
  const ports = spec.ports ?? []
  const found: FieldError[] = []
  if (spec.type === 'ClusterIP') {
    for (const [i, { nodePort }] of ports.entries()) {
      if (nodePort) found.push(forbidden(`spec.ports[${i}].nodePort`, "may not be used when `type` is 'ClusterIP'"))
    }
  }
  const nodePorts = new Set<string>()
  for (const [i, { nodePort, protocol }] of ports.entries()) {
    if (!nodePort) continue
    if (nodePorts.has(`${protocol}/${nodePort}`)) found.push(duplicate(`spec.ports[${i}].nodePort`, nodePort))
    nodePorts.add(`${protocol}/${nodePort}`)
  }
  const seen = new Set<string>()
  for (const [i, { port, protocol }] of ports.entries()) {
    const shown = { Name: '', Protocol: protocol ?? '', AppProtocol: null, Port: port, TargetPort: 0, NodePort: 0 }
    if (seen.has(`${protocol}/${port}`)) found.push(duplicate(`spec.ports[${i}]`, shown))
    seen.add(`${protocol}/${port}`)
  }
  return found
}

function validateAffinityConfig(config: SessionAffinityConfig | undefined, path: string): FieldError[] {
  const text = 'when session affinity type is ClientIP'
  if (!config) return [required(path, text)]
  if (!config.clientIP) return [required(`${path}.clientIP`, text)]
  const seconds = config.clientIP.timeoutSeconds
  const field = `${path}.clientIP.timeoutSeconds`
  if (seconds === undefined) return [required(field, text)]
  if (seconds > 0 && seconds <= longestAffinitySeconds) return []
  return [invalid(field, seconds, `must be greater than 0 and less than ${longestAffinitySeconds}`)]
}

function validateAffinity(spec: ServiceSpec): FieldError[] {
  const found = requireOneOf('spec.sessionAffinity', spec.sessionAffinity, ['ClientIP', 'None'])
  const path = 'spec.sessionAffinityConfig'
  if (spec.sessionAffinity === 'ClientIP') found.push(...validateAffinityConfig(spec.sessionAffinityConfig, path))
  else if (spec.sessionAffinity === 'None' && spec.sessionAffinityConfig) {
    found.push(forbidden(path, 'must not be set when session affinity is None'))
  }
  return found
}

function validateExternalIPs(spec: ServiceSpec, prev: ServiceSpec | undefined): FieldError[] {
  return (spec.externalIPs ?? []).flatMap((ip, i) => {
    const syntax = validateIpForLegacyField(`spec.externalIPs[${i}]`, ip, prev?.externalIPs ?? [])
    return syntax.length > 0 ? syntax : validateEndpointIP(`spec.externalIPs[${i}]`, ip)
  })
}

const onlyLoadBalancer = "may only be used when `type` is 'LoadBalancer'"

function validateAnnotatedRanges(service: Service, prev: Service | undefined): FieldError[] {
  const text = service.metadata.annotations?.[annotation.sourceRanges]
  if (text === undefined) return []
  const field = `metadata.annotations[${annotation.sourceRanges}]`
  const found = service.spec.type === 'LoadBalancer' ? [] : [forbidden(field, onlyLoadBalancer)]
  if (text === prev?.metadata.annotations?.[annotation.sourceRanges] || text.trim() === '') return found
  return [...found, ...text.split(',').flatMap((range) => validateCidrForLegacyField(field, range.trim()))]
}

function validateSourceRanges(service: Service, prev: Service | undefined): FieldError[] {
  const ranges = service.spec.loadBalancerSourceRanges ?? []
  if (ranges.length === 0) return validateAnnotatedRanges(service, prev)
  const field = 'spec.LoadBalancerSourceRanges'
  const old = (prev?.spec.loadBalancerSourceRanges ?? []).map((range) => range.trim())
  const found = service.spec.type === 'LoadBalancer' ? [] : [forbidden(field, onlyLoadBalancer)]
  return [...found, ...ranges.flatMap((range, i) => validateCidrForLegacyField(`${field}[${i}]`, range.trim(), old))]
}

function validateLoadBalancerClass(spec: ServiceSpec, prev: ServiceSpec | undefined): FieldError[] {
  const field = 'spec.loadBalancerClass'
  const name = spec.loadBalancerClass
  const found: FieldError[] = []
  if (prev?.type === 'LoadBalancer' && spec.type === 'LoadBalancer' && prev.loadBalancerClass !== name) {
    found.push(invalid(field, name ?? null, 'may not change once set'))
  }
  if (name === undefined) return found
  if (spec.type !== 'LoadBalancer') return [...found, forbidden(field, onlyLoadBalancer)]
  return [...found, ...invalids(field, name, checkQualifiedName(name))]
}

function validateTrafficPolicies(spec: ServiceSpec): FieldError[] {
  const found: FieldError[] = []
  const { externalTrafficPolicy: external, internalTrafficPolicy: internal, healthCheckNodePort: port = 0 } = spec
  if (externallyAccessible(spec)) found.push(...requireOneOf('spec.externalTrafficPolicy', external, trafficPolicies))
  else if (external) found.push(invalid('spec.externalTrafficPolicy', external, 'may only be set for externally-accessible services'))
  if (!needsHealthCheck(spec)) {
    const text = "may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'"
    if (port !== 0) found.push(invalid('spec.healthCheckNodePort', port, text))
  } else if (port === 0) found.push(required('spec.healthCheckNodePort'))
  else found.push(...invalids('spec.healthCheckNodePort', port, checkPortNumber(port)))
  if (internal === undefined) {
    if (['ClusterIP', 'NodePort', 'LoadBalancer'].includes(spec.type ?? '')) found.push(required('spec.internalTrafficPolicy'))
  } else if (!trafficPolicies.includes(internal)) found.push(notSupported('spec.internalTrafficPolicy', internal, trafficPolicies))
  const distribution = spec.trafficDistribution
  if (distribution !== undefined && !distributions.includes(distribution)) {
    found.push(notSupported('spec.trafficDistribution', distribution, distributions))
  }
  return found
}

function validateContent(service: Service, prev: Service | undefined): FieldError[] {
  const { spec } = service
  const found = validateTopologyAnnotations(service.metadata.annotations ?? {})
  if ((spec.ports ?? []).length === 0 && !isHeadlessSpec(spec) && spec.type !== 'ExternalName') found.push(required('spec.ports'))
  found.push(...validateType(spec), ...validatePorts(spec), ...validateLabels(spec.selector, 'spec.selector'))
  found.push(...validateAffinity(spec), ...validateAddresses(spec, prev?.spec), ...validateExternalIPs(spec, prev?.spec))
  found.push(...requireOneOf('spec.type', spec.type, types), ...validateRepeatedPorts(spec))
  found.push(...validateSourceRanges(service, prev))
  const allocate = spec.allocateLoadBalancerNodePorts
  if (allocate !== undefined && spec.type !== 'LoadBalancer') found.push(forbidden('spec.allocateLoadBalancerNodePorts', onlyLoadBalancer))
  if (allocate === undefined && spec.type === 'LoadBalancer') found.push(required('allocateLoadBalancerNodePorts'))
  return [...found, ...validateLoadBalancerClass(spec, undefined), ...validateTrafficPolicies(spec)]
}

export function validateService(next: Service, prev: Service | undefined): FieldError[] {
  const found = validateKubeFinalizers(next.metadata)
  if (!prev) return [...found, ...validateContent(next, undefined)]
  found.push(...validateClusterIPChange(next.spec, prev.spec), ...validateFamilyChange(next.spec, prev.spec))
  found.push(...validateLoadBalancerClass(next.spec, prev.spec))
  const port = (spec: ServiceSpec): number => spec.healthCheckNodePort ?? 0
  if (needsHealthCheck(prev.spec) && needsHealthCheck(next.spec) && port(next.spec) !== port(prev.spec)) {
    found.push(forbidden('spec.healthCheckNodePort', 'field is immutable'))
  }
  return [...found, ...validateContent(next, prev)]
}

function validateIngress(ingress: NonNullable<LoadBalancerStatus['ingress']>[number], path: string, old: readonly string[]): FieldError[] {
  const { ip, ipMode, hostname } = ingress
  const found = ip ? validateIpForLegacyField(`${path}.ip`, ip, old) : []
  if (ipMode === undefined) {
    if (ip) found.push(required(`${path}.ipMode`, 'must be specified when `ip` is set'))
  } else if (!ip) found.push(forbidden(`${path}.ipMode`, 'may not be specified when `ip` is not set'))
  else if (!['Proxy', 'VIP'].includes(ipMode)) found.push(notSupported(`${path}.ipMode`, ipMode, ['Proxy', 'VIP']))
  if (!hostname) return found
  found.push(...checkSubdomainName(`${path}.hostname`, hostname))
  if (parseIp(hostname)) found.push(invalid(`${path}.hostname`, hostname, 'must be a DNS name, not an IP address'))
  return found
}

export function validateServiceStatus(next: Service, prev: Service): FieldError[] {
  const path = 'status.loadBalancer.ingress'
  const ingress = next.status.loadBalancer?.ingress ?? []
  const found = validateKubeFinalizers(next.metadata)
  if (next.spec.type !== 'LoadBalancer') {
    return ingress.length === 0 ? found : [...found, forbidden(path, "may only be used when `spec.type` is 'LoadBalancer'")]
  }
  const old = (prev.status.loadBalancer?.ingress ?? []).map(({ ip }) => ip ?? '').filter((ip) => ip !== '')
  return [...found, ...ingress.flatMap((one, i) => validateIngress(one, `${path}[${i}]`, old))]
}
