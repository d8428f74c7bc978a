/** The metadata that the server owns: uid, creation time, generation, namespace, deletion marks, finalizers of the garbage collector (pure). */
import type { ObjectMeta } from '#api/meta/object-meta.ts'
import type { DeleteOptions } from '#api/meta/options.ts'
import { badRequest } from '#api/meta/status.ts'
import type { KubeObject, Resource } from '#api/resource.ts'
import type { Collection } from './kinds.ts'

let second = Number.NaN
let secondText = ''

/** RFC 3339 with whole seconds, as metav1.Time is written; many writes fall into one second. */
export function timestamp(date: Date): string {
  const asked = Math.floor(date.getTime() / 1000)
  if (asked !== second) {
    secondText = `${date.toISOString().slice(0, 19)}Z`
    second = asked
  }
  return secondText
}

export interface Birth {
  uid: string
  now: Date
  /** Five characters for generateName. */
  suffix: string
}

const maxGeneratedBase = 58

/** What the author of a new object has no say in. */
const foreign = ['deletionTimestamp', 'deletionGracePeriodSeconds', 'selfLink', 'resourceVersion'] as const

export function fillOnCreate(metadata: ObjectMeta, birth: Birth): void {
  metadata.uid = birth.uid
  metadata.creationTimestamp = timestamp(birth.now)
  // what is not there is not deleted: that makes an object slow to read
  for (const name of foreign) if (metadata[name] !== undefined) delete metadata[name]
  if (!metadata.name && metadata.generateName) metadata.name = `${metadata.generateName.slice(0, maxGeneratedBase)}${birth.suffix}`
}

/** Sets or checks metadata.namespace against the request's. Throws 400. */
export function matchNamespace(metadata: ObjectMeta, requested: string): void {
  if (requested === '') {
    delete metadata.namespace
    return
  }
  if (!metadata.namespace) metadata.namespace = requested
  else if (metadata.namespace !== requested)
    throw badRequest('the namespace of the provided object does not match the namespace sent on the request')
}

/** What an update may not change, taken over from the stored object. */
export function keepOnUpdate(next: ObjectMeta, prev: ObjectMeta): void {
  if (!next.uid && prev.uid !== undefined) next.uid = prev.uid
  if (prev.creationTimestamp !== undefined) next.creationTimestamp = prev.creationTimestamp
  if (prev.deletionTimestamp !== undefined) next.deletionTimestamp = prev.deletionTimestamp
  if (prev.deletionGracePeriodSeconds !== undefined && next.deletionGracePeriodSeconds === undefined)
    next.deletionGracePeriodSeconds = prev.deletionGracePeriodSeconds
  if (prev.generation === undefined) delete next.generation
  else next.generation = prev.generation
  delete next.selfLink
}

/** Kinds whose generation counts changes of the spec: those that have one, unless the kind says otherwise. */
export function countsGenerations(resource: Resource, object: KubeObject): boolean {
  return resource.generation ?? Object.hasOwn(object, 'spec')
}

const orphan = 'orphan'
const foreground = 'foregroundDeletion'

/** The finalizers that an object gets as it is deleted with these options. */
export function deletionFinalizers(metadata: ObjectMeta, options: DeleteOptions, collection: Collection): string[] {
  const present = metadata.finalizers ?? []
  const others = present.filter((f) => f !== orphan && f !== foreground)
  if (collection === 'none') return others
  const collector = collectorFinalizer(present, options) ?? defaultFinalizer(options, collection)
  return collector === undefined ? others : [...others, collector]
}

function collectorFinalizer(present: readonly string[], options: DeleteOptions): string | undefined {
  if (options.orphanDependents !== undefined) return options.orphanDependents ? orphan : undefined
  if (options.propagationPolicy !== undefined) {
    if (options.propagationPolicy === 'Orphan') return orphan
    return options.propagationPolicy === 'Foreground' ? foreground : undefined
  }
  return present.find((f) => f === orphan || f === foreground)
}

function defaultFinalizer(options: DeleteOptions, collection: Collection): string | undefined {
  const said = options.orphanDependents !== undefined || options.propagationPolicy !== undefined
  return !said && collection === 'orphans' ? orphan : undefined
}

/** Marks an object that stays because of its finalizers. */
export function markDeleting(metadata: ObjectMeta, now: Date): void {
  if (metadata.deletionTimestamp === undefined && (metadata.generation ?? 0) > 0) metadata.generation = (metadata.generation ?? 0) + 1
  if (metadata.deletionTimestamp === undefined || Date.parse(metadata.deletionTimestamp) > now.getTime())
    metadata.deletionTimestamp = timestamp(now)
  metadata.deletionGracePeriodSeconds = 0
}

export type Grace =
  /** Delete now. */
  | 'now'
  /** A deletion that is at least as short is under way: nothing to do. */
  | 'pending'
  /** The object was marked and stays until its grace period is over. */
  | 'marked'

/** A Go duration: 64 bits of nanoseconds, which go round for the seconds that do not fit. So no grace is too long to be a date. */
const durationMs = (seconds: number): number => Number(BigInt.asIntN(64, BigInt(seconds) * 1_000_000_000n) / 1_000_000n)

/**
 * Decides how a graceful kind goes and marks `metadata` accordingly. `seconds` is what the kind's rules give it, `requested` what the client
 * asked for. A deletion under way can only be shortened (upstream: rest.BeforeDelete).
 */
export function markGraceful(metadata: ObjectMeta, seconds: number, requested: number | undefined, now: Date): Grace {
  if (metadata.deletionTimestamp === undefined) {
    if ((metadata.generation ?? 0) > 0) metadata.generation = (metadata.generation ?? 0) + 1
    metadata.deletionTimestamp = timestamp(new Date(now.getTime() + durationMs(seconds)))
    metadata.deletionGracePeriodSeconds = seconds
    return seconds === 0 ? 'now' : 'marked'
  }
  const given = metadata.deletionGracePeriodSeconds ?? 0
  if (given === 0) return 'now'
  if (requested === undefined || requested >= given) return 'pending'
  const start = Date.parse(metadata.deletionTimestamp) - durationMs(given)
  const end = start + durationMs(requested)
  const past = end < now.getTime()
  metadata.deletionTimestamp = timestamp(past ? now : new Date(end))
  metadata.deletionGracePeriodSeconds = past && requested !== 0 ? 1 : requested
  return requested === 0 ? 'now' : 'marked'
}
