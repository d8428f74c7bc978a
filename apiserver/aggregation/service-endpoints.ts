/** Where a service can be reached, and why it cannot (pure; upstream: kube-aggregator, controllers/status/remote). */
import type { Service } from '#api/core/service.ts'
import type { EndpointSlice } from '#api/discovery/endpoint-slice.ts'

export interface Reference {
  namespace: string
  name: string
  port: number
}

export interface Address {
  host: string
  port: number
}

export interface Trouble {
  reason: 'ServiceNotFound' | 'ServicePortError' | 'EndpointsNotFound' | 'MissingEndpoints'
  message: string
}

/** Addresses of ready endpoints, or what is in the way. */
export function serviceAddresses(
  { namespace, name, port }: Reference,
  service: Service | undefined,
  slices: readonly EndpointSlice[],
): Address[] | Trouble {
  if (!service) return { reason: 'ServiceNotFound', message: `service/${name} in ${JSON.stringify(namespace)} is not present` }
  if (service.spec.type === 'ExternalName') return [{ host: service.spec.externalName ?? '', port }]
  const servicePort = service.spec.ports?.find((candidate) => candidate.port === port)
  if (!servicePort)
    return { reason: 'ServicePortError', message: `service/${name} in ${JSON.stringify(namespace)} is not listening on port ${port}` }
  if (slices.length === 0)
    return { reason: 'EndpointsNotFound', message: `cannot find endpointslices for service/${name} in ${JSON.stringify(namespace)}` }
  const portName = servicePort.name ?? ''
  const addresses = slices.flatMap((slice) => addressesOf(slice, portName))
  if (addresses.length > 0) return addresses
  const message = `endpointslices for service/${name} in ${JSON.stringify(namespace)} have no addresses with port name ${JSON.stringify(portName)}`
  return { reason: 'MissingEndpoints', message }
}

function addressesOf({ endpoints, ports }: EndpointSlice, portName: string): Address[] {
  const found = ports?.find((port) => (port.name ?? '') === portName && port.port)
  if (!found?.port) return []
  const { port } = found
  const ready = (endpoints ?? []).filter(({ conditions }) => conditions?.ready ?? true)
  return ready.flatMap(({ addresses }) => addresses.map((host) => ({ host, port })))
}
