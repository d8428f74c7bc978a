/** Rules of CustomResourceDefinitions, on creation and update (source: apiextensions/validation/validation.go). */
import { validateApproval } from '#api/apiextensions/api-approval.ts'
import type { CustomResourceDefinition } from '#api/apiextensions/custom-resource-definition.ts'
import { type FieldError, invalid } from '#api/meta/field-error.ts'
import { IMMUTABLE } from '#api/validation/object-meta.ts'
import { parseCertificates } from './ca-bundle.ts'
import { internalOf } from './internal-form.ts'
import { forCreate, forUpdate } from './requirements.ts'
import { validateNames, validateSpec } from './spec.ts'
import { validateConversion } from './webhook-client.ts'

export function validateDefinition(next: CustomResourceDefinition, prev: CustomResourceDefinition | undefined): FieldError[] {
  const caBundle = prev?.spec.conversion?.webhook?.clientConfig?.caBundle
  const hasBadCaBundle = !!caBundle && parseCertificates(caBundle) !== undefined
  const needs = prev === undefined ? forCreate : forUpdate(next, prev, hasBadCaBundle)
  const found = prev === undefined ? nameFaults(next) : []
  found.push(...validateSpec(internalOf(next.spec), needs))
  const { conversion, preserveUnknownFields = false } = next.spec
  if (conversion !== undefined && conversion.strategy !== 'None' && preserveUnknownFields)
    found.push(invalid('spec.conversion.strategy', conversion.strategy, 'must be None if spec.preserveUnknownFields is true'))
  found.push(...validateConversion(conversion, 'spec.conversion', needs))
  if (prev !== undefined) found.push(...immutables(next, prev, needs.immutableNames))
  found.push(...validateNames(next.status.acceptedNames, 'status.acceptedNames'), ...storedVersions(next), ...validateApproval(next, prev))
  if (preserveUnknownFields && prev?.spec.preserveUnknownFields !== true) {
    const text = 'cannot set to true, set x-kubernetes-preserve-unknown-fields to true in spec.versions[*].schema instead'
    found.push(invalid('spec.preserveUnknownFields', true, text))
  }
  return found
}

/** Beside the rules that all names are held to. */
function nameFaults({ metadata, spec }: CustomResourceDefinition): FieldError[] {
  const name = metadata.name ?? ''
  const generateName = metadata.generateName ?? ''
  const right = `${spec.names.plural}.${spec.group}`
  const wrong = (field: string, value: string): FieldError[] =>
    value === '' || value === right ? [] : [invalid(field, value, 'must be spec.names.plural+"."+spec.group')]
  return [...wrong('metadata.generateName', generateName), ...wrong('metadata.name', name)]
}

function immutables(next: CustomResourceDefinition, prev: CustomResourceDefinition, names: boolean): FieldError[] {
  const found: FieldError[] = []
  const same = (field: string, value: string, old: string): void => {
    if (value !== old) found.push(invalid(field, value, IMMUTABLE))
  }
  if (names) {
    same('spec.scope', next.spec.scope, prev.spec.scope)
    same('spec.names.kind', next.spec.names.kind, prev.spec.names.kind)
  }
  same('spec.group', next.spec.group, prev.spec.group)
  same('spec.names.plural', next.spec.names.plural, prev.spec.names.plural)
  return found
}

function storedVersions({ spec, status }: CustomResourceDefinition): FieldError[] {
  const field = 'status.storedVersions'
  const stored = status.storedVersions ?? []
  if (stored.length === 0) return [invalid(field, null, 'must have at least one stored version')]
  const found: FieldError[] = []
  const left = new Set(stored)
  for (const { name, storage } of spec.versions ?? []) {
    if (storage && !left.has(name)) found.push(invalid(field, stored, `must have the storage version ${name}`))
    // upstream crosses off what it has seen, so that a second version of the name is not found
    left.delete(name)
  }
  stored.forEach((version, i) => {
    if (spec.versions?.some(({ name }) => name === version)) return
    const text = `missing from spec.versions; ${version} was previously a storage version, and must remain in spec.versions until a storage migration ensures no data remains persisted in ${version} and removes ${version} from status.storedVersions`
    found.push(invalid(`${field}[${i}]`, version, text))
  })
  return found
}

export const validateDefinitionStatus = (next: CustomResourceDefinition): FieldError[] =>
  validateNames(next.status.acceptedNames, 'status.acceptedNames')
