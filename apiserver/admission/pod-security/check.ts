/** What a check of the pod security standards is, and the words all of them use. */
import type { Container, EphemeralContainer } from '#api/core/container.ts'
import type { PodSpec } from '#api/core/pod-spec.ts'
import type { SecurityContext } from '#api/core/security-context.ts'

/** The part of a pod, or of a template, that is judged. */
export interface Judged {
  annotations: Readonly<Record<string, string>>
  spec: PodSpec
}

/** Why a pod is not allowed; `detail` names the places. */
export interface Violation {
  reason: string
  detail: string
}

export type CheckPod = (pod: Judged) => Violation | undefined

/** `since`: the first minor version of Kubernetes with this form of the check. */
export interface CheckVersion {
  since: number
  check: CheckPod
}

export interface Check {
  id: string
  level: 'baseline' | 'restricted'
  versions: readonly CheckVersion[]
  /** A baseline check that this stricter one makes needless. */
  overrides?: string
}

/** Init, app and ephemeral containers, in upstream's order. */
export const containersOf = ({ spec }: Judged): readonly (Container | EphemeralContainer)[] => [
  ...(spec.initContainers ?? []),
  ...spec.containers,
  ...(spec.ephemeralContainers ?? []),
]

export const quoted = (items: Iterable<string>): string => [...items].map((item) => `"${item}"`).join(', ')

export const plural = (count: number, one: string, many = `${one}s`): string => (count === 1 ? one : many)

/** `container "a"`, `containers "a", "b"`. */
export const containerList = (names: readonly string[]): string => `${plural(names.length, 'container')} ${quoted(names)}`

export const sorted = (values: Iterable<string>): string[] => [...new Set(values)].sort()

/** The rule does not bind pods of their own user namespace (upstream, since 1.35). */
export const unlessUserNamespace =
  (check: CheckPod): CheckPod =>
  (pod) =>
    pod.spec.hostUsers === false ? undefined : check(pod)

/** The field means nothing on Windows, and validation forbids it there (upstream, since 1.25). */
export const unlessWindows =
  (check: CheckPod): CheckPod =>
  (pod) =>
    pod.spec.os?.name === 'windows' ? undefined : check(pod)

export interface Setters {
  /** `pod`, `containers "a", "b"`: who set something bad. */
  readonly who: readonly string[]
  readonly values: readonly string[]
}

/** Who sets a forbidden value in the security context of the pod or of a container; `bad` answers the forbidden values of one of them. */
export function settersOf(
  pod: Judged,
  bad: (context: Partial<SecurityContext> & Partial<NonNullable<PodSpec['securityContext']>>) => readonly string[],
): Setters {
  const values: string[] = []
  const judge = (context: Parameters<typeof bad>[0] | undefined): boolean => {
    const found = context === undefined ? [] : bad(context)
    values.push(...found)
    return found.length > 0
  }
  const isPodBad = judge(pod.spec.securityContext as Parameters<typeof bad>[0] | undefined)
  const names = containersOf(pod)
    .filter((container) => judge(container.securityContext as Parameters<typeof bad>[0] | undefined))
    .map(({ name }) => name)
  const who = [...(isPodBad ? ['pod'] : []), ...(names.length > 0 ? [containerList(names)] : [])]
  return { who, values: sorted(values) }
}

/** A check of containers alone: the names of those of which `isBad` holds go into `detail`. */
export const containerCheck =
  (reason: string, isBad: (container: Container | EphemeralContainer) => boolean, detail: string): CheckPod =>
  (pod) => {
    const names = containersOf(pod)
      .filter(isBad)
      .map(({ name }) => name)
    return names.length === 0 ? undefined : { reason, detail: `${containerList(names)} ${detail}` }
  }
