/** Table columns of horizontal pod autoscalers. */
import { ageColumn, column, nameColumn } from '#api/meta/age.ts'
import type { Column } from '#api/resource.ts'
import type { HorizontalPodAutoscaler } from './horizontal-pod-autoscaler.ts'
import type { MetricSpec, MetricStatus, MetricTarget, MetricValueStatus } from './metrics.ts'

const unknown = '<unknown>'
const mostShown = 2

/** By value: the average for each pod where there is one, else the whole. */
function byValue(target: MetricTarget | undefined, current: MetricValueStatus | undefined): string {
  if (target?.averageValue !== undefined) return `${current?.averageValue ?? unknown}/${target.averageValue} (avg)`
  return `${current === undefined ? unknown : (current.value ?? '<nil>')}/${target?.value ?? '<nil>'}`
}

/** By use: an amount, or percents of the requests. */
function byUse(name: string, target: MetricTarget, current: MetricValueStatus | undefined): string {
  if (target.averageValue !== undefined) {
    return `${name}: ${current === undefined ? unknown : (current.averageValue ?? '<nil>')}/${target.averageValue}`
  }
  const percent = (value: number | undefined, none: string): string => (value === undefined ? none : `${value}%`)
  return `${name}: ${percent(current?.averageUtilization, unknown)}/${percent(target.averageUtilization, '<auto>')}`
}

function metricText(spec: MetricSpec, status: MetricStatus | undefined): string {
  const { object, pods, resource, containerResource, external } = spec
  if (spec.type === 'External') return byValue(external?.target, status?.external?.current)
  if (spec.type === 'Object') return byValue(object?.target, status?.object?.current)
  if (spec.type === 'Pods') {
    const current = status?.pods?.current
    return `${current === undefined ? unknown : (current.averageValue ?? '<nil>')}/${pods?.target.averageValue ?? '<nil>'}`
  }
  if (spec.type === 'Resource' && resource) return byUse(resource.name, resource.target, status?.resource?.current)
  if (spec.type === 'ContainerResource' && containerResource) {
    return byUse(containerResource.name, containerResource.target, status?.containerResource?.current)
  }
  return '<unknown type>'
}

function targets({ spec, status }: HorizontalPodAutoscaler): string {
  const all = (spec.metrics ?? []).map((metric, i) => metricText(metric, status.currentMetrics?.[i]))
  if (all.length === 0) return '<none>'
  const text = all.slice(0, mostShown).join(', ')
  return all.length > mostShown ? `${text} + ${all.length - mostShown} more...` : text
}

export const autoscalerColumns: readonly Column<HorizontalPodAutoscaler>[] = [
  nameColumn,
  column('Reference', 'Object whose replicas are changed.', ({ spec }) => `${spec.scaleTargetRef.kind}/${spec.scaleTargetRef.name}`),
  column('Targets', 'Seen and wanted values.', targets),
  column('MinPods', 'Fewest replicas.', ({ spec }) => String(spec.minReplicas ?? '<unset>')),
  column('MaxPods', 'Most replicas.', ({ spec }) => spec.maxReplicas),
  column('Replicas', 'Replicas that exist.', ({ status }) => status.currentReplicas ?? 0),
  ageColumn,
]
