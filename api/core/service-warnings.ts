/** Texts for the Warning header where a service is legal but unwise (upstream: pkg/api/service/warnings.go). */
import { warningsForCidr, warningsForIp } from '#api/validation/addresses.ts'
import type { Service, ServiceSpec } from './service.ts'

const hints = 'service.kubernetes.io/topology-aware-hints'
const mode = 'service.kubernetes.io/topology-mode'

function headlessWarnings(spec: ServiceSpec): string[] {
  if (spec.clusterIP !== 'None') return []
  const found: string[] = []
  if (spec.loadBalancerIP) found.push('spec.loadBalancerIP is ignored for headless services')
  if ((spec.externalIPs ?? []).length > 0) found.push('spec.externalIPs is ignored for headless services')
  if (spec.sessionAffinity !== 'None') found.push('spec.SessionAffinity is ignored for headless services')
  return found
}

export function serviceWarnings(next: Service): string[] {
  const { spec } = next
  const found: string[] = []
  if (next.metadata.annotations?.[hints] !== undefined) found.push(`annotation ${hints} is deprecated, please use ${mode} instead`)
  if (spec.clusterIP && spec.clusterIP !== 'None') {
    found.push(...(spec.clusterIPs ?? []).flatMap((ip, i) => warningsForIp(`spec.clusterIPs[${i}]`, ip)))
  }
  found.push(...headlessWarnings(spec))
  found.push(...(spec.externalIPs ?? []).flatMap((ip, i) => warningsForIp(`spec.externalIPs[${i}]`, ip)))
  if (spec.loadBalancerIP) found.push(...warningsForIp('spec.loadBalancerIP', spec.loadBalancerIP))
  found.push(...(spec.loadBalancerSourceRanges ?? []).flatMap((range, i) => warningsForCidr(`spec.loadBalancerSourceRanges[${i}]`, range)))
  const external = spec.type === 'ExternalName'
  if (external && (spec.externalIPs ?? []).length > 0) found.push('spec.externalIPs is ignored when spec.type is "ExternalName"')
  if (!external && spec.externalName) found.push('spec.externalName is ignored when spec.type is not "ExternalName"')
  if (spec.trafficDistribution === 'PreferClose') {
    found.push('spec.trafficDistribution: "PreferClose" is deprecated; use "PreferSameZone"')
  }
  return found
}
