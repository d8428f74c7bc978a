/** Reads claims and PersistentVolumes from the API server, one at a time and when they are needed, as the node authorizer wants it. */
import { PersistentVolumes } from '#api/core/persistent-volume.ts'
import { PersistentVolumeClaims } from '#api/core/persistent-volume-claim.ts'
import type { Client } from '#client/rest.ts'
import type { ClaimReader } from './claims.ts'

export function claimReader(client: Pick<Client, 'get'>): ClaimReader {
  return {
    claim: (namespace, name) => client.get(PersistentVolumeClaims, { namespace, name }),
    volume: (name) => client.get(PersistentVolumes, { name }),
  }
}
