/** Where the data of a persistent volume can be. */
import type { z } from 'zod'
import { bool, map, message, object, string } from '#api/fields.ts'
import { objectReferenceSchema, secretReferenceSchema } from './references.ts'
import { hostPathVolumeSourceSchema, nfsVolumeSourceSchema } from './volume.ts'
import { cephFSFields, cinderFields, flexFields, iscsiFields, rbdFields, scaleIOFields, storageOSFields } from './volume-plugin-fields.ts'
import {
  awsElasticBlockStoreVolumeSourceSchema,
  azureDiskVolumeSourceSchema,
  fcVolumeSourceSchema,
  flockerVolumeSourceSchema,
  gcePersistentDiskVolumeSourceSchema,
  photonPersistentDiskVolumeSourceSchema,
  portworxVolumeSourceSchema,
  quobyteVolumeSourceSchema,
  vsphereVirtualDiskVolumeSourceSchema,
} from './volume-plugins.ts'

export const glusterfsPersistentVolumeSourceSchema = message(
  'io.k8s.api.core.v1.GlusterfsPersistentVolumeSource',
  'A GlusterFS volume (no longer works).',
  {
    endpoints: string(1, 'Endpoints object with the servers.', { json: 'always' }),
    path: string(2, 'Name of the volume.', { json: 'always' }),
    readOnly: bool(3, 'Mounts the volume so that it cannot be written.'),
    endpointsNamespace: string(4, 'Namespace of the endpoints; that of the claim by default.', { pointer: true }),
  },
)
export type GlusterfsPersistentVolumeSource = z.output<typeof glusterfsPersistentVolumeSourceSchema>

export const rbdPersistentVolumeSourceSchema = message(
  'io.k8s.api.core.v1.RBDPersistentVolumeSource',
  'A RADOS block device.',
  rbdFields(secretReferenceSchema),
)
export type RBDPersistentVolumeSource = z.output<typeof rbdPersistentVolumeSourceSchema>

export const iscsiPersistentVolumeSourceSchema = message(
  'io.k8s.api.core.v1.ISCSIPersistentVolumeSource',
  'An iSCSI volume.',
  iscsiFields(secretReferenceSchema),
)
export type ISCSIPersistentVolumeSource = z.output<typeof iscsiPersistentVolumeSourceSchema>

export const cinderPersistentVolumeSourceSchema = message(
  'io.k8s.api.core.v1.CinderPersistentVolumeSource',
  'A Cinder volume of OpenStack.',
  cinderFields(secretReferenceSchema),
)
export type CinderPersistentVolumeSource = z.output<typeof cinderPersistentVolumeSourceSchema>

export const cephFSPersistentVolumeSourceSchema = message(
  'io.k8s.api.core.v1.CephFSPersistentVolumeSource',
  'A Ceph file system.',
  cephFSFields(secretReferenceSchema),
)
export type CephFSPersistentVolumeSource = z.output<typeof cephFSPersistentVolumeSourceSchema>

export const flexPersistentVolumeSourceSchema = message(
  'io.k8s.api.core.v1.FlexPersistentVolumeSource',
  'A volume of a FlexVolume driver (deprecated).',
  flexFields(secretReferenceSchema),
)
export type FlexPersistentVolumeSource = z.output<typeof flexPersistentVolumeSourceSchema>

export const azureFilePersistentVolumeSourceSchema = message(
  'io.k8s.api.core.v1.AzureFilePersistentVolumeSource',
  'A file share of Azure.',
  {
    secretName: string(1, 'Secret with the storage account and its key.', { json: 'always' }),
    shareName: string(2, 'Name of the share.', { json: 'always' }),
    readOnly: bool(3, 'Mounts the volume so that it cannot be written.'),
    secretNamespace: string(4, 'Namespace of the secret; that of the pod by default.', {
      json: 'always',
      pointer: true,
      required: false,
    }),
  },
)
export type AzureFilePersistentVolumeSource = z.output<typeof azureFilePersistentVolumeSourceSchema>

export const scaleIOPersistentVolumeSourceSchema = message(
  'io.k8s.api.core.v1.ScaleIOPersistentVolumeSource',
  'A ScaleIO volume.',
  scaleIOFields(secretReferenceSchema),
)
export type ScaleIOPersistentVolumeSource = z.output<typeof scaleIOPersistentVolumeSourceSchema>

export const localVolumeSourceSchema = message('io.k8s.api.core.v1.LocalVolumeSource', 'A disk or folder of one node.', {
  path: string(1, 'Its path on the node.', { json: 'always' }),
  fsType: string(2, 'File system to mount, such as ext4.', { pointer: true }),
})
export type LocalVolumeSource = z.output<typeof localVolumeSourceSchema>

export const storageOSPersistentVolumeSourceSchema = message(
  'io.k8s.api.core.v1.StorageOSPersistentVolumeSource',
  'A StorageOS volume (no longer works).',
  storageOSFields(objectReferenceSchema),
)
export type StorageOSPersistentVolumeSource = z.output<typeof storageOSPersistentVolumeSourceSchema>

export const csiPersistentVolumeSourceSchema = message('io.k8s.api.core.v1.CSIPersistentVolumeSource', 'A volume of a CSI driver.', {
  driver: string(1, 'Name of the driver.', { json: 'always' }),
  volumeHandle: string(2, 'Name of the volume at the driver; cannot change.', { json: 'always' }),
  readOnly: bool(3, 'Mounts the volume so that it cannot be written.'),
  fsType: string(4, 'File system to mount, such as ext4.'),
  volumeAttributes: map(5, 'string', 'What the driver needs to know of the volume.'),
  controllerPublishSecretRef: object(6, secretReferenceSchema, 'Secret for attaching it.', {
    pointer: true,
  }),
  nodeStageSecretRef: object(7, secretReferenceSchema, 'Secret for staging it on a node.', { pointer: true }),
  nodePublishSecretRef: object(8, secretReferenceSchema, 'Secret for mounting it on a node.', { pointer: true }),
  controllerExpandSecretRef: object(9, secretReferenceSchema, 'Secret for growing it.', {
    pointer: true,
  }),
  nodeExpandSecretRef: object(10, secretReferenceSchema, 'Secret for growing it on a node.', { pointer: true }),
})
export type CSIPersistentVolumeSource = z.output<typeof csiPersistentVolumeSourceSchema>

export const persistentVolumeSourceSchema = message(
  'io.k8s.api.core.v1.PersistentVolumeSource',
  'Where the data of a persistent volume are; exactly one is set.',
  {
    gcePersistentDisk: object(1, gcePersistentDiskVolumeSourceSchema, 'A disk of Google Compute Engine.', { pointer: true }),
    awsElasticBlockStore: object(2, awsElasticBlockStoreVolumeSourceSchema, 'An Elastic Block Store disk of AWS.', {
      pointer: true,
    }),
    hostPath: object(3, hostPathVolumeSourceSchema, 'A path on the node; for tests on one node.', { pointer: true }),
    glusterfs: object(4, glusterfsPersistentVolumeSourceSchema, 'A GlusterFS volume (no longer works).', { pointer: true }),
    nfs: object(5, nfsVolumeSourceSchema, 'A folder of an NFS server.', { pointer: true }),
    rbd: object(6, rbdPersistentVolumeSourceSchema, 'A RADOS block device.', { pointer: true }),
    iscsi: object(7, iscsiPersistentVolumeSourceSchema, 'An iSCSI volume.', { pointer: true }),
    cinder: object(8, cinderPersistentVolumeSourceSchema, 'A Cinder volume of OpenStack.', { pointer: true }),
    cephfs: object(9, cephFSPersistentVolumeSourceSchema, 'A Ceph file system.', { pointer: true }),
    fc: object(10, fcVolumeSourceSchema, 'A Fibre Channel volume.', { pointer: true }),
    flocker: object(11, flockerVolumeSourceSchema, 'A Flocker volume (no longer works).', { pointer: true }),
    flexVolume: object(12, flexPersistentVolumeSourceSchema, 'A volume of a FlexVolume driver (deprecated).', { pointer: true }),
    azureFile: object(13, azureFilePersistentVolumeSourceSchema, 'A file share of Azure.', { pointer: true }),
    vsphereVolume: object(14, vsphereVirtualDiskVolumeSourceSchema, 'A disk of vSphere.', { pointer: true }),
    quobyte: object(15, quobyteVolumeSourceSchema, 'A Quobyte volume (no longer works).', { pointer: true }),
    azureDisk: object(16, azureDiskVolumeSourceSchema, 'A data disk of Azure.', { pointer: true }),
    photonPersistentDisk: object(17, photonPersistentDiskVolumeSourceSchema, 'A disk of the Photon platform (no longer works).', {
      pointer: true,
    }),
    portworxVolume: object(18, portworxVolumeSourceSchema, 'A Portworx volume.', { pointer: true }),
    scaleIO: object(19, scaleIOPersistentVolumeSourceSchema, 'A ScaleIO volume.', { pointer: true }),
    local: object(20, localVolumeSourceSchema, 'A disk or folder of one node.', { pointer: true }),
    storageos: object(21, storageOSPersistentVolumeSourceSchema, 'A StorageOS volume (no longer works).', { pointer: true }),
    csi: object(22, csiPersistentVolumeSourceSchema, 'A volume of a CSI driver.', { pointer: true }),
  },
)
export type PersistentVolumeSource = z.output<typeof persistentVolumeSourceSchema>
