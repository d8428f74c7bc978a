/** Rules of persistent volumes, in upstream's order. */

import { nodeSelectorSchema } from '#api/core/affinity.ts'
import { shownVolumeSource } from '#api/core/go-forms.ts'
import type { PersistentVolume, PersistentVolumeSpec } from '#api/core/persistent-volume.ts'
import type { PersistentVolumeSource } from '#api/core/persistent-volume-source.ts'
import { type FieldError, forbidden, invalid, notSupported, required } from '#api/meta/field-error.ts'
import { goStruct } from '#api/meta/go-struct.ts'
import { quantityValue } from '#api/meta/quantity.ts'
import { sameValue } from '#api/meta/same-value.ts'
import { diffOf } from '#api/meta/unified-diff.ts'
import { checkLabelValue } from '#api/validation/names.ts'
import { validateNodeSelector } from './affinity.ts'
import { validateAccessModes, volumeModes } from './claim-spec.ts'
import { validateKubeFinalizers } from './finalizers.ts'
import { validateMetaAgain } from './meta-again.ts'
import { sourceNames, validatePersistentVolumeSource } from './persistent-volume-source.ts'
import { checkPositiveQuantity, checkSubdomainName, immutableMessage, sortedKeys } from './values.ts'

const reclaimPolicies = ['Delete', 'Recycle', 'Retain']
const optionsAnnotation = 'volume.beta.kubernetes.io/mount-options'
const mountable = new Set([
  'gcePersistentDisk',
  'awsElasticBlockStore',
  'glusterfs',
  'nfs',
  'rbd',
  'quobyte',
  'iscsi',
  'cinder',
  'cephfs',
  'azureFile',
  'vsphereVolume',
  'azureDisk',
  'photonPersistentDisk',
])

/** An amount that cannot be one; upstream prints it in bytes. */
export function checkBasicAmount(field: string, amount: string): FieldError[] {
  const bytes = quantityValue(amount)
  return bytes < 0 ? [invalid(field, bytes, 'must be a valid resource quantity')] : []
}

function validateCapacity(capacity: Readonly<Record<string, string>> | undefined): FieldError[] {
  const names = sortedKeys(capacity)
  const field = 'spec.capacity'
  const found = names.length === 0 ? [required(field)] : []
  if (capacity?.['storage'] === undefined || names.length > 1) found.push(notSupported(field, capacity, ['storage']))
  for (const name of names) {
    const amount = capacity?.[name] ?? '0'
    found.push(...checkBasicAmount(`${field}[${name}]`, amount), ...checkPositiveQuantity(`${field}[${name}]`, amount))
  }
  return found
}

function validateNodes({ nodeAffinity: affinity }: PersistentVolumeSpec, prev: PersistentVolumeSpec | undefined): FieldError[] {
  if (!affinity) return []
  const path = 'spec.nodeAffinity.required'
  if (!affinity.required) return [required(path, 'must specify required node constraints')]
  const terms = prev?.nodeAffinity?.required?.nodeSelectorTerms ?? []
  const anyValue = terms.some((term) => term.matchExpressions?.some(({ values }) => values?.some((v) => checkLabelValue(v).length > 0)))
  return validateNodeSelector(affinity.required, path, anyValue)
}

const isRoot = (path: string): boolean => /^(?:\/|\/\.)+$/.test(path)

function validateClasses(spec: PersistentVolumeSpec): FieldError[] {
  const { storageClassName, volumeMode, volumeAttributesClassName: attributes } = spec
  const found: FieldError[] = []
  if (storageClassName) found.push(...checkSubdomainName('spec.storageClassName', storageClassName))
  if (volumeMode !== undefined && !volumeModes.includes(volumeMode)) found.push(notSupported('spec.volumeMode', volumeMode, volumeModes))
  if (attributes === undefined) return found
  const field = 'spec.volumeAttributesClassName'
  found.push(...(attributes === '' ? [required(field, 'an empty string is disallowed')] : checkSubdomainName(field, attributes)))
  if (!spec.csi) found.push(required('spec.csi', 'has to be specified when using volumeAttributesClassName'))
  return found
}

function validateSpec(spec: PersistentVolumeSpec, prev: PersistentVolumeSpec | undefined, name: string): FieldError[] {
  const modes = spec.accessModes ?? []
  const { persistentVolumeReclaimPolicy: policy } = spec
  const found = modes.length === 0 ? [required('spec.accessModes')] : []
  found.push(...validateAccessModes(modes, 'spec.accessModes'), ...validateCapacity(spec.capacity))
  if (policy && !reclaimPolicies.includes(policy)) {
    found.push(notSupported('spec.persistentVolumeReclaimPolicy', policy, reclaimPolicies))
  }
  found.push(...validateNodes(spec, prev))
  found.push(...validatePersistentVolumeSource(spec, 'spec', { volume: name, hasAffinity: spec.nodeAffinity !== undefined }))
  if (spec.hostPath && isRoot(spec.hostPath.path ?? '') && policy === 'Recycle') {
    found.push(forbidden('spec.persistentVolumeReclaimPolicy', "may not be 'recycle' for a hostPath mount of '/'"))
  }
  return [...found, ...validateClasses(spec)]
}

function validateMountOptions({ metadata, spec }: PersistentVolume): FieldError[] {
  if (metadata.annotations?.[optionsAnnotation] === undefined) return []
  if (sourceNames.some((name) => spec[name] !== undefined && mountable.has(name))) return []
  return [forbidden(`metadata.annotations.${optionsAnnotation}`, 'may not specify mount options for this volume type')]
}

/** A secret for growing may be added later; everything else of the source stays. */
function sourceOf(spec: PersistentVolumeSpec, withoutExpansion: boolean): PersistentVolumeSource {
  const source = Object.fromEntries(sourceNames.map((name) => [name, spec[name]])) as PersistentVolumeSource
  if (!withoutExpansion || !source.csi) return source
  const { controllerExpandSecretRef: _, ...csi } = source.csi
  return { ...source, csi }
}

function validateChanges(next: PersistentVolumeSpec, prev: PersistentVolumeSpec): FieldError[] {
  const found: FieldError[] = []
  const added = prev.csi !== undefined && prev.csi.controllerExpandSecretRef === undefined
  const [now, was] = [sourceOf(next, added), sourceOf(prev, added)]
  if (!sameValue(now, was)) {
    const changes = diffOf(shownVolumeSource(was), shownVolumeSource(now))
    found.push(forbidden('spec.persistentvolumesource', `spec.persistentvolumesource is immutable after creation\n${changes}`))
  }
  if (next.volumeMode !== prev.volumeMode) found.push(invalid('volumeMode', next.volumeMode, immutableMessage))
  if (prev.nodeAffinity && !sameValue(next.nodeAffinity, prev.nodeAffinity)) {
    const selector = next.nodeAffinity?.required
    const shown = next.nodeAffinity && { Required: selector ? goStruct(nodeSelectorSchema, selector) : null }
    found.push(invalid('nodeAffinity', shown, `${immutableMessage}, except for updating from beta label to GA`))
  }
  if (prev.volumeAttributesClassName !== undefined && next.volumeAttributesClassName === undefined) {
    found.push(forbidden('spec.volumeAttributesClassName', 'update from non-nil value to nil is forbidden'))
  }
  return found
}

export function validatePersistentVolume(next: PersistentVolume, prev: PersistentVolume | undefined): FieldError[] {
  const meta = validateMetaAgain(next.metadata, prev !== undefined, { namespaced: false })
  const whole = [...meta, ...validateSpec(next.spec, prev?.spec, next.metadata.name ?? '')]
  const found = [...whole, ...validateMountOptions(next)]
  // an update's rules look at the whole once more
  return prev ? [...found, ...whole, ...validateChanges(next.spec, prev.spec)] : found
}

export const validatePersistentVolumeStatus = (next: PersistentVolume): FieldError[] => validateKubeFinalizers(next.metadata)
