/** Rules of stateful sets, in upstream's order. */
import type { StatefulSet, StatefulSetSpec, StatefulSetUpdateStrategy } from '#api/apps/stateful-set.ts'
import type { PodTemplateSpec } from '#api/core/pod-spec.ts'
import { validateClaimSpec } from '#api/core/validation/claim-spec.ts'
import { validateKubeFinalizers } from '#api/core/validation/finalizers.ts'
import { validatePodAnnotations } from '#api/core/validation/pod-annotations.ts'
import { templateContext, validateTemplateOf } from '#api/core/validation/template.ts'
import { checkLabelName, checkNonnegative } from '#api/core/validation/values.ts'
import { type FieldError, forbidden, invalid, notSupported, required } from '#api/meta/field-error.ts'
import { type LabelSelector, matches, selectorFromLabelSelector } from '#api/meta/label-selector.ts'
import { sameValue } from '#api/meta/same-value.ts'
import { validateLabelSelector } from '#api/validation/label-selector.ts'
import { validateAnnotations, validateLabels } from '#api/validation/object-meta.ts'
import { amountOf, validateAtMost100Percent, validateIntOrPercent } from './amounts.ts'
import { isUsable, validateCollisions, validateCounts } from './replicas.ts'

const changeable = [
  'replicas',
  'ordinals',
  'template',
  'updateStrategy',
  'revisionHistoryLimit',
  'persistentVolumeClaimRetentionPolicy',
  'minReadySeconds',
] as const
const immutableText =
  "updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden"

/** Rules that came later than objects, or that look at what cannot change: stored sets may break them. */
interface Leniency {
  update: boolean
  /** The stored set has faults: its template is not looked at. */
  anyTemplate: boolean
}

/** Upstream prints its own structs. */
const goRolling = (strategy: StatefulSetUpdateStrategy) =>
  strategy.rollingUpdate && {
    Partition: strategy.rollingUpdate.partition ?? 0,
    MaxUnavailable: strategy.rollingUpdate.maxUnavailable ?? null,
  }

function validateStrategy(strategy: StatefulSetUpdateStrategy, path: string): FieldError[] {
  const { type, rollingUpdate: rolling } = strategy
  const at = `${path}.rollingUpdate`
  if (!type) return [required(path)]
  if (type === 'OnDelete') return rolling ? [invalid(at, goRolling(strategy), "only allowed for updateStrategy 'RollingUpdate'")] : []
  if (type !== 'RollingUpdate') {
    return [invalid(path, { Type: type, RollingUpdate: goRolling(strategy) ?? null }, "must be 'RollingUpdate' or 'OnDelete'")]
  }
  if (!rolling) return []
  const found = checkNonnegative(`${at}.partition`, rolling.partition)
  const most = rolling.maxUnavailable
  if (most === undefined) return found
  const field = `${at}.maxUnavailable`
  found.push(...validateIntOrPercent(most, field))
  if (amountOf(most) === 0) found.push(invalid(field, most, 'cannot be 0'))
  return [...found, ...validateAtMost100Percent(most, field)]
}

function validatePolicies(spec: StatefulSetSpec): FieldError[] {
  const policy = spec.podManagementPolicy
  const found: FieldError[] = []
  if (!policy) found.push(required('spec.podManagementPolicy'))
  else if (policy !== 'OrderedReady' && policy !== 'Parallel') {
    found.push(invalid('spec.podManagementPolicy', policy, "must be 'OrderedReady' or 'Parallel'"))
  }
  found.push(...validateStrategy(spec.updateStrategy ?? {}, 'spec.updateStrategy'))
  const retention = spec.persistentVolumeClaimRetentionPolicy
  if (!retention) return found
  for (const name of ['whenDeleted', 'whenScaled'] as const) {
    const value = retention[name] ?? ''
    if (value === 'Retain' || value === 'Delete') continue
    found.push(notSupported(`spec.persistentVolumeClaimRetentionPolicy.${name}`, value, ['Retain', 'Delete']))
  }
  return found
}

function validateSelector(selector: LabelSelector | undefined): FieldError[] {
  if (!selector) return [required('spec.selector')]
  const found = validateLabelSelector(selector, 'spec.selector')
  const terms = Object.keys(selector.matchLabels ?? {}).length + (selector.matchExpressions ?? []).length
  return terms > 0 ? found : [...found, invalid('spec.selector', selector, 'empty selector is invalid for statefulset')]
}

/** The template as pods get it: with the volumes of the set's claims, and without the names that the controller sets. */
function completed({ template, volumeClaimTemplates: claims = [] }: StatefulSetSpec): PodTemplateSpec {
  const { hostname: _h, subdomain: _s, ...spec } = template.spec ?? { containers: [] }
  if (claims.length === 0) return { ...template, spec }
  const names = new Set(claims.map(({ metadata }) => metadata.name ?? ''))
  const made = [...names].map((name) => ({ name, persistentVolumeClaim: { claimName: name } }))
  return { ...template, spec: { ...spec, volumes: [...made, ...(spec.volumes ?? []).filter(({ name }) => !names.has(name))] } }
}

function validateTemplate(spec: StatefulSetSpec, prev: StatefulSetSpec | undefined, leniency: Leniency): FieldError[] {
  const selector = spec.selector ?? undefined
  if (!isUsable(selector)) return [invalid('spec.selector', selector, '')]
  const template = completed(spec)
  const { labels, annotations } = template.metadata ?? {}
  const path = 'spec.template'
  const terms = selectorFromLabelSelector(selector)
  const found: FieldError[] = []
  if ((terms === undefined || terms.length > 0) && !matches(terms, labels)) {
    found.push(invalid(`${path}.metadata.labels`, labels, '`selector` does not match template `labels`'))
  }
  if (!leniency.anyTemplate) found.push(...validateTemplateOf(template, path, prev?.template))
  // upstream looks at these twice
  const context = templateContext(template, prev?.template)
  const again = validatePodAnnotations(template.metadata ?? {}, context.spec, context.tolerated.invalidDeletionCost)
  const moved = again.map((error) => ({ ...error, field: error.field.replace(/^metadata\.annotations/, `${path}.annotations`) }))
  return [...found, ...validateLabels(labels, `${path}.labels`), ...validateAnnotations(annotations, `${path}.annotations`), ...moved]
}

function validateSpec(spec: StatefulSetSpec, prev: StatefulSetSpec | undefined, leniency: Leniency): FieldError[] {
  const found = validatePolicies(spec)
  if (!leniency.update) {
    const claims = spec.volumeClaimTemplates ?? []
    found.push(...claims.flatMap((claim, i) => validateClaimSpec(claim.spec, `spec.volumeClaimTemplates[${i}].spec`)))
  }
  found.push(...checkNonnegative('spec.replicas', spec.replicas), ...checkNonnegative('spec.minReadySeconds', spec.minReadySeconds))
  found.push(...checkNonnegative('spec.ordinals.start', spec.ordinals?.start))
  if (!leniency.update && spec.serviceName) found.push(...checkLabelName('spec.serviceName', spec.serviceName))
  found.push(...validateSelector(spec.selector), ...validateTemplate(spec, prev, leniency))
  const { restartPolicy = '', activeDeadlineSeconds } = spec.template.spec ?? { containers: [] }
  const path = 'spec.template.spec'
  if (restartPolicy !== 'Always') found.push(notSupported(`${path}.restartPolicy`, restartPolicy, ['Always']))
  if (activeDeadlineSeconds !== undefined) {
    found.push(forbidden(`${path}.activeDeadlineSeconds`, 'activeDeadlineSeconds in StatefulSet is not Supported'))
  }
  return found
}

const withoutChangeable = (spec: StatefulSetSpec): Partial<StatefulSetSpec> =>
  Object.fromEntries(Object.entries(spec).filter(([name]) => !(changeable as readonly string[]).includes(name)))

export function validateStatefulSet(next: StatefulSet, prev: StatefulSet | undefined): FieldError[] {
  const found = validateKubeFinalizers(next.metadata)
  if (!prev) return [...found, ...validateSpec(next.spec, undefined, { update: false, anyTemplate: false })]
  const anyTemplate = validateSpec(prev.spec, prev.spec, { update: true, anyTemplate: false }).length > 0
  found.push(...validateSpec(next.spec, prev.spec, { update: true, anyTemplate }))
  if (!sameValue(withoutChangeable(next.spec), withoutChangeable(prev.spec))) found.push(forbidden('spec', immutableText))
  return found
}

export function validateStatefulSetStatus(next: StatefulSet, prev: StatefulSet): FieldError[] {
  const { status } = next
  const { replicas = 0, readyReplicas = 0, currentReplicas = 0, updatedReplicas = 0, availableReplicas = 0 } = status
  const found = validateCounts(status, [
    'replicas',
    'readyReplicas',
    'currentReplicas',
    'updatedReplicas',
    'availableReplicas',
    'observedGeneration',
    'collisionCount',
  ])
  const shares = { readyReplicas, currentReplicas, updatedReplicas, availableReplicas }
  for (const [name, value] of Object.entries(shares)) {
    if (value > replicas) found.push(invalid(`status.${name}`, value, 'cannot be greater than status.replicas'))
  }
  if (availableReplicas > readyReplicas) {
    found.push(invalid('status.availableReplicas', availableReplicas, 'cannot be greater than status.readyReplicas'))
  }
  return [...found, ...validateKubeFinalizers(next.metadata), ...validateCollisions(status, prev.status)]
}
