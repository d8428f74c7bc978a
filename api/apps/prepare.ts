/** What the server itself decides about deployments and replica sets (upstream: pkg/registry/apps). */
import { dropDisabledSpecFields } from '#api/core/pod-features.ts'
import type { PodTemplateSpec } from '#api/core/pod-spec.ts'
import { sameValue } from '#api/meta/same-value.ts'
import type { Deployment } from './deployment.ts'
import type { ReplicaSet } from './replica-set.ts'

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

export function prepareReplicaSetStatus(next: ReplicaSet, prev: ReplicaSet): ReplicaSet {
  next.spec = prev.spec
  return next
}
