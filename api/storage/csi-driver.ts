/** CSI drivers. */
import type { z } from 'zod'
import { bool, int64, kind, list, message, object, string } from '#api/fields.ts'
import { objectMetaSchema } from '#api/meta/object-meta.ts'
import { sameValue } from '#api/meta/same-value.ts'
import type { Resource } from '#api/resource.ts'
import { csiDriverColumns } from './columns.ts'
import { csiDriverWarnings, validateCSIDriver } from './validation/csi.ts'

export const tokenRequestSchema = message('io.k8s.api.storage.v1.TokenRequest', 'A service account token that a driver needs.', {
  audience: string(1, 'Audience of the token.', { json: 'always' }),
  expirationSeconds: int64(2, 'Seconds that the token lives.', { pointer: true }),
})
export type TokenRequest = z.output<typeof tokenRequestSchema>

export const csiDriverSpecSchema = message('io.k8s.api.storage.v1.CSIDriverSpec', 'Abilities of a CSI driver.', {
  attachRequired: bool(1, 'Whether volumes must be attached to nodes; cannot change.', { pointer: true }),
  podInfoOnMount: bool(2, 'Whether the driver is told about the pod when it mounts.', { pointer: true }),
  volumeLifecycleModes: list(3, 'string', 'Persistent, Ephemeral or both.', { listType: 'set', goType: 'v1.VolumeLifecycleMode' }),
  storageCapacity: bool(4, 'Whether the driver reports free capacity for scheduling.', { pointer: true }),
  fsGroupPolicy: string(5, 'Whether volumes may get another owner: ReadWriteOnceWithFSType, File or None.', {
    pointer: true,
    goType: 'v1.FSGroupPolicy',
  }),
  tokenRequests: list(6, tokenRequestSchema, 'Service account tokens that the driver needs.', { listType: 'atomic' }),
  requiresRepublish: bool(7, 'Whether mounts are called again from time to time.', { pointer: true }),
  seLinuxMount: bool(8, 'Whether volumes can be mounted with an SELinux context.', { pointer: true }),
  nodeAllocatableUpdatePeriodSeconds: int64(9, 'Seconds between updates of how many volumes nodes can take.', { pointer: true }),
  serviceAccountTokenInSecrets: bool(10, 'Whether tokens are passed with the secrets and not in the volume context.', { pointer: true }),
})
export type CSIDriverSpec = z.output<typeof csiDriverSpecSchema>

export const csiDriverSchema = kind('io.k8s.api.storage.v1.CSIDriver', 'Abilities of a CSI driver that is installed in the cluster.', {
  metadata: object(1, objectMetaSchema, 'Name, labels and the other data every object has.', { json: 'always', required: false }),
  spec: object(2, csiDriverSpecSchema, 'The wanted state.', { json: 'always' }),
})
export type CSIDriver = z.output<typeof csiDriverSchema>

function defaultCSIDriver(driver: CSIDriver): CSIDriver {
  const { spec } = driver
  spec.attachRequired ??= true
  spec.podInfoOnMount ??= false
  spec.storageCapacity ??= false
  spec.fsGroupPolicy ??= 'ReadWriteOnceWithFSType'
  if ((spec.volumeLifecycleModes ?? []).length === 0) spec.volumeLifecycleModes = ['Persistent']
  spec.requiresRepublish ??= false
  spec.seLinuxMount ??= false
  return driver
}

export const CSIDrivers: Resource<CSIDriver> = {
  group: 'storage.k8s.io',
  version: 'v1',
  kind: 'CSIDriver',
  plural: 'csidrivers',
  singular: 'csidriver',
  scope: 'Cluster',
  returnsDeleted: true,
  schema: csiDriverSchema,
  columns: csiDriverColumns,
  // counts changes from nothing: a new driver has none
  generation: false,
  unconditionalUpdate: false,
  defaults: defaultCSIDriver,
  prepare(next, prev) {
    if (prev && !sameValue(next.spec, prev.spec)) next.metadata.generation = (prev.metadata.generation ?? 0) + 1
    return next
  },
  validate: validateCSIDriver,
  warnings: csiDriverWarnings,
}
