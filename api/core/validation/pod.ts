/** Rules of pods: on create, on update and of the status (metadata itself is checked before, by the write path). */
import type { Container } from '#api/core/container.ts'
import { shownEphemeralContainer, shownPodSpec } from '#api/core/go-forms.ts'
import { isMirror, mirrorAnnotation } from '#api/core/mirror-pod.ts'
import type { Pod } from '#api/core/pod.ts'
import type { PodSpec, Toleration } from '#api/core/pod-spec.ts'
import { type FieldError, forbidden, invalid, required } from '#api/meta/field-error.ts'
import type { ObjectMeta } from '#api/meta/object-meta.ts'
import { sameValue } from '#api/meta/same-value.ts'
import { diffOf } from '#api/meta/unified-diff.ts'
import { inclusiveRangeMessage } from '#api/validation/names.ts'
import { validateImageText } from './containers.ts'
import type { PodContext } from './context.ts'
import { validateKubeFinalizers } from './finalizers.ts'
import { validateGatedScheduling } from './gated-scheduling.ts'
import { validateAnnotationsMatchFields, validatePodAnnotations } from './pod-annotations.ts'
import { validateTolerations } from './pod-settings.ts'
import { validatePodSpec } from './pod-spec.ts'
import { toleratedBy } from './tolerated.ts'
import { sortedKeys } from './values.ts'

const longestDeadline = 2 ** 31 - 1
const appArmorPrefix = 'container.apparmor.security.beta.kubernetes.io/'

function contextOf(pod: Pod, prev: Pod | undefined): PodContext {
  return {
    isPod: true,
    spec: pod.spec,
    meta: pod.metadata,
    tolerated: toleratedBy(prev?.spec, prev?.metadata),
    volumes: new Map(),
    claimNames: new Set((pod.spec.resourceClaims ?? []).map(({ name }) => name).filter((name) => name !== '')),
  }
}

function validateTokenVolumes(spec: PodSpec): FieldError[] {
  if (spec.serviceAccountName) return []
  return (spec.volumes ?? []).flatMap((volume, v) =>
    (volume.projected?.sources ?? []).flatMap((source, s) => {
      const path = `spec.volumes[${v}].projected.sources[${s}].serviceAccountToken`
      return source.serviceAccountToken ? [forbidden(path, 'must not be specified when serviceAccountName is not set')] : []
    }),
  )
}

/** Annotations and spec, the same for every verb. */
export function validatePodContent(pod: Pod, prev: Pod | undefined): FieldError[] {
  const context = contextOf(pod, prev)
  return [
    ...validateKubeFinalizers(pod.metadata),
    ...validatePodAnnotations(pod.metadata, pod.spec, context.tolerated.invalidDeletionCost),
    ...validatePodSpec('spec', context, prev?.spec),
    ...validateTokenVolumes(pod.spec),
    ...(pod.spec.containers ?? []).flatMap((container, i) => validateImageText(container, `spec.containers[${i}]`)),
    ...(pod.spec.initContainers ?? []).flatMap((container, i) => validateImageText(container, `spec.initContainers[${i}]`)),
  ]
}

function validatePodCreate(pod: Pod): FieldError[] {
  const found = validatePodContent(pod, undefined)
  if ((pod.spec.ephemeralContainers ?? []).length > 0) found.push(forbidden('spec.ephemeralContainers', 'cannot be set on create'))
  if (pod.spec.nodeName && (pod.spec.schedulingGates ?? []).length > 0) {
    found.push(forbidden('spec.nodeName', 'cannot be set until all schedulingGates have been cleared'))
  }
  return [...found, ...validateAnnotationsMatchFields(pod.metadata, pod.spec)]
}

/** Annotations that stand for what a pod is cannot come, change or go. */
export function validateAnnotationUpdate(next: ObjectMeta, prev: ObjectMeta): FieldError[] {
  const [now, was] = [next.annotations ?? {}, prev.annotations ?? {}]
  const found: FieldError[] = []
  for (const key of sortedKeys(was)) {
    if (now[key] === was[key]) continue
    if (key.startsWith(appArmorPrefix)) {
      found.push(forbidden(`metadata.annotations[${key}]`, 'may not remove or update AppArmor annotations'))
    }
    if (key === mirrorAnnotation) found.push(forbidden(`metadata.annotations[${key}]`, 'may not remove or update mirror pod annotation'))
  }
  for (const key of sortedKeys(now)) {
    if (Object.hasOwn(was, key)) continue
    if (key.startsWith(appArmorPrefix)) found.push(forbidden(`metadata.annotations[${key}]`, 'may not add AppArmor annotations'))
    if (key === mirrorAnnotation) found.push(forbidden(`metadata.annotations[${key}]`, 'may not add mirror pod annotation'))
  }
  return found
}

interface Partial {
  found: FieldError[]
  /** What follows would only repeat this fault. */
  stop: boolean
}

function validateContainerCount(next: readonly Container[], prev: readonly Container[], path: string): Partial {
  if (next.length !== prev.length) return { found: [forbidden(path, 'pod updates may not add or remove containers')], stop: true }
  const found = next.flatMap((container, i) => [
    ...(container.image ? [] : [required(`${path}[${i}].image`)]),
    ...validateImageText(container, `${path}[${i}]`),
  ])
  return { found, stop: false }
}

function validateDeadline(next: PodSpec, prev: PodSpec): Partial {
  const field = 'spec.activeDeadlineSeconds'
  const [now, was] = [next.activeDeadlineSeconds, prev.activeDeadlineSeconds]
  if (now === undefined) {
    const found = was === undefined ? [] : [invalid(field, null, 'must not update from a positive integer to nil value')]
    return { found, stop: false }
  }
  if (now < 0 || now > longestDeadline) return { found: [invalid(field, now, inclusiveRangeMessage(0, longestDeadline))], stop: true }
  if (was !== undefined && was < now) return { found: [invalid(field, now, 'must be less than or equal to previous value')], stop: true }
  return { found: [], stop: false }
}

function validateAddedTolerations(next: readonly Toleration[], prev: readonly Toleration[]): FieldError[] {
  const kept = prev.every((old) =>
    next.some((toleration) => sameValue({ ...old, tolerationSeconds: toleration.tolerationSeconds }, toleration)),
  )
  if (!kept) return [forbidden('spec.tolerations', 'existing toleration can not be modified except its tolerationSeconds')]
  return validateTolerations(next, 'spec.tolerations')
}

function validateRemovedGates(next: PodSpec, prev: PodSpec): FieldError[] {
  const known = new Set((prev.schedulingGates ?? []).map(({ name }) => name))
  // of a name that comes twice upstream remembers the last place
  const places = new Map((next.schedulingGates ?? []).map(({ name }, i) => [name, i]))
  return [...places].flatMap(([name, i]) =>
    known.has(name)
      ? []
      : [forbidden(`spec.schedulingGates[${i}].name`, `only deletion is allowed, but found new scheduling gate '${name}'`)],
  )
}

const changeable = [
  '`spec.containers[*].image`',
  '`spec.initContainers[*].image`',
  '`spec.activeDeadlineSeconds`',
  '`spec.tolerations` (only additions to existing tolerations)',
  '`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)',
].join(',')

function withImagesOf(containers: readonly Container[], prev: readonly Container[]): Container[] {
  return containers.map((container, i) => {
    const { image: _, ...others } = container
    const image = prev[i]?.image
    return image === undefined ? others : { ...others, image }
  })
}

/** The new spec with all that may change put back. */
function withoutChangeable(next: PodSpec, prev: PodSpec): PodSpec {
  const { activeDeadlineSeconds: _, schedulingGates: _gates, tolerations: _tolerations, ...spec } = next
  const munged: PodSpec = {
    ...spec,
    containers: withImagesOf(next.containers, prev.containers),
    ...(next.initContainers && { initContainers: withImagesOf(next.initContainers, prev.initContainers ?? []) }),
    ...(prev.activeDeadlineSeconds !== undefined && { activeDeadlineSeconds: prev.activeDeadlineSeconds }),
    ...(prev.schedulingGates && { schedulingGates: prev.schedulingGates }),
    ...(prev.tolerations && { tolerations: prev.tolerations }),
  }
  const was = prev.terminationGracePeriodSeconds
  if (was !== undefined && was < 0 && next.terminationGracePeriodSeconds === 1) munged.terminationGracePeriodSeconds = was
  return munged
}

function validateSpecUpdate(next: PodSpec, prev: PodSpec): FieldError[] {
  if (sameValue(next, prev)) return []
  const munged = withoutChangeable(next, prev)
  const found = (prev.schedulingGates ?? []).length > 0 ? validateGatedScheduling(munged, prev) : []
  if (!sameValue(prev, munged)) {
    const changes = diffOf(shownPodSpec(prev), shownPodSpec(munged))
    found.push(forbidden('spec', `pod updates may not change fields other than ${changeable}\n${changes}`))
  }
  return found
}

function validatePodUpdate(next: Pod, prev: Pod): FieldError[] {
  const found = validatePodContent(next, prev)
  found.push(...validateAnnotationUpdate(next.metadata, prev.metadata))
  // upstream looks at the annotations twice
  found.push(...validatePodAnnotations(next.metadata, next.spec, toleratedBy(prev.spec, prev.metadata).invalidDeletionCost))
  for (const name of ['containers', 'initContainers'] as const) {
    const counted = validateContainerCount(next.spec[name] ?? [], prev.spec[name] ?? [], `spec.${name}`)
    found.push(...counted.found)
    if (counted.stop) return found
  }
  const deadline = validateDeadline(next.spec, prev.spec)
  found.push(...deadline.found)
  if (deadline.stop) return found
  return [
    ...found,
    ...validateAddedTolerations(next.spec.tolerations ?? [], prev.spec.tolerations ?? []),
    ...validateRemovedGates(next.spec, prev.spec),
    ...validateSpecUpdate(next.spec, prev.spec),
  ]
}

export function validatePod(next: Pod, prev: Pod | undefined): FieldError[] {
  return prev ? validatePodUpdate(next, prev) : validatePodCreate(next)
}

export function validateEphemeralContainersUpdate(next: Pod, prev: Pod): FieldError[] {
  if (isMirror(prev)) return [forbidden('[]', 'static pods do not support ephemeral containers')]
  const found = validatePodContent(next, prev)
  const now = new Map((next.spec.ephemeralContainers ?? []).map((container) => [container.name, container]))
  for (const old of prev.spec.ephemeralContainers ?? []) {
    const container = now.get(old.name)
    const name = JSON.stringify(old.name)
    if (!container) {
      found.push(forbidden('spec.ephemeralContainers', `existing ephemeral containers ${name} may not be removed\n`))
    } else if (!sameValue(old, container)) {
      const changes = diffOf(shownEphemeralContainer(old), shownEphemeralContainer(container))
      found.push(forbidden('spec.ephemeralContainers', `existing ephemeral containers ${name} may not be changed\n${changes}`))
    }
  }
  return found
}
