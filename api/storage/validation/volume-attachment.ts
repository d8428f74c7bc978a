/** Rules of attachments of volumes (upstream: pkg/apis/storage/validation). */
import { validateMetaAgain } from '#api/core/validation/meta-again.ts'
import { checkSubdomainName, immutableMessage } from '#api/core/validation/values.ts'
import { type FieldError, forbidden, invalid, required, tooLong } from '#api/meta/field-error.ts'
import { sameValue } from '#api/meta/same-value.ts'
import type {
  VolumeAttachment,
  VolumeAttachmentSource,
  VolumeAttachmentSpec,
  VolumeAttachmentStatus,
  VolumeError,
} from '#api/storage/volume-attachment.ts'
import { byteLength, inclusiveRangeMessage } from '#api/validation/names.ts'
import { validateDriverName } from './csi.ts'

const most = { metadataBytes: 256 * 1024, messageBytes: 1024, int32: 2 ** 31 - 1 }

function validateSource({ inlineVolumeSpec, persistentVolumeName }: VolumeAttachmentSource): FieldError[] {
  const field = 'spec.source'
  const either = 'must specify exactly one of inlineVolumeSpec and persistentVolumeName'
  if (inlineVolumeSpec === undefined && persistentVolumeName === undefined) return [required(field, either)]
  if (inlineVolumeSpec !== undefined && persistentVolumeName !== undefined) return [forbidden(field, either)]
  return persistentVolumeName === '' ? [required(`${field}.persistentVolumeName`, 'must specify non empty persistentVolumeName')] : []
}

function validateError(error: VolumeError | undefined, path: string): FieldError[] {
  const { message = '', errorCode = 0 } = error ?? {}
  // the limit that upstream names is another than the one it means
  const found = byteLength(message) > most.messageBytes ? [tooLong(`${path}.message`, most.metadataBytes)] : []
  return errorCode < 0 ? [...found, invalid(`${path}.errorCode`, errorCode, inclusiveRangeMessage(0, most.int32))] : found
}

function validateStatus({ attachmentMetadata = {}, attachError, detachError }: VolumeAttachmentStatus): FieldError[] {
  const bytes = Object.entries(attachmentMetadata).reduce((sum, [key, value]) => sum + byteLength(key) + byteLength(value), 0)
  return [
    ...(bytes > most.metadataBytes ? [tooLong('status.attachmentMetadata', most.metadataBytes)] : []),
    ...validateError(attachError, 'status.attachError'),
    ...validateError(detachError, 'status.detachError'),
  ]
}

/** As Go writes upstream's own struct. */
const goSpec = ({ attacher, source, nodeName }: VolumeAttachmentSpec): object => ({
  Attacher: attacher,
  Source: { PersistentVolumeName: source.persistentVolumeName ?? null, InlineVolumeSpec: source.inlineVolumeSpec ?? null },
  NodeName: nodeName,
})

export function validateVolumeAttachment(next: VolumeAttachment, prev: VolumeAttachment | undefined): FieldError[] {
  const { attacher, source, nodeName } = next.spec
  const found = validateMetaAgain(next.metadata, prev !== undefined, { namespaced: false })
  if (attacher === '') found.push(required('spec.attacher'))
  found.push(...validateSource(source), ...checkSubdomainName('spec.nodeName', nodeName), ...validateStatus(next.status))
  if (prev) return sameValue(next.spec, prev.spec) ? found : [...found, invalid('spec', goSpec(next.spec), immutableMessage)]
  found.push(...validateDriverName(attacher, 'spec.attacher'))
  const { persistentVolumeName: volume } = source
  return volume === undefined ? found : [...found, ...checkSubdomainName('spec.source.persistentVolumeName', volume)]
}
