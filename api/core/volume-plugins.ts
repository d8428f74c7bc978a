/** Volume sources that name a storage system. */
import type { z } from 'zod'
import { bool, int32, list, message, string } from '#api/fields.ts'
import { localObjectReferenceSchema } from './references.ts'
import { cephFSFields, cinderFields, flexFields, iscsiFields, rbdFields, scaleIOFields, storageOSFields } from './volume-plugin-fields.ts'

export const gcePersistentDiskVolumeSourceSchema = message(
  'io.k8s.api.core.v1.GCEPersistentDiskVolumeSource',
  'A persistent disk of Google Cloud.',
  {
    pdName: string(1, 'Name of the disk.', { json: 'always' }),
    fsType: string(2, 'File system to mount, such as ext4.'),
    partition: int32(3, 'Partition to mount, counted from 1; 0 means the whole disk.'),
    readOnly: bool(4, 'Mounts the volume so that it cannot be written.'),
  },
)
export type GCEPersistentDiskVolumeSource = z.output<typeof gcePersistentDiskVolumeSourceSchema>

export const awsElasticBlockStoreVolumeSourceSchema = message(
  'io.k8s.api.core.v1.AWSElasticBlockStoreVolumeSource',
  'An Elastic Block Store disk of AWS.',
  {
    volumeID: string(1, 'Id of the disk at AWS.', { json: 'always' }),
    fsType: string(2, 'File system to mount, such as ext4.'),
    partition: int32(3, 'Partition to mount, counted from 1; 0 means the whole disk.'),
    readOnly: bool(4, 'Mounts the volume so that it cannot be written.'),
  },
)
export type AWSElasticBlockStoreVolumeSource = z.output<typeof awsElasticBlockStoreVolumeSourceSchema>

export const gitRepoVolumeSourceSchema = message('io.k8s.api.core.v1.GitRepoVolumeSource', 'A clone of a repository (deprecated).', {
  repository: string(1, 'Address of the repository.', { json: 'always' }),
  revision: string(2, 'Commit to check out.'),
  directory: string(3, 'Folder to clone into.'),
})
export type GitRepoVolumeSource = z.output<typeof gitRepoVolumeSourceSchema>

export const iscsiVolumeSourceSchema = message(
  'io.k8s.api.core.v1.ISCSIVolumeSource',
  'An iSCSI volume.',
  iscsiFields(localObjectReferenceSchema),
)
export type ISCSIVolumeSource = z.output<typeof iscsiVolumeSourceSchema>

export const glusterfsVolumeSourceSchema = message('io.k8s.api.core.v1.GlusterfsVolumeSource', 'A GlusterFS volume (no longer works).', {
  endpoints: string(1, 'Endpoints object with the servers.', { json: 'always' }),
  path: string(2, 'Name of the volume.', { json: 'always' }),
  readOnly: bool(3, 'Mounts the volume so that it cannot be written.'),
})
export type GlusterfsVolumeSource = z.output<typeof glusterfsVolumeSourceSchema>

export const rbdVolumeSourceSchema = message(
  'io.k8s.api.core.v1.RBDVolumeSource',
  'A RADOS block device.',
  rbdFields(localObjectReferenceSchema),
)
export type RBDVolumeSource = z.output<typeof rbdVolumeSourceSchema>

export const flexVolumeSourceSchema = message(
  'io.k8s.api.core.v1.FlexVolumeSource',
  'A volume of a FlexVolume driver (deprecated).',
  flexFields(localObjectReferenceSchema),
)
export type FlexVolumeSource = z.output<typeof flexVolumeSourceSchema>

export const cinderVolumeSourceSchema = message(
  'io.k8s.api.core.v1.CinderVolumeSource',
  'A Cinder volume of OpenStack.',
  cinderFields(localObjectReferenceSchema),
)
export type CinderVolumeSource = z.output<typeof cinderVolumeSourceSchema>

export const cephFSVolumeSourceSchema = message(
  'io.k8s.api.core.v1.CephFSVolumeSource',
  'A Ceph file system.',
  cephFSFields(localObjectReferenceSchema),
)
export type CephFSVolumeSource = z.output<typeof cephFSVolumeSourceSchema>

export const flockerVolumeSourceSchema = message('io.k8s.api.core.v1.FlockerVolumeSource', 'A Flocker volume (no longer works).', {
  datasetName: string(1, 'Name of the dataset.'),
  datasetUUID: string(2, 'Id of the dataset.'),
})
export type FlockerVolumeSource = z.output<typeof flockerVolumeSourceSchema>

export const fcVolumeSourceSchema = message('io.k8s.api.core.v1.FCVolumeSource', 'A Fibre Channel volume.', {
  targetWWNs: list(1, 'string', 'World wide names of the targets.', { listType: 'atomic' }),
  lun: int32(2, 'Number of the unit.', { pointer: true }),
  fsType: string(3, 'File system to mount, such as ext4.'),
  readOnly: bool(4, 'Mounts the volume so that it cannot be written.'),
  wwids: list(5, 'string', 'World wide ids, in place of targets and unit.', { listType: 'atomic' }),
})
export type FCVolumeSource = z.output<typeof fcVolumeSourceSchema>

export const azureFileVolumeSourceSchema = message('io.k8s.api.core.v1.AzureFileVolumeSource', 'A file share of Azure.', {
  secretName: string(1, 'Secret with the storage account and its key.', { json: 'always' }),
  shareName: string(2, 'Name of the share.', { json: 'always' }),
  readOnly: bool(3, 'Mounts the volume so that it cannot be written.'),
})
export type AzureFileVolumeSource = z.output<typeof azureFileVolumeSourceSchema>

export const vsphereVirtualDiskVolumeSourceSchema = message('io.k8s.api.core.v1.VsphereVirtualDiskVolumeSource', 'A disk of vSphere.', {
  volumePath: string(1, 'Path of the disk file.', { json: 'always' }),
  fsType: string(2, 'File system to mount, such as ext4.'),
  storagePolicyName: string(3, 'Name of its storage policy.'),
  storagePolicyID: string(4, 'Id of its storage policy.'),
})
export type VsphereVirtualDiskVolumeSource = z.output<typeof vsphereVirtualDiskVolumeSourceSchema>

export const quobyteVolumeSourceSchema = message('io.k8s.api.core.v1.QuobyteVolumeSource', 'A Quobyte volume (no longer works).', {
  registry: string(1, 'Addresses of the registry, as host:port.', { json: 'always' }),
  volume: string(2, 'Name of the volume.', { json: 'always' }),
  readOnly: bool(3, 'Mounts the volume so that it cannot be written.'),
  user: string(4, 'User to mount as.'),
  group: string(5, 'Group to mount as.'),
  tenant: string(6, 'Tenant that owns the volume.'),
})
export type QuobyteVolumeSource = z.output<typeof quobyteVolumeSourceSchema>

export const azureDiskVolumeSourceSchema = message('io.k8s.api.core.v1.AzureDiskVolumeSource', 'A data disk of Azure.', {
  diskName: string(1, 'Name of the disk in the blob storage.', { json: 'always' }),
  diskURI: string(2, 'Address of the disk.', { json: 'always' }),
  cachingMode: string(3, 'How the host caches the disk.', {
    pointer: true,
    default: 'ReadWrite',
    enum: ['None', 'ReadOnly', 'ReadWrite'],
    goType: 'v1.AzureDataDiskCachingMode',
  }),
  fsType: string(4, 'File system to mount, such as ext4.', { pointer: true, default: 'ext4' }),
  readOnly: bool(5, 'Mounts the volume so that it cannot be written.', { pointer: true, default: false }),
  kind: string(6, 'How the disk is managed.', {
    pointer: true,
    default: 'Shared',
    enum: ['Dedicated', 'Managed', 'Shared'],
    goType: 'v1.AzureDataDiskKind',
  }),
})
export type AzureDiskVolumeSource = z.output<typeof azureDiskVolumeSourceSchema>

export const photonPersistentDiskVolumeSourceSchema = message(
  'io.k8s.api.core.v1.PhotonPersistentDiskVolumeSource',
  'A Photon disk (no longer works).',
  {
    pdID: string(1, 'Id of the disk.', { json: 'always' }),
    fsType: string(2, 'File system to mount, such as ext4.'),
  },
)
export type PhotonPersistentDiskVolumeSource = z.output<typeof photonPersistentDiskVolumeSourceSchema>

export const portworxVolumeSourceSchema = message('io.k8s.api.core.v1.PortworxVolumeSource', 'A Portworx volume.', {
  volumeID: string(1, 'Id of the volume.', { json: 'always' }),
  fsType: string(2, 'File system to mount, such as ext4.'),
  readOnly: bool(3, 'Mounts the volume so that it cannot be written.'),
})
export type PortworxVolumeSource = z.output<typeof portworxVolumeSourceSchema>

export const scaleIOVolumeSourceSchema = message(
  'io.k8s.api.core.v1.ScaleIOVolumeSource',
  'A ScaleIO volume.',
  scaleIOFields(localObjectReferenceSchema),
)
export type ScaleIOVolumeSource = z.output<typeof scaleIOVolumeSourceSchema>

export const storageOSVolumeSourceSchema = message(
  'io.k8s.api.core.v1.StorageOSVolumeSource',
  'A StorageOS volume (no longer works).',
  storageOSFields(localObjectReferenceSchema),
)
export type StorageOSVolumeSource = z.output<typeof storageOSVolumeSourceSchema>
