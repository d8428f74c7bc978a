/** Rules of replication controllers and pod templates. */
import type { PodTemplate } from '#api/core/pod-template.ts'
import type { ReplicationController } from '#api/core/replication-controller.ts'
import { type FieldError, forbidden, invalid, notSupported, required } from '#api/meta/field-error.ts'
import { matches, selectorFromLabels } from '#api/meta/label-selector.ts'
import { validateKubeFinalizers } from './finalizers.ts'
import { validateTemplateOf } from './template.ts'
import { checkNonnegative } from './values.ts'

function validateTemplate({ spec }: ReplicationController, prev: ReplicationController | undefined): FieldError[] {
  const { template, selector = {} } = spec
  const path = 'spec.template'
  if (!template) return [required(path)]
  const found: FieldError[] = []
  const labels = template.metadata?.labels
  if (!matches(selectorFromLabels(selector), labels)) {
    found.push(invalid(`${path}.metadata.labels`, labels, '`selector` does not match template `labels`'))
  }
  found.push(...validateTemplateOf(template, path, prev?.spec.template))
  const { restartPolicy = '', activeDeadlineSeconds } = template.spec ?? { containers: [] }
  if (restartPolicy !== 'Always') found.push(notSupported(`${path}.spec.restartPolicy`, restartPolicy, ['Always']))
  if (activeDeadlineSeconds !== undefined) {
    const text = 'activeDeadlineSeconds in ReplicationController is not Supported'
    found.push(forbidden(`${path}.spec.activeDeadlineSeconds`, text))
  }
  return found
}

export function validateReplicationController(next: ReplicationController, prev: ReplicationController | undefined): FieldError[] {
  const { spec } = next
  return [
    ...validateKubeFinalizers(next.metadata),
    ...checkNonnegative('spec.minReadySeconds', spec.minReadySeconds),
    ...(Object.keys(spec.selector ?? {}).length === 0 ? [required('spec.selector')] : []),
    ...(spec.replicas === undefined ? [required('spec.replicas')] : checkNonnegative('spec.replicas', spec.replicas)),
    ...validateTemplate(next, prev),
  ]
}

export function validateReplicationControllerStatus(next: ReplicationController): FieldError[] {
  const { status, metadata } = next
  const { replicas = 0, fullyLabeledReplicas = 0, readyReplicas = 0, availableReplicas = 0 } = status
  const counts = { replicas, fullyLabeledReplicas, readyReplicas, availableReplicas, observedGeneration: status.observedGeneration }
  const found = [
    ...validateKubeFinalizers(metadata),
    ...Object.entries(counts).flatMap(([name, value]) => checkNonnegative(`status.${name}`, value)),
  ]
  for (const [name, value] of Object.entries({ fullyLabeledReplicas, readyReplicas, availableReplicas })) {
    if (value > replicas) found.push(invalid(`status.${name}`, value, 'cannot be greater than status.replicas'))
  }
  if (availableReplicas > readyReplicas) {
    found.push(invalid('status.availableReplicas', availableReplicas, 'cannot be greater than readyReplicas'))
  }
  return found
}

export const validatePodTemplateObject = (next: PodTemplate, prev: PodTemplate | undefined): FieldError[] => [
  ...validateKubeFinalizers(next.metadata),
  ...validateTemplateOf(next.template ?? {}, 'template', prev?.template),
]
