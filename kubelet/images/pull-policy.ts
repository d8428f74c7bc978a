/**
 * Who may use an image that is on the node already: whoever could have pulled it, which the records of earlier pulls tell (upstream's
 * KubeletEnsureSecretPulledImages). Pure.
 */
import { parseImageName } from '#kubelet/runtime/image-name.ts'
import type { SecretCredential } from './pull-credentials.ts'

export interface VerificationPolicy {
  policy: 'NeverVerify' | 'NeverVerifyPreloadedImages' | 'NeverVerifyAllowlistedImages' | 'AlwaysVerify'
  /** Image names without tag, or beginnings that end in `/*`; for the third policy alone. */
  allowlist: readonly string[]
}

export interface Access {
  nodePodsAccessible?: boolean
  kubernetesSecrets?: readonly SecretCredential[]
}

/** One for each image id that the kubelet has pulled, with the names by which it did. */
export interface PulledRecord {
  lastUpdatedTime: string
  imageRef: string
  credentialMapping: Readonly<Record<string, Access>>
}

export interface Present {
  image: string
  record: PulledRecord | undefined
  /** A pull of this name is under way or was cut short. */
  intended: boolean
}

/** Beyond this many secrets no further ones are learnt while matching. */
const mostLearnt = 100

/** `learnt` is what the records should know from now on. */
export function mustPull(
  { image, record, intended }: Present,
  rules: VerificationPolicy,
  secrets: () => readonly SecretCredential[],
): { pull: boolean; learnt?: SecretCredential } {
  if (!mustVerify(image, record !== undefined || intended, rules)) return { pull: false }
  const access = record?.credentialMapping[repositoryOf(image)]
  if (access === undefined) return { pull: true }
  if (access.nodePodsAccessible) return { pull: false }
  const known = access.kubernetesSecrets ?? []
  if (known.length === 0) return { pull: true }
  for (const own of secrets()) {
    for (const other of known) {
      const sameHash = own.credentialHash === other.credentialHash
      if (!sameHash && !sameSecret(own, other)) continue
      if (sameHash && sameSecret(own, other)) return { pull: false }
      if (known.length < mostLearnt) return { pull: false, learnt: own }
      if (sameHash) return { pull: false }
    }
  }
  return { pull: true }
}

export const repositoryOf = (image: string): string => parseImageName(image).repository

function mustVerify(image: string, pulledByKubelet: boolean, { policy, allowlist }: VerificationPolicy): boolean {
  if (policy === 'NeverVerify') return false
  if (policy === 'AlwaysVerify') return true
  if (policy === 'NeverVerifyPreloadedImages') return pulledByKubelet
  return !allowlist.some((pattern) => (pattern.endsWith('/*') ? image.startsWith(pattern.slice(0, -1)) : image === pattern))
}

const sameSecret = (a: SecretCredential, b: SecretCredential): boolean =>
  a.uid === b.uid && a.namespace === b.namespace && a.name === b.name

/** What a pull proved. Undefined where the record says it already. */
export function recordPull(
  record: PulledRecord | undefined,
  pulled: { image: string; imageRef: string; access: Access },
  now: Date,
): PulledRecord | undefined {
  const repository = repositoryOf(pulled.image)
  const before = record?.credentialMapping[repository]
  const after = merged(before, pulled.access)
  if (record !== undefined && after === before) return undefined
  const lastUpdatedTime = `${now.toISOString().slice(0, 19)}Z`
  return { lastUpdatedTime, imageRef: pulled.imageRef, credentialMapping: { ...record?.credentialMapping, [repository]: after } }
}

function merged(before: Access | undefined, added: Access): Access {
  if (before === undefined) return added
  if (before.nodePodsAccessible) return before
  if (added.nodePodsAccessible) return { nodePodsAccessible: true }
  const known = before.kubernetesSecrets ?? []
  const fresh = (added.kubernetesSecrets ?? []).filter(
    (own) => !known.some((other) => sameSecret(own, other) && own.credentialHash === other.credentialHash),
  )
  if (fresh.length === 0) return before
  const kept = known.filter((other) => !fresh.some((own) => sameSecret(own, other)))
  return { kubernetesSecrets: [...kept, ...fresh] }
}
