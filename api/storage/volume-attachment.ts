/** DESCRIBE file api/storage/volume-attachment.ts */
import type { z } from 'zod'
import { persistentVolumeSpecSchema } from '#api/core/persistent-volume.ts'
import { bool, int32, kind, map, message, object, string, time } from '#api/fields.ts'
import { objectMetaSchema } from '#api/meta/object-meta.ts'

export const volumeAttachmentSourceSchema = message('io.k8s.api.storage.v1.VolumeAttachmentSource', 'DESCRIBE VolumeAttachmentSource', {
  persistentVolumeName: string(1, 'DESCRIBE VolumeAttachmentSource.persistentVolumeName', { pointer: true }),
  inlineVolumeSpec: object(2, persistentVolumeSpecSchema, 'DESCRIBE VolumeAttachmentSource.inlineVolumeSpec', { pointer: true }),
})
export type VolumeAttachmentSource = z.output<typeof volumeAttachmentSourceSchema>

export const volumeAttachmentSpecSchema = message('io.k8s.api.storage.v1.VolumeAttachmentSpec', 'DESCRIBE VolumeAttachmentSpec', {
  attacher: string(1, 'DESCRIBE VolumeAttachmentSpec.attacher', { json: 'always' }),
  source: object(2, volumeAttachmentSourceSchema, 'DESCRIBE VolumeAttachmentSpec.source', { json: 'always' }),
  nodeName: string(3, 'DESCRIBE VolumeAttachmentSpec.nodeName', { json: 'always' }),
})
export type VolumeAttachmentSpec = z.output<typeof volumeAttachmentSpecSchema>

export const volumeErrorSchema = message('io.k8s.api.storage.v1.VolumeError', 'DESCRIBE VolumeError', {
  time: time(1, 'DESCRIBE VolumeError.time'),
  message: string(2, 'DESCRIBE VolumeError.message'),
  errorCode: int32(3, 'DESCRIBE VolumeError.errorCode', { pointer: true }),
})
export type VolumeError = z.output<typeof volumeErrorSchema>

export const volumeAttachmentStatusSchema = message('io.k8s.api.storage.v1.VolumeAttachmentStatus', 'DESCRIBE VolumeAttachmentStatus', {
  attached: bool(1, 'DESCRIBE VolumeAttachmentStatus.attached', { json: 'always' }),
  attachmentMetadata: map(2, 'string', 'DESCRIBE VolumeAttachmentStatus.attachmentMetadata'),
  attachError: object(3, volumeErrorSchema, 'DESCRIBE VolumeAttachmentStatus.attachError', { pointer: true }),
  detachError: object(4, volumeErrorSchema, 'DESCRIBE VolumeAttachmentStatus.detachError', { pointer: true }),
})
export type VolumeAttachmentStatus = z.output<typeof volumeAttachmentStatusSchema>

export const volumeAttachmentSchema = kind('io.k8s.api.storage.v1.VolumeAttachment', 'DESCRIBE VolumeAttachment', {
  metadata: object(1, objectMetaSchema, 'DESCRIBE VolumeAttachment.metadata', { json: 'always', required: false }),
  spec: object(2, volumeAttachmentSpecSchema, 'DESCRIBE VolumeAttachment.spec', { json: 'always' }),
  status: object(3, volumeAttachmentStatusSchema, 'DESCRIBE VolumeAttachment.status', { json: 'always', required: false }),
})
export type VolumeAttachment = z.output<typeof volumeAttachmentSchema>
