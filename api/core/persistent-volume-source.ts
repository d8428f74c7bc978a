/** DESCRIBE file api/core/persistent-volume-source.ts */
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
  'DESCRIBE GlusterfsPersistentVolumeSource',
  {
    endpoints: string(1, 'DESCRIBE GlusterfsPersistentVolumeSource.endpoints', { json: 'always' }),
    path: string(2, 'DESCRIBE GlusterfsPersistentVolumeSource.path', { json: 'always' }),
    readOnly: bool(3, 'DESCRIBE GlusterfsPersistentVolumeSource.readOnly'),
    endpointsNamespace: string(4, 'DESCRIBE GlusterfsPersistentVolumeSource.endpointsNamespace', { pointer: true }),
  },
)
export type GlusterfsPersistentVolumeSource = z.output<typeof glusterfsPersistentVolumeSourceSchema>

export const rbdPersistentVolumeSourceSchema = message(
  'io.k8s.api.core.v1.RBDPersistentVolumeSource',
  'DESCRIBE RBDPersistentVolumeSource',
  {
    monitors: list(1, 'string', 'DESCRIBE RBDPersistentVolumeSource.monitors', { json: 'always', listType: 'atomic' }),
    image: string(2, 'DESCRIBE RBDPersistentVolumeSource.image', { json: 'always' }),
    fsType: string(3, 'DESCRIBE RBDPersistentVolumeSource.fsType'),
    pool: string(4, 'DESCRIBE RBDPersistentVolumeSource.pool', { default: 'rbd' }),
    user: string(5, 'DESCRIBE RBDPersistentVolumeSource.user', { default: 'admin' }),
    keyring: string(6, 'DESCRIBE RBDPersistentVolumeSource.keyring', { default: '/etc/ceph/keyring' }),
    secretRef: object(7, secretReferenceSchema, 'DESCRIBE RBDPersistentVolumeSource.secretRef', { pointer: true }),
    readOnly: bool(8, 'DESCRIBE RBDPersistentVolumeSource.readOnly'),
  },
)
export type RBDPersistentVolumeSource = z.output<typeof rbdPersistentVolumeSourceSchema>

export const iscsiPersistentVolumeSourceSchema = message(
  'io.k8s.api.core.v1.ISCSIPersistentVolumeSource',
  'DESCRIBE ISCSIPersistentVolumeSource',
  {
    targetPortal: string(1, 'DESCRIBE ISCSIPersistentVolumeSource.targetPortal', { json: 'always' }),
    iqn: string(2, 'DESCRIBE ISCSIPersistentVolumeSource.iqn', { json: 'always' }),
    lun: int32(3, 'DESCRIBE ISCSIPersistentVolumeSource.lun', { json: 'always' }),
    iscsiInterface: string(4, 'DESCRIBE ISCSIPersistentVolumeSource.iscsiInterface', { default: 'default' }),
    fsType: string(5, 'DESCRIBE ISCSIPersistentVolumeSource.fsType'),
    readOnly: bool(6, 'DESCRIBE ISCSIPersistentVolumeSource.readOnly'),
    portals: list(7, 'string', 'DESCRIBE ISCSIPersistentVolumeSource.portals', { listType: 'atomic' }),
    chapAuthDiscovery: bool(8, 'DESCRIBE ISCSIPersistentVolumeSource.chapAuthDiscovery'),
    chapAuthSession: bool(11, 'DESCRIBE ISCSIPersistentVolumeSource.chapAuthSession'),
    secretRef: object(10, secretReferenceSchema, 'DESCRIBE ISCSIPersistentVolumeSource.secretRef', { pointer: true }),
    initiatorName: string(12, 'DESCRIBE ISCSIPersistentVolumeSource.initiatorName', { pointer: true }),
  },
)
export type ISCSIPersistentVolumeSource = z.output<typeof iscsiPersistentVolumeSourceSchema>

export const cinderPersistentVolumeSourceSchema = message(
  'io.k8s.api.core.v1.CinderPersistentVolumeSource',
  'DESCRIBE CinderPersistentVolumeSource',
  {
    volumeID: string(1, 'DESCRIBE CinderPersistentVolumeSource.volumeID', { json: 'always' }),
    fsType: string(2, 'DESCRIBE CinderPersistentVolumeSource.fsType'),
    readOnly: bool(3, 'DESCRIBE CinderPersistentVolumeSource.readOnly'),
    secretRef: object(4, secretReferenceSchema, 'DESCRIBE CinderPersistentVolumeSource.secretRef', { pointer: true }),
  },
)
export type CinderPersistentVolumeSource = z.output<typeof cinderPersistentVolumeSourceSchema>

export const cephFSPersistentVolumeSourceSchema = message(
  'io.k8s.api.core.v1.CephFSPersistentVolumeSource',
  'DESCRIBE CephFSPersistentVolumeSource',
  {
    monitors: list(1, 'string', 'DESCRIBE CephFSPersistentVolumeSource.monitors', { json: 'always', listType: 'atomic' }),
    path: string(2, 'DESCRIBE CephFSPersistentVolumeSource.path'),
    user: string(3, 'DESCRIBE CephFSPersistentVolumeSource.user'),
    secretFile: string(4, 'DESCRIBE CephFSPersistentVolumeSource.secretFile'),
    secretRef: object(5, secretReferenceSchema, 'DESCRIBE CephFSPersistentVolumeSource.secretRef', { pointer: true }),
    readOnly: bool(6, 'DESCRIBE CephFSPersistentVolumeSource.readOnly'),
  },
)
export type CephFSPersistentVolumeSource = z.output<typeof cephFSPersistentVolumeSourceSchema>

export const flexPersistentVolumeSourceSchema = message(
  'io.k8s.api.core.v1.FlexPersistentVolumeSource',
  'DESCRIBE FlexPersistentVolumeSource',
  {
    driver: string(1, 'DESCRIBE FlexPersistentVolumeSource.driver', { json: 'always' }),
    fsType: string(2, 'DESCRIBE FlexPersistentVolumeSource.fsType'),
    secretRef: object(3, secretReferenceSchema, 'DESCRIBE FlexPersistentVolumeSource.secretRef', { pointer: true }),
    readOnly: bool(4, 'DESCRIBE FlexPersistentVolumeSource.readOnly'),
    options: map(5, 'string', 'DESCRIBE FlexPersistentVolumeSource.options'),
  },
)
export type FlexPersistentVolumeSource = z.output<typeof flexPersistentVolumeSourceSchema>

export const azureFilePersistentVolumeSourceSchema = message(
  'io.k8s.api.core.v1.AzureFilePersistentVolumeSource',
  'DESCRIBE AzureFilePersistentVolumeSource',
  {
    secretName: string(1, 'DESCRIBE AzureFilePersistentVolumeSource.secretName', { json: 'always' }),
    shareName: string(2, 'DESCRIBE AzureFilePersistentVolumeSource.shareName', { json: 'always' }),
    readOnly: bool(3, 'DESCRIBE AzureFilePersistentVolumeSource.readOnly'),
    secretNamespace: string(4, 'DESCRIBE AzureFilePersistentVolumeSource.secretNamespace', {
      json: 'always',
      pointer: true,
      required: false,
    }),
  },
)
export type AzureFilePersistentVolumeSource = z.output<typeof azureFilePersistentVolumeSourceSchema>

export const scaleIOPersistentVolumeSourceSchema = message(
  'io.k8s.api.core.v1.ScaleIOPersistentVolumeSource',
  'DESCRIBE ScaleIOPersistentVolumeSource',
  {
    gateway: string(1, 'DESCRIBE ScaleIOPersistentVolumeSource.gateway', { json: 'always' }),
    system: string(2, 'DESCRIBE ScaleIOPersistentVolumeSource.system', { json: 'always' }),
    secretRef: object(3, secretReferenceSchema, 'DESCRIBE ScaleIOPersistentVolumeSource.secretRef', { json: 'always', pointer: true }),
    sslEnabled: bool(4, 'DESCRIBE ScaleIOPersistentVolumeSource.sslEnabled'),
    protectionDomain: string(5, 'DESCRIBE ScaleIOPersistentVolumeSource.protectionDomain'),
    storagePool: string(6, 'DESCRIBE ScaleIOPersistentVolumeSource.storagePool'),
    storageMode: string(7, 'DESCRIBE ScaleIOPersistentVolumeSource.storageMode', { default: 'ThinProvisioned' }),
    volumeName: string(8, 'DESCRIBE ScaleIOPersistentVolumeSource.volumeName'),
    fsType: string(9, 'DESCRIBE ScaleIOPersistentVolumeSource.fsType', { default: 'xfs' }),
    readOnly: bool(10, 'DESCRIBE ScaleIOPersistentVolumeSource.readOnly'),
  },
)
export type ScaleIOPersistentVolumeSource = z.output<typeof scaleIOPersistentVolumeSourceSchema>

export const localVolumeSourceSchema = message('io.k8s.api.core.v1.LocalVolumeSource', 'DESCRIBE LocalVolumeSource', {
  path: string(1, 'DESCRIBE LocalVolumeSource.path', { json: 'always' }),
  fsType: string(2, 'DESCRIBE LocalVolumeSource.fsType', { pointer: true }),
})
export type LocalVolumeSource = z.output<typeof localVolumeSourceSchema>

export const storageOSPersistentVolumeSourceSchema = message(
  'io.k8s.api.core.v1.StorageOSPersistentVolumeSource',
  'DESCRIBE StorageOSPersistentVolumeSource',
  {
    volumeName: string(1, 'DESCRIBE StorageOSPersistentVolumeSource.volumeName'),
    volumeNamespace: string(2, 'DESCRIBE StorageOSPersistentVolumeSource.volumeNamespace'),
    fsType: string(3, 'DESCRIBE StorageOSPersistentVolumeSource.fsType'),
    readOnly: bool(4, 'DESCRIBE StorageOSPersistentVolumeSource.readOnly'),
    secretRef: object(5, objectReferenceSchema, 'DESCRIBE StorageOSPersistentVolumeSource.secretRef', { pointer: true }),
  },
)
export type StorageOSPersistentVolumeSource = z.output<typeof storageOSPersistentVolumeSourceSchema>

export const csiPersistentVolumeSourceSchema = message(
  'io.k8s.api.core.v1.CSIPersistentVolumeSource',
  'DESCRIBE CSIPersistentVolumeSource',
  {
    driver: string(1, 'DESCRIBE CSIPersistentVolumeSource.driver', { json: 'always' }),
    volumeHandle: string(2, 'DESCRIBE CSIPersistentVolumeSource.volumeHandle', { json: 'always' }),
    readOnly: bool(3, 'DESCRIBE CSIPersistentVolumeSource.readOnly'),
    fsType: string(4, 'DESCRIBE CSIPersistentVolumeSource.fsType'),
    volumeAttributes: map(5, 'string', 'DESCRIBE CSIPersistentVolumeSource.volumeAttributes'),
    controllerPublishSecretRef: object(6, secretReferenceSchema, 'DESCRIBE CSIPersistentVolumeSource.controllerPublishSecretRef', {
      pointer: true,
    }),
    nodeStageSecretRef: object(7, secretReferenceSchema, 'DESCRIBE CSIPersistentVolumeSource.nodeStageSecretRef', { pointer: true }),
    nodePublishSecretRef: object(8, secretReferenceSchema, 'DESCRIBE CSIPersistentVolumeSource.nodePublishSecretRef', { pointer: true }),
    controllerExpandSecretRef: object(9, secretReferenceSchema, 'DESCRIBE CSIPersistentVolumeSource.controllerExpandSecretRef', {
      pointer: true,
    }),
    nodeExpandSecretRef: object(10, secretReferenceSchema, 'DESCRIBE CSIPersistentVolumeSource.nodeExpandSecretRef', { pointer: true }),
  },
)
export type CSIPersistentVolumeSource = z.output<typeof csiPersistentVolumeSourceSchema>

export const persistentVolumeSourceSchema = message('io.k8s.api.core.v1.PersistentVolumeSource', 'DESCRIBE PersistentVolumeSource', {
  gcePersistentDisk: object(1, gcePersistentDiskVolumeSourceSchema, 'DESCRIBE PersistentVolumeSource.gcePersistentDisk', { pointer: true }),
  awsElasticBlockStore: object(2, awsElasticBlockStoreVolumeSourceSchema, 'DESCRIBE PersistentVolumeSource.awsElasticBlockStore', {
    pointer: true,
  }),
  hostPath: object(3, hostPathVolumeSourceSchema, 'DESCRIBE PersistentVolumeSource.hostPath', { pointer: true }),
  glusterfs: object(4, glusterfsPersistentVolumeSourceSchema, 'DESCRIBE PersistentVolumeSource.glusterfs', { pointer: true }),
  nfs: object(5, nfsVolumeSourceSchema, 'DESCRIBE PersistentVolumeSource.nfs', { pointer: true }),
  rbd: object(6, rbdPersistentVolumeSourceSchema, 'DESCRIBE PersistentVolumeSource.rbd', { pointer: true }),
  iscsi: object(7, iscsiPersistentVolumeSourceSchema, 'DESCRIBE PersistentVolumeSource.iscsi', { pointer: true }),
  cinder: object(8, cinderPersistentVolumeSourceSchema, 'DESCRIBE PersistentVolumeSource.cinder', { pointer: true }),
  cephfs: object(9, cephFSPersistentVolumeSourceSchema, 'DESCRIBE PersistentVolumeSource.cephfs', { pointer: true }),
  fc: object(10, fcVolumeSourceSchema, 'DESCRIBE PersistentVolumeSource.fc', { pointer: true }),
  flocker: object(11, flockerVolumeSourceSchema, 'DESCRIBE PersistentVolumeSource.flocker', { pointer: true }),
  flexVolume: object(12, flexPersistentVolumeSourceSchema, 'DESCRIBE PersistentVolumeSource.flexVolume', { pointer: true }),
  azureFile: object(13, azureFilePersistentVolumeSourceSchema, 'DESCRIBE PersistentVolumeSource.azureFile', { pointer: true }),
  vsphereVolume: object(14, vsphereVirtualDiskVolumeSourceSchema, 'DESCRIBE PersistentVolumeSource.vsphereVolume', { pointer: true }),
  quobyte: object(15, quobyteVolumeSourceSchema, 'DESCRIBE PersistentVolumeSource.quobyte', { pointer: true }),
  azureDisk: object(16, azureDiskVolumeSourceSchema, 'DESCRIBE PersistentVolumeSource.azureDisk', { pointer: true }),
  photonPersistentDisk: object(17, photonPersistentDiskVolumeSourceSchema, 'DESCRIBE PersistentVolumeSource.photonPersistentDisk', {
    pointer: true,
  }),
  portworxVolume: object(18, portworxVolumeSourceSchema, 'DESCRIBE PersistentVolumeSource.portworxVolume', { pointer: true }),
  scaleIO: object(19, scaleIOPersistentVolumeSourceSchema, 'DESCRIBE PersistentVolumeSource.scaleIO', { pointer: true }),
  local: object(20, localVolumeSourceSchema, 'DESCRIBE PersistentVolumeSource.local', { pointer: true }),
  storageos: object(21, storageOSPersistentVolumeSourceSchema, 'DESCRIBE PersistentVolumeSource.storageos', { pointer: true }),
  csi: object(22, csiPersistentVolumeSourceSchema, 'DESCRIBE PersistentVolumeSource.csi', { pointer: true }),
})
export type PersistentVolumeSource = z.output<typeof persistentVolumeSourceSchema>
