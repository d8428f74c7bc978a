/** What the server itself decides about the controllers of pods (upstream: pkg/registry/apps). */
import { dropDisabledSpecFields } from '#api/core/pod-features.ts'
import type { PodTemplateSpec } from '#api/core/pod-spec.ts'
import { sameValue } from '#api/meta/same-value.ts'
import type { DaemonSet } from './daemon-set.ts'
import type { Deployment } from './deployment.ts'
import type { ReplicaSet } from './replica-set.ts'
import type { StatefulSet } from './stateful-set.ts'

function dropDisabled(template: PodTemplateSpec, prev: PodTemplateSpec | undefined): void {
  if (template.spec) dropDisabledSpecFields(template.spec, prev?.spec)
}

/** Annotations count as a change too: they are copied to the replica sets. */
export function prepareDeployment(next: Deployment, prev: Deployment | undefined): Deployment {
  dropDisabled(next.spec.template, prev?.spec.template)
  next.status = prev?.status ?? {}
  const same = prev && sameValue(next.spec, prev.spec) && sameValue(next.metadata.annotations, prev.metadata.annotations)
  const generation = prev?.metadata.generation ?? 0
  next.metadata.generation = same ? generation : generation + 1
  return next
}

export function prepareDeploymentStatus(next: Deployment, prev: Deployment): Deployment {
  next.spec = prev.spec
  delete next.metadata.labels
  if (prev.metadata.labels) next.metadata.labels = prev.metadata.labels
  return next
}

export function prepareReplicaSet(next: ReplicaSet, prev: ReplicaSet | undefined): ReplicaSet {
  if (next.spec.template) dropDisabled(next.spec.template, prev?.spec.template)
  next.status = prev?.status ?? { replicas: 0 }
  const generation = prev?.metadata.generation ?? 0
  next.metadata.generation = prev && sameValue(next.spec, prev.spec) ? generation : generation + 1
  return next
}

const templateGeneration = 'deprecated.daemonset.template.generation'

/** How often the template changed is counted in an annotation. */
function countTemplate(next: DaemonSet, prev: DaemonSet | undefined): void {
  const was = Number(prev?.metadata.annotations?.[templateGeneration] ?? 0)
  const given = Number(next.metadata.annotations?.[templateGeneration] ?? 0)
  const changed = prev !== undefined && !sameValue(next.spec.template, prev.spec.template)
  const count = prev ? was + (changed ? 1 : 0) : Math.max(given, 1)
  next.metadata.annotations = { ...next.metadata.annotations, [templateGeneration]: String(count) }
}

export function prepareDaemonSet(next: DaemonSet, prev: DaemonSet | undefined): DaemonSet {
  dropDisabled(next.spec.template, prev?.spec.template)
  if (!prev) next.status = { currentNumberScheduled: 0, numberMisscheduled: 0, desiredNumberScheduled: 0, numberReady: 0 }
  countTemplate(next, prev)
  const generation = prev?.metadata.generation ?? 0
  next.metadata.generation = prev && sameValue(next.spec, prev.spec) ? generation : generation + 1
  return next
}

export function prepareDaemonSetStatus(next: DaemonSet, prev: DaemonSet): DaemonSet {
  next.spec = prev.spec
  countTemplate(next, prev)
  return next
}

export function prepareStatefulSet(next: StatefulSet, prev: StatefulSet | undefined): StatefulSet {
  dropDisabled(next.spec.template, prev?.spec.template)
  if (!prev) next.status = { replicas: 0, availableReplicas: 0 }
  // a feature that v1.35 leaves off by default
  const rolling = next.spec.updateStrategy?.rollingUpdate
  if (rolling && prev?.spec.updateStrategy?.rollingUpdate?.maxUnavailable === undefined) delete rolling.maxUnavailable
  const generation = prev?.metadata.generation ?? 0
  next.metadata.generation = prev && sameValue(next.spec, prev.spec) ? generation : generation + 1
  return next
}
