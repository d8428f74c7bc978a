/** What the server itself decides about a pod that is written (upstream: pkg/registry/core/pod/strategy.go). */
import type { LabelSelector } from '#api/meta/label-selector.ts'
import type { ObjectMeta } from '#api/meta/object-meta.ts'
import { sameValue } from '#api/meta/same-value.ts'
import type { PodAffinityTerm } from './affinity.ts'
import { applyAppArmorAnnotations } from './app-armor.ts'
import type { Container } from './container.ts'
import type { Pod } from './pod.ts'
import { dropDisabledSpecFields, dropDisabledStatusFields } from './pod-features.ts'
import type { PodCondition } from './pod-status.ts'
import { qosClass } from './rules/qos.ts'

type Labels = Record<string, string> | undefined

interface KeyedSelector {
  selector: LabelSelector | undefined
  keys: readonly string[] | undefined
  operator: 'In' | 'NotIn'
}

/** Adds the pod's own values of the named labels to a selector. No selector matches nothing and stays so. */
function applyLabelKeys({ selector, keys, operator }: KeyedSelector, labels: Labels): void {
  if (!selector) return
  for (const key of keys ?? []) {
    const value = labels && Object.hasOwn(labels, key) ? labels[key] : undefined
    if (value === undefined) continue
    selector.matchExpressions = [...(selector.matchExpressions ?? []), { key, operator, values: [value] }]
  }
}

function affinityTerms(pod: Pod): PodAffinityTerm[] {
  const { podAffinity, podAntiAffinity } = pod.spec.affinity ?? {}
  return [podAffinity, podAntiAffinity].flatMap((affinity) => [
    ...(affinity?.preferredDuringSchedulingIgnoredDuringExecution ?? []).map((weighted) => weighted.podAffinityTerm),
    ...(affinity?.requiredDuringSchedulingIgnoredDuringExecution ?? []),
  ])
}

function applyMatchLabelKeys(pod: Pod): void {
  const { labels } = pod.metadata
  for (const term of affinityTerms(pod)) {
    applyLabelKeys({ selector: term.labelSelector, keys: term.matchLabelKeys, operator: 'In' }, labels)
    applyLabelKeys({ selector: term.labelSelector, keys: term.mismatchLabelKeys, operator: 'NotIn' }, labels)
  }
  for (const spread of pod.spec.topologySpreadConstraints ?? []) {
    applyLabelKeys({ selector: spread.labelSelector, keys: spread.matchLabelKeys, operator: 'In' }, labels)
  }
}

export function preparePodCreate(pod: Pod): Pod {
  pod.metadata.generation = 1
  dropDisabledSpecFields(pod.spec, undefined)
  pod.status = { phase: 'Pending', qosClass: qosClass(pod.spec) }
  if ((pod.spec.schedulingGates?.length ?? 0) > 0) {
    const gated: PodCondition = {
      type: 'PodScheduled',
      status: 'False',
      reason: 'SchedulingGated',
      message: 'Scheduling is blocked due to non-empty scheduling gates',
      ...(pod.metadata.creationTimestamp && { lastTransitionTime: pod.metadata.creationTimestamp }),
    }
    pod.status.conditions = [gated]
  }
  applyMatchLabelKeys(pod)
  applyAppArmorAnnotations(pod.spec, pod.metadata)
  return pod
}

function bumpGeneration(next: Pod, prev: Pod): void {
  const generation = prev.metadata.generation ?? 0
  next.metadata.generation = sameValue(next.spec, prev.spec) ? generation : generation + 1
}

export function preparePod(next: Pod, prev: Pod | undefined): Pod {
  if (!prev) return preparePodCreate(next)
  next.status = prev.status
  dropDisabledSpecFields(next.spec, prev.spec)
  bumpGeneration(next, prev)
  return next
}

/** Conditions keep the generation they were made for where the writer leaves it out. */
function keepObservedGenerations(next: Pod, prev: Pod): void {
  if (!next.status.observedGeneration && prev.status.observedGeneration) next.status.observedGeneration = prev.status.observedGeneration
  const old = new Map<string, number[]>()
  for (const condition of prev.status.conditions ?? []) {
    old.set(condition.type, [...(old.get(condition.type) ?? []), condition.observedGeneration ?? 0])
  }
  for (const condition of next.status.conditions ?? []) {
    const generation = old.get(condition.type)?.shift() ?? 0
    if (!condition.observedGeneration && generation !== 0) condition.observedGeneration = generation
  }
}

export function preparePodStatus(next: Pod, prev: Pod): Pod {
  next.spec = prev.spec
  delete next.metadata.deletionTimestamp
  if (prev.metadata.deletionTimestamp !== undefined) next.metadata.deletionTimestamp = prev.metadata.deletionTimestamp
  if (prev.metadata.ownerReferences) next.metadata.ownerReferences = prev.metadata.ownerReferences
  else delete next.metadata.ownerReferences
  if (!next.status.qosClass && prev.status.qosClass) next.status.qosClass = prev.status.qosClass
  keepObservedGenerations(next, prev)
  dropDisabledStatusFields(next.status, prev.status)
  return next
}

/** Subresources that write the spec leave the user's part of metadata as it was. */
function keepMeta(next: ObjectMeta, prev: ObjectMeta): void {
  for (const field of [
    'deletionTimestamp',
    'deletionGracePeriodSeconds',
    'labels',
    'annotations',
    'finalizers',
    'ownerReferences',
  ] as const) {
    delete next[field]
    if (prev[field] !== undefined) Object.assign(next, { [field]: prev[field] })
  }
}

export function prepareEphemeralContainers(next: Pod, prev: Pod): Pod {
  const { ephemeralContainers } = next.spec
  next.spec = structuredClone(prev.spec)
  if (ephemeralContainers) next.spec.ephemeralContainers = ephemeralContainers
  else delete next.spec.ephemeralContainers
  next.status = prev.status
  keepMeta(next.metadata, prev.metadata)
  dropDisabledSpecFields(next.spec, prev.spec)
  bumpGeneration(next, prev)
  return next
}

function resized(next: readonly Container[], prev: readonly Container[]): Container[] {
  // a container that was renamed or moved is left as it is: validation refuses it
  if (next.some((container, i) => container.name !== prev[i]?.name)) return [...next]
  return prev.map((container, i) => {
    const copy = structuredClone(container)
    delete copy.resources
    delete copy.resizePolicy
    const { resources, resizePolicy } = next[i] ?? {}
    return { ...copy, ...(resources && { resources }), ...(resizePolicy && { resizePolicy }) }
  })
}

export function prepareResize(next: Pod, prev: Pod): Pod {
  const [containers, initContainers] = [next.spec.containers ?? [], next.spec.initContainers ?? []]
  const [oldContainers, oldInit] = [prev.spec.containers ?? [], prev.spec.initContainers ?? []]
  if (containers.length === oldContainers.length && initContainers.length === oldInit.length) {
    next.spec = structuredClone(prev.spec)
    next.spec.containers = resized(containers, oldContainers)
    if (initContainers.length > 0) next.spec.initContainers = resized(initContainers, oldInit)
    next.status = prev.status
    keepMeta(next.metadata, prev.metadata)
  }
  dropDisabledSpecFields(next.spec, prev.spec)
  bumpGeneration(next, prev)
  return next
}

/** Seconds a pod is given to end: none unless it runs on a node. */
export function podGraceSeconds(pod: Pod, requested: number | undefined): number {
  const period = requested ?? pod.spec.terminationGracePeriodSeconds ?? 0
  if (!pod.spec.nodeName || pod.status.phase === 'Failed' || pod.status.phase === 'Succeeded') return 0
  return period < 0 ? 1 : period
}
