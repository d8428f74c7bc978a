/** DESCRIBE file api/autoscaling/metrics.ts */
import type { z } from 'zod'
import { int32, message, object, quantity, string } from '#api/fields.ts'
import { labelSelectorSchema } from '#api/meta/label-selector.ts'

export const crossVersionObjectReferenceSchema = message(
  'io.k8s.api.autoscaling.v2.CrossVersionObjectReference',
  'DESCRIBE CrossVersionObjectReference',
  {
    kind: string(1, 'DESCRIBE CrossVersionObjectReference.kind', { json: 'always' }),
    name: string(2, 'DESCRIBE CrossVersionObjectReference.name', { json: 'always' }),
    apiVersion: string(3, 'DESCRIBE CrossVersionObjectReference.apiVersion'),
  },
)
export type CrossVersionObjectReference = z.output<typeof crossVersionObjectReferenceSchema>

export const metricTargetSchema = message('io.k8s.api.autoscaling.v2.MetricTarget', 'DESCRIBE MetricTarget', {
  type: string(1, 'DESCRIBE MetricTarget.type', { json: 'always' }),
  value: quantity(2, 'DESCRIBE MetricTarget.value', { pointer: true }),
  averageValue: quantity(3, 'DESCRIBE MetricTarget.averageValue', { pointer: true }),
  averageUtilization: int32(4, 'DESCRIBE MetricTarget.averageUtilization', { pointer: true }),
})
export type MetricTarget = z.output<typeof metricTargetSchema>

export const metricIdentifierSchema = message('io.k8s.api.autoscaling.v2.MetricIdentifier', 'DESCRIBE MetricIdentifier', {
  name: string(1, 'DESCRIBE MetricIdentifier.name', { json: 'always' }),
  selector: object(2, labelSelectorSchema, 'DESCRIBE MetricIdentifier.selector', { pointer: true }),
})
export type MetricIdentifier = z.output<typeof metricIdentifierSchema>

export const objectMetricSourceSchema = message('io.k8s.api.autoscaling.v2.ObjectMetricSource', 'DESCRIBE ObjectMetricSource', {
  describedObject: object(1, crossVersionObjectReferenceSchema, 'DESCRIBE ObjectMetricSource.describedObject', { json: 'always' }),
  target: object(2, metricTargetSchema, 'DESCRIBE ObjectMetricSource.target', { json: 'always' }),
  metric: object(3, metricIdentifierSchema, 'DESCRIBE ObjectMetricSource.metric', { json: 'always' }),
})
export type ObjectMetricSource = z.output<typeof objectMetricSourceSchema>

export const podsMetricSourceSchema = message('io.k8s.api.autoscaling.v2.PodsMetricSource', 'DESCRIBE PodsMetricSource', {
  metric: object(1, metricIdentifierSchema, 'DESCRIBE PodsMetricSource.metric', { json: 'always' }),
  target: object(2, metricTargetSchema, 'DESCRIBE PodsMetricSource.target', { json: 'always' }),
})
export type PodsMetricSource = z.output<typeof podsMetricSourceSchema>

export const resourceMetricSourceSchema = message('io.k8s.api.autoscaling.v2.ResourceMetricSource', 'DESCRIBE ResourceMetricSource', {
  name: string(1, 'DESCRIBE ResourceMetricSource.name', { json: 'always' }),
  target: object(2, metricTargetSchema, 'DESCRIBE ResourceMetricSource.target', { json: 'always' }),
})
export type ResourceMetricSource = z.output<typeof resourceMetricSourceSchema>

export const containerResourceMetricSourceSchema = message(
  'io.k8s.api.autoscaling.v2.ContainerResourceMetricSource',
  'DESCRIBE ContainerResourceMetricSource',
  {
    name: string(1, 'DESCRIBE ContainerResourceMetricSource.name', { json: 'always' }),
    target: object(2, metricTargetSchema, 'DESCRIBE ContainerResourceMetricSource.target', { json: 'always' }),
    container: string(3, 'DESCRIBE ContainerResourceMetricSource.container', { json: 'always' }),
  },
)
export type ContainerResourceMetricSource = z.output<typeof containerResourceMetricSourceSchema>

export const externalMetricSourceSchema = message('io.k8s.api.autoscaling.v2.ExternalMetricSource', 'DESCRIBE ExternalMetricSource', {
  metric: object(1, metricIdentifierSchema, 'DESCRIBE ExternalMetricSource.metric', { json: 'always' }),
  target: object(2, metricTargetSchema, 'DESCRIBE ExternalMetricSource.target', { json: 'always' }),
})
export type ExternalMetricSource = z.output<typeof externalMetricSourceSchema>

export const metricSpecSchema = message('io.k8s.api.autoscaling.v2.MetricSpec', 'DESCRIBE MetricSpec', {
  type: string(1, 'DESCRIBE MetricSpec.type', { json: 'always' }),
  object: object(2, objectMetricSourceSchema, 'DESCRIBE MetricSpec.object', { pointer: true }),
  pods: object(3, podsMetricSourceSchema, 'DESCRIBE MetricSpec.pods', { pointer: true }),
  resource: object(4, resourceMetricSourceSchema, 'DESCRIBE MetricSpec.resource', { pointer: true }),
  containerResource: object(7, containerResourceMetricSourceSchema, 'DESCRIBE MetricSpec.containerResource', { pointer: true }),
  external: object(5, externalMetricSourceSchema, 'DESCRIBE MetricSpec.external', { pointer: true }),
})
export type MetricSpec = z.output<typeof metricSpecSchema>

export const metricValueStatusSchema = message('io.k8s.api.autoscaling.v2.MetricValueStatus', 'DESCRIBE MetricValueStatus', {
  value: quantity(1, 'DESCRIBE MetricValueStatus.value', { pointer: true }),
  averageValue: quantity(2, 'DESCRIBE MetricValueStatus.averageValue', { pointer: true }),
  averageUtilization: int32(3, 'DESCRIBE MetricValueStatus.averageUtilization', { pointer: true }),
})
export type MetricValueStatus = z.output<typeof metricValueStatusSchema>

export const objectMetricStatusSchema = message('io.k8s.api.autoscaling.v2.ObjectMetricStatus', 'DESCRIBE ObjectMetricStatus', {
  metric: object(1, metricIdentifierSchema, 'DESCRIBE ObjectMetricStatus.metric', { json: 'always' }),
  current: object(2, metricValueStatusSchema, 'DESCRIBE ObjectMetricStatus.current', { json: 'always' }),
  describedObject: object(3, crossVersionObjectReferenceSchema, 'DESCRIBE ObjectMetricStatus.describedObject', { json: 'always' }),
})
export type ObjectMetricStatus = z.output<typeof objectMetricStatusSchema>

export const podsMetricStatusSchema = message('io.k8s.api.autoscaling.v2.PodsMetricStatus', 'DESCRIBE PodsMetricStatus', {
  metric: object(1, metricIdentifierSchema, 'DESCRIBE PodsMetricStatus.metric', { json: 'always' }),
  current: object(2, metricValueStatusSchema, 'DESCRIBE PodsMetricStatus.current', { json: 'always' }),
})
export type PodsMetricStatus = z.output<typeof podsMetricStatusSchema>

export const resourceMetricStatusSchema = message('io.k8s.api.autoscaling.v2.ResourceMetricStatus', 'DESCRIBE ResourceMetricStatus', {
  name: string(1, 'DESCRIBE ResourceMetricStatus.name', { json: 'always' }),
  current: object(2, metricValueStatusSchema, 'DESCRIBE ResourceMetricStatus.current', { json: 'always' }),
})
export type ResourceMetricStatus = z.output<typeof resourceMetricStatusSchema>

export const containerResourceMetricStatusSchema = message(
  'io.k8s.api.autoscaling.v2.ContainerResourceMetricStatus',
  'DESCRIBE ContainerResourceMetricStatus',
  {
    name: string(1, 'DESCRIBE ContainerResourceMetricStatus.name', { json: 'always' }),
    current: object(2, metricValueStatusSchema, 'DESCRIBE ContainerResourceMetricStatus.current', { json: 'always' }),
    container: string(3, 'DESCRIBE ContainerResourceMetricStatus.container', { json: 'always' }),
  },
)
export type ContainerResourceMetricStatus = z.output<typeof containerResourceMetricStatusSchema>

export const externalMetricStatusSchema = message('io.k8s.api.autoscaling.v2.ExternalMetricStatus', 'DESCRIBE ExternalMetricStatus', {
  metric: object(1, metricIdentifierSchema, 'DESCRIBE ExternalMetricStatus.metric', { json: 'always' }),
  current: object(2, metricValueStatusSchema, 'DESCRIBE ExternalMetricStatus.current', { json: 'always' }),
})
export type ExternalMetricStatus = z.output<typeof externalMetricStatusSchema>

export const metricStatusSchema = message('io.k8s.api.autoscaling.v2.MetricStatus', 'DESCRIBE MetricStatus', {
  type: string(1, 'DESCRIBE MetricStatus.type', { json: 'always' }),
  object: object(2, objectMetricStatusSchema, 'DESCRIBE MetricStatus.object', { pointer: true }),
  pods: object(3, podsMetricStatusSchema, 'DESCRIBE MetricStatus.pods', { pointer: true }),
  resource: object(4, resourceMetricStatusSchema, 'DESCRIBE MetricStatus.resource', { pointer: true }),
  containerResource: object(7, containerResourceMetricStatusSchema, 'DESCRIBE MetricStatus.containerResource', { pointer: true }),
  external: object(5, externalMetricStatusSchema, 'DESCRIBE MetricStatus.external', { pointer: true }),
})
export type MetricStatus = z.output<typeof metricStatusSchema>
