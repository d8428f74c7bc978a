/** DESCRIBE file api/core/volume-plugins.ts */
import type { z } from 'zod'
import { bool, int32, list, map, message, object, string } from '#api/fields.ts'
import { localObjectReferenceSchema } from './references.ts'

export const gcePersistentDiskVolumeSourceSchema = message(
  'io.k8s.api.core.v1.GCEPersistentDiskVolumeSource',
  'DESCRIBE GCEPersistentDiskVolumeSource',
  {
    pdName: string(1, 'DESCRIBE GCEPersistentDiskVolumeSource.pdName', { json: 'always' }),
    fsType: string(2, 'DESCRIBE GCEPersistentDiskVolumeSource.fsType'),
    partition: int32(3, 'DESCRIBE GCEPersistentDiskVolumeSource.partition'),
    readOnly: bool(4, 'DESCRIBE GCEPersistentDiskVolumeSource.readOnly'),
  },
)
export type GCEPersistentDiskVolumeSource = z.output<typeof gcePersistentDiskVolumeSourceSchema>

export const awsElasticBlockStoreVolumeSourceSchema = message(
  'io.k8s.api.core.v1.AWSElasticBlockStoreVolumeSource',
  'DESCRIBE AWSElasticBlockStoreVolumeSource',
  {
    volumeID: string(1, 'DESCRIBE AWSElasticBlockStoreVolumeSource.volumeID', { json: 'always' }),
    fsType: string(2, 'DESCRIBE AWSElasticBlockStoreVolumeSource.fsType'),
    partition: int32(3, 'DESCRIBE AWSElasticBlockStoreVolumeSource.partition'),
    readOnly: bool(4, 'DESCRIBE AWSElasticBlockStoreVolumeSource.readOnly'),
  },
)
export type AWSElasticBlockStoreVolumeSource = z.output<typeof awsElasticBlockStoreVolumeSourceSchema>

export const gitRepoVolumeSourceSchema = message('io.k8s.api.core.v1.GitRepoVolumeSource', 'DESCRIBE GitRepoVolumeSource', {
  repository: string(1, 'DESCRIBE GitRepoVolumeSource.repository', { json: 'always' }),
  revision: string(2, 'DESCRIBE GitRepoVolumeSource.revision'),
  directory: string(3, 'DESCRIBE GitRepoVolumeSource.directory'),
})
export type GitRepoVolumeSource = z.output<typeof gitRepoVolumeSourceSchema>

export const iscsiVolumeSourceSchema = message('io.k8s.api.core.v1.ISCSIVolumeSource', 'DESCRIBE ISCSIVolumeSource', {
  targetPortal: string(1, 'DESCRIBE ISCSIVolumeSource.targetPortal', { json: 'always' }),
  iqn: string(2, 'DESCRIBE ISCSIVolumeSource.iqn', { json: 'always' }),
  lun: int32(3, 'DESCRIBE ISCSIVolumeSource.lun', { json: 'always' }),
  iscsiInterface: string(4, 'DESCRIBE ISCSIVolumeSource.iscsiInterface', { default: 'default' }),
  fsType: string(5, 'DESCRIBE ISCSIVolumeSource.fsType'),
  readOnly: bool(6, 'DESCRIBE ISCSIVolumeSource.readOnly'),
  portals: list(7, 'string', 'DESCRIBE ISCSIVolumeSource.portals', { listType: 'atomic' }),
  chapAuthDiscovery: bool(8, 'DESCRIBE ISCSIVolumeSource.chapAuthDiscovery'),
  chapAuthSession: bool(11, 'DESCRIBE ISCSIVolumeSource.chapAuthSession'),
  secretRef: object(10, localObjectReferenceSchema, 'DESCRIBE ISCSIVolumeSource.secretRef', { pointer: true }),
  initiatorName: string(12, 'DESCRIBE ISCSIVolumeSource.initiatorName', { pointer: true }),
})
export type ISCSIVolumeSource = z.output<typeof iscsiVolumeSourceSchema>

export const glusterfsVolumeSourceSchema = message('io.k8s.api.core.v1.GlusterfsVolumeSource', 'DESCRIBE GlusterfsVolumeSource', {
  endpoints: string(1, 'DESCRIBE GlusterfsVolumeSource.endpoints', { json: 'always' }),
  path: string(2, 'DESCRIBE GlusterfsVolumeSource.path', { json: 'always' }),
  readOnly: bool(3, 'DESCRIBE GlusterfsVolumeSource.readOnly'),
})
export type GlusterfsVolumeSource = z.output<typeof glusterfsVolumeSourceSchema>

export const rbdVolumeSourceSchema = message('io.k8s.api.core.v1.RBDVolumeSource', 'DESCRIBE RBDVolumeSource', {
  monitors: list(1, 'string', 'DESCRIBE RBDVolumeSource.monitors', { json: 'always', listType: 'atomic' }),
  image: string(2, 'DESCRIBE RBDVolumeSource.image', { json: 'always' }),
  fsType: string(3, 'DESCRIBE RBDVolumeSource.fsType'),
  pool: string(4, 'DESCRIBE RBDVolumeSource.pool', { default: 'rbd' }),
  user: string(5, 'DESCRIBE RBDVolumeSource.user', { default: 'admin' }),
  keyring: string(6, 'DESCRIBE RBDVolumeSource.keyring', { default: '/etc/ceph/keyring' }),
  secretRef: object(7, localObjectReferenceSchema, 'DESCRIBE RBDVolumeSource.secretRef', { pointer: true }),
  readOnly: bool(8, 'DESCRIBE RBDVolumeSource.readOnly'),
})
export type RBDVolumeSource = z.output<typeof rbdVolumeSourceSchema>

export const flexVolumeSourceSchema = message('io.k8s.api.core.v1.FlexVolumeSource', 'DESCRIBE FlexVolumeSource', {
  driver: string(1, 'DESCRIBE FlexVolumeSource.driver', { json: 'always' }),
  fsType: string(2, 'DESCRIBE FlexVolumeSource.fsType'),
  secretRef: object(3, localObjectReferenceSchema, 'DESCRIBE FlexVolumeSource.secretRef', { pointer: true }),
  readOnly: bool(4, 'DESCRIBE FlexVolumeSource.readOnly'),
  options: map(5, 'string', 'DESCRIBE FlexVolumeSource.options'),
})
export type FlexVolumeSource = z.output<typeof flexVolumeSourceSchema>

export const cinderVolumeSourceSchema = message('io.k8s.api.core.v1.CinderVolumeSource', 'DESCRIBE CinderVolumeSource', {
  volumeID: string(1, 'DESCRIBE CinderVolumeSource.volumeID', { json: 'always' }),
  fsType: string(2, 'DESCRIBE CinderVolumeSource.fsType'),
  readOnly: bool(3, 'DESCRIBE CinderVolumeSource.readOnly'),
  secretRef: object(4, localObjectReferenceSchema, 'DESCRIBE CinderVolumeSource.secretRef', { pointer: true }),
})
export type CinderVolumeSource = z.output<typeof cinderVolumeSourceSchema>

export const cephFSVolumeSourceSchema = message('io.k8s.api.core.v1.CephFSVolumeSource', 'DESCRIBE CephFSVolumeSource', {
  monitors: list(1, 'string', 'DESCRIBE CephFSVolumeSource.monitors', { json: 'always', listType: 'atomic' }),
  path: string(2, 'DESCRIBE CephFSVolumeSource.path'),
  user: string(3, 'DESCRIBE CephFSVolumeSource.user'),
  secretFile: string(4, 'DESCRIBE CephFSVolumeSource.secretFile'),
  secretRef: object(5, localObjectReferenceSchema, 'DESCRIBE CephFSVolumeSource.secretRef', { pointer: true }),
  readOnly: bool(6, 'DESCRIBE CephFSVolumeSource.readOnly'),
})
export type CephFSVolumeSource = z.output<typeof cephFSVolumeSourceSchema>

export const flockerVolumeSourceSchema = message('io.k8s.api.core.v1.FlockerVolumeSource', 'DESCRIBE FlockerVolumeSource', {
  datasetName: string(1, 'DESCRIBE FlockerVolumeSource.datasetName'),
  datasetUUID: string(2, 'DESCRIBE FlockerVolumeSource.datasetUUID'),
})
export type FlockerVolumeSource = z.output<typeof flockerVolumeSourceSchema>

export const fcVolumeSourceSchema = message('io.k8s.api.core.v1.FCVolumeSource', 'DESCRIBE FCVolumeSource', {
  targetWWNs: list(1, 'string', 'DESCRIBE FCVolumeSource.targetWWNs', { listType: 'atomic' }),
  lun: int32(2, 'DESCRIBE FCVolumeSource.lun', { pointer: true }),
  fsType: string(3, 'DESCRIBE FCVolumeSource.fsType'),
  readOnly: bool(4, 'DESCRIBE FCVolumeSource.readOnly'),
  wwids: list(5, 'string', 'DESCRIBE FCVolumeSource.wwids', { listType: 'atomic' }),
})
export type FCVolumeSource = z.output<typeof fcVolumeSourceSchema>

export const azureFileVolumeSourceSchema = message('io.k8s.api.core.v1.AzureFileVolumeSource', 'DESCRIBE AzureFileVolumeSource', {
  secretName: string(1, 'DESCRIBE AzureFileVolumeSource.secretName', { json: 'always' }),
  shareName: string(2, 'DESCRIBE AzureFileVolumeSource.shareName', { json: 'always' }),
  readOnly: bool(3, 'DESCRIBE AzureFileVolumeSource.readOnly'),
})
export type AzureFileVolumeSource = z.output<typeof azureFileVolumeSourceSchema>

export const vsphereVirtualDiskVolumeSourceSchema = message(
  'io.k8s.api.core.v1.VsphereVirtualDiskVolumeSource',
  'DESCRIBE VsphereVirtualDiskVolumeSource',
  {
    volumePath: string(1, 'DESCRIBE VsphereVirtualDiskVolumeSource.volumePath', { json: 'always' }),
    fsType: string(2, 'DESCRIBE VsphereVirtualDiskVolumeSource.fsType'),
    storagePolicyName: string(3, 'DESCRIBE VsphereVirtualDiskVolumeSource.storagePolicyName'),
    storagePolicyID: string(4, 'DESCRIBE VsphereVirtualDiskVolumeSource.storagePolicyID'),
  },
)
export type VsphereVirtualDiskVolumeSource = z.output<typeof vsphereVirtualDiskVolumeSourceSchema>

export const quobyteVolumeSourceSchema = message('io.k8s.api.core.v1.QuobyteVolumeSource', 'DESCRIBE QuobyteVolumeSource', {
  registry: string(1, 'DESCRIBE QuobyteVolumeSource.registry', { json: 'always' }),
  volume: string(2, 'DESCRIBE QuobyteVolumeSource.volume', { json: 'always' }),
  readOnly: bool(3, 'DESCRIBE QuobyteVolumeSource.readOnly'),
  user: string(4, 'DESCRIBE QuobyteVolumeSource.user'),
  group: string(5, 'DESCRIBE QuobyteVolumeSource.group'),
  tenant: string(6, 'DESCRIBE QuobyteVolumeSource.tenant'),
})
export type QuobyteVolumeSource = z.output<typeof quobyteVolumeSourceSchema>

export const azureDiskVolumeSourceSchema = message('io.k8s.api.core.v1.AzureDiskVolumeSource', 'DESCRIBE AzureDiskVolumeSource', {
  diskName: string(1, 'DESCRIBE AzureDiskVolumeSource.diskName', { json: 'always' }),
  diskURI: string(2, 'DESCRIBE AzureDiskVolumeSource.diskURI', { json: 'always' }),
  cachingMode: string(3, 'DESCRIBE AzureDiskVolumeSource.cachingMode', {
    pointer: true,
    default: 'ReadWrite',
    enum: ['None', 'ReadOnly', 'ReadWrite'],
  }),
  fsType: string(4, 'DESCRIBE AzureDiskVolumeSource.fsType', { pointer: true, default: 'ext4' }),
  readOnly: bool(5, 'DESCRIBE AzureDiskVolumeSource.readOnly', { pointer: true, default: false }),
  kind: string(6, 'DESCRIBE AzureDiskVolumeSource.kind', { pointer: true, default: 'Shared', enum: ['Dedicated', 'Managed', 'Shared'] }),
})
export type AzureDiskVolumeSource = z.output<typeof azureDiskVolumeSourceSchema>

export const photonPersistentDiskVolumeSourceSchema = message(
  'io.k8s.api.core.v1.PhotonPersistentDiskVolumeSource',
  'DESCRIBE PhotonPersistentDiskVolumeSource',
  {
    pdID: string(1, 'DESCRIBE PhotonPersistentDiskVolumeSource.pdID', { json: 'always' }),
    fsType: string(2, 'DESCRIBE PhotonPersistentDiskVolumeSource.fsType'),
  },
)
export type PhotonPersistentDiskVolumeSource = z.output<typeof photonPersistentDiskVolumeSourceSchema>

export const portworxVolumeSourceSchema = message('io.k8s.api.core.v1.PortworxVolumeSource', 'DESCRIBE PortworxVolumeSource', {
  volumeID: string(1, 'DESCRIBE PortworxVolumeSource.volumeID', { json: 'always' }),
  fsType: string(2, 'DESCRIBE PortworxVolumeSource.fsType'),
  readOnly: bool(3, 'DESCRIBE PortworxVolumeSource.readOnly'),
})
export type PortworxVolumeSource = z.output<typeof portworxVolumeSourceSchema>

export const scaleIOVolumeSourceSchema = message('io.k8s.api.core.v1.ScaleIOVolumeSource', 'DESCRIBE ScaleIOVolumeSource', {
  gateway: string(1, 'DESCRIBE ScaleIOVolumeSource.gateway', { json: 'always' }),
  system: string(2, 'DESCRIBE ScaleIOVolumeSource.system', { json: 'always' }),
  secretRef: object(3, localObjectReferenceSchema, 'DESCRIBE ScaleIOVolumeSource.secretRef', { json: 'always', pointer: true }),
  sslEnabled: bool(4, 'DESCRIBE ScaleIOVolumeSource.sslEnabled'),
  protectionDomain: string(5, 'DESCRIBE ScaleIOVolumeSource.protectionDomain'),
  storagePool: string(6, 'DESCRIBE ScaleIOVolumeSource.storagePool'),
  storageMode: string(7, 'DESCRIBE ScaleIOVolumeSource.storageMode', { default: 'ThinProvisioned' }),
  volumeName: string(8, 'DESCRIBE ScaleIOVolumeSource.volumeName'),
  fsType: string(9, 'DESCRIBE ScaleIOVolumeSource.fsType', { default: 'xfs' }),
  readOnly: bool(10, 'DESCRIBE ScaleIOVolumeSource.readOnly'),
})
export type ScaleIOVolumeSource = z.output<typeof scaleIOVolumeSourceSchema>

export const storageOSVolumeSourceSchema = message('io.k8s.api.core.v1.StorageOSVolumeSource', 'DESCRIBE StorageOSVolumeSource', {
  volumeName: string(1, 'DESCRIBE StorageOSVolumeSource.volumeName'),
  volumeNamespace: string(2, 'DESCRIBE StorageOSVolumeSource.volumeNamespace'),
  fsType: string(3, 'DESCRIBE StorageOSVolumeSource.fsType'),
  readOnly: bool(4, 'DESCRIBE StorageOSVolumeSource.readOnly'),
  secretRef: object(5, localObjectReferenceSchema, 'DESCRIBE StorageOSVolumeSource.secretRef', { pointer: true }),
})
export type StorageOSVolumeSource = z.output<typeof storageOSVolumeSourceSchema>
