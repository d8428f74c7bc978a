/** A ready endpoint of a service as the cache knows it: webhooks are dialled without the help of a proxy. */
import { type Service, Services } from '#api/core/service.ts'
import { type EndpointSlice, EndpointSlices } from '#api/discovery/endpoint-slice.ts'
import type { Resource } from '#api/resource.ts'
import { type Address, serviceAddresses } from '#apiserver/aggregation/service-endpoints.ts'
import type { Cache } from '#apiserver/cache/cache.ts'
import { objectOf } from '#apiserver/cache/entry.ts'

const serviceLabel = 'kubernetes.io/service-name'

/** Throws with upstream's words where no endpoint is ready. */
export function endpointOf(cache: Cache, random: () => number): (namespace: string, name: string, port: number) => Address {
  return (namespace, name, port) => {
    const services = cache.of(Services as unknown as Resource)
    const entry = services.get(services.keyOf(namespace, name))
    const service = entry && (objectOf(entry) as Service)
    if (service === undefined) throw new Error(`service ${JSON.stringify(name)} not found`)
    const slices = cache
      .of(EndpointSlices as unknown as Resource)
      .range(namespace)
      .filter((slice) => slice.labels?.[serviceLabel] === name)
      .map((slice) => objectOf(slice) as EndpointSlice)
    const found = serviceAddresses({ namespace, name, port }, service, slices)
    if (!Array.isArray(found))
      throw new Error(found.reason === 'ServicePortError' ? found.message : `no endpoints available for service ${JSON.stringify(name)}`)
    const chosen = found[Math.floor(random() * found.length)]
    if (chosen === undefined) throw new Error(`no endpoints available for service ${JSON.stringify(name)}`)
    return chosen
  }
}
