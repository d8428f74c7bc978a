/** DESCRIBE file api/core/volume.ts */
import type { z } from 'zod'
import { bool, inline, int32, int64, list, map, message, object, quantity, string } from '#api/fields.ts'
import { labelSelectorSchema } from '#api/meta/label-selector.ts'
import { objectFieldSelectorSchema, resourceFieldSelectorSchema } from './env.ts'
import { localObjectReferenceSchema } from './references.ts'
import { persistentVolumeClaimTemplateSchema } from './volume-claim-spec.ts'
import {
  awsElasticBlockStoreVolumeSourceSchema,
  azureDiskVolumeSourceSchema,
  azureFileVolumeSourceSchema,
  cephFSVolumeSourceSchema,
  cinderVolumeSourceSchema,
  fcVolumeSourceSchema,
  flexVolumeSourceSchema,
  flockerVolumeSourceSchema,
  gcePersistentDiskVolumeSourceSchema,
  gitRepoVolumeSourceSchema,
  glusterfsVolumeSourceSchema,
  iscsiVolumeSourceSchema,
  photonPersistentDiskVolumeSourceSchema,
  portworxVolumeSourceSchema,
  quobyteVolumeSourceSchema,
  rbdVolumeSourceSchema,
  scaleIOVolumeSourceSchema,
  storageOSVolumeSourceSchema,
  vsphereVirtualDiskVolumeSourceSchema,
} from './volume-plugins.ts'

export const hostPathVolumeSourceSchema = message('io.k8s.api.core.v1.HostPathVolumeSource', 'DESCRIBE HostPathVolumeSource', {
  path: string(1, 'DESCRIBE HostPathVolumeSource.path', { json: 'always' }),
  type: string(2, 'DESCRIBE HostPathVolumeSource.type', {
    pointer: true,
    enum: ['', 'BlockDevice', 'CharDevice', 'Directory', 'DirectoryOrCreate', 'File', 'FileOrCreate', 'Socket'],
  }),
})
export type HostPathVolumeSource = z.output<typeof hostPathVolumeSourceSchema>

export const emptyDirVolumeSourceSchema = message('io.k8s.api.core.v1.EmptyDirVolumeSource', 'DESCRIBE EmptyDirVolumeSource', {
  medium: string(1, 'DESCRIBE EmptyDirVolumeSource.medium'),
  sizeLimit: quantity(2, 'DESCRIBE EmptyDirVolumeSource.sizeLimit', { pointer: true }),
})
export type EmptyDirVolumeSource = z.output<typeof emptyDirVolumeSourceSchema>

export const keyToPathSchema = message('io.k8s.api.core.v1.KeyToPath', 'DESCRIBE KeyToPath', {
  key: string(1, 'DESCRIBE KeyToPath.key', { json: 'always' }),
  path: string(2, 'DESCRIBE KeyToPath.path', { json: 'always' }),
  mode: int32(3, 'DESCRIBE KeyToPath.mode', { pointer: true }),
})
export type KeyToPath = z.output<typeof keyToPathSchema>

export const secretVolumeSourceSchema = message('io.k8s.api.core.v1.SecretVolumeSource', 'DESCRIBE SecretVolumeSource', {
  secretName: string(1, 'DESCRIBE SecretVolumeSource.secretName'),
  items: list(2, keyToPathSchema, 'DESCRIBE SecretVolumeSource.items', { listType: 'atomic' }),
  defaultMode: int32(3, 'DESCRIBE SecretVolumeSource.defaultMode', { pointer: true }),
  optional: bool(4, 'DESCRIBE SecretVolumeSource.optional', { pointer: true }),
})
export type SecretVolumeSource = z.output<typeof secretVolumeSourceSchema>

export const nfsVolumeSourceSchema = message('io.k8s.api.core.v1.NFSVolumeSource', 'DESCRIBE NFSVolumeSource', {
  server: string(1, 'DESCRIBE NFSVolumeSource.server', { json: 'always' }),
  path: string(2, 'DESCRIBE NFSVolumeSource.path', { json: 'always' }),
  readOnly: bool(3, 'DESCRIBE NFSVolumeSource.readOnly'),
})
export type NFSVolumeSource = z.output<typeof nfsVolumeSourceSchema>

export const persistentVolumeClaimVolumeSourceSchema = message(
  'io.k8s.api.core.v1.PersistentVolumeClaimVolumeSource',
  'DESCRIBE PersistentVolumeClaimVolumeSource',
  {
    claimName: string(1, 'DESCRIBE PersistentVolumeClaimVolumeSource.claimName', { json: 'always' }),
    readOnly: bool(2, 'DESCRIBE PersistentVolumeClaimVolumeSource.readOnly'),
  },
)
export type PersistentVolumeClaimVolumeSource = z.output<typeof persistentVolumeClaimVolumeSourceSchema>

export const downwardAPIVolumeFileSchema = message('io.k8s.api.core.v1.DownwardAPIVolumeFile', 'DESCRIBE DownwardAPIVolumeFile', {
  path: string(1, 'DESCRIBE DownwardAPIVolumeFile.path', { json: 'always' }),
  fieldRef: object(2, objectFieldSelectorSchema, 'DESCRIBE DownwardAPIVolumeFile.fieldRef', { pointer: true }),
  resourceFieldRef: object(3, resourceFieldSelectorSchema, 'DESCRIBE DownwardAPIVolumeFile.resourceFieldRef', { pointer: true }),
  mode: int32(4, 'DESCRIBE DownwardAPIVolumeFile.mode', { pointer: true }),
})
export type DownwardAPIVolumeFile = z.output<typeof downwardAPIVolumeFileSchema>

export const downwardAPIVolumeSourceSchema = message('io.k8s.api.core.v1.DownwardAPIVolumeSource', 'DESCRIBE DownwardAPIVolumeSource', {
  items: list(1, downwardAPIVolumeFileSchema, 'DESCRIBE DownwardAPIVolumeSource.items', { listType: 'atomic' }),
  defaultMode: int32(2, 'DESCRIBE DownwardAPIVolumeSource.defaultMode', { pointer: true }),
})
export type DownwardAPIVolumeSource = z.output<typeof downwardAPIVolumeSourceSchema>

export const configMapVolumeSourceSchema = message('io.k8s.api.core.v1.ConfigMapVolumeSource', 'DESCRIBE ConfigMapVolumeSource', {
  // inlined in JSON; protobuf nests it as field 1
  ...inline(1, localObjectReferenceSchema),
  items: list(2, keyToPathSchema, 'DESCRIBE ConfigMapVolumeSource.items', { listType: 'atomic' }),
  defaultMode: int32(3, 'DESCRIBE ConfigMapVolumeSource.defaultMode', { pointer: true }),
  optional: bool(4, 'DESCRIBE ConfigMapVolumeSource.optional', { pointer: true }),
})
export type ConfigMapVolumeSource = z.output<typeof configMapVolumeSourceSchema>

export const secretProjectionSchema = message('io.k8s.api.core.v1.SecretProjection', 'DESCRIBE SecretProjection', {
  // inlined in JSON; protobuf nests it as field 1
  ...inline(1, localObjectReferenceSchema),
  items: list(2, keyToPathSchema, 'DESCRIBE SecretProjection.items', { listType: 'atomic' }),
  optional: bool(4, 'DESCRIBE SecretProjection.optional', { pointer: true }),
})
export type SecretProjection = z.output<typeof secretProjectionSchema>

export const downwardAPIProjectionSchema = message('io.k8s.api.core.v1.DownwardAPIProjection', 'DESCRIBE DownwardAPIProjection', {
  items: list(1, downwardAPIVolumeFileSchema, 'DESCRIBE DownwardAPIProjection.items', { listType: 'atomic' }),
})
export type DownwardAPIProjection = z.output<typeof downwardAPIProjectionSchema>

export const configMapProjectionSchema = message('io.k8s.api.core.v1.ConfigMapProjection', 'DESCRIBE ConfigMapProjection', {
  // inlined in JSON; protobuf nests it as field 1
  ...inline(1, localObjectReferenceSchema),
  items: list(2, keyToPathSchema, 'DESCRIBE ConfigMapProjection.items', { listType: 'atomic' }),
  optional: bool(4, 'DESCRIBE ConfigMapProjection.optional', { pointer: true }),
})
export type ConfigMapProjection = z.output<typeof configMapProjectionSchema>

export const serviceAccountTokenProjectionSchema = message(
  'io.k8s.api.core.v1.ServiceAccountTokenProjection',
  'DESCRIBE ServiceAccountTokenProjection',
  {
    audience: string(1, 'DESCRIBE ServiceAccountTokenProjection.audience'),
    expirationSeconds: int64(2, 'DESCRIBE ServiceAccountTokenProjection.expirationSeconds', { pointer: true }),
    path: string(3, 'DESCRIBE ServiceAccountTokenProjection.path', { json: 'always' }),
  },
)
export type ServiceAccountTokenProjection = z.output<typeof serviceAccountTokenProjectionSchema>

export const clusterTrustBundleProjectionSchema = message(
  'io.k8s.api.core.v1.ClusterTrustBundleProjection',
  'DESCRIBE ClusterTrustBundleProjection',
  {
    name: string(1, 'DESCRIBE ClusterTrustBundleProjection.name', { pointer: true }),
    signerName: string(2, 'DESCRIBE ClusterTrustBundleProjection.signerName', { pointer: true }),
    labelSelector: object(3, labelSelectorSchema, 'DESCRIBE ClusterTrustBundleProjection.labelSelector', { pointer: true }),
    optional: bool(5, 'DESCRIBE ClusterTrustBundleProjection.optional', { pointer: true }),
    path: string(4, 'DESCRIBE ClusterTrustBundleProjection.path', { json: 'always' }),
  },
)
export type ClusterTrustBundleProjection = z.output<typeof clusterTrustBundleProjectionSchema>

export const podCertificateProjectionSchema = message('io.k8s.api.core.v1.PodCertificateProjection', 'DESCRIBE PodCertificateProjection', {
  signerName: string(1, 'DESCRIBE PodCertificateProjection.signerName', { required: true }),
  keyType: string(2, 'DESCRIBE PodCertificateProjection.keyType', { required: true }),
  maxExpirationSeconds: int32(3, 'DESCRIBE PodCertificateProjection.maxExpirationSeconds', { pointer: true }),
  credentialBundlePath: string(4, 'DESCRIBE PodCertificateProjection.credentialBundlePath'),
  keyPath: string(5, 'DESCRIBE PodCertificateProjection.keyPath'),
  certificateChainPath: string(6, 'DESCRIBE PodCertificateProjection.certificateChainPath'),
  userAnnotations: map(7, 'string', 'DESCRIBE PodCertificateProjection.userAnnotations'),
})
export type PodCertificateProjection = z.output<typeof podCertificateProjectionSchema>

export const volumeProjectionSchema = message('io.k8s.api.core.v1.VolumeProjection', 'DESCRIBE VolumeProjection', {
  secret: object(1, secretProjectionSchema, 'DESCRIBE VolumeProjection.secret', { pointer: true }),
  downwardAPI: object(2, downwardAPIProjectionSchema, 'DESCRIBE VolumeProjection.downwardAPI', { pointer: true }),
  configMap: object(3, configMapProjectionSchema, 'DESCRIBE VolumeProjection.configMap', { pointer: true }),
  serviceAccountToken: object(4, serviceAccountTokenProjectionSchema, 'DESCRIBE VolumeProjection.serviceAccountToken', { pointer: true }),
  clusterTrustBundle: object(5, clusterTrustBundleProjectionSchema, 'DESCRIBE VolumeProjection.clusterTrustBundle', { pointer: true }),
  podCertificate: object(6, podCertificateProjectionSchema, 'DESCRIBE VolumeProjection.podCertificate', { pointer: true }),
})
export type VolumeProjection = z.output<typeof volumeProjectionSchema>

export const projectedVolumeSourceSchema = message('io.k8s.api.core.v1.ProjectedVolumeSource', 'DESCRIBE ProjectedVolumeSource', {
  sources: list(1, volumeProjectionSchema, 'DESCRIBE ProjectedVolumeSource.sources', {
    json: 'always',
    required: false,
    listType: 'atomic',
  }),
  defaultMode: int32(2, 'DESCRIBE ProjectedVolumeSource.defaultMode', { pointer: true }),
})
export type ProjectedVolumeSource = z.output<typeof projectedVolumeSourceSchema>

export const csiVolumeSourceSchema = message('io.k8s.api.core.v1.CSIVolumeSource', 'DESCRIBE CSIVolumeSource', {
  driver: string(1, 'DESCRIBE CSIVolumeSource.driver', { json: 'always' }),
  readOnly: bool(2, 'DESCRIBE CSIVolumeSource.readOnly', { pointer: true }),
  fsType: string(3, 'DESCRIBE CSIVolumeSource.fsType', { pointer: true }),
  volumeAttributes: map(4, 'string', 'DESCRIBE CSIVolumeSource.volumeAttributes'),
  nodePublishSecretRef: object(5, localObjectReferenceSchema, 'DESCRIBE CSIVolumeSource.nodePublishSecretRef', { pointer: true }),
})
export type CSIVolumeSource = z.output<typeof csiVolumeSourceSchema>

export const ephemeralVolumeSourceSchema = message('io.k8s.api.core.v1.EphemeralVolumeSource', 'DESCRIBE EphemeralVolumeSource', {
  volumeClaimTemplate: object(1, persistentVolumeClaimTemplateSchema, 'DESCRIBE EphemeralVolumeSource.volumeClaimTemplate', {
    pointer: true,
  }),
})
export type EphemeralVolumeSource = z.output<typeof ephemeralVolumeSourceSchema>

export const imageVolumeSourceSchema = message('io.k8s.api.core.v1.ImageVolumeSource', 'DESCRIBE ImageVolumeSource', {
  reference: string(1, 'DESCRIBE ImageVolumeSource.reference'),
  pullPolicy: string(2, 'DESCRIBE ImageVolumeSource.pullPolicy', { enum: ['Always', 'IfNotPresent', 'Never'] }),
})
export type ImageVolumeSource = z.output<typeof imageVolumeSourceSchema>

export const volumeSourceSchema = message('io.k8s.api.core.v1.VolumeSource', 'DESCRIBE VolumeSource', {
  hostPath: object(1, hostPathVolumeSourceSchema, 'DESCRIBE VolumeSource.hostPath', { pointer: true }),
  emptyDir: object(2, emptyDirVolumeSourceSchema, 'DESCRIBE VolumeSource.emptyDir', { pointer: true }),
  gcePersistentDisk: object(3, gcePersistentDiskVolumeSourceSchema, 'DESCRIBE VolumeSource.gcePersistentDisk', { pointer: true }),
  awsElasticBlockStore: object(4, awsElasticBlockStoreVolumeSourceSchema, 'DESCRIBE VolumeSource.awsElasticBlockStore', { pointer: true }),
  gitRepo: object(5, gitRepoVolumeSourceSchema, 'DESCRIBE VolumeSource.gitRepo', { pointer: true }),
  secret: object(6, secretVolumeSourceSchema, 'DESCRIBE VolumeSource.secret', { pointer: true }),
  nfs: object(7, nfsVolumeSourceSchema, 'DESCRIBE VolumeSource.nfs', { pointer: true }),
  iscsi: object(8, iscsiVolumeSourceSchema, 'DESCRIBE VolumeSource.iscsi', { pointer: true }),
  glusterfs: object(9, glusterfsVolumeSourceSchema, 'DESCRIBE VolumeSource.glusterfs', { pointer: true }),
  persistentVolumeClaim: object(10, persistentVolumeClaimVolumeSourceSchema, 'DESCRIBE VolumeSource.persistentVolumeClaim', {
    pointer: true,
  }),
  rbd: object(11, rbdVolumeSourceSchema, 'DESCRIBE VolumeSource.rbd', { pointer: true }),
  flexVolume: object(12, flexVolumeSourceSchema, 'DESCRIBE VolumeSource.flexVolume', { pointer: true }),
  cinder: object(13, cinderVolumeSourceSchema, 'DESCRIBE VolumeSource.cinder', { pointer: true }),
  cephfs: object(14, cephFSVolumeSourceSchema, 'DESCRIBE VolumeSource.cephfs', { pointer: true }),
  flocker: object(15, flockerVolumeSourceSchema, 'DESCRIBE VolumeSource.flocker', { pointer: true }),
  downwardAPI: object(16, downwardAPIVolumeSourceSchema, 'DESCRIBE VolumeSource.downwardAPI', { pointer: true }),
  fc: object(17, fcVolumeSourceSchema, 'DESCRIBE VolumeSource.fc', { pointer: true }),
  azureFile: object(18, azureFileVolumeSourceSchema, 'DESCRIBE VolumeSource.azureFile', { pointer: true }),
  configMap: object(19, configMapVolumeSourceSchema, 'DESCRIBE VolumeSource.configMap', { pointer: true }),
  vsphereVolume: object(20, vsphereVirtualDiskVolumeSourceSchema, 'DESCRIBE VolumeSource.vsphereVolume', { pointer: true }),
  quobyte: object(21, quobyteVolumeSourceSchema, 'DESCRIBE VolumeSource.quobyte', { pointer: true }),
  azureDisk: object(22, azureDiskVolumeSourceSchema, 'DESCRIBE VolumeSource.azureDisk', { pointer: true }),
  photonPersistentDisk: object(23, photonPersistentDiskVolumeSourceSchema, 'DESCRIBE VolumeSource.photonPersistentDisk', { pointer: true }),
  projected: object(26, projectedVolumeSourceSchema, 'DESCRIBE VolumeSource.projected', { pointer: true }),
  portworxVolume: object(24, portworxVolumeSourceSchema, 'DESCRIBE VolumeSource.portworxVolume', { pointer: true }),
  scaleIO: object(25, scaleIOVolumeSourceSchema, 'DESCRIBE VolumeSource.scaleIO', { pointer: true }),
  storageos: object(27, storageOSVolumeSourceSchema, 'DESCRIBE VolumeSource.storageos', { pointer: true }),
  csi: object(28, csiVolumeSourceSchema, 'DESCRIBE VolumeSource.csi', { pointer: true }),
  ephemeral: object(29, ephemeralVolumeSourceSchema, 'DESCRIBE VolumeSource.ephemeral', { pointer: true }),
  image: object(30, imageVolumeSourceSchema, 'DESCRIBE VolumeSource.image', { pointer: true }),
})
export type VolumeSource = z.output<typeof volumeSourceSchema>

export const volumeSchema = message('io.k8s.api.core.v1.Volume', 'DESCRIBE Volume', {
  name: string(1, 'DESCRIBE Volume.name', { json: 'always' }),
  // inlined in JSON; protobuf nests it as field 2
  ...inline(2, volumeSourceSchema),
})
export type Volume = z.output<typeof volumeSchema>
