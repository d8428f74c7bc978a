/** Old annotations that name an AppArmor profile, and the field that took their place (upstream: pkg/api/pod, pkg/registry/core/pod). */
import type { ObjectMeta } from '#api/meta/object-meta.ts'
import { sameValue } from '#api/meta/same-value.ts'
import type { PodSpec } from './pod-spec.ts'

const prefix = 'container.apparmor.security.beta.kubernetes.io/'
const advice = 'deprecated since v1.30; use the "appArmorProfile" field instead'

const allOf = (spec: PodSpec) => [...(spec.containers ?? []), ...(spec.initContainers ?? []), ...(spec.ephemeralContainers ?? [])]

function profileOf(annotation: string): { type: string; localhostProfile?: string } | undefined {
  if (annotation === 'unconfined') return { type: 'Unconfined' }
  if (annotation === 'runtime/default') return { type: 'RuntimeDefault' }
  const local = annotation.startsWith('localhost/') ? annotation.slice('localhost/'.length) : ''
  return local.trim() === '' || local.trim() !== local ? undefined : { type: 'Localhost', localhostProfile: local }
}

/** Containers whose field was filled from the annotation: their authors are told, those who wrote both are not. */
const filled = new WeakSet<object>()

/** Fills the field of a new pod's containers from the annotations. */
export function applyAppArmorAnnotations(spec: PodSpec, meta: ObjectMeta): void {
  if (spec.os?.name === 'windows') return
  for (const container of allOf(spec)) {
    const annotation = meta.annotations?.[`${prefix}${container.name}`]
    if (annotation === undefined || container.securityContext?.appArmorProfile) continue
    const profile = profileOf(annotation)
    if (!profile || sameValue(profile, spec.securityContext?.appArmorProfile)) continue
    container.securityContext = { ...container.securityContext, appArmorProfile: profile }
    filled.add(container)
  }
}

/** Of a pod that went through `applyAppArmorAnnotations`. */
export function podAppArmorWarnings(spec: PodSpec, { annotations = {} }: ObjectMeta): string[] {
  if (spec.os?.name === 'windows') return []
  return allOf(spec).flatMap((container) => {
    const annotation = annotations[`${prefix}${container.name}`]
    if (annotation === undefined) return []
    const unread = !container.securityContext?.appArmorProfile && profileOf(annotation) === undefined
    return unread || filled.has(container) ? [`metadata.annotations[${prefix}${container.name}]: ${advice}`] : []
  })
}

/** Of a template, whose annotations stay what they are. `path` is that of its metadata. */
export function templateAppArmorWarnings(spec: PodSpec, { annotations = {} }: ObjectMeta, path: string): string[] {
  return allOf(spec).flatMap(({ name, securityContext }) => {
    const annotation = annotations[`${prefix}${name}`]
    if (annotation === undefined || securityContext?.appArmorProfile) return []
    const whole = spec.securityContext?.appArmorProfile
    return whole && sameValue(whole, profileOf(annotation)) ? [] : [`${path}.annotations[${prefix}${name}]: ${advice}`]
  })
}
