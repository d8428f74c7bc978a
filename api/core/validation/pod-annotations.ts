/** Rules of the annotations that once were, or still are, settings of a pod. */
import { mirrorAnnotation } from '#api/core/mirror-pod.ts'
import type { PodSpec } from '#api/core/pod-spec.ts'
import type { AppArmorProfile, SeccompProfile } from '#api/core/security-context.ts'
import { type FieldError, forbidden, invalid } from '#api/meta/field-error.ts'
import type { ObjectMeta } from '#api/meta/object-meta.ts'
import { containersWithPaths } from './operating-system.ts'
import { checkDescendingPath, sortedKeys } from './values.ts'

const deletionCost = 'controller.kubernetes.io/pod-deletion-cost'
const seccompOfPod = 'seccomp.security.alpha.kubernetes.io/pod'
const seccompOfContainer = 'container.seccomp.security.alpha.kubernetes.io/'
const appArmorOfContainer = 'container.apparmor.security.beta.kubernetes.io/'
const localPrefix = 'localhost/'

/** A whole number of 32 bits, without a plus sign or leading zeros. */
export function isDeletionCost(text: string): boolean {
  if (!/^(0|-?[1-9]\d*)$/.test(text)) return false
  const value = Number(text)
  return value >= -(2 ** 31) && value < 2 ** 31
}

export function hasInvalidDeletionCost(meta: ObjectMeta): boolean {
  const cost = meta.annotations?.[deletionCost]
  return cost !== undefined && !isDeletionCost(cost)
}

function validateSeccompText(text: string, field: string): FieldError[] {
  if (['runtime/default', 'docker/default', 'unconfined'].includes(text)) return []
  if (text.startsWith(localPrefix)) return checkDescendingPath(field, text.slice(localPrefix.length))
  return [invalid(field, text, 'must be a valid seccomp profile')]
}

function validateAppArmorText(text: string, field: string): FieldError[] {
  if (['', 'runtime/default', 'unconfined'].includes(text) || text.startsWith(localPrefix)) return []
  return [invalid(field, text, `invalid AppArmor profile name: ${JSON.stringify(text)}`)]
}

export function validatePodAnnotations(meta: ObjectMeta, spec: PodSpec, anyDeletionCost: boolean): FieldError[] {
  const annotations = meta.annotations ?? {}
  const path = 'metadata.annotations'
  const found: FieldError[] = []
  const mirrored = annotations[mirrorAnnotation]
  if (mirrored !== undefined && !spec.nodeName) {
    found.push(invalid(`${path}[${mirrorAnnotation}]`, mirrored, 'must set spec.nodeName if mirror pod annotation is set'))
  }
  const cost = annotations[deletionCost]
  if (cost !== undefined && !anyDeletionCost && !isDeletionCost(cost)) {
    found.push(invalid(`${path}[${deletionCost}]`, cost, 'must be a 32bit integer'))
  }
  const ofPod = annotations[seccompOfPod]
  if (ofPod !== undefined) found.push(...validateSeccompText(ofPod, `${path}.${seccompOfPod}`))
  for (const key of sortedKeys(annotations)) {
    const text = annotations[key] ?? ''
    if (key.startsWith(seccompOfContainer)) found.push(...validateSeccompText(text, `${path}.${key}`))
  }
  const names = new Set(containersWithPaths(spec, '').map(([container]) => container.name))
  for (const key of sortedKeys(annotations)) {
    if (!key.startsWith(appArmorOfContainer)) continue
    const name = key.slice(appArmorOfContainer.length)
    if (!names.has(name)) found.push(invalid(`${path}[${key}]`, name, 'container not found'))
    found.push(...validateAppArmorText(annotations[key] ?? '', `${path}[${key}]`))
  }
  return found
}

interface Profile {
  type: string
  localhostProfile?: string | undefined
}

function validateMatch(annotation: string, profile: Profile, path: string, name: 'seccomp' | 'apparmor'): FieldError[] {
  const mismatch = forbidden(`${path}.type`, `${name} type in annotation and field must match`)
  switch (profile.type) {
    case 'Unconfined':
      return annotation === 'unconfined' ? [] : [mismatch]
    case 'RuntimeDefault': {
      const same = annotation === 'runtime/default' || (name === 'seccomp' && annotation === 'docker/default')
      return same ? [] : [mismatch]
    }
    case 'Localhost':
      if (!annotation.startsWith(localPrefix)) return [mismatch]
      if (annotation.slice(localPrefix.length) === profile.localhostProfile) return []
      return [forbidden(`${path}.localhostProfile`, `${name} profile in annotation and field must match`)]
    default:
      return []
  }
}

/** On create, annotations and the fields that replaced them must say the same. */
export function validateAnnotationsMatchFields(meta: ObjectMeta, spec: PodSpec): FieldError[] {
  const annotations = meta.annotations ?? {}
  const found: FieldError[] = []
  const podSeccomp: SeccompProfile | undefined = spec.securityContext?.seccompProfile
  const ofPod = annotations[seccompOfPod]
  if (podSeccomp && ofPod !== undefined) found.push(...validateMatch(ofPod, podSeccomp, 'spec.securityContext.seccompProfile', 'seccomp'))
  for (const [{ name, securityContext }, path] of containersWithPaths(spec, 'spec')) {
    const annotation = annotations[seccompOfContainer + name]
    const profile = securityContext?.seccompProfile
    if (profile && annotation !== undefined) {
      found.push(...validateMatch(annotation, profile, `${path}.securityContext.seccompProfile`, 'seccomp'))
    }
  }
  if (spec.os?.name === 'windows') return found
  for (const [{ name, securityContext }, path] of containersWithPaths(spec, 'spec')) {
    const annotation = annotations[appArmorOfContainer + name]
    const profile: AppArmorProfile | undefined = securityContext?.appArmorProfile ?? spec.securityContext?.appArmorProfile
    if (profile && annotation !== undefined) {
      found.push(...validateMatch(annotation, profile, `${path}.securityContext.appArmorProfile`, 'apparmor'))
    }
  }
  return found
}
