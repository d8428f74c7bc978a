/** Keeps the status of quotas true: what they allow, and what their namespaces use of it. Admission charges, this controller gives back. */
import { PersistentVolumeClaims } from '#api/core/persistent-volume-claim.ts'
import { type Pod, Pods } from '#api/core/pod.ts'
import { type ResourceQuota, ResourceQuotas } from '#api/core/resource-quota.ts'
import { isPodTerminal } from '#api/core/rules/pod-state.ts'
import { type Service, Services } from '#api/core/service.ts'
import { sameValue } from '#api/meta/same-value.ts'
import { equalLists } from '#api/quota/resource-lists.ts'
import { countedKinds, usageOf } from '#api/quota/usage.ts'
import type { KubeObject } from '#api/resource.ts'
import { type Clock, systemClock } from '#client/clock.ts'
import { keyOf } from '#client/resource-path.ts'
import type { Controller } from '#client/runner/controller.ts'
import { nothing, type Plan } from '#client/runner/plan.ts'
import { type World, watch } from '#client/runner/world.ts'
import { namespaceIndex } from '#controller-manager/controllers/ownership.ts'
import { believedCounts, type Shortfalls } from './released.ts'

/** Numbers of the kinds that are only counted, by group resource; absent where the server does not know the kind. */
export type Counts = Readonly<Record<string, number>>
export type ReadCounts = (namespace: string, kinds: readonly string[], signal: AbortSignal) => Promise<Counts>

const quotasOf = ({ metadata }: KubeObject, world: World): string[] =>
  world
    .of(ResourceQuotas)
    .byIndex('namespace', metadata.namespace ?? '')
    .map(keyOf)

/** What was counted, and the quota that the counts belong to: what is charged after the count must not be given back. */
interface Observed {
  counts: Counts
  revision: string | undefined
}

/** What was charged for by a request that came to nothing is found by the slow round. */
const slowMs = 300_000
/** Nobody tells of kinds that are only counted: they are asked for. */
const countedMs = 2000
/** The quota was charged while its objects were counted. */
const changedMs = 100
/** An object that was charged for a moment ago may not be seen yet: a release is counted again. */
const againMs = 1000

const usesChanged = (now: Pod, was: Pod): boolean =>
  isPodTerminal(now) !== isPodTerminal(was) ||
  now.metadata.deletionTimestamp !== was.metadata.deletionTimestamp ||
  !sameValue(now.spec, was.spec) ||
  !sameValue(
    now.status.containerStatuses?.map(({ resources }) => resources),
    was.status.containerStatuses?.map(({ resources }) => resources),
  )

export function resourceQuotaController(readCounts: ReadCounts, clock: Pick<Clock, 'monotonicMs'> = systemClock): Controller<Observed> {
  const shortfalls = new Map<string, Shortfalls>()
  return {
    name: 'resourcequota-controller',
    watches: [
      watch(ResourceQuotas, {
        indexes: namespaceIndex,
        keys: (quota) => [keyOf(quota)],
        // a status that somebody else wrote stands until usage or limits change (upstream: resource_quota_controller.go, UpdateFunc)
        concerns: (now, was) => !sameValue(now.spec.hard, was.spec.hard),
      }),
      watch(Pods, { indexes: namespaceIndex, keys: quotasOf, concerns: usesChanged }),
      watch(Services, {
        indexes: namespaceIndex,
        keys: quotasOf,
        concerns: (now: Service, was: Service) => !sameValue(now.spec, was.spec),
      }),
      watch(PersistentVolumeClaims, { indexes: namespaceIndex, keys: quotasOf }),
    ],
    observe: async (key, world, signal) => {
      const quota = world.of(ResourceQuotas).get(key)
      const kinds = quota === undefined ? [] : countedKinds(quota)
      if (quota === undefined || kinds.length === 0) {
        shortfalls.delete(key)
        return { counts: {}, revision: quota?.metadata.resourceVersion }
      }
      const counts = await readCounts(quota.metadata.namespace ?? '', kinds, signal)
      const believed = believedCounts(quota, counts, shortfalls.get(key) ?? {}, clock.monotonicMs())
      shortfalls.set(key, believed.shortfalls)
      return { counts: believed.counts, revision: quota.metadata.resourceVersion }
    },
    reconcile: reconcileQuota,
    resync: {
      everyMs: countedMs,
      keys: (world) =>
        world
          .of(ResourceQuotas)
          .list()
          .filter((quota) => countedKinds(quota).length > 0)
          .map(keyOf),
    },
  }
}

export function reconcileQuota(key: string, world: World, { counts, revision }: Observed, now: Date): Plan {
  const quota = world.of(ResourceQuotas).get(key)
  if (quota === undefined) return nothing
  if (quota.metadata.resourceVersion !== revision) return { actions: [], recheckAfterMs: changedMs }
  const { namespace = '' } = quota.metadata
  const objects = {
    pods: world.of(Pods).byIndex('namespace', namespace),
    services: world.of(Services).byIndex('namespace', namespace),
    persistentvolumeclaims: world.of(PersistentVolumeClaims).byIndex('namespace', namespace),
  }
  const used = { ...usageOf(quota, { objects, counts }, now) }
  const hard = quota.spec.hard ?? {}
  const { status } = quota
  const isTrue = equalLists(used, status.used ?? {}) && equalLists(hard, status.hard ?? {})
  if (isTrue) return { actions: [], recheckAfterMs: slowMs }
  const object: ResourceQuota = { ...quota, status: { ...status, hard, used } }
  return { actions: [{ verb: 'updateStatus', type: ResourceQuotas, object, reason: 'usage differs' }], recheckAfterMs: againMs }
}
