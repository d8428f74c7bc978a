/** Which containers may be created and started while their pod's sandbox is still being made. Pure. */

import type { PodSeen } from './pod-actions.ts'
import type { AnyContainer } from './pod-containers.ts'

/** Fields that nobody knows before the sandbox has its addresses. */
const addressFields: ReadonlySet<string> = new Set(['status.podIP', 'status.podIPs'])

/**
 * True when `container` needs nothing of the sandbox but its place. Not after a sandbox that could not be made: each try would make a container in
 * vain.
 */
export function startsEarly(container: AnyContainer, seen: PodSeen): boolean {
  if (seen.planned === undefined || seen.notBefore.has('createSandbox')) return false
  return !(container.env ?? []).some((variable) => addressFields.has(variable.valueFrom?.fieldRef?.fieldPath ?? ''))
}
