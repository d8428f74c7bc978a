/** Fields of volume sources that pods and persistent volumes share; they differ in how they name the secret. */
import type { z } from 'zod'
import { bool, int32, list, map, object, string } from '#api/fields.ts'

export const rbdFields = <S extends z.ZodType>(secret: S) => ({
  monitors: list(1, 'string', 'Addresses of the monitors.', { json: 'always', listType: 'atomic' }),
  image: string(2, 'Name of the image.', { json: 'always' }),
  fsType: string(3, 'File system to mount, such as ext4.'),
  pool: string(4, 'Name of the pool.', { default: 'rbd' }),
  user: string(5, 'Name of the user.', { default: 'admin' }),
  keyring: string(6, "File with the user's key.", { default: '/etc/ceph/keyring' }),
  secretRef: object(7, secret, 'Secret with the credentials.', { pointer: true }),
  readOnly: bool(8, 'Mounts the volume so that it cannot be written.'),
})

export const iscsiFields = <S extends z.ZodType>(secret: S) => ({
  targetPortal: string(1, 'Address of the target.', { json: 'always' }),
  iqn: string(2, 'Name of the target.', { json: 'always' }),
  lun: int32(3, 'Number of the unit.', { json: 'always' }),
  iscsiInterface: string(4, 'Interface to use.', { default: 'default' }),
  fsType: string(5, 'File system to mount, such as ext4.'),
  readOnly: bool(6, 'Mounts the volume so that it cannot be written.'),
  portals: list(7, 'string', 'Further addresses of the target.', { listType: 'atomic' }),
  chapAuthDiscovery: bool(8, 'Whether discovery uses CHAP.'),
  chapAuthSession: bool(11, 'Whether the session uses CHAP.'),
  secretRef: object(10, secret, 'Secret with the credentials.', { pointer: true }),
  initiatorName: string(12, 'Name of the initiator.', { pointer: true }),
})

export const flexFields = <S extends z.ZodType>(secret: S) => ({
  driver: string(1, 'Name of the driver.', { json: 'always' }),
  fsType: string(2, 'File system to mount, such as ext4.'),
  secretRef: object(3, secret, 'Secret with the credentials.', { pointer: true }),
  readOnly: bool(4, 'Mounts the volume so that it cannot be written.'),
  options: map(5, 'string', 'Settings for the driver.'),
})

export const cinderFields = <S extends z.ZodType>(secret: S) => ({
  volumeID: string(1, 'Id of the volume in Cinder.', { json: 'always' }),
  fsType: string(2, 'File system to mount, such as ext4.'),
  readOnly: bool(3, 'Mounts the volume so that it cannot be written.'),
  secretRef: object(4, secret, 'Secret with the credentials.', { pointer: true }),
})

export const cephFSFields = <S extends z.ZodType>(secret: S) => ({
  monitors: list(1, 'string', 'Addresses of the monitors.', { json: 'always', listType: 'atomic' }),
  path: string(2, 'Folder to mount; the root by default.'),
  user: string(3, 'Ceph user; admin by default.'),
  secretFile: string(4, "File on the node with the user's key."),
  secretRef: object(5, secret, 'Secret with the credentials.', { pointer: true }),
  readOnly: bool(6, 'Mounts the volume so that it cannot be written.'),
})

export const scaleIOFields = <S extends z.ZodType>(secret: S) => ({
  gateway: string(1, 'Address of the gateway.', { json: 'always' }),
  system: string(2, 'Name of the storage system.', { json: 'always' }),
  secretRef: object(3, secret, 'Secret with the login.', { json: 'always', pointer: true }),
  sslEnabled: bool(4, 'Whether to talk TLS.'),
  protectionDomain: string(5, 'Protection domain.'),
  storagePool: string(6, 'Storage pool.'),
  storageMode: string(7, 'ThickProvisioned or ThinProvisioned.', { default: 'ThinProvisioned' }),
  volumeName: string(8, 'Name of the volume in the storage system.'),
  fsType: string(9, 'File system to mount, such as ext4.', { default: 'xfs' }),
  readOnly: bool(10, 'Mounts the volume so that it cannot be written.'),
})

export const storageOSFields = <S extends z.ZodType>(secret: S) => ({
  volumeName: string(1, 'Name of the volume in the storage system.'),
  volumeNamespace: string(2, 'Namespace of the volume there.'),
  fsType: string(3, 'File system to mount, such as ext4.'),
  readOnly: bool(4, 'Mounts the volume so that it cannot be written.'),
  secretRef: object(5, secret, 'Secret with the credentials.', { pointer: true }),
})
