/** Rules of what a claim asks for, of claims and of the templates of claims. */
import type { PersistentVolumeClaimSpec, PersistentVolumeClaimTemplate } from '#api/core/volume-claim-spec.ts'
import { type FieldError, forbidden, invalid, notSupported, required } from '#api/meta/field-error.ts'
import { sameValue } from '#api/meta/same-value.ts'
import { validateLabelSelector } from '#api/validation/label-selector.ts'
import { validateAnnotations, validateLabels } from '#api/validation/object-meta.ts'
import { checkLabelName, checkPositiveQuantity, checkSubdomainName, requireText } from './values.ts'

const accessModes = ['ReadOnlyMany', 'ReadWriteMany', 'ReadWriteOnce', 'ReadWriteOncePod']
export const volumeModes = ['Block', 'Filesystem']

interface DataSource {
  apiGroup?: string | undefined
  kind: string
  name: string
  namespace?: string | undefined
}

function validateDataSource(source: DataSource, path: string, anyGroup: boolean): FieldError[] {
  const found = [...requireText(`${path}.name`, source.name), ...requireText(`${path}.kind`, source.kind)]
  if (!source.apiGroup && source.kind !== 'PersistentVolumeClaim') {
    found.push(invalid(path, source.kind ?? '', "must be 'PersistentVolumeClaim' when referencing the default apiGroup"))
  }
  if (source.apiGroup && !anyGroup) found.push(...checkSubdomainName(`${path}.apiGroup`, source.apiGroup))
  if (source.namespace) found.push(...checkLabelName(`${path}.namespace`, source.namespace))
  return found
}

export function validateAccessModes(modes: readonly string[], path: string): FieldError[] {
  const found = modes.filter((mode) => !accessModes.includes(mode)).map((mode) => notSupported(path, mode, accessModes))
  const others = modes.some((mode) => mode !== 'ReadWriteOncePod' && accessModes.includes(mode))
  if (modes.includes('ReadWriteOncePod') && others) found.push(forbidden(path, 'may not use ReadWriteOncePod with other access modes'))
  return found
}

function validateStorage(spec: PersistentVolumeClaimSpec, path: string): FieldError[] {
  const storage = spec.resources?.requests?.['storage']
  return storage === undefined ? [required(path)] : checkPositiveQuantity(path, storage)
}

const sameSource = (a: DataSource, b: DataSource): boolean =>
  (a.apiGroup ?? null) === (b.apiGroup ?? null) && a.kind === b.kind && a.name === b.name

function validateSources(spec: PersistentVolumeClaimSpec, path: string, anyGroup: boolean): FieldError[] {
  const { dataSource, dataSourceRef } = spec
  const found: FieldError[] = []
  if (dataSource) found.push(...validateDataSource(dataSource, `${path}.dataSource`, anyGroup))
  if (dataSourceRef) found.push(...validateDataSource(dataSourceRef, `${path}.dataSourceRef`, anyGroup))
  if (!dataSource || !dataSourceRef) return found
  // upstream prints an empty struct here
  if (dataSourceRef.namespace) found.push(invalid(path, {}, 'may not be specified when dataSourceRef.namespace is specified'))
  else if (!sameSource(dataSource, dataSourceRef)) found.push(invalid(path, {}, 'must match dataSourceRef'))
  return found
}

/** Old faults of a stored claim, which may stay. */
export interface ClaimLeniency {
  anySelectorValues: boolean
  anyGroup: boolean
}
const nothingLet: ClaimLeniency = { anySelectorValues: false, anyGroup: false }

export function validateClaimSpec(spec: PersistentVolumeClaimSpec, path: string, leniency = nothingLet): FieldError[] {
  const found: FieldError[] = []
  const modes = spec.accessModes ?? []
  if (modes.length === 0) found.push(required(`${path}.accessModes`, 'at least 1 access mode is required'))
  const rules = { allowInvalidValues: leniency.anySelectorValues }
  if (spec.selector) found.push(...validateLabelSelector(spec.selector, `${path}.selector`, rules))
  found.push(...validateAccessModes(modes, `${path}.accessModes`))
  found.push(...validateStorage(spec, `${path}.resources[storage]`))
  if (spec.storageClassName) found.push(...checkSubdomainName(`${path}.storageClassName`, spec.storageClassName))
  if (spec.volumeMode !== undefined && !volumeModes.includes(spec.volumeMode)) {
    found.push(notSupported(`${path}.volumeMode`, spec.volumeMode, volumeModes))
  }
  found.push(...validateSources(spec, path, leniency.anyGroup))
  const attributes = spec.volumeAttributesClassName
  if (attributes) found.push(...checkSubdomainName(`${path}.volumeAttributesClassName`, attributes))
  return found
}

export function validateClaimTemplate(template: PersistentVolumeClaimTemplate, path: string): FieldError[] {
  const { annotations, labels, ...others } = template.metadata ?? {}
  const found = [...validateAnnotations(annotations, `${path}.metadata.annotations`), ...validateLabels(labels, `${path}.metadata.labels`)]
  for (const [name, value] of Object.entries(others)) {
    if (!sameValue(value, undefined)) found.push(forbidden(`${path}.metadata.${name}`, 'cannot be set'))
  }
  return [...found, ...validateClaimSpec(template.spec, `${path}.spec`)]
}
