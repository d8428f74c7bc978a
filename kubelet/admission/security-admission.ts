/** Pods whose security context this node cannot honour, with upstream's reasons. Pure. */
import type { Pod } from '#api/core/pod.ts'
import { apparmorProfile } from '#kubelet/containers/security.ts'
import { containersOf } from '#kubelet/pods/pod-containers.ts'
import type { Rejection } from './admission.ts'

export interface SecurityFacts {
  /** The kernel has AppArmor and it is on. */
  apparmor: boolean
}

/** Undefined where nothing stands against the pod. */
export function refuseSecurity(pod: Pod, facts: SecurityFacts): Rejection | undefined {
  if (pod.spec?.securityContext?.supplementalGroupsPolicy === 'Strict')
    return {
      reason: 'SupplementalGroupsPolicyNotSupported',
      message: 'SupplementalGroupsPolicy=Strict is not supported in this node',
    }
  const problem = apparmorProblem(pod, facts)
  return problem === undefined ? undefined : { reason: 'AppArmor', message: `Cannot enforce AppArmor: ${problem}` }
}

/** A pod that runs already is not asked again, as upstream. */
function apparmorProblem(pod: Pod, { apparmor }: SecurityFacts): string | undefined {
  if ((pod.status?.phase ?? 'Pending') !== 'Pending') return undefined
  const profiles = containersOf(pod).map(({ container }) => apparmorProfile(pod, container))
  const wanted = [pod.spec?.securityContext?.appArmorProfile, ...profiles].filter(
    (profile) => profile !== undefined && profile.type !== 'Unconfined',
  )
  if (wanted.length === 0) return undefined
  if (!apparmor) return 'AppArmor is not enabled on the host'
  const nameless = wanted.some((profile) => profile?.type === 'Localhost' && (profile.localhostProfile ?? '').trim() === '')
  return nameless ? 'invalid empty AppArmor profile name: ""' : undefined
}
