/** The smallest strategic merge patch from the status that the API shows to the one that is right. Pure. */
import type { PodCondition, PodStatus } from '#api/core/pod-status.ts'

/** Conditions that the kubelet owns; those of others are never touched. */
const ownConditions = new Set([
  'PodReadyToStartContainers',
  'Initialized',
  'Ready',
  'ContainersReady',
  'PodScheduled',
  'PodResizePending',
  'PodResizeInProgress',
])
/** Conditions that are there only while they hold. */
const passingConditions = new Set(['PodResizePending', 'PodResizeInProgress'])
const ownFields = [
  'observedGeneration',
  'phase',
  'message',
  'reason',
  'hostIP',
  'podIP',
  'startTime',
  'initContainerStatuses',
  'containerStatuses',
  'ephemeralContainerStatuses',
  'qosClass',
] as const

/** Undefined where there is nothing to write. */
export function statusPatch(from: PodStatus, to: PodStatus): Record<string, unknown> | undefined {
  const patch: Record<string, unknown> = {}
  for (const field of ownFields) {
    if (!same(from[field], to[field])) patch[field] = to[field] ?? null
  }
  const conditions = changedConditions(from.conditions ?? [], to.conditions ?? [])
  if (conditions.length > 0) patch['conditions'] = conditions
  for (const field of ['hostIPs', 'podIPs'] as const) {
    const entries = changedAddresses(from[field] ?? [], to[field] ?? [])
    if (entries.length > 0) patch[field] = entries
  }
  return Object.keys(patch).length > 0 ? patch : undefined
}

function changedConditions(from: readonly PodCondition[], to: readonly PodCondition[]): Record<string, unknown>[] {
  const changed: Record<string, unknown>[] = []
  for (const condition of to) {
    const before = from.find((each) => each.type === condition.type)
    if (!ownConditions.has(condition.type) && condition.type !== 'DisruptionTarget') continue
    if (before && same(withoutNulls(before), withoutNulls(condition))) continue
    // What the API still shows of an earlier verdict must go, or the merge would keep it.
    const cleared = Object.keys(before ?? {}).filter((key) => !Object.hasOwn(condition, key) && key !== 'lastProbeTime')
    changed.push({ ...Object.fromEntries(cleared.map((key) => [key, null])), ...condition })
  }
  for (const { type } of from)
    if (passingConditions.has(type) && !to.some((condition) => condition.type === type)) changed.push({ type, $patch: 'delete' })
  return changed
}

function withoutNulls(object: object): Record<string, unknown> {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== null && value !== undefined))
}

/** Lists merged by `ip`: addresses that went are named as deleted. */
function changedAddresses(from: readonly { ip: string }[], to: readonly { ip: string }[]): Record<string, unknown>[] {
  if (same(from, to)) return []
  const gone = from.filter(({ ip }) => !to.some((each) => each.ip === ip)).map(({ ip }) => ({ ip, $patch: 'delete' }))
  return [...to, ...gone]
}

/** Equal as JSON: absent, undefined, null and an empty object or list mean the same here, and the order of keys does not count. */
export function same(a: unknown, b: unknown): boolean {
  if (a === b) return true
  if (!isObject(a) || !isObject(b) || Array.isArray(a) !== Array.isArray(b)) return isEmpty(a) && isEmpty(b)
  return (
    Object.keys(a).every((key) => same(a[key], b[key])) && Object.keys(b).every((key) => Object.hasOwn(a, key) || same(undefined, b[key]))
  )
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null

const isEmpty = (value: unknown): boolean =>
  value === undefined || value === null || (typeof value === 'object' && Object.keys(value).length === 0)
