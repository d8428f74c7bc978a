/** Node ports that are taken: objects that the server keeps for itself, made and removed together with the service. Their name is the number. */
import { type IPAddress, ipAddressSchema } from '#api/networking/ip-address.ts'
import type { Resource } from '#api/resource.ts'

/** Says whose the port is in the same form in which IPAddress objects do. */
export const NodePorts: Resource<IPAddress> = {
  group: 'typernetes.io',
  version: 'v1',
  kind: 'NodePort',
  plural: 'servicenodeports',
  storagePrefix: 'ranges/servicenodeports',
  scope: 'Cluster',
  schema: ipAddressSchema,
  columns: [],
}
