/** Attachments of volumes to nodes. */
import type { z } from 'zod'
import { persistentVolumeSpecSchema } from '#api/core/persistent-volume.ts'
import { bool, int32, kind, map, message, object, string, time } from '#api/fields.ts'
import { objectMetaSchema } from '#api/meta/object-meta.ts'
import { keepSpecAndMetadata } from '#api/meta/status-write.ts'
import type { Resource } from '#api/resource.ts'
import { volumeAttachmentColumns } from './columns.ts'
import { validateVolumeAttachment } from './validation/volume-attachment.ts'

export const volumeAttachmentSourceSchema = message('io.k8s.api.storage.v1.VolumeAttachmentSource', 'The volume to attach.', {
  persistentVolumeName: string(1, 'Name of the persistent volume.', { pointer: true }),
  inlineVolumeSpec: object(2, persistentVolumeSpecSchema, 'Volume written out, for volumes that were converted from in-tree ones.', {
    pointer: true,
  }),
})
export type VolumeAttachmentSource = z.output<typeof volumeAttachmentSourceSchema>

export const volumeAttachmentSpecSchema = message('io.k8s.api.storage.v1.VolumeAttachmentSpec', 'What to attach where.', {
  attacher: string(1, 'CSI driver that does it.', { json: 'always' }),
  source: object(2, volumeAttachmentSourceSchema, 'The volume.', { json: 'always' }),
  nodeName: string(3, 'Node to attach to.', { json: 'always' }),
})
export type VolumeAttachmentSpec = z.output<typeof volumeAttachmentSpecSchema>

export const volumeErrorSchema = message('io.k8s.api.storage.v1.VolumeError', 'What went wrong with a volume.', {
  time: time(1, 'When it happened.'),
  message: string(2, 'What happened, for people.'),
  errorCode: int32(3, 'Number of the gRPC error.', { pointer: true }),
})
export type VolumeError = z.output<typeof volumeErrorSchema>

export const volumeAttachmentStatusSchema = message('io.k8s.api.storage.v1.VolumeAttachmentStatus', 'What is seen of an attachment.', {
  attached: bool(1, 'Whether it is attached.', { json: 'always' }),
  attachmentMetadata: map(2, 'string', 'What the driver wants to know again when it mounts.'),
  attachError: object(3, volumeErrorSchema, 'What went wrong last with attaching.', { pointer: true }),
  detachError: object(4, volumeErrorSchema, 'What went wrong last with detaching.', { pointer: true }),
})
export type VolumeAttachmentStatus = z.output<typeof volumeAttachmentStatusSchema>

export const volumeAttachmentSchema = kind('io.k8s.api.storage.v1.VolumeAttachment', 'A wish to attach a volume to a node.', {
  metadata: object(1, objectMetaSchema, 'Name, labels and the other data every object has.', { json: 'always', required: false }),
  spec: object(2, volumeAttachmentSpecSchema, 'The wanted state.', { json: 'always' }),
  status: object(3, volumeAttachmentStatusSchema, 'The state last seen.', { json: 'always', required: false }),
})
export type VolumeAttachment = z.output<typeof volumeAttachmentSchema>

export const VolumeAttachments: Resource<VolumeAttachment> = {
  group: 'storage.k8s.io',
  version: 'v1',
  kind: 'VolumeAttachment',
  plural: 'volumeattachments',
  singular: 'volumeattachment',
  scope: 'Cluster',
  returnsDeleted: true,
  schema: volumeAttachmentSchema,
  metadataOnUpdate: 'left to the rules of the kind',
  columns: volumeAttachmentColumns,
  generation: false,
  unconditionalUpdate: false,
  prepare(next, prev) {
    next.status = prev?.status ?? { attached: false }
    return next
  },
  validate: validateVolumeAttachment,
  subresources: {
    status: {
      prepare: keepSpecAndMetadata,
      validate: validateVolumeAttachment,
    },
  },
}
