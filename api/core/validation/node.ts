/** Rules of nodes. */
import type { Node, NodeConfigSource, NodeConfigStatus, Taint } from '#api/core/node.ts'
import { duplicate, type FieldError, forbidden, invalid, required } from '#api/meta/field-error.ts'
import { parseCidr, validateCidrForLegacyField } from '#api/validation/addresses.ts'
import { byteLength, checkConfigMapKey, checkDns1123Label, checkDns1123Subdomain, checkLabelValue } from '#api/validation/names.ts'
import { validateLabelName } from '#api/validation/object-meta.ts'
import { validateKubeFinalizers } from './finalizers.ts'
import { taintEffects } from './pod-settings.ts'
import { validateAmount } from './resource-amounts.ts'
import { checkPositive, invalids, requireOneOf, sortedKeys } from './values.ts'

function validateTaints(taints: readonly Taint[], path: string): FieldError[] {
  const found: FieldError[] = []
  const seen = new Set<string>()
  for (const [i, { key, value = '', effect, timeAdded }] of taints.entries()) {
    const at = `${path}[${i}]`
    found.push(...validateLabelName(key ?? '', `${at}.key`))
    const messages = checkLabelValue(value)
    if (messages.length > 0) found.push(invalid(`${at}.value`, value, messages.join(';')))
    found.push(...requireOneOf(`${at}.effect`, effect, taintEffects))
    if (seen.has(`${effect}/${key}`)) {
      // upstream prints its own struct
      const error = duplicate(at, { Key: key, Value: value, Effect: effect, TimeAdded: timeAdded ?? null })
      found.push({ ...error, message: `${error.message}: taints must be unique by key and effect pair` })
    }
    seen.add(`${effect}/${key}`)
  }
  return found
}

function validateAmounts(node: Node): FieldError[] {
  return (['capacity', 'allocatable'] as const).flatMap((list) =>
    sortedKeys(node.status[list]).flatMap((name) => validateAmount(name, node.status[list]?.[name] ?? '0', `status.${list}.${name}`)),
  )
}

function validatePodCIDRs(ranges: readonly string[], path: string): FieldError[] {
  const found = ranges.flatMap((range, i) => validateCidrForLegacyField(`${path}[${i}]`, range))
  if (ranges.length < 2) return found
  const wrong = ranges.findIndex((range) => !parseCidr(range))
  if (wrong >= 0) {
    const why = `invalid CIDR[${wrong}]: <nil> (invalid CIDR address: ${ranges[wrong]})`
    const message = `Internal error: invalid PodCIDRs. failed to check with dual stack with error:${why}`
    found.push({ reason: 'InternalError', field: path, message })
  }
  const families = new Set(ranges.map((range) => parseCidr(range)?.address.family))
  if (wrong < 0 && families.size === 2 && ranges.length === 2) return found
  return [...found, invalid(path, ranges, 'may specify no more than one CIDR for each IP family')]
}

const longestFeature = 253
const featureShape = /^[A-Z][a-zA-Z0-9]*(\/[a-zA-Z][a-zA-Z0-9]*)*$/
const featureMessage =
  "must start with an UpperCamelCase segment, with subsequent segments separated by '/' (e.g., MyFeature or MyFeature/mySubFeature), and contain only alphanumeric characters and slashes"

function validateFeatures(features: readonly string[]): FieldError[] {
  return features.flatMap((feature, i) => {
    const field = `status.declaredFeatures[${i}]`
    const quoted = JSON.stringify(feature)
    const found: FieldError[] = []
    const before = features[i - 1]
    if (before !== undefined && before === feature) found.push(duplicate(field, feature))
    if (before !== undefined && before > feature) found.push(invalid(field, feature, 'list must be sorted alphabetically'))
    if (byteLength(feature) > longestFeature) {
      found.push(invalid(field, feature, `invalid feature name ${quoted}: must be no more than ${longestFeature} characters`))
    } else if (!featureShape.test(feature)) found.push(invalid(field, feature, `invalid feature name ${quoted}: ${featureMessage}`))
    return found
  })
}

function validateContent(node: Node): FieldError[] {
  const found = [...validateTaints(node.spec.taints ?? [], 'metadata.taints'), ...validateAmounts(node)]
  const swap = node.status.nodeInfo?.swap?.capacity
  if (swap !== undefined) found.push(...checkPositive('metadata.nodeSwapStatus.capacity', swap))
  found.push(...validateFeatures(node.status.declaredFeatures ?? []))
  return [...found, ...validatePodCIDRs(node.spec.podCIDRs ?? [], 'spec.podCIDRs')]
}

/** `inStatus`: the reference names one object, in the spec only a name that may be filled later. */
function validateConfigSource(source: NodeConfigSource, path: string, inStatus: boolean): FieldError[] {
  const map = source.configMap
  if (!map) return [invalid(path, source, 'exactly one reference subfield must be non-nil')]
  const at = `${path}.configMap`
  const found: FieldError[] = []
  for (const name of ['uid', 'resourceVersion'] as const) {
    if (inStatus && !map[name]) found.push(required(`${at}.${name}`, `${name} must be set in status`))
    if (!inStatus && map[name]) found.push(forbidden(`${at}.${name}`, `${name} must not be set in spec`))
  }
  const { namespace, name, kubeletConfigKey: key } = map
  if (!namespace) found.push(required(`${at}.namespace`))
  else found.push(...invalids(`${at}.namespace`, namespace, checkDns1123Label(namespace)))
  if (!name) found.push(required(`${at}.name`))
  else found.push(...invalids(`${at}.name`, name, checkDns1123Subdomain(name)))
  if (!key) found.push(required(`${at}.kubeletConfigKey`))
  else found.push(...invalids(`${at}.kubeletConfigKey`, key, checkConfigMapKey(key)))
  return found
}

function validateConfigStatus(status: NodeConfigStatus, path: string): FieldError[] {
  return (['assigned', 'active', 'lastKnownGood'] as const).flatMap((name) => {
    const source = status[name]
    return source ? validateConfigSource(source, `${path}.${name}`, true) : []
  })
}

function validateFixedFields(next: Node, prev: Node): FieldError[] {
  const found: FieldError[] = []
  const [now, was] = [next.spec.podCIDRs ?? [], prev.spec.podCIDRs ?? []]
  const fixed = forbidden('spec.podCIDRs', 'node updates may not change podCIDR except from "" to valid')
  if (was.length > 0 && was.length !== now.length) found.push(fixed)
  else found.push(...was.flatMap((range, i) => (range === now[i] ? [] : [fixed])))
  if (prev.spec.providerID && prev.spec.providerID !== next.spec.providerID) {
    found.push(forbidden('spec.providerID', 'node updates may not change providerID except from "" to valid'))
  }
  return found
}

/** What upstream holds every update to, that of the status as well. */
export function validateNodeUpdate(next: Node, prev: Node): FieldError[] {
  const found = [...validateKubeFinalizers(next.metadata), ...validateAmounts(next)]
  found.push(...validateFeatures(next.status.declaredFeatures ?? []))
  const seen = new Set<string>()
  for (const [i, { type, address }] of (next.status.addresses ?? []).entries()) {
    if (seen.has(`${type}/${address}`)) found.push(duplicate(`status.addresses[${i}]`, { Type: type, Address: address }))
    seen.add(`${type}/${address}`)
  }
  found.push(...validateFixedFields(next, prev))
  if (next.spec.configSource) found.push(...validateConfigSource(next.spec.configSource, 'spec.configSource', false))
  if (next.status.config) found.push(...validateConfigStatus(next.status.config, 'status.config'))
  found.push(...validateTaints(next.spec.taints ?? [], 'metadata.taints'))
  if ((next.spec.externalID ?? '') !== (prev.spec.externalID ?? '')) found.push(forbidden('spec.externalID', 'may not be updated'))
  return found
}

export function validateNode(next: Node, prev: Node | undefined): FieldError[] {
  if (!prev) return [...validateKubeFinalizers(next.metadata), ...validateContent(next)]
  return [...validateContent(next), ...validateNodeUpdate(next, prev)]
}
