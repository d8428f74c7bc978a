/** From a pod's and a container's security context to what the runtime is asked for, and upstream's refusals. Pure. */
import type { Pod } from '#api/core/pod.ts'
import type { ContainerSecurity, Image } from '#kubelet/runtime/runtime.ts'
import { ConfigError } from './env.ts'
import type { AnyContainer } from './pod-containers.ts'

/** `readProfile` gives the text of a seccomp profile below the node's profile folder. */
export function containerSecurity(
  pod: Pod,
  container: AnyContainer,
  image: Pick<Image, 'user'>,
  extra: { groups: readonly number[]; readProfile(path: string): string },
): ContainerSecurity {
  const own = container.securityContext ?? {}
  const shared = pod.spec?.securityContext ?? {}
  const uid = own.runAsUser ?? shared.runAsUser
  const gid = own.runAsGroup ?? shared.runAsGroup
  if (own.runAsNonRoot ?? shared.runAsNonRoot) refuseRoot(pod, container, uid, image.user)
  if (gid !== undefined && uid === undefined && image.user === '') throw new ConfigError('runAsGroup is specified without a runAsUser')
  const user = userText(uid, gid, image.user)
  const escalation = own.allowPrivilegeEscalation
  const fsGroup = shared.fsGroup === undefined ? [] : [shared.fsGroup]
  const apparmor = apparmorOf(own.appArmorProfile ?? shared.appArmorProfile)
  return {
    privileged: own.privileged ?? false,
    readOnlyRootFilesystem: own.readOnlyRootFilesystem ?? false,
    noNewPrivileges: escalation === false && !own.privileged,
    ...(user === undefined ? {} : { user }),
    supplementalGroups: [...new Set([...(shared.supplementalGroups ?? []), ...fsGroup, ...extra.groups])],
    addCapabilities: own.capabilities?.add ?? [],
    dropCapabilities: own.capabilities?.drop ?? [],
    seccomp: seccompOf(own.privileged ? undefined : (own.seccompProfile ?? shared.seccompProfile), extra.readProfile),
    ...(apparmor === undefined ? {} : { apparmorProfile: apparmor }),
    unmaskedProc: own.procMount === 'Unmasked',
  }
}

function userText(uid: number | undefined, gid: number | undefined, imageUser: string): string | undefined {
  if (uid === undefined) return gid === undefined ? undefined : `${imageUser.split(':')[0]}:${gid}`
  // Docker would look the group up in the image; a bare number means group 0, as with upstream's runtimes.
  return gid === undefined ? String(uid) : `${uid}:${gid}`
}

function refuseRoot(pod: Pod, container: AnyContainer, uid: number | undefined, imageUser: string): void {
  const where = `pod: "${pod.metadata.name}_${pod.metadata.namespace}(${pod.metadata.uid})", container: ${container.name}`
  if (uid === 0) throw new ConfigError(`container's runAsUser breaks non-root policy (${where})`)
  if (uid !== undefined) return
  const user = imageUser.split(':')[0] ?? ''
  if (user === '' || user === '0') throw new ConfigError(`container has runAsNonRoot and image will run as root (${where})`)
  if (!/^\d+$/.test(user))
    throw new ConfigError(`container has runAsNonRoot and image has non-numeric user (${user}), cannot verify user is non-root (${where})`)
}

function seccompOf(
  profile: { type: string; localhostProfile?: string | undefined } | undefined,
  readProfile: (path: string) => string,
): ContainerSecurity['seccomp'] {
  if (profile?.type === 'RuntimeDefault') return { type: 'RuntimeDefault' }
  if (profile?.type === 'Localhost') return { type: 'Localhost', profile: readProfile(profile.localhostProfile ?? '') }
  return { type: 'Unconfined' }
}

function apparmorOf(profile: { type: string; localhostProfile?: string | undefined } | undefined): string | undefined {
  if (profile?.type === 'Localhost') return profile.localhostProfile
  return profile?.type === 'Unconfined' ? 'unconfined' : undefined
}
