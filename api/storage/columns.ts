/** Table columns of the storage kinds. */
import { ageColumn, column, createdColumn, nameColumn } from '#api/meta/age.ts'
import type { Column, KubeObject } from '#api/resource.ts'
import type { CSIDriver } from './csi-driver.ts'
import type { CSINode } from './csi-node.ts'
import type { CSIStorageCapacity } from './csi-storage-capacity.ts'
import type { StorageClass } from './storage-class.ts'
import type { VolumeAttachment } from './volume-attachment.ts'
import type { VolumeAttributesClass } from './volume-attributes-class.ts'

const defaultAnnotations = ['storageclass.kubernetes.io/is-default-class', 'storageclass.beta.kubernetes.io/is-default-class']
const isDefault = ({ metadata }: KubeObject): boolean => defaultAnnotations.some((name) => metadata.annotations?.[name] === 'true')

function truth<T extends KubeObject>(name: string, description: string, cell: (obj: T) => boolean): Column<T> {
  return { ...column<T>(name, description, cell), type: 'boolean' }
}

export const storageClassColumns: readonly Column<StorageClass>[] = [
  { ...nameColumn, cell: (obj) => `${obj.metadata.name ?? ''}${isDefault(obj) ? ' (default)' : ''}` },
  column('Provisioner', 'Who makes the volumes.', ({ provisioner }) => provisioner),
  column('ReclaimPolicy', 'What becomes of a volume without a claim.', ({ reclaimPolicy }) => reclaimPolicy ?? 'Delete'),
  column('VolumeBindingMode', 'When volumes are made and bound.', ({ volumeBindingMode }) => volumeBindingMode ?? 'Immediate'),
  column('AllowVolumeExpansion', 'Whether volumes can grow.', ({ allowVolumeExpansion }) => allowVolumeExpansion ?? false),
  ageColumn,
]

export const csiDriverColumns: readonly Column<CSIDriver>[] = [
  nameColumn,
  truth('AttachRequired', 'Whether volumes must be attached.', ({ spec }) => spec.attachRequired ?? true),
  truth('PodInfoOnMount', 'Whether the driver is told about the pod.', ({ spec }) => spec.podInfoOnMount ?? false),
  truth('StorageCapacity', 'Whether the driver reports free capacity.', ({ spec }) => spec.storageCapacity ?? false),
  column('TokenRequests', 'Audiences of the tokens that it needs.', ({ spec }) =>
    spec.tokenRequests ? spec.tokenRequests.map(({ audience }) => audience).join(',') : '<unset>',
  ),
  truth('RequiresRepublish', 'Whether mounts are called again.', ({ spec }) => spec.requiresRepublish ?? false),
  column('Modes', 'Lifecycles of its volumes.', ({ spec }) => (spec.volumeLifecycleModes ?? []).join(',') || '<none>'),
  ageColumn,
]

export const csiNodeColumns: readonly Column<CSINode>[] = [
  nameColumn,
  { ...column<CSINode>('Drivers', 'Number of drivers.', ({ spec }) => (spec.drivers ?? []).length), type: 'integer' },
  ageColumn,
]

/** Upstream has no printer for these. */
export const csiStorageCapacityColumns: readonly Column<CSIStorageCapacity>[] = [nameColumn, createdColumn]

export const volumeAttachmentColumns: readonly Column<VolumeAttachment>[] = [
  nameColumn,
  { ...column<VolumeAttachment>('Attacher', 'CSI driver that does it.', ({ spec }) => spec.attacher), format: 'name' },
  column('PV', 'Persistent volume.', ({ spec }) => spec.source.persistentVolumeName ?? ''),
  column('Node', 'Node to attach to.', ({ spec }) => spec.nodeName),
  truth('Attached', 'Whether it is attached.', ({ status }) => status.attached),
  ageColumn,
]

export const volumeAttributesClassColumns: readonly Column<VolumeAttributesClass>[] = [
  nameColumn,
  column('DriverName', 'CSI driver that it is for.', ({ driverName }) => driverName),
  ageColumn,
]
