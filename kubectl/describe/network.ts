/** Describes services, endpoints and endpoint slices. */
import type { Endpoints } from '#api/core/endpoints.ts'
import type { Service } from '#api/core/service.ts'
import type { EndpointSlice } from '#api/discovery/endpoint-slice.ts'
import { type Describer, eventTable, head, joined, labelsAndAnnotations } from './describer.ts'

function endpointsOf(slices: readonly EndpointSlice[], name: string | undefined): string {
  const found = slices.flatMap((slice) => {
    const port = (slice.ports ?? []).find((p) => (p.name ?? '') === (name ?? ''))?.port
    return port === undefined
      ? []
      : (slice.endpoints ?? [])
          .filter((e) => e.conditions?.ready !== false)
          .flatMap((e) => (e.addresses ?? []).map((ip) => `${ip}:${port}`))
  })
  if (found.length === 0) return '<none>'
  return found.length > 3 ? `${found.slice(0, 3).join(',')} + ${found.length - 3} more...` : found.join(',')
}

export const service: Describer<Service> = {
  related: (object) => [
    { group: 'discovery.k8s.io', plural: 'endpointslices', labelSelector: `kubernetes.io/service-name=${object.metadata.name}` },
  ],
  describe(object, lines, around) {
    const { spec, status } = object
    head(object, lines, { namespaced: true })
    labelsAndAnnotations(object, lines)
    const selector = Object.entries(spec.selector ?? {}).map(([k, v]) => `${k}=${v}`)
    lines.add(0, `Selector:\t${selector.length === 0 ? '<none>' : selector.sort().join(',')}`)
    lines.add(0, `Type:\t${spec.type ?? ''}`)
    if (spec.ipFamilyPolicy) lines.add(0, `IP Family Policy:\t${spec.ipFamilyPolicy}`)
    if (spec.ipFamilies) lines.add(0, `IP Families:\t${spec.ipFamilies.join(',')}`)
    lines.add(0, `IP:\t${spec.clusterIP ?? ''}`)
    lines.add(0, `IPs:\t${spec.clusterIPs?.length ? spec.clusterIPs.join(',') : '<none>'}`)
    if (spec.externalIPs?.length) lines.add(0, `External IPs:\t${spec.externalIPs.join(',')}`)
    if (spec.externalName) lines.add(0, `External Name:\t${spec.externalName}`)
    const ingress = (status.loadBalancer?.ingress ?? []).map((i) => i.ip ?? i.hostname ?? '')
    if (ingress.length > 0) lines.add(0, `LoadBalancer Ingress:\t${ingress.join(', ')}`)
    for (const port of spec.ports ?? []) {
      const name = port.name || '<unset>'
      lines
        .add(0, `Port:\t${name}\t${port.port}/${port.protocol ?? 'TCP'}`)
        .add(0, `TargetPort:\t${port.targetPort}/${port.protocol ?? 'TCP'}`)
      if (port.nodePort) lines.add(0, `NodePort:\t${name}\t${port.nodePort}/${port.protocol ?? 'TCP'}`)
      lines.add(0, `Endpoints:\t${endpointsOf(around.related as EndpointSlice[], port.name)}`)
    }
    lines.add(0, `Session Affinity:\t${spec.sessionAffinity ?? ''}`)
    if (spec.externalTrafficPolicy) lines.add(0, `External Traffic Policy:\t${spec.externalTrafficPolicy}`)
    if (spec.internalTrafficPolicy) lines.add(0, `Internal Traffic Policy:\t${spec.internalTrafficPolicy}`)
    if (spec.healthCheckNodePort) lines.add(0, `HealthCheck NodePort:\t${spec.healthCheckNodePort}`)
    eventTable(lines, around)
  },
}

export const endpoints: Describer<Endpoints> = {
  describe(object, lines, around) {
    head(object, lines, { namespaced: true })
    labelsAndAnnotations(object, lines)
    lines.add(0, 'Subsets:')
    for (const subset of object.subsets ?? []) {
      const ips = (list: { ip: string }[] | undefined): string => (list?.length ? list.map((a) => a.ip).join(',') : '<none>')
      lines.add(1, `Addresses:\t${ips(subset.addresses)}`).add(1, `NotReadyAddresses:\t${ips(subset.notReadyAddresses)}`)
      if (subset.ports?.length) {
        lines.add(1, 'Ports:').add(2, 'Name\tPort\tProtocol').add(2, '----\t----\t--------')
        for (const p of subset.ports) lines.add(2, `${p.name || '<unset>'}\t${p.port}\t${p.protocol ?? 'TCP'}`)
      }
      lines.add(0, '')
    }
    eventTable(lines, around)
  },
}

export const endpointSlice: Describer<EndpointSlice> = {
  describe(object, lines, around) {
    head(object, lines, { namespaced: true })
    labelsAndAnnotations(object, lines)
    lines.add(0, `AddressType:\t${object.addressType}`)
    if (object.ports?.length) {
      lines.add(0, 'Ports:').add(1, 'Name\tPort\tProtocol').add(1, '----\t----\t--------')
      for (const p of object.ports) lines.add(1, `${p.name || '<unset>'}\t${p.port ?? '*'}\t${p.protocol ?? 'TCP'}`)
    } else lines.add(0, 'Ports:\t<unset>')
    lines.add(0, `Endpoints:${object.endpoints?.length ? '' : ' <none>'}`)
    for (const e of object.endpoints ?? []) {
      lines
        .add(1, `- Addresses:\t${joined(e.addresses)}`)
        .add(2, 'Conditions:')
        .add(3, `Ready:\t${e.conditions?.ready ?? '<unset>'}`)
      lines.add(2, `Hostname:\t${e.hostname ?? '<unset>'}`)
      if (e.targetRef) lines.add(2, `TargetRef:\t${e.targetRef.kind}/${e.targetRef.name}`)
      lines.add(2, `NodeName:\t${e.nodeName ?? '<unset>'}`).add(2, `Zone:\t${e.zone ?? '<unset>'}`)
    }
    eventTable(lines, around)
  },
}
