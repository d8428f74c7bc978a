/** Revisions of a deployment: which replica set carries its template, annotations, history. */
import type { Deployment } from '#api/apps/deployment.ts'
import type { ReplicaSet } from '#api/apps/replica-set.ts'
import { sameValue } from '#api/meta/same-value.ts'
import { byAge, desiredAnnotation, desiredOf, maxAnnotation, maxSurgeOf, sizeOf } from './sizes.ts'

export const hashLabel = 'pod-template-hash'
export const revisionAnnotation = 'deployment.kubernetes.io/revision'
const historyAnnotation = 'deployment.kubernetes.io/revision-history'
export const rollbackAnnotation = 'deprecated.deployment.rollback.to'
const maxHistoryChars = 2000

/** Annotations of the deployment that its replica sets do not take over. */
const ownAnnotations = new Set([
  'kubectl.kubernetes.io/last-applied-configuration',
  revisionAnnotation,
  historyAnnotation,
  desiredAnnotation,
  maxAnnotation,
  rollbackAnnotation,
])

type Template = ReplicaSet['spec']['template']

export function sameTemplate(a: Template, b: Template): boolean {
  return sameValue(withoutHash(a), withoutHash(b))
}

function withoutHash(template: Template): Template {
  if (template?.metadata?.labels?.[hashLabel] === undefined) return template
  const { [hashLabel]: _, ...labels } = template.metadata.labels
  return { ...template, metadata: { ...template.metadata, labels } }
}

/** The replica set with the deployment's template (the oldest, should there be several) and all others. */
export function splitSets(d: Deployment, sets: readonly ReplicaSet[]): { newSet: ReplicaSet | undefined; old: ReplicaSet[] } {
  const newSet = [...sets].sort(byAge).find((rs) => sameTemplate(rs.spec.template, d.spec.template))
  return { newSet, old: sets.filter((rs) => rs !== newSet) }
}

/** Undefined where the text is no number of 64 bits, which is what revisions are. */
export function parseRevision(text: string | undefined): bigint | undefined {
  if (text === undefined || text === '') return 0n
  if (!/^[+-]?\d{1,19}$/.test(text)) return undefined
  const revision = BigInt(text.replace('+', ''))
  return BigInt.asIntN(64, revision) === revision ? revision : undefined
}

export const revisionOf = (rs: ReplicaSet): bigint | undefined => parseRevision(rs.metadata.annotations?.[revisionAnnotation])

export const maxRevision = (sets: readonly ReplicaSet[]): bigint => sets.reduce((max, rs) => later(max, revisionOf(rs) ?? 0n), 0n)

const later = (a: bigint, b: bigint): bigint => (a < b ? b : a)
const compare = (a: bigint, b: bigint): number => (a < b ? -1 : a > b ? 1 : 0)

/** The second highest revision, 0 where there is none: what a rollback to revision 0 means. */
export function lastRevision(sets: readonly ReplicaSet[]): bigint {
  const revisions = sets.map((rs) => revisionOf(rs) ?? 0n).sort((a, b) => compare(b, a))
  return later(0n, revisions[1] ?? 0n)
}

/** The annotations that the new replica set should have; the same object where it has them. */
export function newSetAnnotations(d: Deployment, current: Readonly<Record<string, string>> | undefined, revision: bigint) {
  const next: Record<string, string> = { ...current }
  for (const [key, value] of Object.entries(d.metadata.annotations ?? {})) if (!ownAnnotations.has(key)) next[key] = value
  const text = next[revisionAnnotation]
  const before = parseRevision(text)
  if (before !== undefined && before < revision) {
    next[revisionAnnotation] = String(revision)
    if (text !== undefined) next[historyAnnotation] = withRevision(next[historyAnnotation], text)
  }
  return sameValue(next, current) && current ? current : next
}

/** A rollback to a set gives it a new revision; the old ones stay in its history, within a limit of characters. */
function withRevision(history: string | undefined, revision: string): string {
  if (!history) return revision
  const revisions = [...history.split(','), revision]
  while (revisions.join(',').length > maxHistoryChars && revisions.length > 1) revisions.shift()
  return revisions.join(',')
}

export function sizeAnnotations(d: Deployment): Record<string, string> {
  return { [desiredAnnotation]: String(desiredOf(d)), [maxAnnotation]: String(desiredOf(d) + maxSurgeOf(d)) }
}

/** The deployment with the template of `rs` and its annotations, without the wish to roll back. */
export function rolledBack(d: Deployment, rs: ReplicaSet): Deployment {
  const annotations: Record<string, string> = {}
  for (const [key, value] of Object.entries(d.metadata.annotations ?? {})) if (ownAnnotations.has(key)) annotations[key] = value
  for (const [key, value] of Object.entries(rs.metadata.annotations ?? {})) if (!ownAnnotations.has(key)) annotations[key] = value
  delete annotations[rollbackAnnotation]
  const template = withoutHash(rs.spec.template) ?? d.spec.template
  return { ...d, metadata: { ...d.metadata, annotations }, spec: { ...d.spec, template } }
}

export function withoutRollback(d: Deployment): Deployment {
  const { [rollbackAnnotation]: _, ...annotations } = d.metadata.annotations ?? {}
  return { ...d, metadata: { ...d.metadata, annotations } }
}

/** Old replica sets beyond the history limit that have no pods any more, oldest revision first. */
export function beyondHistory(d: Deployment, old: readonly ReplicaSet[]): ReplicaSet[] {
  const limit = d.spec.revisionHistoryLimit
  if (limit === undefined || limit === 2 ** 31 - 1) return []
  const alive = old.filter((rs) => rs.metadata.deletionTimestamp === undefined)
  const excess = alive.length - limit
  if (excess <= 0) return []
  alive.sort((a, b) => compare(revisionOf(a) ?? 0n, revisionOf(b) ?? 0n) || byAge(a, b))
  return alive
    .slice(0, excess)
    .filter((rs) => rs.status.replicas === 0 && sizeOf(rs) === 0 && (rs.metadata.generation ?? 0) <= (rs.status.observedGeneration ?? 0))
}
