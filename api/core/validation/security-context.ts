/** Rules of security contexts of containers and pods. */
import {
  type AppArmorProfile,
  type PodSecurityContext,
  type SeccompProfile,
  type SecurityContext,
  securityContextSchema,
  type WindowsSecurityContextOptions,
} from '#api/core/security-context.ts'
import { type FieldError, invalid, notSupported, required, tooLong } from '#api/meta/field-error.ts'
import { goStruct } from '#api/meta/go-struct.ts'
import { byteLength, checkDns1123Subdomain, checkGroupId, checkUserId } from '#api/validation/names.ts'
import { checkDescendingPath, invalids, requireOneOf } from './values.ts'

const profileTypes = ['Localhost', 'RuntimeDefault', 'Unconfined']
const procMounts = ['Default', 'Unmasked']
const longestPath = 4095

export function validateSeccomp(profile: SeccompProfile | undefined, path: string): FieldError[] {
  if (!profile) return []
  const found = profile.type
    ? requireOneOf(`${path}.type`, profile.type, profileTypes)
    : [required(`${path}.type`, 'type is required when seccompProfile is set')]
  const field = `${path}.localhostProfile`
  if (profile.type !== 'Localhost') {
    // upstream prints its own struct
    const shown = { Type: profile.type, LocalhostProfile: profile.localhostProfile }
    if (profile.localhostProfile !== undefined) found.push(invalid(field, shown, 'can only be set when seccomp type is Localhost'))
  } else if (profile.localhostProfile === undefined) {
    found.push(required(field, 'must be set when seccomp type is Localhost'))
  } else {
    found.push(...checkDescendingPath(field, profile.localhostProfile))
  }
  return found
}

function validateLocalAppArmor(profile: string | undefined, field: string): FieldError[] {
  const missing = required(field, 'must be set when AppArmor type is Localhost')
  if (profile === undefined) return [missing]
  const found: FieldError[] = []
  if (profile.trim() !== profile) found.push(invalid(field, profile, 'must not be padded with whitespace'))
  else if (profile === '') found.push(missing)
  if (byteLength(profile) > longestPath) found.push(tooLong(field, longestPath))
  return found
}

export function validateAppArmor(profile: AppArmorProfile | undefined, path: string): FieldError[] {
  if (!profile) return []
  const field = `${path}.localhostProfile`
  switch (profile.type) {
    case 'Localhost':
      return validateLocalAppArmor(profile.localhostProfile, field)
    case 'RuntimeDefault':
    case 'Unconfined':
      if (profile.localhostProfile === undefined) return []
      return [invalid(field, profile.localhostProfile, 'can only be set when AppArmor type is Localhost')]
    case '':
    case undefined:
      return [required(`${path}.type`, 'type is required when appArmorProfile is set')]
    default:
      return [notSupported(`${path}.type`, profile.type, profileTypes)]
  }
}

const longestUser = 104
const longestDomain = 256
const netBios = /^[^\\/:*?"<>|.][^\\/:*?"<>|]{0,14}$/
const dnsDomain = /^[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?(?:\.[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?)*$/

function userNameMessages(name: string): string[] {
  if (name === '') return ['runAsUserName cannot be an empty string']
  if (/\p{Cc}/u.test(name)) return ['runAsUserName cannot contain control characters']
  const parts = name.split('\\')
  if (parts.length > 2) return ['runAsUserName cannot contain more than one backslash']
  const user = parts.at(-1) ?? ''
  const domain = parts.length === 2 ? (parts[0] ?? '') : undefined
  const messages: string[] = []
  if (byteLength(domain ?? '') >= longestDomain) messages.push(`runAsUserName's Domain length must be under ${longestDomain} characters`)
  if (domain !== undefined && !netBios.test(domain) && !dnsDomain.test(domain)) {
    messages.push("runAsUserName's Domain doesn't match the NetBios nor the DNS format")
  }
  if (user === '') messages.push("runAsUserName's User cannot be empty")
  else if (byteLength(user) > longestUser) messages.push(`runAsUserName's User length must not be longer than ${longestUser} characters`)
  if (/^[. ]+$/.test(user)) messages.push("runAsUserName's User cannot contain only periods or spaces")
  if (/["/\\:;|=,+*?<>@[\]]/.test(user)) {
    messages.push('runAsUserName\'s User cannot contain the following characters: "/\\:;|=,+*?<>@[]')
  }
  return messages
}

export function validateWindowsOptions(options: WindowsSecurityContextOptions | undefined, path: string): FieldError[] {
  if (!options) return []
  const found: FieldError[] = []
  const { gmsaCredentialSpecName: specName, gmsaCredentialSpec: spec, runAsUserName: user } = options
  if (specName !== undefined) found.push(...invalids(`${path}.gmsaCredentialSpecName`, specName, checkDns1123Subdomain(specName)))
  if (spec === '') found.push(invalid(`${path}.gmsaCredentialSpec`, spec, 'gmsaCredentialSpec cannot be an empty string'))
  else if (spec !== undefined && byteLength(spec) > 64 * 1024) {
    found.push(invalid(`${path}.gmsaCredentialSpec`, spec, 'gmsaCredentialSpec size must be under 64 KiB'))
  }
  if (user !== undefined) found.push(...invalids(`${path}.runAsUserName`, user, userNameMessages(user)))
  return found
}

function validateEscalation(context: SecurityContext, path: string): FieldError[] {
  if (context.allowPrivilegeEscalation !== false) return []
  const found: FieldError[] = []
  const shown = goStruct(securityContextSchema, context)
  if (context.privileged) found.push(invalid(path, shown, 'cannot set `allowPrivilegeEscalation` to false and `privileged` to true'))
  for (const capability of context.capabilities?.add ?? []) {
    if (capability === 'CAP_SYS_ADMIN') {
      found.push(invalid(path, shown, 'cannot set `allowPrivilegeEscalation` to false and `capabilities.Add` CAP_SYS_ADMIN'))
    }
  }
  return found
}

/** `hostUsers`: the pod shares the host's user namespace. Privileged containers are let through: the cluster allows them. */
export function validateSecurityContext(context: SecurityContext | undefined, path: string, hostUsers: boolean): FieldError[] {
  if (!context) return []
  const found: FieldError[] = []
  const { runAsUser, runAsGroup, procMount } = context
  if (runAsUser !== undefined) found.push(...invalids(`${path}.runAsUser`, runAsUser, checkUserId(runAsUser)))
  if (runAsGroup !== undefined) found.push(...invalids(`${path}.runAsGroup`, runAsGroup, checkGroupId(runAsGroup)))
  if (procMount !== undefined) {
    if (!procMounts.includes(procMount)) found.push(notSupported(`${path}.procMount`, procMount, procMounts))
    if (hostUsers && procMount === 'Unmasked') {
      found.push(invalid(`${path}.procMount`, procMount, '`hostUsers` must be false to use `Unmasked`'))
    }
  }
  found.push(...validateSeccomp(context.seccompProfile, `${path}.seccompProfile`))
  found.push(...validateEscalation(context, path))
  found.push(...validateWindowsOptions(context.windowsOptions, `${path}.windowsOptions`))
  found.push(...validateAppArmor(context.appArmorProfile, `${path}.appArmorProfile`))
  return found
}

/** The user and group ids of a pod's context. */
export function validatePodIds(context: PodSecurityContext, path: string): FieldError[] {
  const found: FieldError[] = []
  const { fsGroup, runAsUser, runAsGroup, supplementalGroups } = context
  if (fsGroup !== undefined) found.push(...invalids(`${path}.fsGroup`, fsGroup, checkGroupId(fsGroup)))
  if (runAsUser !== undefined) found.push(...invalids(`${path}.runAsUser`, runAsUser, checkUserId(runAsUser)))
  if (runAsGroup !== undefined) found.push(...invalids(`${path}.runAsGroup`, runAsGroup, checkGroupId(runAsGroup)))
  for (const [i, group] of (supplementalGroups ?? []).entries()) {
    found.push(...invalids(`${path}.supplementalGroups[${i}]`, group, checkGroupId(group)))
  }
  return found
}
