/** From a pod's and a container's security context to what the runtime is asked for, and upstream's refusals. Pure. */
import type { Pod } from '#api/core/pod.ts'
import { ConfigError } from '#kubelet/environment/env.ts'
import type { AnyContainer } from '#kubelet/pods/pod-containers.ts'
import type { ContainerSecurity, Image } from '#kubelet/runtime/runtime.ts'

const maxUid = 2_147_483_647

export interface SecurityExtra {
  /** Groups that the pod's volumes ask for, and the image. */
  groups: readonly number[]
  /** The text of a seccomp profile below the node's profile folder. */
  readProfile(path: string): string
  /** Throws where the kernel does not know an AppArmor profile. */
  checkApparmor?(profile: string): void
  /** Containers that name no seccomp profile get the runtime's. */
  seccompDefault?: boolean
}

/** Throws ConfigError for what must not run. */
export function containerSecurity(pod: Pod, container: AnyContainer, image: Pick<Image, 'user'>, extra: SecurityExtra): ContainerSecurity {
  const own = container.securityContext ?? {}
  const shared = pod.spec?.securityContext ?? {}
  const uid = own.runAsUser ?? shared.runAsUser
  const gid = own.runAsGroup ?? shared.runAsGroup
  if (own.runAsNonRoot ?? shared.runAsNonRoot) refuseRoot(pod, container, uid, image.user)
  const user = userText(uid, gid, image.user)
  const escalation = own.allowPrivilegeEscalation
  const fsGroup = shared.fsGroup === undefined ? [] : [shared.fsGroup]
  const apparmor = apparmorOf(apparmorProfile(pod, container), extra)
  return {
    privileged: own.privileged ?? false,
    readOnlyRootFilesystem: own.readOnlyRootFilesystem ?? false,
    noNewPrivileges: escalation === false && !own.privileged,
    ...(user === undefined ? {} : { user }),
    supplementalGroups: [...new Set([...(shared.supplementalGroups ?? []), ...fsGroup, ...extra.groups])],
    addCapabilities: own.capabilities?.add ?? [],
    dropCapabilities: own.capabilities?.drop ?? [],
    seccomp: own.privileged ? { type: 'Unconfined' } : seccompOf(own.seccompProfile ?? shared.seccompProfile, extra),
    ...(apparmor === undefined ? {} : { apparmorProfile: apparmor }),
    unmaskedProc: own.procMount === 'Unmasked',
  }
}

/** The user of a container whose group is named, to whom Docker gives none of the groups that the image has for that user; upstream's runtimes do. */
export function userBesideGroup(pod: Pod, container: AnyContainer, image: Pick<Image, 'user'>): string | undefined {
  const own = container.securityContext ?? {}
  const shared = pod.spec?.securityContext ?? {}
  if ((own.runAsGroup ?? shared.runAsGroup) === undefined) return undefined
  const uid = own.runAsUser ?? shared.runAsUser
  return uid === undefined ? image.user.split(':')[0] || '0' : String(uid)
}

function userText(uid: number | undefined, gid: number | undefined, imageUser: string): string | undefined {
  if (uid === undefined) return gid === undefined ? undefined : `${imageUser.split(':')[0] || '0'}:${gid}`
  // Docker would look the group up in the image; a bare number means group 0, as with upstream's runtimes.
  return gid === undefined ? String(uid) : `${uid}:${gid}`
}

function refuseRoot(pod: Pod, container: AnyContainer, uid: number | undefined, imageUser: string): void {
  const where = `pod: "${pod.metadata.name}_${pod.metadata.namespace}(${pod.metadata.uid})", container: ${container.name}`
  if (uid === 0) throw new ConfigError(`container's runAsUser breaks non-root policy (${where})`)
  if (uid !== undefined) return
  const user = imageUser.split(':')[0] ?? ''
  if (/^0*$/.test(user)) throw new ConfigError(`container has runAsNonRoot and image will run as root (${where})`)
  if (/^\d+$/.test(user) && Number(user) > maxUid)
    throw new ConfigError(
      `container has runAsNonRoot and image has an invalid user id (${user}). (Must be 1-(${maxUid})): must be between 0 and ${maxUid}, inclusive (${where})`,
    )
  if (!/^\d+$/.test(user))
    throw new ConfigError(`container has runAsNonRoot and image has non-numeric user (${user}), cannot verify user is non-root (${where})`)
}

function seccompOf(
  profile: { type: string; localhostProfile?: string | undefined } | undefined,
  { readProfile, seccompDefault }: SecurityExtra,
): ContainerSecurity['seccomp'] {
  if (profile === undefined) return { type: seccompDefault ? 'RuntimeDefault' : 'Unconfined' }
  if (profile.type === 'RuntimeDefault') return { type: 'RuntimeDefault' }
  if (profile.type !== 'Localhost') return { type: 'Unconfined' }
  if (!profile.localhostProfile) throw new ConfigError('localhostProfile must be set if seccompProfile type is Localhost.')
  return { type: 'Localhost', profile: readProfile(profile.localhostProfile) }
}

interface ApparmorProfile {
  type: string
  localhostProfile?: string | undefined
}

const annotationPrefix = 'container.apparmor.security.beta.kubernetes.io/'

/** The container's own profile, else what an annotation of old says (static pods may have no more), else the pod's. */
export function apparmorProfile(pod: Pod, container: AnyContainer): ApparmorProfile | undefined {
  const old = pod.metadata.annotations?.[`${annotationPrefix}${container.name}`]
  return container.securityContext?.appArmorProfile ?? annotated(old) ?? pod.spec?.securityContext?.appArmorProfile
}

function annotated(text: string | undefined): ApparmorProfile | undefined {
  if (text === 'runtime/default') return { type: 'RuntimeDefault' }
  if (text === 'unconfined') return { type: 'Unconfined' }
  return text?.startsWith('localhost/') ? { type: 'Localhost', localhostProfile: text.slice('localhost/'.length) } : undefined
}

function apparmorOf(profile: ApparmorProfile | undefined, { checkApparmor }: SecurityExtra): string | undefined {
  if (profile?.type === 'Localhost' && profile.localhostProfile) checkApparmor?.(profile.localhostProfile)
  if (profile?.type === 'Localhost') return profile.localhostProfile
  return profile?.type === 'Unconfined' ? 'unconfined' : undefined
}
