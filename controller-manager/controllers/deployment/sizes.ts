/** How many replicas which replica set of a deployment should have: surge and unavailability, proportions, steps of a rolling update. */
import type { Deployment } from '#api/apps/deployment.ts'
import type { ReplicaSet } from '#api/apps/replica-set.ts'
import { scaledCount } from '#controller-manager/controllers/int-or-percent.ts'

export const desiredAnnotation = 'deployment.kubernetes.io/desired-replicas'
export const maxAnnotation = 'deployment.kubernetes.io/max-replicas'

/** A replica set and the size it should get. */
export interface Resize {
  replicaSet: ReplicaSet
  replicas: number
}

export const desiredOf = (d: Deployment): number => d.spec.replicas ?? 1
export const sizeOf = (rs: ReplicaSet): number => rs.spec.replicas ?? 1
export const totalSize = (sets: readonly ReplicaSet[]): number => sets.reduce((sum, rs) => sum + sizeOf(rs), 0)
export const totalAvailable = (sets: readonly ReplicaSet[]): number => sets.reduce((sum, rs) => sum + (rs.status.availableReplicas ?? 0), 0)
export const isActive = (rs: ReplicaSet): boolean => sizeOf(rs) > 0
export const isRolling = (d: Deployment): boolean => d.spec.strategy?.type !== 'Recreate'

/** Surge and unavailability in pods. Both round to zero only where the user asked for it: then one may be unavailable, or nothing could move. */
function fenceposts(d: Deployment): { surge: number; unavailable: number } {
  const { maxSurge, maxUnavailable } = d.spec.strategy?.rollingUpdate ?? {}
  const surge = scaledCount(maxSurge, desiredOf(d), 'up')
  const unavailable = scaledCount(maxUnavailable, desiredOf(d), 'down')
  return { surge, unavailable: surge === 0 && unavailable === 0 ? 1 : unavailable }
}

export function maxSurgeOf(d: Deployment): number {
  return isRolling(d) ? fenceposts(d).surge : 0
}

export function maxUnavailableOf(d: Deployment): number {
  if (!isRolling(d) || desiredOf(d) === 0) return 0
  return Math.min(fenceposts(d).unavailable, desiredOf(d))
}

export function byAge(a: ReplicaSet, b: ReplicaSet): number {
  const [left, right] = [a.metadata.creationTimestamp ?? '', b.metadata.creationTimestamp ?? '']
  if (left !== right) return left < right ? -1 : 1
  return (a.metadata.name ?? '') < (b.metadata.name ?? '') ? -1 : 1
}

/**
 * Pods that a set may have now: those of a set that was just shrunk are there until its controller has come to them, which takes as long as that
 * controller is away. Upstream counts sizes only, and so has more pods at times than `maxSurge` allows.
 */
const presentOf = (rs: ReplicaSet): number => Math.max(sizeOf(rs), rs.status.replicas ?? 0)

/** The size of the new replica set in the next step: all at once for Recreate, as far as the surge allows for RollingUpdate. */
export function newSetSize(d: Deployment, all: readonly ReplicaSet[], current: number): number {
  if (!isRolling(d)) return desiredOf(d)
  const maxTotal = desiredOf(d) + scaledCount(d.spec.strategy?.rollingUpdate?.maxSurge, desiredOf(d), 'up')
  const room = maxTotal - all.reduce((sum, rs) => sum + presentOf(rs), 0)
  if (room <= 0) return current
  return current + Math.min(room, desiredOf(d) - current)
}

/** The next step of the new replica set in a rolling update; undefined where it has its size. */
export function resizeNew(d: Deployment, all: readonly ReplicaSet[], newSet: ReplicaSet): Resize | undefined {
  const current = sizeOf(newSet)
  if (current === desiredOf(d)) return undefined
  const replicas = current > desiredOf(d) ? desiredOf(d) : newSetSize(d, all, current)
  return replicas === current ? undefined : { replicaSet: newSet, replicas }
}

/**
 * The next step of the old replica sets: unhealthy replicas first, they serve nobody; then as many available ones as may be missing.
 * Unavailable pods of the new set count against what may be taken away.
 */
export function resizeOld(d: Deployment, old: readonly ReplicaSet[], newSet: ReplicaSet): Resize[] {
  const active = old.filter(isActive).sort(byAge)
  const minAvailable = desiredOf(d) - maxUnavailableOf(d)
  const newUnavailable = sizeOf(newSet) - (newSet.status.availableReplicas ?? 0)
  const mayRemove = totalSize(old) + sizeOf(newSet) - minAvailable - newUnavailable
  if (active.length === 0 || mayRemove <= 0) return []
  const sizes = new Map(active.map((rs) => [rs, sizeOf(rs)]))
  let cleaned = 0
  for (const rs of active) {
    const unhealthy = sizeOf(rs) - (rs.status.availableReplicas ?? 0)
    const removed = Math.max(0, Math.min(mayRemove - cleaned, unhealthy))
    sizes.set(rs, sizeOf(rs) - removed)
    cleaned += removed
  }
  // A set that was just shrunk still reports the pods that it is about to lose: they keep nobody available.
  const available = [...active, newSet].reduce((sum, rs) => sum + Math.min(sizeOf(rs), rs.status.availableReplicas ?? 0), 0)
  let spare = available - minAvailable
  for (const rs of active) {
    if (spare <= 0) break
    const size = sizes.get(rs) ?? 0
    const removed = Math.min(size, spare)
    sizes.set(rs, size - removed)
    spare -= removed
  }
  return active.flatMap((rs) => (sizes.get(rs) === sizeOf(rs) ? [] : [{ replicaSet: rs, replicas: sizes.get(rs) ?? 0 }]))
}

/** Sizes after the user changed `replicas` in the middle of a rollout or while it is paused. */
export function resizeForScaling(d: Deployment, old: readonly ReplicaSet[], newSet: ReplicaSet | undefined): Resize[] {
  const only = activeOrLatest(old, newSet)
  if (only) return sizeOf(only) === desiredOf(d) ? [] : [{ replicaSet: only, replicas: desiredOf(d) }]
  if (newSet && isSaturated(d, newSet)) return old.filter(isActive).map((replicaSet) => ({ replicaSet, replicas: 0 }))
  return isRolling(d) ? proportional(d, [...old, ...(newSet ? [newSet] : [])].filter(isActive)) : []
}

/** The only active replica set, or the newest where none is; undefined where several are. */
function activeOrLatest(old: readonly ReplicaSet[], newSet: ReplicaSet | undefined): ReplicaSet | undefined {
  const active = [...old, ...(newSet ? [newSet] : [])].filter(isActive)
  if (active.length === 0) return newSet ?? [...old].sort(byAge).at(-1)
  return active.length === 1 ? active[0] : undefined
}

function isSaturated(d: Deployment, rs: ReplicaSet): boolean {
  const desired = desiredOf(d)
  return (
    sizeOf(rs) === desired && Number(rs.metadata.annotations?.[desiredAnnotation]) === desired && rs.status.availableReplicas === desired
  )
}

/** Spreads what is to be added or removed over the active sets by their size; the rest of the rounding goes to the largest. */
function proportional(d: Deployment, active: readonly ReplicaSet[]): Resize[] {
  const allowed = desiredOf(d) > 0 ? desiredOf(d) + maxSurgeOf(d) : 0
  const toAdd = allowed - totalSize(active)
  // Of equal sizes the newer grows first and the older shrinks first.
  const sorted = [...active].sort((a, b) => sizeOf(b) - sizeOf(a) || (toAdd > 0 ? byAge(b, a) : byAge(a, b)))
  let added = 0
  const sizes = sorted.map((rs) => {
    const share = toAdd === 0 ? 0 : proportionOf(rs, d, toAdd, added)
    added += share
    return sizeOf(rs) + share
  })
  if (toAdd !== 0) sizes[0] = Math.max(0, (sizes[0] ?? 0) + toAdd - added)
  return sorted.map((replicaSet, i) => ({ replicaSet, replicas: sizes[i] ?? 0 }))
}

function proportionOf(rs: ReplicaSet, d: Deployment, toAdd: number, added: number): number {
  if (sizeOf(rs) === 0 || toAdd === added) return 0
  const fraction = fractionOf(rs, d)
  return toAdd > 0 ? Math.min(fraction, toAdd - added) : Math.max(fraction, toAdd - added)
}

/** By how much the set grows if it keeps its share of the deployment's maximum. */
function fractionOf(rs: ReplicaSet, d: Deployment): number {
  if (desiredOf(d) === 0) return -sizeOf(rs)
  const before = annotatedCount(rs, maxAnnotation) || d.status.replicas || 0
  if (before === 0) return 0
  const exact = (sizeOf(rs) * (desiredOf(d) + maxSurgeOf(d))) / before
  return Math.round(exact) - sizeOf(rs)
}

export function annotatedCount(rs: ReplicaSet, annotation: string): number | undefined {
  const text = rs.metadata.annotations?.[annotation]
  if (text === undefined || !/^\d+$/.test(text)) return undefined
  const count = Number(text)
  return count > 2 ** 31 - 1 ? undefined : count
}
