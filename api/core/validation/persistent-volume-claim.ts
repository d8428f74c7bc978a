/** Rules of claims for storage, in upstream's order. */

import { shownClaimSpec } from '#api/core/go-forms.ts'
import type { PersistentVolumeClaim } from '#api/core/persistent-volume-claim.ts'
import { isNativeResource } from '#api/core/rules/resource-names.ts'
import { storageClassAnnotation } from '#api/core/rules/storage-class.ts'
import type { PersistentVolumeClaimSpec } from '#api/core/volume-claim-spec.ts'
import { type FieldError, forbidden, invalid, notSupported, required } from '#api/meta/field-error.ts'
import { compareQuantities } from '#api/meta/quantity.ts'
import { sameValue } from '#api/meta/same-value.ts'
import { diffOf } from '#api/meta/unified-diff.ts'
import { validateLabelSelector } from '#api/validation/label-selector.ts'
import { checkQualifiedName } from '#api/validation/names.ts'
import { validateClaimSpec } from './claim-spec.ts'
import { validateKubeFinalizers } from './finalizers.ts'
import { validateMetaAgain } from './meta-again.ts'
import { checkBasicAmount } from './persistent-volume.ts'
import { validateAmount } from './resource-amounts.ts'
import { immutableMessage, invalids, sortedKeys } from './values.ts'

const resizeStates = [
  'ControllerResizeInProgress',
  'ControllerResizeInfeasible',
  'NodeResizeInProgress',
  'NodeResizeInfeasible',
  'NodeResizePending',
]
const immutableText = 'spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims\n'

const classText = ({ metadata }: PersistentVolumeClaim): string | undefined => metadata.annotations?.[storageClassAnnotation]

/** The class moves from the old annotation to the field. */
function movesClass(next: PersistentVolumeClaim, prev: PersistentVolumeClaim): boolean {
  const [was, now] = [classText(prev), classText(next)]
  const unset = prev.spec.storageClassName === undefined
  return was !== undefined && unset && next.spec.storageClassName === was && (now === undefined || now === was)
}

/** A class is given where there was none. */
function givesClass(next: PersistentVolumeClaim, prev: PersistentVolumeClaim): boolean {
  const { storageClassName: now } = next.spec
  const annotated = classText(prev)
  return now !== undefined && prev.spec.storageClassName === undefined && (annotated === undefined || now === annotated)
}

/** The new spec without what may change. */
function munged(next: PersistentVolumeClaim, prev: PersistentVolumeClaim): PersistentVolumeClaimSpec {
  const { storageClassName, volumeName, volumeAttributesClassName, resources, ...others } = next.spec
  const bound = next.status.phase === 'Bound'
  const keepsClass = !movesClass(next, prev) && !givesClass(next, prev)
  const className = keepsClass ? storageClassName : prev.spec.storageClassName
  const volume = prev.spec.volumeName ? volumeName : prev.spec.volumeName
  const attributes = bound ? prev.spec.volumeAttributesClassName : volumeAttributesClassName
  const size = prev.spec.resources?.requests?.['storage']
  const requests = bound && resources?.requests && size !== undefined ? { ...resources.requests, storage: size } : resources?.requests
  return {
    ...others,
    ...(className === undefined ? {} : { storageClassName: className }),
    ...(volume === undefined ? {} : { volumeName: volume }),
    ...(attributes === undefined ? {} : { volumeAttributesClassName: attributes }),
    resources: { ...resources, ...(requests ? { requests } : {}) },
  }
}

function validateSize(next: PersistentVolumeClaim, prev: PersistentVolumeClaim): FieldError[] {
  const [now, was] = [next, prev].map(({ spec }) => spec.resources?.requests?.['storage'] ?? '0') as [string, string]
  const capacity = prev.status.capacity?.['storage'] ?? '0'
  if (compareQuantities(now, was) >= 0 || compareQuantities(now, capacity) > 0) return []
  return [forbidden('spec.resources.requests.storage', 'field can not be less than status.capacity')]
}

function validateAttributes(next: PersistentVolumeClaim, prev: PersistentVolumeClaim): FieldError[] {
  const [now, was] = [next.spec.volumeAttributesClassName, prev.spec.volumeAttributesClassName]
  if (now === was || prev.status.currentVolumeAttributesClassName === undefined || now) return []
  const to = now === undefined ? 'nil' : 'empty string'
  return [
    forbidden('spec.volumeAttributesClassName', `update to ${to} is forbidden when status.currentVolumeAttributesClassName is not nil`),
  ]
}

/** Texts of which an empty one is another than none. */
const pointersOf = ({ storageClassName, volumeAttributesClassName, dataSource, dataSourceRef }: PersistentVolumeClaimSpec) => [
  storageClassName,
  volumeAttributesClassName,
  dataSource?.apiGroup,
  dataSourceRef?.apiGroup,
]

function validateChanges(next: PersistentVolumeClaim, prev: PersistentVolumeClaim): FieldError[] {
  const found: FieldError[] = []
  const [now, was] = [classText(next) ?? '', classText(prev) ?? '']
  if (!movesClass(next, prev) && now !== was) found.push(invalid(`metadata.annotations.${storageClassAnnotation}`, now, immutableMessage))
  const before = prev.spec.volumeName ? prev.spec : { ...prev.spec, volumeName: undefined }
  const changed = munged(next, prev)
  const renamed = pointersOf(changed).some((name, k) => name !== pointersOf(before)[k])
  if (renamed || !sameValue(changed, { ...before, resources: { ...before.resources } })) {
    found.push(forbidden('spec', `${immutableText}${diffOf(shownClaimSpec(before), shownClaimSpec(changed))}`))
  }
  found.push(...validateSize(next, prev))
  if (next.spec.volumeMode !== prev.spec.volumeMode) found.push(invalid('volumeMode', next.spec.volumeMode, immutableMessage))
  return [...found, ...validateAttributes(next, prev)]
}

export function validateClaim(next: PersistentVolumeClaim, prev: PersistentVolumeClaim | undefined): FieldError[] {
  const meta = validateMetaAgain(next.metadata, prev !== undefined, { namespaced: true })
  if (!prev) return [...meta, ...validateClaimSpec(next.spec, 'spec')]
  const { selector, dataSource, dataSourceRef } = prev.spec
  const leniency = {
    anySelectorValues: selector !== undefined && validateLabelSelector(selector, '').length > 0,
    anyGroup: (dataSource?.apiGroup ?? dataSourceRef?.apiGroup ?? undefined) !== undefined,
  }
  return [...meta, ...validateClaimSpec(next.spec, 'spec', leniency), ...validateChanges(next, prev)]
}

function validateResizeName(name: string, field: string): FieldError[] {
  const found = invalids(field, name, checkQualifiedName(name))
  if (found.length > 0 || !isNativeResource(name) || name === 'storage') return found
  return [notSupported(field, name, ['storage'])]
}

export function validateClaimStatus(next: PersistentVolumeClaim): FieldError[] {
  const { capacity, allocatedResources, allocatedResourceStatuses: states } = next.status
  const found = validateKubeFinalizers(next.metadata)
  if ((next.spec.accessModes ?? []).length === 0) found.push(required('Spec.accessModes'))
  for (const name of sortedKeys(capacity)) found.push(...checkBasicAmount(`status.capacity[${name}]`, capacity?.[name] ?? '0'))
  const path = 'status.allocatedResourceStatuses'
  for (const name of sortedKeys(states)) {
    found.push(...validateResizeName(name, path))
    if (!resizeStates.includes(states?.[name] ?? '')) found.push(notSupported(path, name, resizeStates))
  }
  for (const name of sortedKeys(allocatedResources)) {
    const [amount, field] = [allocatedResources?.[name] ?? '0', `status.allocatedResources[${name}]`]
    const wrong = validateResizeName(name, 'status.allocatedResources')
    const basic = wrong.length > 0 ? wrong : checkBasicAmount(field, amount)
    found.push(...(basic.length > 0 ? basic : validateAmount('storage', amount, field)))
  }
  return found
}
