/** Volumes of a pod. */
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

export const hostPathVolumeSourceSchema = message('io.k8s.api.core.v1.HostPathVolumeSource', 'A file or folder of the node.', {
  path: string(1, 'Path on the node.', { json: 'always' }),
  type: string(2, 'What must be there; empty asks for nothing.', {
    pointer: true,
    enum: ['', 'BlockDevice', 'CharDevice', 'Directory', 'DirectoryOrCreate', 'File', 'FileOrCreate', 'Socket'],
    goType: 'v1.HostPathType',
  }),
})
export type HostPathVolumeSource = z.output<typeof hostPathVolumeSourceSchema>

export const emptyDirVolumeSourceSchema = message('io.k8s.api.core.v1.EmptyDirVolumeSource', 'A folder that lives as long as the pod.', {
  medium: string(1, 'Empty for disk, Memory for a tmpfs.', { goType: 'v1.StorageMedium' }),
  sizeLimit: quantity(2, 'Most that it may hold.', { pointer: true }),
})
export type EmptyDirVolumeSource = z.output<typeof emptyDirVolumeSourceSchema>

export const keyToPathSchema = message('io.k8s.api.core.v1.KeyToPath', 'A key that becomes a file.', {
  key: string(1, 'The key.', { json: 'always' }),
  path: string(2, 'File below the volume.', { json: 'always' }),
  mode: int32(3, 'Mode of the file.', { pointer: true }),
})
export type KeyToPath = z.output<typeof keyToPathSchema>

export const secretVolumeSourceSchema = message('io.k8s.api.core.v1.SecretVolumeSource', 'Keys of a secret as files.', {
  secretName: string(1, 'Name of the secret.'),
  items: list(2, keyToPathSchema, 'Which keys become which files; all keys by default.', { listType: 'atomic' }),
  defaultMode: int32(3, 'Mode of the files.', { pointer: true }),
  optional: bool(4, 'Whether it may be missing.', { pointer: true }),
})
export type SecretVolumeSource = z.output<typeof secretVolumeSourceSchema>

export const nfsVolumeSourceSchema = message('io.k8s.api.core.v1.NFSVolumeSource', 'A folder of an NFS server.', {
  server: string(1, 'Host of the server.', { json: 'always' }),
  path: string(2, 'Folder that it exports.', { json: 'always' }),
  readOnly: bool(3, 'Mounts the volume so that it cannot be written.'),
})
export type NFSVolumeSource = z.output<typeof nfsVolumeSourceSchema>

export const persistentVolumeClaimVolumeSourceSchema = message(
  'io.k8s.api.core.v1.PersistentVolumeClaimVolumeSource',
  'A persistent volume claim.',
  {
    claimName: string(1, 'Name of the claim.', { json: 'always' }),
    readOnly: bool(2, 'Mounts the volume so that it cannot be written.'),
  },
)
export type PersistentVolumeClaimVolumeSource = z.output<typeof persistentVolumeClaimVolumeSourceSchema>

export const downwardAPIVolumeFileSchema = message('io.k8s.api.core.v1.DownwardAPIVolumeFile', 'A file with a field of the pod.', {
  path: string(1, 'File below the volume.', { json: 'always' }),
  fieldRef: object(2, objectFieldSelectorSchema, 'A field of the pod.', { pointer: true }),
  resourceFieldRef: object(3, resourceFieldSelectorSchema, 'An amount of a container.', { pointer: true }),
  mode: int32(4, 'Mode of the file.', { pointer: true }),
})
export type DownwardAPIVolumeFile = z.output<typeof downwardAPIVolumeFileSchema>

export const downwardAPIVolumeSourceSchema = message('io.k8s.api.core.v1.DownwardAPIVolumeSource', "The pod's own fields as files.", {
  items: list(1, downwardAPIVolumeFileSchema, 'The files.', { listType: 'atomic' }),
  defaultMode: int32(2, 'Mode of the files.', { pointer: true }),
})
export type DownwardAPIVolumeSource = z.output<typeof downwardAPIVolumeSourceSchema>

export const configMapVolumeSourceSchema = message('io.k8s.api.core.v1.ConfigMapVolumeSource', 'Keys of a config map as files.', {
  // inlined in JSON; protobuf nests it as field 1
  ...inline(1, localObjectReferenceSchema),
  items: list(2, keyToPathSchema, 'Which keys become which files; all keys by default.', { listType: 'atomic' }),
  defaultMode: int32(3, 'Mode of the files.', { pointer: true }),
  optional: bool(4, 'Whether it may be missing.', { pointer: true }),
})
export type ConfigMapVolumeSource = z.output<typeof configMapVolumeSourceSchema>

export const secretProjectionSchema = message('io.k8s.api.core.v1.SecretProjection', 'Keys of a secret as files.', {
  // inlined in JSON; protobuf nests it as field 1
  ...inline(1, localObjectReferenceSchema),
  items: list(2, keyToPathSchema, 'Which keys become which files; all keys by default.', { listType: 'atomic' }),
  optional: bool(4, 'Whether it may be missing.', { pointer: true }),
})
export type SecretProjection = z.output<typeof secretProjectionSchema>

export const downwardAPIProjectionSchema = message('io.k8s.api.core.v1.DownwardAPIProjection', "The pod's own fields as files.", {
  items: list(1, downwardAPIVolumeFileSchema, 'The files.', { listType: 'atomic' }),
})
export type DownwardAPIProjection = z.output<typeof downwardAPIProjectionSchema>

export const configMapProjectionSchema = message('io.k8s.api.core.v1.ConfigMapProjection', 'Keys of a config map as files.', {
  // inlined in JSON; protobuf nests it as field 1
  ...inline(1, localObjectReferenceSchema),
  items: list(2, keyToPathSchema, 'Which keys become which files; all keys by default.', { listType: 'atomic' }),
  optional: bool(4, 'Whether it may be missing.', { pointer: true }),
})
export type ConfigMapProjection = z.output<typeof configMapProjectionSchema>

export const serviceAccountTokenProjectionSchema = message(
  'io.k8s.api.core.v1.ServiceAccountTokenProjection',
  "A token of the pod's service account.",
  {
    audience: string(1, 'Whom the token is for.'),
    expirationSeconds: int64(2, 'Seconds the token is good for.', { pointer: true }),
    path: string(3, 'File below the volume.', { json: 'always' }),
  },
)
export type ServiceAccountTokenProjection = z.output<typeof serviceAccountTokenProjectionSchema>

export const clusterTrustBundleProjectionSchema = message(
  'io.k8s.api.core.v1.ClusterTrustBundleProjection',
  'Certificates of cluster trust bundles in one file.',
  {
    name: string(1, 'One bundle by name.', { pointer: true }),
    signerName: string(2, 'All bundles of a signer.', { pointer: true }),
    labelSelector: object(3, labelSelectorSchema, "Which of the signer's bundles.", { pointer: true }),
    optional: bool(5, 'Whether it may be missing.', { pointer: true }),
    path: string(4, 'File below the volume.', { json: 'always' }),
  },
)
export type ClusterTrustBundleProjection = z.output<typeof clusterTrustBundleProjectionSchema>

export const podCertificateProjectionSchema = message(
  'io.k8s.api.core.v1.PodCertificateProjection',
  'A key and a certificate for the pod.',
  {
    signerName: string(1, 'Who signs it.', { required: true }),
    keyType: string(2, 'Kind of key to make.', { required: true }),
    maxExpirationSeconds: int32(3, 'Longest life to ask for.', { pointer: true }),
    credentialBundlePath: string(4, 'File for key and certificates together.'),
    keyPath: string(5, 'File for the key.'),
    certificateChainPath: string(6, 'File for the certificates.'),
    userAnnotations: map(7, 'string', 'Data for the signer.'),
  },
)
export type PodCertificateProjection = z.output<typeof podCertificateProjectionSchema>

export const volumeProjectionSchema = message('io.k8s.api.core.v1.VolumeProjection', 'One source of a projected volume.', {
  secret: object(1, secretProjectionSchema, 'Keys of a secret.', { pointer: true }),
  downwardAPI: object(2, downwardAPIProjectionSchema, 'Fields of the pod.', { pointer: true }),
  configMap: object(3, configMapProjectionSchema, 'Keys of a config map.', { pointer: true }),
  serviceAccountToken: object(4, serviceAccountTokenProjectionSchema, 'A token.', { pointer: true }),
  clusterTrustBundle: object(5, clusterTrustBundleProjectionSchema, 'Certificates to trust.', { pointer: true }),
  podCertificate: object(6, podCertificateProjectionSchema, 'A key and a certificate.', { pointer: true }),
})
export type VolumeProjection = z.output<typeof volumeProjectionSchema>

export const projectedVolumeSourceSchema = message('io.k8s.api.core.v1.ProjectedVolumeSource', 'Several sources in one folder.', {
  sources: list(1, volumeProjectionSchema, 'The sources.', {
    json: 'always',
    required: false,
    listType: 'atomic',
  }),
  defaultMode: int32(2, 'Mode of the files.', { pointer: true }),
})
export type ProjectedVolumeSource = z.output<typeof projectedVolumeSourceSchema>

export const csiVolumeSourceSchema = message('io.k8s.api.core.v1.CSIVolumeSource', 'A volume that a CSI driver makes for this pod alone.', {
  driver: string(1, 'Name of the driver.', { json: 'always' }),
  readOnly: bool(2, 'Mounts the volume so that it cannot be written.', { pointer: true }),
  fsType: string(3, 'File system to mount, such as ext4.', { pointer: true }),
  volumeAttributes: map(4, 'string', 'Settings for the driver.'),
  nodePublishSecretRef: object(5, localObjectReferenceSchema, 'Secret that the driver gets when it mounts.', { pointer: true }),
})
export type CSIVolumeSource = z.output<typeof csiVolumeSourceSchema>

export const ephemeralVolumeSourceSchema = message(
  'io.k8s.api.core.v1.EphemeralVolumeSource',
  'A volume claim made and deleted with the pod.',
  {
    volumeClaimTemplate: object(1, persistentVolumeClaimTemplateSchema, 'The claim to make.', {
      pointer: true,
    }),
  },
)
export type EphemeralVolumeSource = z.output<typeof ephemeralVolumeSourceSchema>

export const imageVolumeSourceSchema = message('io.k8s.api.core.v1.ImageVolumeSource', "An image's files, read-only.", {
  reference: string(1, 'Image to mount.'),
  pullPolicy: string(2, 'When the image is pulled.', { enum: ['Always', 'IfNotPresent', 'Never'], goType: 'v1.PullPolicy' }),
})
export type ImageVolumeSource = z.output<typeof imageVolumeSourceSchema>

export const volumeSourceSchema = message('io.k8s.api.core.v1.VolumeSource', 'Where a volume comes from: one of these.', {
  hostPath: object(1, hostPathVolumeSourceSchema, 'A file or folder of the node.', { pointer: true }),
  emptyDir: object(2, emptyDirVolumeSourceSchema, 'A folder that lives as long as the pod.', { pointer: true }),
  gcePersistentDisk: object(3, gcePersistentDiskVolumeSourceSchema, 'A disk of Google Cloud.', { pointer: true }),
  awsElasticBlockStore: object(4, awsElasticBlockStoreVolumeSourceSchema, 'A disk of AWS.', { pointer: true }),
  gitRepo: object(5, gitRepoVolumeSourceSchema, 'A clone of a repository.', { pointer: true }),
  secret: object(6, secretVolumeSourceSchema, 'Keys of a secret.', { pointer: true }),
  nfs: object(7, nfsVolumeSourceSchema, 'A folder of an NFS server.', { pointer: true }),
  iscsi: object(8, iscsiVolumeSourceSchema, 'An iSCSI volume.', { pointer: true }),
  glusterfs: object(9, glusterfsVolumeSourceSchema, 'A GlusterFS volume.', { pointer: true }),
  persistentVolumeClaim: object(10, persistentVolumeClaimVolumeSourceSchema, 'A persistent volume claim.', {
    pointer: true,
  }),
  rbd: object(11, rbdVolumeSourceSchema, 'A RADOS block device.', { pointer: true }),
  flexVolume: object(12, flexVolumeSourceSchema, 'A volume of a FlexVolume driver.', { pointer: true }),
  cinder: object(13, cinderVolumeSourceSchema, 'A Cinder volume.', { pointer: true }),
  cephfs: object(14, cephFSVolumeSourceSchema, 'A Ceph file system.', { pointer: true }),
  flocker: object(15, flockerVolumeSourceSchema, 'A Flocker volume.', { pointer: true }),
  downwardAPI: object(16, downwardAPIVolumeSourceSchema, 'Fields of the pod.', { pointer: true }),
  fc: object(17, fcVolumeSourceSchema, 'A Fibre Channel volume.', { pointer: true }),
  azureFile: object(18, azureFileVolumeSourceSchema, 'A file share of Azure.', { pointer: true }),
  configMap: object(19, configMapVolumeSourceSchema, 'Keys of a config map.', { pointer: true }),
  vsphereVolume: object(20, vsphereVirtualDiskVolumeSourceSchema, 'A vSphere disk.', { pointer: true }),
  quobyte: object(21, quobyteVolumeSourceSchema, 'A Quobyte volume.', { pointer: true }),
  azureDisk: object(22, azureDiskVolumeSourceSchema, 'A disk of Azure.', { pointer: true }),
  photonPersistentDisk: object(23, photonPersistentDiskVolumeSourceSchema, 'A Photon disk.', { pointer: true }),
  projected: object(26, projectedVolumeSourceSchema, 'Several sources in one folder.', { pointer: true }),
  portworxVolume: object(24, portworxVolumeSourceSchema, 'A Portworx volume.', { pointer: true }),
  scaleIO: object(25, scaleIOVolumeSourceSchema, 'A ScaleIO volume.', { pointer: true }),
  storageos: object(27, storageOSVolumeSourceSchema, 'A StorageOS volume.', { pointer: true }),
  csi: object(28, csiVolumeSourceSchema, 'A volume of a CSI driver.', { pointer: true }),
  ephemeral: object(29, ephemeralVolumeSourceSchema, 'A claim made for this pod.', { pointer: true }),
  image: object(30, imageVolumeSourceSchema, "An image's files.", { pointer: true }),
})
export type VolumeSource = z.output<typeof volumeSourceSchema>

export const volumeSchema = message('io.k8s.api.core.v1.Volume', 'A volume of a pod.', {
  name: string(1, 'Name by which containers mount it.', { json: 'always' }),
  // inlined in JSON; protobuf nests it as field 2
  ...inline(2, volumeSourceSchema),
})
export type Volume = z.output<typeof volumeSchema>
