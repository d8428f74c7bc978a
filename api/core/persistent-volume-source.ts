/** Where the data of a persistent volume can be. */
import type { z } from 'zod'
import { bool, int32, list, map, message, object, string } from '#api/fields.ts'
import { objectReferenceSchema, secretReferenceSchema } from './references.ts'
import { hostPathVolumeSourceSchema, nfsVolumeSourceSchema } from './volume.ts'
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

export const rbdPersistentVolumeSourceSchema = message('io.k8s.api.core.v1.RBDPersistentVolumeSource', 'A RADOS block device.', {
  monitors: list(1, 'string', 'Addresses of the monitors.', { json: 'always', listType: 'atomic' }),
  image: string(2, 'Name of the image.', { json: 'always' }),
  fsType: string(3, 'File system to mount, such as ext4.'),
  pool: string(4, 'Name of the pool.', { default: 'rbd' }),
  user: string(5, 'Name of the user.', { default: 'admin' }),
  keyring: string(6, "File with the user's key.", { default: '/etc/ceph/keyring' }),
  secretRef: object(7, secretReferenceSchema, 'Secret with the credentials.', { pointer: true }),
  readOnly: bool(8, 'Mounts the volume so that it cannot be written.'),
})
export type RBDPersistentVolumeSource = z.output<typeof rbdPersistentVolumeSourceSchema>

export const iscsiPersistentVolumeSourceSchema = message('io.k8s.api.core.v1.ISCSIPersistentVolumeSource', 'An iSCSI volume.', {
  targetPortal: string(1, 'Address of the target.', { json: 'always' }),
  iqn: string(2, 'Name of the target.', { json: 'always' }),
  lun: int32(3, 'Number of the unit.', { json: 'always' }),
  iscsiInterface: string(4, 'Interface to use.', { default: 'default' }),
  fsType: string(5, 'File system to mount, such as ext4.'),
  readOnly: bool(6, 'Mounts the volume so that it cannot be written.'),
  portals: list(7, 'string', 'Further addresses of the target.', { listType: 'atomic' }),
  chapAuthDiscovery: bool(8, 'Whether discovery uses CHAP.'),
  chapAuthSession: bool(11, 'Whether the session uses CHAP.'),
  secretRef: object(10, secretReferenceSchema, 'Secret with the credentials.', { pointer: true }),
  initiatorName: string(12, 'Name of the initiator.', { pointer: true }),
})
export type ISCSIPersistentVolumeSource = z.output<typeof iscsiPersistentVolumeSourceSchema>

export const cinderPersistentVolumeSourceSchema = message(
  'io.k8s.api.core.v1.CinderPersistentVolumeSource',
  'A Cinder volume of OpenStack.',
  {
    volumeID: string(1, 'Id of the volume in Cinder.', { json: 'always' }),
    fsType: string(2, 'File system to mount, such as ext4.'),
    readOnly: bool(3, 'Mounts the volume so that it cannot be written.'),
    secretRef: object(4, secretReferenceSchema, 'Secret with the credentials.', { pointer: true }),
  },
)
export type CinderPersistentVolumeSource = z.output<typeof cinderPersistentVolumeSourceSchema>

export const cephFSPersistentVolumeSourceSchema = message('io.k8s.api.core.v1.CephFSPersistentVolumeSource', 'A Ceph file system.', {
  monitors: list(1, 'string', 'Addresses of the monitors.', { json: 'always', listType: 'atomic' }),
  path: string(2, 'Folder to mount; the root by default.'),
  user: string(3, 'Ceph user; admin by default.'),
  secretFile: string(4, "File on the node with the user's key."),
  secretRef: object(5, secretReferenceSchema, 'Secret with the credentials.', { pointer: true }),
  readOnly: bool(6, 'Mounts the volume so that it cannot be written.'),
})
export type CephFSPersistentVolumeSource = z.output<typeof cephFSPersistentVolumeSourceSchema>

export const flexPersistentVolumeSourceSchema = message(
  'io.k8s.api.core.v1.FlexPersistentVolumeSource',
  'A volume of a FlexVolume driver (deprecated).',
  {
    driver: string(1, 'Name of the driver.', { json: 'always' }),
    fsType: string(2, 'File system to mount, such as ext4.'),
    secretRef: object(3, secretReferenceSchema, 'Secret with the credentials.', { pointer: true }),
    readOnly: bool(4, 'Mounts the volume so that it cannot be written.'),
    options: map(5, 'string', 'Settings for the driver.'),
  },
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

export const scaleIOPersistentVolumeSourceSchema = message('io.k8s.api.core.v1.ScaleIOPersistentVolumeSource', 'A ScaleIO volume.', {
  gateway: string(1, 'Address of the gateway.', { json: 'always' }),
  system: string(2, 'Name of the storage system.', { json: 'always' }),
  secretRef: object(3, secretReferenceSchema, 'Secret with the login.', { json: 'always', pointer: true }),
  sslEnabled: bool(4, 'Whether to talk TLS.'),
  protectionDomain: string(5, 'Protection domain.'),
  storagePool: string(6, 'Storage pool.'),
  storageMode: string(7, 'ThickProvisioned or ThinProvisioned.', { default: 'ThinProvisioned' }),
  volumeName: string(8, 'Name of the volume in the storage system.'),
  fsType: string(9, 'File system to mount, such as ext4.', { default: 'xfs' }),
  readOnly: bool(10, 'Mounts the volume so that it cannot be written.'),
})
export type ScaleIOPersistentVolumeSource = z.output<typeof scaleIOPersistentVolumeSourceSchema>

export const localVolumeSourceSchema = message('io.k8s.api.core.v1.LocalVolumeSource', 'A disk or folder of one node.', {
  path: string(1, 'Its path on the node.', { json: 'always' }),
  fsType: string(2, 'File system to mount, such as ext4.', { pointer: true }),
})
export type LocalVolumeSource = z.output<typeof localVolumeSourceSchema>

export const storageOSPersistentVolumeSourceSchema = message(
  'io.k8s.api.core.v1.StorageOSPersistentVolumeSource',
  'A StorageOS volume (no longer works).',
  {
    volumeName: string(1, 'Name of the volume in the storage system.'),
    volumeNamespace: string(2, 'Namespace of the volume there.'),
    fsType: string(3, 'File system to mount, such as ext4.'),
    readOnly: bool(4, 'Mounts the volume so that it cannot be written.'),
    secretRef: object(5, objectReferenceSchema, 'Secret with the credentials.', { pointer: true }),
  },
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
