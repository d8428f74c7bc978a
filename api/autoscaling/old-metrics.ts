/**
 * Metrics in the form that autoscaling/v1 has for them: texts of annotations, since its fields know CPU only (upstream:
 * pkg/apis/autoscaling/v1/conversion.go). Texts that make no sense are read as nothing, as upstream does.
 */
import type { LabelSelector } from '#api/meta/label-selector.ts'
import type { CrossVersionObjectReference, MetricSpec, MetricStatus, MetricTarget, MetricValueStatus } from './metrics.ts'

interface OldMetric {
  name?: string
  container?: string
  metricName?: string
  target?: CrossVersionObjectReference
  selector?: LabelSelector
  metricSelector?: LabelSelector
  targetValue?: string
  averageValue?: string
  targetAverageValue?: string
  targetAverageUtilization?: number
  currentValue?: string
  currentAverageValue?: string
  currentAverageUtilization?: number
}

export interface OldMetrics {
  type: string
  object?: OldMetric
  pods?: OldMetric
  resource?: OldMetric
  containerResource?: OldMetric
  external?: OldMetric
}

const zero = '0'
const some = <T extends object>(fields: T): { [K in keyof T]?: NonNullable<T[K]> } =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as { [K in keyof T]?: NonNullable<T[K]> }

/** Keys in upstream's order, so that the texts are the same. */
export function oldSpecOf({ type, object, pods, resource, containerResource, external }: MetricSpec): OldMetrics {
  const use = (target: MetricTarget) => ({
    targetAverageUtilization: target.averageUtilization,
    targetAverageValue: target.averageValue,
  })
  return some({
    type,
    object:
      object &&
      some({
        target: object.describedObject,
        metricName: object.metric.name,
        targetValue: object.target.value ?? zero,
        selector: object.metric.selector,
        averageValue: object.target.averageValue,
      }),
    pods:
      pods && some({ metricName: pods.metric.name, targetAverageValue: pods.target.averageValue ?? zero, selector: pods.metric.selector }),
    resource: resource && some({ name: resource.name, ...use(resource.target) }),
    containerResource:
      containerResource && some({ name: containerResource.name, ...use(containerResource.target), container: containerResource.container }),
    external:
      external &&
      some({
        metricName: external.metric.name,
        metricSelector: external.metric.selector,
        targetValue: external.target.value,
        targetAverageValue: external.target.averageValue,
      }),
  }) as OldMetrics
}

export function oldStatusOf({ type, object, pods, resource, containerResource, external }: MetricStatus): OldMetrics {
  const use = (current: MetricValueStatus) => ({
    currentAverageUtilization: current.averageUtilization,
    currentAverageValue: current.averageValue ?? zero,
  })
  return some({
    type,
    object:
      object &&
      some({
        target: object.describedObject,
        metricName: object.metric.name,
        currentValue: object.current.value ?? zero,
        selector: object.metric.selector,
        averageValue: object.current.averageValue,
      }),
    pods:
      pods &&
      some({ metricName: pods.metric.name, currentAverageValue: pods.current.averageValue ?? zero, selector: pods.metric.selector }),
    resource: resource && some({ name: resource.name, ...use(resource.current) }),
    containerResource:
      containerResource &&
      some({ name: containerResource.name, ...use(containerResource.current), container: containerResource.container }),
    external:
      external &&
      some({
        metricName: external.metric.name,
        metricSelector: external.metric.selector,
        currentValue: external.current.value ?? zero,
        currentAverageValue: external.current.averageValue,
      }),
  }) as OldMetrics
}

const metricOf = (name: string | undefined, selector: LabelSelector | undefined) => ({
  name: name ?? '',
  ...(selector ? { selector } : {}),
})
const noObject: CrossVersionObjectReference = { kind: '', name: '' }

function targetOf(type: string, value: string | undefined, averageValue: string | undefined, use?: number): MetricTarget {
  return { type, ...some({ value, averageValue, averageUtilization: use }) }
}

const useOf = ({ targetAverageUtilization: use, targetAverageValue: value }: OldMetric): MetricTarget =>
  targetOf(use === undefined ? 'AverageValue' : 'Utilization', undefined, value, use)

export function specOfOld({ type, object, pods, resource, containerResource, external }: OldMetrics): MetricSpec {
  return some({
    type,
    object: object && {
      describedObject: object.target ?? noObject,
      metric: metricOf(object.metricName, object.selector),
      target: targetOf(object.averageValue === undefined ? 'Value' : 'AverageValue', object.targetValue ?? zero, object.averageValue),
    },
    pods: pods && {
      metric: metricOf(pods.metricName, pods.selector),
      target: targetOf('AverageValue', undefined, pods.targetAverageValue ?? zero),
    },
    resource: resource && { name: resource.name ?? '', target: useOf(resource) },
    containerResource: containerResource && {
      name: containerResource.name ?? '',
      container: containerResource.container ?? '',
      target: useOf(containerResource),
    },
    external: external && {
      metric: metricOf(external.metricName, external.metricSelector),
      target: targetOf(external.targetValue === undefined ? 'AverageValue' : 'Value', external.targetValue, external.targetAverageValue),
    },
  }) as MetricSpec
}

export function statusOfOld({ type, object, pods, resource, containerResource, external }: OldMetrics): MetricStatus {
  const current = (value: string | undefined, averageValue: string | undefined, averageUtilization?: number): MetricValueStatus =>
    some({ value, averageValue, averageUtilization })
  const use = (old: OldMetric) => current(undefined, old.currentAverageValue ?? zero, old.currentAverageUtilization)
  return some({
    type,
    object: object && {
      describedObject: object.target ?? noObject,
      metric: metricOf(object.metricName, object.selector),
      current: current(object.currentValue ?? zero, object.averageValue),
    },
    pods: pods && {
      metric: metricOf(pods.metricName, pods.selector),
      current: current(undefined, pods.currentAverageValue ?? zero),
    },
    resource: resource && { name: resource.name ?? '', current: use(resource) },
    containerResource: containerResource && {
      name: containerResource.name ?? '',
      container: containerResource.container ?? '',
      current: use(containerResource),
    },
    external: external && {
      metric: metricOf(external.metricName, external.metricSelector),
      current: current(external.currentValue ?? zero, external.currentAverageValue),
    },
  }) as MetricStatus
}
