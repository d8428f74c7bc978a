/** Rules of claims for devices and their templates (upstream: pkg/apis/resource/validation). */
import type { z } from 'zod'
import { validateKubeFinalizers } from '#api/core/validation/finalizers.ts'
import { validateMetaAgain } from '#api/core/validation/meta-again.ts'
import { checkLabelName, checkSubdomainName, immutableMessage, invalids } from '#api/core/validation/values.ts'
import { type FieldError, forbidden, invalid, notSupported, required } from '#api/meta/field-error.ts'
import type { ObjectMeta } from '#api/meta/object-meta.ts'
import { sameValue } from '#api/meta/same-value.ts'
import type {
  DeviceClaim,
  DeviceClaimConfiguration,
  DeviceConfiguration,
  DeviceConstraint,
  DeviceRequest,
  DeviceSubRequest,
  DeviceToleration,
  ExactDeviceRequest,
} from '#api/resource/device-claim.ts'
import type { ResourceClaim, ResourceClaimSpec } from '#api/resource/resource-claim.ts'
import type { ResourceClaimTemplate, ResourceClaimTemplateSpec } from '#api/resource/resource-claim-template.ts'
import { validateDriverName } from '#api/storage/validation/csi.ts'
import { goStruct } from '#api/validation/go-struct.ts'
import { checkLabelValue } from '#api/validation/names.ts'
import { validateAnnotations, validateLabelName, validateLabels } from '#api/validation/object-meta.ts'
import { findRepeated, most, validateEach, validateFullyQualifiedName, validateRawObject } from './names.ts'
import { validateSelectors } from './selectors.ts'

const modes = ['All', 'ExactCount']
const effects = ['NoExecute', 'NoSchedule', 'None']
const notAName = "must be the name of a request in the claim or the name of a request and a subrequest separated by '/'"

/** Names of a claim's wishes, each with those of its alternatives. */
export type RequestNames = ReadonlyMap<string, ReadonlySet<string>>

export const requestNamesOf = (claim: DeviceClaim | undefined): RequestNames =>
  new Map((claim?.requests ?? []).map(({ name, firstAvailable }) => [name, new Set((firstAvailable ?? []).map((one) => one.name))]))

export function validateRequestReference(text: string, field: string, names: RequestNames): FieldError[] {
  const parts = text.split('/')
  const [name = '', alternative] = parts
  if (parts.length > 2) return [invalid(field, text, notAName)]
  const found = parts.flatMap((part) => checkLabelName(field, part))
  const alternatives = names.get(name)
  const isKnown = alternatives !== undefined && (alternative === undefined || alternatives.has(alternative))
  return isKnown ? found : [...found, invalid(field, text, notAName)]
}

function validateRequestReferences(references: readonly string[], field: string, names: RequestNames): FieldError[] {
  if (references.length > most.requests) return validateEach(references, field, most.requests, () => [])
  const found = references.flatMap((text, i) => validateRequestReference(text, `${field}[${i}]`, names))
  return [...found, ...findRepeated(references, field, (text) => text)]
}

function validateMode(mode: string, count: number, path: string): FieldError[] {
  const field = `${path}.count`
  if (mode === 'All') return count === 0 ? [] : [invalid(field, count, "must not be specified when allocationMode is 'All'")]
  if (mode === 'ExactCount') return count > 0 ? [] : [invalid(field, count, 'must be greater than zero')]
  return [notSupported(`${path}.allocationMode`, mode, modes)]
}

function validateToleration({ key = '', operator = '', value = '', effect = '' }: DeviceToleration, at: string): FieldError[] {
  const found = key === '' ? [] : validateLabelName(key, `${at}.key`)
  if (operator === '') found.push(required(`${at}.operator`))
  else if (operator === 'Equal') found.push(...invalids(`${at}.value`, value, checkLabelValue(value)))
  else if (operator !== 'Exists') found.push(notSupported(`${at}.operator`, operator, ['Equal', 'Exists']))
  else if (value !== '') found.push(invalid(`${at}.value`, value, 'must be empty for operator `Exists`'))
  return effect === '' || effects.includes(effect) ? found : [...found, notSupported(`${at}.effect`, effect, effects)]
}

function validateWish(wish: ExactDeviceRequest | DeviceSubRequest, path: string): FieldError[] {
  const { deviceClassName: name, selectors, allocationMode = '', count = 0, tolerations = [] } = wish
  return [
    ...(name === '' ? [required(`${path}.deviceClassName`)] : checkSubdomainName(`${path}.deviceClassName`, name)),
    ...validateSelectors(selectors, `${path}.selectors`),
    ...validateMode(allocationMode, count, path),
    ...tolerations.flatMap((toleration, i) => validateToleration(toleration, `${path}.tolerations[${i}]`)),
  ]
}

function validateRequest({ name, exactly, firstAvailable = [] }: DeviceRequest, at: string): FieldError[] {
  const found = checkLabelName(`${at}.name`, name)
  const either = 'exactly one of `exactly` or `firstAvailable` is required'
  const field = `${at}.firstAvailable`
  if (exactly && firstAvailable.length > 0) return [...found, invalid(at, null, `${either}, but multiple fields are set`)]
  if (exactly) return [...found, ...validateWish(exactly, `${at}.exactly`)]
  if (firstAvailable.length === 0) return [...found, required(at, either)]
  const own = validateEach(firstAvailable, field, most.firstAvailable, (wish, path) => [
    ...checkLabelName(`${path}.name`, wish.name),
    ...validateWish(wish, path),
  ])
  return [...found, ...own, ...(firstAvailable.length > most.firstAvailable ? [] : findRepeated(firstAvailable, field, (one) => one.name))]
}

function validateConstraint(constraint: DeviceConstraint, at: string, names: RequestNames): FieldError[] {
  const { requests = [], matchAttribute, distinctAttribute } = constraint
  const found = validateRequestReferences(requests, `${at}.requests`, names)
  if (matchAttribute !== undefined) found.push(...validateFullyQualifiedName(matchAttribute, `${at}.matchAttribute`))
  else if (distinctAttribute !== undefined) found.push(...validateFullyQualifiedName(distinctAttribute, `${at}.distinctAttribute`))
  else found.push(required(`${at}.matchAttribute`))
  return found
}

export function validateConfiguration({ opaque }: DeviceConfiguration, at: string): FieldError[] {
  if (!opaque) return [required(`${at}.opaque`)]
  return [...validateDriverName(opaque.driver, `${at}.opaque.driver`), ...validateRawObject(opaque.parameters, `${at}.opaque.parameters`)]
}

export const validateConfigurationFor = (configuration: DeviceClaimConfiguration, at: string, names: RequestNames): FieldError[] => [
  ...validateRequestReferences(configuration.requests ?? [], `${at}.requests`, names),
  ...validateConfiguration(configuration, at),
]

function validateDevices(claim: DeviceClaim | undefined, path: string): FieldError[] {
  const requests = claim?.requests ?? []
  const names = requestNamesOf(claim)
  return [
    ...validateEach(requests, `${path}.requests`, most.requests, validateRequest),
    ...(requests.length > most.requests ? [] : findRepeated(requests, `${path}.requests`, ({ name }) => name)),
    ...validateEach(claim?.constraints ?? [], `${path}.constraints`, most.constraints, (one, at) => validateConstraint(one, at, names)),
    ...validateEach(claim?.config ?? [], `${path}.config`, most.configs, (one, at) => validateConfigurationFor(one, at, names)),
  ]
}

/** `schema` is that of the spec. */
export function validateResourceClaim(
  next: ResourceClaim,
  prev: ResourceClaim | undefined,
  schema: z.ZodType<ResourceClaimSpec>,
): FieldError[] {
  const meta = validateMetaAgain(next.metadata, prev !== undefined, { namespaced: true })
  if (!prev) return [...meta, ...validateDevices(next.spec.devices, 'spec.devices')]
  return sameValue(next.spec, prev.spec) ? meta : [...meta, invalid('spec', goStruct(schema, next.spec), immutableMessage)]
}

/** Names of fields as upstream writes them where they are not JSON's. */
const goFields: Readonly<Record<string, string>> = { uid: 'uID' }
const isNothing = (value: unknown): boolean => value === undefined || value === null || value === ''

/** Only labels and annotations are taken over into the claims. */
const validateTemplateMeta = (metadata: ObjectMeta, path: string): FieldError[] => [
  ...validateAnnotations(metadata.annotations, `${path}.annotations`),
  ...validateLabels(metadata.labels, `${path}.labels`),
  ...Object.entries(metadata)
    .filter(([name, value]) => name !== 'labels' && name !== 'annotations' && !isNothing(value))
    .map(([name]) => forbidden(`${path}.${goFields[name] ?? name}`, 'cannot be set')),
]

/** `schema` is that of the spec. */
export function validateResourceClaimTemplate(
  next: ResourceClaimTemplate,
  prev: ResourceClaimTemplate | undefined,
  schema: z.ZodType<ResourceClaimTemplateSpec>,
): FieldError[] {
  const { spec } = next
  const found = [
    ...(prev ? validateMetaAgain(next.metadata, true, { namespaced: true }) : validateKubeFinalizers(next.metadata)),
    ...validateTemplateMeta(spec.metadata ?? {}, 'spec.metadata'),
    ...validateDevices(spec.spec.devices, 'spec.spec.devices'),
  ]
  return !prev || sameValue(spec, prev.spec) ? found : [...found, invalid('spec', goStruct(schema, spec), immutableMessage)]
}
