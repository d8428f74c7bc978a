/** What horizontal pod autoscalers go by. */
import type { z } from 'zod'
import { int32, message, object, quantity, string } from '#api/fields.ts'
import { labelSelectorSchema } from '#api/meta/label-selector.ts'

export const crossVersionObjectReferenceSchema = message(
  'io.k8s.api.autoscaling.v2.CrossVersionObjectReference',
  'An object of any kind in the same namespace.',
  {
    kind: string(1, 'Its kind.', { json: 'always' }),
    name: string(2, 'Its name.', { json: 'always' }),
    apiVersion: string(3, 'Group and version of the object.'),
  },
)
export type CrossVersionObjectReference = z.output<typeof crossVersionObjectReferenceSchema>

export const metricTargetSchema = message('io.k8s.api.autoscaling.v2.MetricTarget', 'The value that a measure is to have.', {
  type: string(1, 'Utilization, Value or AverageValue.', { json: 'always', goType: 'v2.MetricTargetType' }),
  value: quantity(2, 'Wanted value.', { pointer: true }),
  averageValue: quantity(3, 'Wanted value for each pod.', { pointer: true }),
  averageUtilization: int32(4, 'Wanted use, in percent of the requests.', { pointer: true }),
})
export type MetricTarget = z.output<typeof metricTargetSchema>

export const metricIdentifierSchema = message('io.k8s.api.autoscaling.v2.MetricIdentifier', 'Name of a measure.', {
  name: string(1, 'Its name.', { json: 'always' }),
  selector: object(2, labelSelectorSchema, 'Labels that narrow it down.', { pointer: true }),
})
export type MetricIdentifier = z.output<typeof metricIdentifierSchema>

export const objectMetricSourceSchema = message('io.k8s.api.autoscaling.v2.ObjectMetricSource', 'A measure of one object.', {
  describedObject: object(1, crossVersionObjectReferenceSchema, 'The object.', { json: 'always' }),
  target: object(2, metricTargetSchema, 'Value it is to have.', { json: 'always' }),
  metric: object(3, metricIdentifierSchema, 'Name of the measure.', { json: 'always' }),
})
export type ObjectMetricSource = z.output<typeof objectMetricSourceSchema>

export const podsMetricSourceSchema = message('io.k8s.api.autoscaling.v2.PodsMetricSource', 'A measure of each pod.', {
  metric: object(1, metricIdentifierSchema, 'Name of the measure.', { json: 'always' }),
  target: object(2, metricTargetSchema, 'Value it is to have.', { json: 'always' }),
})
export type PodsMetricSource = z.output<typeof podsMetricSourceSchema>

export const resourceMetricSourceSchema = message('io.k8s.api.autoscaling.v2.ResourceMetricSource', 'Use of a resource by the pods.', {
  name: string(1, 'Name of the resource.', { json: 'always', goType: 'v1.ResourceName' }),
  target: object(2, metricTargetSchema, 'Value it is to have.', { json: 'always' }),
})
export type ResourceMetricSource = z.output<typeof resourceMetricSourceSchema>

export const containerResourceMetricSourceSchema = message(
  'io.k8s.api.autoscaling.v2.ContainerResourceMetricSource',
  'Use of a resource by one container of the pods.',
  {
    name: string(1, 'Name of the resource.', { json: 'always', goType: 'v1.ResourceName' }),
    target: object(2, metricTargetSchema, 'Value it is to have.', { json: 'always' }),
    container: string(3, 'Name of the container.', { json: 'always' }),
  },
)
export type ContainerResourceMetricSource = z.output<typeof containerResourceMetricSourceSchema>

export const externalMetricSourceSchema = message('io.k8s.api.autoscaling.v2.ExternalMetricSource', 'A measure from outside the cluster.', {
  metric: object(1, metricIdentifierSchema, 'Name of the measure.', { json: 'always' }),
  target: object(2, metricTargetSchema, 'Value it is to have.', { json: 'always' }),
})
export type ExternalMetricSource = z.output<typeof externalMetricSourceSchema>

export const metricSpecSchema = message(
  'io.k8s.api.autoscaling.v2.MetricSpec',
  'A measure to scale by; the field named by the type is set.',
  {
    type: string(1, 'Object, Pods, Resource, ContainerResource or External.', { json: 'always', goType: 'v2.MetricSourceType' }),
    object: object(2, objectMetricSourceSchema, 'A measure of one object.', { pointer: true }),
    pods: object(3, podsMetricSourceSchema, 'A measure of each pod.', { pointer: true }),
    resource: object(4, resourceMetricSourceSchema, 'Use of a resource by the pods.', { pointer: true }),
    containerResource: object(7, containerResourceMetricSourceSchema, 'Use of a resource by one container of the pods.', { pointer: true }),
    external: object(5, externalMetricSourceSchema, 'A measure from outside the cluster.', { pointer: true }),
  },
)
export type MetricSpec = z.output<typeof metricSpecSchema>

export const metricValueStatusSchema = message('io.k8s.api.autoscaling.v2.MetricValueStatus', 'The value of a measure.', {
  value: quantity(1, 'Its value.', { pointer: true }),
  averageValue: quantity(2, 'Its value for each pod.', { pointer: true }),
  averageUtilization: int32(3, 'Use in percent of the requests.', { pointer: true }),
})
export type MetricValueStatus = z.output<typeof metricValueStatusSchema>

export const objectMetricStatusSchema = message('io.k8s.api.autoscaling.v2.ObjectMetricStatus', 'A measure of one object as it was seen.', {
  metric: object(1, metricIdentifierSchema, 'Name of the measure.', { json: 'always' }),
  current: object(2, metricValueStatusSchema, 'Its value.', { json: 'always' }),
  describedObject: object(3, crossVersionObjectReferenceSchema, 'The object.', { json: 'always' }),
})
export type ObjectMetricStatus = z.output<typeof objectMetricStatusSchema>

export const podsMetricStatusSchema = message('io.k8s.api.autoscaling.v2.PodsMetricStatus', 'A measure of each pod as it was seen.', {
  metric: object(1, metricIdentifierSchema, 'Name of the measure.', { json: 'always' }),
  current: object(2, metricValueStatusSchema, 'Its value.', { json: 'always' }),
})
export type PodsMetricStatus = z.output<typeof podsMetricStatusSchema>

export const resourceMetricStatusSchema = message('io.k8s.api.autoscaling.v2.ResourceMetricStatus', 'Use of a resource as it was seen.', {
  name: string(1, 'Name of the resource.', { json: 'always', goType: 'v1.ResourceName' }),
  current: object(2, metricValueStatusSchema, 'Its value.', { json: 'always' }),
})
export type ResourceMetricStatus = z.output<typeof resourceMetricStatusSchema>

export const containerResourceMetricStatusSchema = message(
  'io.k8s.api.autoscaling.v2.ContainerResourceMetricStatus',
  'Use of a resource by one container as it was seen.',
  {
    name: string(1, 'Name of the resource.', { json: 'always', goType: 'v1.ResourceName' }),
    current: object(2, metricValueStatusSchema, 'Its value.', { json: 'always' }),
    container: string(3, 'Name of the container.', { json: 'always' }),
  },
)
export type ContainerResourceMetricStatus = z.output<typeof containerResourceMetricStatusSchema>

export const externalMetricStatusSchema = message(
  'io.k8s.api.autoscaling.v2.ExternalMetricStatus',
  'A measure from outside as it was seen.',
  {
    metric: object(1, metricIdentifierSchema, 'Name of the measure.', { json: 'always' }),
    current: object(2, metricValueStatusSchema, 'Its value.', { json: 'always' }),
  },
)
export type ExternalMetricStatus = z.output<typeof externalMetricStatusSchema>

export const metricStatusSchema = message('io.k8s.api.autoscaling.v2.MetricStatus', 'A measure as it was seen last.', {
  type: string(1, 'Object, Pods, Resource, ContainerResource or External.', { json: 'always', goType: 'v2.MetricSourceType' }),
  object: object(2, objectMetricStatusSchema, 'A measure of one object.', { pointer: true }),
  pods: object(3, podsMetricStatusSchema, 'A measure of each pod.', { pointer: true }),
  resource: object(4, resourceMetricStatusSchema, 'Use of a resource by the pods.', { pointer: true }),
  containerResource: object(7, containerResourceMetricStatusSchema, 'Use of a resource by one container of the pods.', { pointer: true }),
  external: object(5, externalMetricStatusSchema, 'A measure from outside the cluster.', { pointer: true }),
})
export type MetricStatus = z.output<typeof metricStatusSchema>
