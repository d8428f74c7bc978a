/** Rules of the devices that drivers offer, and of their classes (upstream: pkg/apis/resource/validation). */
import type { NodeSelectorRequirement, NodeSelectorTerm } from '#api/core/affinity.ts'
import { isExtendedResource } from '#api/core/rules/resource-names.ts'
import { validateNodeSelector } from '#api/core/validation/affinity.ts'
import { validateKubeFinalizers } from '#api/core/validation/finalizers.ts'
import { validateMetaAgain } from '#api/core/validation/meta-again.ts'
import { checkLabelName, checkSubdomainName, immutableMessage } from '#api/core/validation/values.ts'
import { type FieldError, invalid, required, tooLong } from '#api/meta/field-error.ts'
import type { DeviceClass } from '#api/resource/device-class.ts'
import type { Device, DeviceAttribute, ResourcePool, ResourceSlice, ResourceSliceSpec } from '#api/resource/resource-slice.ts'
import { validateDriverName } from '#api/storage/validation/csi.ts'
import { byteLength } from '#api/validation/names.ts'
import { validateConfiguration } from './claim.ts'
import { findRepeated, keyPath, most, validateEach, validatePoolName, validateQualifiedName } from './names.ts'
import { validateSelectors } from './selectors.ts'

const longestValue = 64
const number = '(0|[1-9]\\d*)'
const preRelease = '(0|[1-9]\\d*|\\d*[a-zA-Z-][0-9a-zA-Z-]*)'
const semanticVersion = new RegExp(
  `^${number}\\.${number}\\.${number}(-${preRelease}(\\.${preRelease})*)?(\\+[0-9a-zA-Z-]+(\\.[0-9a-zA-Z-]+)*)?$`,
)

function validatePool({ name, generation, resourceSliceCount: count }: ResourcePool): FieldError[] {
  const found = validatePoolName(name, 'spec.pool.name')
  if (count <= 0) found.push(invalid('spec.pool.resourceSliceCount', count, 'must be greater than zero'))
  if (generation < 0) found.push(invalid('spec.pool.generation', generation, 'must be greater than or equal to zero'))
  return found
}

/** As Go writes upstream's own struct. */
const goAttribute = (attribute: DeviceAttribute): object => ({
  IntValue: attribute.int ?? null,
  BoolValue: attribute.bool ?? null,
  StringValue: attribute.string ?? null,
  VersionValue: attribute.version ?? null,
})

function validateAttribute(attribute: DeviceAttribute, at: string): FieldError[] {
  const { string: text, version } = attribute
  const found = text !== undefined && byteLength(text) > longestValue ? [tooLong(`${at}.string`, longestValue)] : []
  if (version !== undefined) {
    if (!semanticVersion.test(version)) {
      found.push(invalid(`${at}.version`, version, 'must be a string compatible with semver.org spec 2.0.0'))
    }
    if (byteLength(version) > longestValue) found.push(tooLong(`${at}.version`, longestValue))
  }
  const count = [attribute.int, attribute.bool, text, version].filter((value) => value !== undefined).length
  if (count === 1) return found
  return [...found, invalid(at, count === 0 ? '' : goAttribute(attribute), 'exactly one value must be specified')]
}

function validateDevice({ name, attributes = {}, capacity = {} }: Device, at: string): FieldError[] {
  const found = checkLabelName(`${at}.name`, name)
  const count = Object.keys(attributes).length + Object.keys(capacity).length
  if (count > most.attributes) {
    found.push(invalid(at, count, `the total number of attributes and capacities must not exceed ${most.attributes}`))
  }
  for (const key of Object.keys(attributes).sort()) {
    const path = keyPath(`${at}.attributes`, key)
    found.push(...validateQualifiedName(key, path), ...validateAttribute(attributes[key] ?? {}, path))
  }
  for (const key of Object.keys(capacity).sort()) found.push(...validateQualifiedName(key, keyPath(`${at}.capacity`, key)))
  return found
}

/** As Go writes upstream's own struct. */
const goRequirement = ({ key, operator, values }: NodeSelectorRequirement): object => ({
  Key: key,
  Operator: operator,
  Values: values ?? null,
})
const goTerm = ({ matchExpressions, matchFields }: NodeSelectorTerm): object => ({
  MatchExpressions: matchExpressions?.map(goRequirement) ?? null,
  MatchFields: matchFields?.map(goRequirement) ?? null,
})

function validateNodes({ nodeName, nodeSelector, allNodes }: ResourceSliceSpec): FieldError[] {
  const found: FieldError[] = []
  const chosen: string[] = []
  if (nodeName === '') found.push(invalid('spec.nodeName', nodeName, 'must be either unset or set to a non-empty string'))
  else if (nodeName !== undefined) {
    chosen.push('`nodeName`')
    found.push(...checkSubdomainName('spec.nodeName', nodeName))
  }
  if (nodeSelector) {
    chosen.push('`nodeSelector`')
    found.push(...validateNodeSelector(nodeSelector, 'spec.nodeSelector', false))
    const terms = nodeSelector.nodeSelectorTerms ?? []
    if (terms.length !== 1) {
      const shown = nodeSelector.nodeSelectorTerms ? terms.map(goTerm) : null
      found.push(invalid('spec.nodeSelector.nodeSelectorTerms', shown, 'must have exactly one node selector term'))
    }
  }
  if (allNodes === false) found.push(invalid('spec.allNodes', allNodes, 'must be either unset or set to true'))
  else if (allNodes) chosen.push('`allNodes`')
  const either = 'exactly one of `nodeName`, `nodeSelector`, `allNodes`, `perDeviceNodeSelection` is required'
  if (chosen.length === 0) found.push(required('spec', either))
  if (chosen.length > 1) found.push(invalid('spec', `{${chosen.join(', ')}}`, `${either}, but multiple fields are set`))
  return found
}

function validateSliceChange(next: ResourceSliceSpec, prev: ResourceSliceSpec): FieldError[] {
  const found: FieldError[] = []
  if (next.pool.name !== prev.pool.name) found.push(invalid('spec.pool.name', next.pool.name, immutableMessage))
  if (next.driver !== prev.driver) found.push(invalid('spec.driver', next.driver, immutableMessage))
  if (next.nodeName !== prev.nodeName) found.push(invalid('spec.nodeName', next.nodeName, immutableMessage))
  return found
}

export function validateResourceSlice(next: ResourceSlice, prev: ResourceSlice | undefined): FieldError[] {
  const { spec } = next
  const devices = spec.devices ?? []
  return [
    ...validateKubeFinalizers(next.metadata),
    ...validateDriverName(spec.driver, 'spec.driver'),
    ...validatePool(spec.pool),
    ...(prev ? validateSliceChange(spec, prev.spec) : []),
    ...validateNodes(spec),
    ...validateEach(devices, 'spec.devices', most.devices, validateDevice),
    ...(devices.length > most.devices ? [] : findRepeated(devices, 'spec.devices', ({ name }) => name)),
  ]
}

export function resourceSliceWarnings({ spec }: ResourceSlice): string[] {
  if (spec.driver === spec.driver.toLowerCase()) return []
  return [`spec.driver: driver names should be lowercase; ${JSON.stringify(spec.driver)} contains uppercase characters`]
}

export function validateDeviceClass(next: DeviceClass, prev: DeviceClass | undefined): FieldError[] {
  const { selectors, config = [], extendedResourceName: name } = next.spec
  const found = [
    ...validateMetaAgain(next.metadata, prev !== undefined, { namespaced: false }),
    ...validateSelectors(selectors, 'spec.selectors'),
    ...validateEach(config, 'spec.config', most.configs, validateConfiguration),
  ]
  if (name === undefined || isExtendedResource(name)) return found
  return [...found, invalid('spec.extendedResourceName', name, 'must be a valid extended resource name')]
}
