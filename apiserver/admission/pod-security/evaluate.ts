/** Judges a pod by a level of the pod security standards, in the rules of one version of Kubernetes. */
import type { Check, CheckPod, Judged, Violation } from './check.ts'
import { hostChecks } from './host-checks.ts'
import type { LevelVersion } from './policy.ts'
import { privilegeChecks } from './privilege-checks.ts'
import { profileChecks } from './profile-checks.ts'

const byId = (a: Check, b: Check): number => (a.id < b.id ? -1 : 1)
const all = [...hostChecks, ...privilegeChecks, ...profileChecks]
const ordered = [...all.filter((c) => c.level === 'baseline').sort(byId), ...all.filter((c) => c.level === 'restricted').sort(byId)]

/** The newest form of a check that this version has. */
const formOf = (check: Check, minor: number): CheckPod | undefined => check.versions.findLast(({ since }) => since <= minor)?.check

/** What the pod violates, in upstream's order: baseline before restricted, each by the check's id. */
export function violationsOf(pod: Judged, { level, minor }: LevelVersion): readonly Violation[] {
  if (level === 'privileged') return []
  const applying = ordered.filter((check) => (level === 'restricted' || check.level === 'baseline') && formOf(check, minor) !== undefined)
  const overridden = new Set(applying.map(({ overrides }) => overrides))
  return applying.filter(({ id }) => !overridden.has(id)).flatMap((check) => formOf(check, minor)?.(pod) ?? [])
}

/** `host namespaces (hostPID=true), privileged (…)`. */
export const detailsText = (violations: readonly Violation[]): string =>
  violations.map(({ reason, detail }) => (detail === '' ? reason : `${reason} (${detail})`)).join(', ')

export const reasonsText = (violations: readonly Violation[]): string => violations.map(({ reason }) => reason).join(', ')
