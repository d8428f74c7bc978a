/** Rules of storage classes and classes of volume settings (upstream: pkg/apis/storage/validation), and texts for the Warning header. */
import { labelFault } from '#api/core/pod-warnings.ts'
import type { TopologySelectorTerm } from '#api/core/topology-selector.ts'
import { validateMetaAgain } from '#api/core/validation/meta-again.ts'
import { immutableMessage, invalids } from '#api/core/validation/values.ts'
import { duplicate, type FieldError, forbidden, invalid, notSupported, required, tooLong } from '#api/meta/field-error.ts'
import { sameValue } from '#api/meta/same-value.ts'
import type { StorageClass } from '#api/storage/storage-class.ts'
import type { VolumeAttributesClass } from '#api/storage/volume-attributes-class.ts'
import { byteLength, checkQualifiedName } from '#api/validation/names.ts'
import { validateLabelName } from '#api/validation/object-meta.ts'

const most = { parameters: 512, parameterBytes: 256 * 1024 }
const reclaimPolicies = ['Delete', 'Retain']
const bindingModes = ['Immediate', 'WaitForFirstConsumer']

function validateProvisioner(name: string, field: string): FieldError[] {
  return name === '' ? [required(field)] : invalids(field, name.toLowerCase(), checkQualifiedName(name.toLowerCase()))
}

function validateParameters(parameters: Readonly<Record<string, string>>): FieldError[] {
  const entries = Object.entries(parameters)
  if (entries.length > most.parameters) return [tooLong('parameters', most.parameters)]
  const found = entries.filter(([key]) => key === '').map(() => invalid('parameters', '', 'field can not be empty.'))
  const bytes = entries.reduce((sum, [key, value]) => sum + byteLength(key) + byteLength(value), 0)
  return bytes > most.parameterBytes ? [...found, tooLong('parameters', most.parameterBytes)] : found
}

/** Content of a term without expressions. */
const emptyContent = '[]'

/** Values by key, in one order, to tell whether two terms are the same. */
const contentOf = (term: TopologySelectorTerm): string =>
  JSON.stringify((term.matchLabelExpressions ?? []).map(({ key, values }) => [key, [...new Set(values ?? [])].sort()]).sort())

function validateTerm(term: TopologySelectorTerm, path: string): FieldError[] {
  const keys = new Set<string>()
  return (term.matchLabelExpressions ?? []).flatMap(({ key, values }, i) => {
    const at = `${path}.matchLabelExpressions[${i}]`
    const all = values ?? []
    const found: FieldError[] = all.length === 0 ? [required(`${at}.values`)] : []
    for (const [v, value] of all.entries()) if (all.indexOf(value) < v) found.push(duplicate(`${at}.values[${v}]`, value))
    found.push(...validateLabelName(key, `${at}.key`))
    if (keys.has(key)) found.push(duplicate(`${at}.key`, key))
    keys.add(key)
    return found
  })
}

function validateTopologies(terms: readonly TopologySelectorTerm[]): FieldError[] {
  const contents = terms.map(contentOf)
  return terms.flatMap((term, i) => {
    const at = `allowedTopologies[${i}]`
    // upstream compares with as many empty terms as there are terms, and then with those before this one
    const before = [...terms.map(() => emptyContent), ...contents.slice(0, i)]
    const again = before.filter((content) => content === contents[i])
    return [...validateTerm(term, at), ...again.map(() => duplicate(`${at}.matchLabelExpressions`, ''))]
  })
}

export function validateStorageClass(next: StorageClass, prev: StorageClass | undefined): FieldError[] {
  const { provisioner, parameters = {}, reclaimPolicy, volumeBindingMode: mode, allowedTopologies = [] } = next
  const found = validateMetaAgain(next.metadata, prev !== undefined, { namespaced: false })
  found.push(...validateProvisioner(provisioner, 'provisioner'), ...validateParameters(parameters))
  if (reclaimPolicy && !reclaimPolicies.includes(reclaimPolicy)) found.push(notSupported('reclaimPolicy', reclaimPolicy, reclaimPolicies))
  if (mode === undefined) found.push(required('volumeBindingMode'))
  else if (!bindingModes.includes(mode)) found.push(notSupported('volumeBindingMode', mode, bindingModes))
  found.push(...validateTopologies(allowedTopologies))
  return prev ? [...found, ...validateStorageClassChange(next, prev)] : found
}

const unchangeable = (field: string): FieldError => forbidden(field, `updates to ${field} are forbidden.`)

function validateStorageClassChange(next: StorageClass, prev: StorageClass): FieldError[] {
  const found: FieldError[] = []
  if (!sameValue(next.parameters, prev.parameters)) found.push(unchangeable('parameters'))
  if (next.provisioner !== prev.provisioner) found.push(unchangeable('provisioner'))
  if (next.reclaimPolicy !== prev.reclaimPolicy) found.push(unchangeable('reclaimPolicy'))
  const { volumeBindingMode: mode } = next
  if (mode !== prev.volumeBindingMode) found.push(invalid('volumeBindingMode', mode, immutableMessage))
  return found
}

export function storageClassWarnings({ allowedTopologies = [] }: StorageClass): string[] {
  return allowedTopologies.flatMap(({ matchLabelExpressions = [] }, i) =>
    matchLabelExpressions.flatMap(({ key }, j) => {
      const fault = labelFault(key)
      return fault === undefined ? [] : [`allowedTopologies[${i}].matchLabelExpressions[${j}].key: ${fault}`]
    }),
  )
}

export function validateVolumeAttributesClass(next: VolumeAttributesClass, prev: VolumeAttributesClass | undefined): FieldError[] {
  const { driverName, parameters = {} } = next
  const found: FieldError[] = []
  if (prev && driverName !== prev.driverName) found.push(unchangeable('driverName'))
  if (prev && !sameValue(parameters, prev.parameters ?? {})) found.push(unchangeable('parameters'))
  found.push(...validateMetaAgain(next.metadata, prev !== undefined, { namespaced: false }))
  found.push(...validateProvisioner(driverName, 'driverName'), ...validateParameters(parameters))
  if (Object.keys(parameters).length === 0) found.push(required('parameters', 'must contain at least one key/value pair'))
  return found
}
