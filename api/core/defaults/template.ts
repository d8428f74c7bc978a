/** Dependent defaults of pod templates and the core kinds that hold them (upstream: pkg/apis/core/v1/defaults.go). */
import type { PodTemplateSpec } from '#api/core/pod-spec.ts'
import type { PodTemplate } from '#api/core/pod-template.ts'
import type { ReplicationController } from '#api/core/replication-controller.ts'
import { defaultPodSpec, dropInitContainerAnnotations } from './pod.ts'

export function defaultTemplate(template: PodTemplateSpec): PodTemplateSpec {
  template.spec ??= { containers: [] }
  dropInitContainerAnnotations(template.metadata)
  defaultPodSpec(template.spec)
  return template
}

export function defaultPodTemplate(object: PodTemplate): PodTemplate {
  object.template = defaultTemplate(object.template ?? {})
  return object
}

const isEmpty = (labels: Readonly<Record<string, string>> | undefined): boolean => Object.keys(labels ?? {}).length === 0

/** Selector and labels are those of the template where the author names none. */
export function defaultReplicationController(controller: ReplicationController): ReplicationController {
  const { spec, metadata } = controller
  const labels = spec.template?.metadata?.labels
  if (labels && isEmpty(spec.selector)) spec.selector = { ...labels }
  if (labels && isEmpty(metadata.labels)) metadata.labels = { ...labels }
  if (spec.template) spec.template = defaultTemplate(spec.template)
  return controller
}
