/** Rules of `metadata`, the same for every kind; order and words are upstream's. */
import { type FieldError, forbidden, invalid, required, tooLong } from '#api/meta/field-error.ts'
import type { ManagedFieldsEntry, ObjectMeta, OwnerReference } from '#api/meta/object-meta.ts'
import { byteLength, checkDns1123Label, checkDns1123Subdomain, checkLabelValue, checkQualifiedName } from './names.ts'

export const IMMUTABLE = 'field is immutable'
const ANNOTATIONS_MAX_BYTES = 256 * 1024
const FIELD_MANAGER_MAX_BYTES = 128
const SUBRESOURCE_MAX_BYTES = 256
export const ORPHAN_FINALIZER = 'orphan'
export const FOREGROUND_FINALIZER = 'foregroundDeletion'

/** How a kind names its objects. */
export interface ObjectMetaRules {
  namespaced: boolean
  /** Upstream's messages for a bad name; DNS-1123 subdomain by default. */
  validateName?: (name: string) => readonly string[]
  /** Where metadata stands, `metadata` by default (pod templates differ). */
  path?: string
}

type Labels = Readonly<Record<string, string>>

/** Keys in sorted order: upstream ranges over a Go map, whose order is chance. */
const sortedEntries = (map: Labels | undefined): [string, string][] =>
  map === undefined ? [] : Object.entries(map).sort(([a], [b]) => (a < b ? -1 : 1))

export const validateLabelName = (key: string, field: string): FieldError[] =>
  checkQualifiedName(key).map((message) => invalid(field, key, message))

export function validateLabels(labels: Labels | undefined, field: string): FieldError[] {
  return sortedEntries(labels).flatMap(([key, value]) => [
    ...validateLabelName(key, field),
    ...checkLabelValue(value).map((message) => invalid(field, value, message)),
  ])
}

export function validateAnnotations(annotations: Labels | undefined, field: string): FieldError[] {
  const found: FieldError[] = []
  let size = 0
  for (const [key, value] of sortedEntries(annotations)) {
    size += byteLength(key) + byteLength(value)
    found.push(...checkQualifiedName(key.toLowerCase()).map((message) => invalid(field, key, message)))
  }
  if (size > ANNOTATIONS_MAX_BYTES) found.push(tooLong(field, ANNOTATIONS_MAX_BYTES))
  return found
}

function validateOwnerReference(ref: OwnerReference, field: string): FieldError[] {
  const found: FieldError[] = []
  const slash = ref.apiVersion.indexOf('/')
  const version = ref.apiVersion.slice(slash + 1)
  if (version === '') found.push(invalid(`${field}.apiVersion`, ref.apiVersion, 'version must not be empty'))
  if (ref.kind === '') found.push(invalid(`${field}.kind`, ref.kind, 'must not be empty'))
  if (ref.name === '') found.push(invalid(`${field}.name`, ref.name, 'must not be empty'))
  if (ref.uid === '') found.push(invalid(`${field}.uid`, ref.uid, 'must not be empty'))
  if (ref.apiVersion === 'v1' && ref.kind === 'Event') {
    found.push(invalid(field, ref, '/v1, Kind=Event is disallowed from being an owner'))
  }
  return found
}

export function validateOwnerReferences(refs: readonly OwnerReference[] | undefined, field: string): FieldError[] {
  const found: FieldError[] = []
  let controller = ''
  for (const ref of refs ?? []) {
    found.push(...validateOwnerReference(ref, field))
    if (ref.controller !== true) continue
    const named = `${ref.kind}/${ref.name}`
    if (controller === '') controller = named
    else {
      const text = `Only one reference can have Controller set to true. Found "true" in references for ${controller} and ${named}`
      found.push(invalid(field, refs, text))
    }
  }
  return found
}

export const validateFinalizerName = (name: string, field: string): FieldError[] =>
  checkQualifiedName(name).map((message) => invalid(field, name, message))

export function validateFinalizers(finalizers: readonly string[] | undefined, field: string): FieldError[] {
  const names = finalizers ?? []
  const found = names.flatMap((name) => validateFinalizerName(name, field))
  if (names.includes(ORPHAN_FINALIZER) && names.includes(FOREGROUND_FINALIZER)) {
    found.push(invalid(field, names, `finalizer ${ORPHAN_FINALIZER} and ${FOREGROUND_FINALIZER} cannot be both set`))
  }
  return found
}

/** What all of whose characters may be printed. */
const plain = /^[ -~]*$/

/** `manager` of managed fields and the query parameter of writes. */
export function validateFieldManager(manager: string, field: string): FieldError[] {
  const found: FieldError[] = []
  if (byteLength(manager) > FIELD_MANAGER_MAX_BYTES) found.push(tooLong(field, FIELD_MANAGER_MAX_BYTES))
  if (plain.test(manager)) return found
  let position = 0
  for (const char of manager) {
    const code = char.codePointAt(0) ?? 0
    if (!/[\p{L}\p{M}\p{N}\p{P}\p{S} ]/u.test(char)) {
      const hex = code.toString(16).toUpperCase().padStart(4, '0')
      found.push(invalid(field, manager, `invalid character U+${hex} (at position ${position})`))
    }
    position += byteLength(char)
  }
  return found
}

export function validateManagedFields(entries: readonly ManagedFieldsEntry[] | undefined, field: string): FieldError[] {
  return (entries ?? []).flatMap((entry, i) => {
    const at = `${field}[${i}]`
    const found: FieldError[] = []
    if (entry.operation !== 'Apply' && entry.operation !== 'Update') {
      found.push(invalid(`${at}.operation`, entry.operation ?? '', 'must be `Apply` or `Update`'))
    }
    if (entry.fieldsType !== undefined && entry.fieldsType !== '' && entry.fieldsType !== 'FieldsV1') {
      found.push(invalid(`${at}.fieldsType`, entry.fieldsType, 'must be `FieldsV1`'))
    }
    found.push(...validateFieldManager(entry.manager ?? '', `${at}.manager`))
    if (byteLength(entry.subresource ?? '') > SUBRESOURCE_MAX_BYTES) found.push(tooLong(`${at}.subresource`, SUBRESOURCE_MAX_BYTES))
    return found
  })
}

/** A generated name may end in a dash, as characters follow it. Upstream puts an "a" in place of the last two. */
const asGenerated = (prefix: string): string => (prefix.length > 1 && prefix.endsWith('-') ? `${prefix.slice(0, -2)}a` : prefix)

function validateNamespace(meta: ObjectMeta, namespaced: boolean, path: string): FieldError[] {
  const namespace = meta.namespace ?? ''
  if (!namespaced) return namespace === '' ? [] : [forbidden(`${path}.namespace`, 'not allowed on this type')]
  if (namespace === '') return [required(`${path}.namespace`)]
  return checkDns1123Label(namespace).map((message) => invalid(`${path}.namespace`, namespace, message))
}

/** Metadata of a new object, after names were generated. */
export function validateObjectMeta(meta: ObjectMeta, rules: ObjectMetaRules): FieldError[] {
  const path = rules.path ?? 'metadata'
  const checkName = rules.validateName ?? checkDns1123Subdomain
  const found: FieldError[] = []
  const prefix = meta.generateName ?? ''
  const name = meta.name ?? ''
  if (prefix !== '') found.push(...checkName(asGenerated(prefix)).map((m) => invalid(`${path}.generateName`, prefix, m)))
  if (name === '') found.push(required(`${path}.name`, 'name or generateName is required'))
  else found.push(...checkName(name).map((message) => invalid(`${path}.name`, name, message)))
  found.push(...validateNamespace(meta, rules.namespaced, path))
  const generation = meta.generation ?? 0
  if (generation < 0) found.push(invalid(`${path}.generation`, generation, 'must be greater than or equal to 0'))
  found.push(...validateLabels(meta.labels, `${path}.labels`))
  found.push(...validateAnnotations(meta.annotations, `${path}.annotations`))
  found.push(...validateOwnerReferences(meta.ownerReferences, `${path}.ownerReferences`))
  found.push(...validateFinalizers(meta.finalizers, `${path}.finalizers`))
  found.push(...validateManagedFields(meta.managedFields, `${path}.managedFields`))
  return found
}

function validateNoNewFinalizers(next: ObjectMeta, prev: ObjectMeta, path: string): FieldError[] {
  const old = new Set(prev.finalizers ?? [])
  const extra = [...new Set(next.finalizers ?? [])].filter((name) => !old.has(name)).sort()
  if (prev.deletionTimestamp === undefined || extra.length === 0) return []
  const list = `[]string{${extra.map((name) => JSON.stringify(name)).join(', ')}}`
  return [forbidden(`${path}.finalizers`, `no new finalizers can be added if the object is being deleted, found new finalizers ${list}`)]
}

/** Go's zero value of each server-owned field, as it is printed where the field is absent. */
const immutableFields: readonly [keyof ObjectMeta, unknown][] = [
  ['name', ''],
  ['namespace', ''],
  ['uid', ''],
  ['creationTimestamp', null],
  ['deletionTimestamp', null],
  ['deletionGracePeriodSeconds', null],
]

/** Metadata of a changed object against the stored one. */
export function validateObjectMetaUpdate(next: ObjectMeta, prev: ObjectMeta, path = 'metadata'): FieldError[] {
  const found = validateNoNewFinalizers(next, prev, path)
  const version = next.resourceVersion ?? ''
  if (version === '') found.push(invalid(`${path}.resourceVersion`, version, 'must be specified for an update'))
  const generation = next.generation ?? 0
  if (generation < (prev.generation ?? 0)) found.push(invalid(`${path}.generation`, generation, 'must not be decremented'))
  for (const [name, zero] of immutableFields) {
    const value = next[name] ?? zero
    if (value !== (prev[name] ?? zero)) found.push(invalid(`${path}.${name}`, value, IMMUTABLE))
  }
  found.push(...validateLabels(next.labels, `${path}.labels`))
  found.push(...validateAnnotations(next.annotations, `${path}.annotations`))
  found.push(...validateOwnerReferences(next.ownerReferences, `${path}.ownerReferences`))
  found.push(...validateManagedFields(next.managedFields, `${path}.managedFields`))
  return found
}
