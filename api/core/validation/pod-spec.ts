/** Rules of a whole pod spec, of pods and of templates alike, in upstream's order. */
import type { PodSpec, PodTemplateSpec } from '#api/core/pod-spec.ts'
import { isHugePages } from '#api/core/rules/resource-names.ts'
import { containerLimits, containerRequests, type ResourceList } from '#api/core/rules/resources.ts'
import { type FieldError, forbidden, invalid, required } from '#api/meta/field-error.ts'
import { canonicalQuantity, compareQuantities } from '#api/meta/quantity.ts'
import { sameValue } from '#api/meta/same-value.ts'
import { inclusiveRangeMessage } from '#api/validation/names.ts'
import { validateAnnotations, validateLabels } from '#api/validation/object-meta.ts'
import { validateAffinity, validateTopologySpread } from './affinity.ts'
import { validateContainers, validateEphemeralContainers, validateInitContainers } from './containers.ts'
import type { PodContext } from './context.ts'
import { validateOS, validateWindowsHostProcess } from './operating-system.ts'
import { validatePodAnnotations } from './pod-annotations.ts'
import * as settings from './pod-settings.ts'
import { validateContainerResources, validatePodResources } from './resource-amounts.ts'
import { checkLabelName, checkSubdomainName, requireOneOf, sortedKeys } from './values.ts'
import { validateVolumes } from './volumes.ts'

const longestDeadline = 2 ** 31 - 1
const restartPolicies = ['Always', 'OnFailure', 'Never']
const dnsPolicies = ['ClusterFirstWithHostNet', 'ClusterFirst', 'Default', 'None']

const own = (list: ResourceList | undefined, name: string): string | undefined =>
  list && Object.hasOwn(list, name) ? list[name] : undefined

/** Pod-level amounts against those of the containers. */
function validateConsistency(spec: PodSpec, path: string): FieldError[] {
  const found: FieldError[] = []
  const { limits, requests } = spec.resources ?? {}
  const asked = containerRequests({ spec })
  for (const name of sortedKeys(asked)) {
    const [sum, amount] = [asked[name] ?? '0', own(requests, name)]
    if (amount === undefined || compareQuantities(sum, amount) <= 0) continue
    const text = `must be greater than or equal to aggregate container requests of ${canonicalQuantity(sum)}`
    found.push(invalid(`${path}.requests[${name}]`, canonicalQuantity(amount), text))
  }
  const limited = containerLimits({ spec })
  for (const name of sortedKeys(limited).filter(isHugePages)) {
    const [sum, amount] = [limited[name] ?? '0', own(limits, name)]
    if (amount === undefined || compareQuantities(sum, amount) <= 0) continue
    const text = `must be greater than or equal to aggregate container limits of ${canonicalQuantity(sum)}`
    found.push(invalid(`${path}.limits[${name}]`, canonicalQuantity(amount), text))
  }
  for (const [i, container] of (spec.containers ?? []).entries()) {
    for (const name of sortedKeys(container.resources?.limits)) {
      const [amount, most] = [own(container.resources?.limits, name) ?? '0', own(limits, name)]
      if (most === undefined || compareQuantities(amount, most) <= 0) continue
      const text = `must be less than or equal to pod limits of ${canonicalQuantity(most)}`
      found.push(invalid(`${path}.containers[${i}][${name}].limits`, canonicalQuantity(amount), text))
    }
  }
  return found
}

function validatePodLevelResources(path: string, context: PodContext): FieldError[] {
  const { spec } = context
  if (!spec.resources) return []
  if (spec.os?.name === 'windows') return [forbidden(path, 'may not be set for a windows pod')]
  const found: FieldError[] = []
  if (spec.resources.claims !== undefined) found.push(forbidden(`${path}.claims`, 'claims may not be set for Resources at pod-level'))
  return [...found, ...validatePodResources(spec.resources, path, context), ...validateConsistency(spec, path)]
}

function validateNames(spec: PodSpec, path: string): FieldError[] {
  const found: FieldError[] = []
  if (spec.serviceAccountName) found.push(...checkSubdomainName(`${path}.serviceAccountName`, spec.serviceAccountName))
  if (spec.nodeName) found.push(...checkSubdomainName(`${path}.nodeName`, spec.nodeName))
  const deadline = spec.activeDeadlineSeconds
  if (deadline !== undefined && (deadline < 1 || deadline > longestDeadline)) {
    found.push(invalid(`${path}.activeDeadlineSeconds`, deadline, inclusiveRangeMessage(1, longestDeadline)))
  }
  if (spec.hostname) found.push(...checkLabelName(`${path}.hostname`, spec.hostname))
  if (spec.subdomain) found.push(...checkLabelName(`${path}.subdomain`, spec.subdomain))
  return found
}

function validateScheduling(path: string, context: PodContext): FieldError[] {
  const { spec, tolerated } = context
  return [
    ...validateAffinity(spec.affinity, `${path}.affinity`, tolerated),
    ...settings.validateDNSConfig(spec.dnsConfig, spec.dnsPolicy, `${path}.dnsConfig`),
    ...settings.validateGates(spec, path),
    ...validateTopologySpread(spec.topologySpreadConstraints ?? [], `${path}.topologySpreadConstraints`, tolerated),
    ...validateWindowsHostProcess(spec, path),
  ]
}

function validateClasses(path: string, context: PodContext): FieldError[] {
  const { spec } = context
  const found = [
    ...settings.validateTolerations(spec.tolerations ?? [], `${path}.tolerations`),
    ...settings.validateHostAliases(spec.hostAliases ?? [], `${path}.hostAliases`),
  ]
  if (spec.priorityClassName) found.push(...checkSubdomainName(`${path}.priorityClassName`, spec.priorityClassName))
  if (spec.runtimeClassName !== undefined) found.push(...checkSubdomainName(`${path}.runtimeClassName`, spec.runtimeClassName))
  if (spec.preemptionPolicy !== undefined) {
    found.push(...requireOneOf(`${path}.preemptionPolicy`, spec.preemptionPolicy, ['PreemptLowerPriority', 'Never']))
  }
  if (spec.overhead) found.push(...validateContainerResources({ limits: spec.overhead }, `${path}.overhead`, context))
  return found
}

/** `prev` is the stored spec, whose old faults may stay. */
export function validatePodSpec(path: string, context: PodContext, prev?: PodSpec): FieldError[] {
  const { spec, meta, tolerated, isPod } = context
  const found: FieldError[] = []
  if (spec.terminationGracePeriodSeconds === undefined) found.push(required(`${path}.terminationGracePeriodSeconds`))
  const volumes = validateVolumes(spec.volumes ?? [], `${path}.volumes`, context)
  const within: PodContext = { ...context, volumes: volumes.right }
  return [
    ...found,
    ...volumes.found,
    ...settings.validateResourceClaims(spec.resourceClaims ?? [], `${path}.resourceClaims`, meta),
    ...validateContainers(spec.containers ?? [], `${path}.containers`, within),
    ...validateInitContainers(spec.initContainers ?? [], `${path}.initContainers`, within),
    ...validateEphemeralContainers(spec.ephemeralContainers ?? [], `${path}.ephemeralContainers`, within),
    ...validatePodLevelResources(`${path}.resources`, within),
    ...settings.validateHostNetworkPorts(spec, path, isPod),
    ...requireOneOf(`${path}.restartPolicy`, spec.restartPolicy, restartPolicies),
    ...requireOneOf(`${path}.dnsPolicy`, spec.dnsPolicy, dnsPolicies),
    ...validateLabels(spec.nodeSelector, `${path}.nodeSelector`),
    ...settings.validatePodSecurity(spec.securityContext, spec, `${path}.securityContext`, tolerated.hostNamespaceSysctls),
    ...validateScheduling(path, within),
    ...settings.validateHostUsers(spec, path, prev),
    ...settings.validateHostnameOverride(spec, path),
    ...validateNames(spec, path),
    ...validateClasses(path, within),
    ...validateOS(spec, path),
    ...settings.validateFileKeyVolumes(spec, path),
  ]
}

/** The template of a controller's pods. `path` is that of the template. */
export function validatePodTemplate(template: PodTemplateSpec, path: string, context: PodContext, prev?: PodSpec): FieldError[] {
  const { labels, annotations } = template.metadata ?? {}
  const found = [
    ...validateLabels(labels, `${path}.labels`),
    ...validateAnnotations(annotations, `${path}.annotations`),
    ...validatePodAnnotations(template.metadata ?? {}, context.spec, context.tolerated.invalidDeletionCost).map((error) => ({
      ...error,
      field: error.field.replace(/^metadata\.annotations/, `${path}.annotations`),
    })),
    ...validatePodSpec(`${path}.spec`, context, prev),
  ]
  if (!sameValue(context.spec.ephemeralContainers, undefined)) {
    found.push(forbidden(`${path}.spec.ephemeralContainers`, 'ephemeral containers not allowed in pod template'))
  }
  return found
}
