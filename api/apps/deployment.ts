/** DESCRIBE file api/apps/deployment.ts */
import type { z } from 'zod'
import { podTemplateSpecSchema } from '#api/core/pod-spec.ts'
import { bool, int32, int64, intOrString, kind, list, message, object, string, time } from '#api/fields.ts'
import { formatSelector, labelSelectorSchema, selectorFromLabelSelector } from '#api/meta/label-selector.ts'
import { objectMetaSchema } from '#api/meta/object-meta.ts'
import type { Resource } from '#api/resource.ts'
import { deploymentColumns } from './columns.ts'
import { defaultDeployment } from './defaults.ts'
import { prepareDeployment, prepareDeploymentStatus } from './prepare.ts'
import { validateDeployment, validateDeploymentStatus } from './validation/deployment.ts'

export const rollingUpdateDeploymentSchema = message('io.k8s.api.apps.v1.RollingUpdateDeployment', 'DESCRIBE RollingUpdateDeployment', {
  maxUnavailable: intOrString(1, 'DESCRIBE RollingUpdateDeployment.maxUnavailable', { pointer: true }),
  maxSurge: intOrString(2, 'DESCRIBE RollingUpdateDeployment.maxSurge', { pointer: true }),
})
export type RollingUpdateDeployment = z.output<typeof rollingUpdateDeploymentSchema>

export const deploymentStrategySchema = message('io.k8s.api.apps.v1.DeploymentStrategy', 'DESCRIBE DeploymentStrategy', {
  type: string(1, 'DESCRIBE DeploymentStrategy.type', { enum: ['Recreate', 'RollingUpdate'] }),
  rollingUpdate: object(2, rollingUpdateDeploymentSchema, 'DESCRIBE DeploymentStrategy.rollingUpdate', { pointer: true }),
})
export type DeploymentStrategy = z.output<typeof deploymentStrategySchema>

export const deploymentSpecSchema = message('io.k8s.api.apps.v1.DeploymentSpec', 'DESCRIBE DeploymentSpec', {
  replicas: int32(1, 'DESCRIBE DeploymentSpec.replicas', { pointer: true }),
  selector: object(2, labelSelectorSchema, 'DESCRIBE DeploymentSpec.selector', { json: 'always', pointer: true }),
  template: object(3, podTemplateSpecSchema, 'DESCRIBE DeploymentSpec.template', { json: 'always' }),
  strategy: object(4, deploymentStrategySchema, 'DESCRIBE DeploymentSpec.strategy', { patchStrategy: 'retainKeys' }),
  minReadySeconds: int32(5, 'DESCRIBE DeploymentSpec.minReadySeconds'),
  revisionHistoryLimit: int32(6, 'DESCRIBE DeploymentSpec.revisionHistoryLimit', { pointer: true }),
  paused: bool(7, 'DESCRIBE DeploymentSpec.paused'),
  progressDeadlineSeconds: int32(9, 'DESCRIBE DeploymentSpec.progressDeadlineSeconds', { pointer: true }),
})
export type DeploymentSpec = z.output<typeof deploymentSpecSchema>

export const deploymentConditionSchema = message('io.k8s.api.apps.v1.DeploymentCondition', 'DESCRIBE DeploymentCondition', {
  type: string(1, 'DESCRIBE DeploymentCondition.type', { json: 'always' }),
  status: string(2, 'DESCRIBE DeploymentCondition.status', { json: 'always' }),
  lastUpdateTime: time(6, 'DESCRIBE DeploymentCondition.lastUpdateTime'),
  lastTransitionTime: time(7, 'DESCRIBE DeploymentCondition.lastTransitionTime'),
  reason: string(4, 'DESCRIBE DeploymentCondition.reason'),
  message: string(5, 'DESCRIBE DeploymentCondition.message'),
})
export type DeploymentCondition = z.output<typeof deploymentConditionSchema>

export const deploymentStatusSchema = message('io.k8s.api.apps.v1.DeploymentStatus', 'DESCRIBE DeploymentStatus', {
  observedGeneration: int64(1, 'DESCRIBE DeploymentStatus.observedGeneration'),
  replicas: int32(2, 'DESCRIBE DeploymentStatus.replicas'),
  updatedReplicas: int32(3, 'DESCRIBE DeploymentStatus.updatedReplicas'),
  readyReplicas: int32(7, 'DESCRIBE DeploymentStatus.readyReplicas'),
  availableReplicas: int32(4, 'DESCRIBE DeploymentStatus.availableReplicas'),
  unavailableReplicas: int32(5, 'DESCRIBE DeploymentStatus.unavailableReplicas'),
  terminatingReplicas: int32(9, 'DESCRIBE DeploymentStatus.terminatingReplicas', { pointer: true }),
  conditions: list(6, deploymentConditionSchema, 'DESCRIBE DeploymentStatus.conditions', {
    listType: 'map',
    listKeys: ['type'],
    patchStrategy: 'merge',
    patchMergeKey: 'type',
  }),
  collisionCount: int32(8, 'DESCRIBE DeploymentStatus.collisionCount', { pointer: true }),
})
export type DeploymentStatus = z.output<typeof deploymentStatusSchema>

export const deploymentSchema = kind('io.k8s.api.apps.v1.Deployment', 'DESCRIBE Deployment', {
  metadata: object(1, objectMetaSchema, 'DESCRIBE Deployment.metadata', { json: 'always', required: false }),
  spec: object(2, deploymentSpecSchema, 'DESCRIBE Deployment.spec', { json: 'always', required: false }),
  status: object(3, deploymentStatusSchema, 'DESCRIBE Deployment.status', { json: 'always', required: false }),
})
export type Deployment = z.output<typeof deploymentSchema>

export const Deployments: Resource<Deployment> = {
  group: 'apps',
  version: 'v1',
  kind: 'Deployment',
  plural: 'deployments',
  singular: 'deployment',
  shortNames: ['deploy'],
  categories: ['all'],
  scope: 'Namespaced',
  schema: deploymentSchema,
  columns: deploymentColumns,
  generation: false,
  defaults: defaultDeployment,
  prepare: prepareDeployment,
  validate: validateDeployment,
  subresources: { status: { prepare: prepareDeploymentStatus, validate: validateDeploymentStatus } },
  scale: {
    replicas: (deployment) => deployment.spec.replicas ?? 0,
    statusReplicas: (deployment) => deployment.status.replicas ?? 0,
    selector: (deployment) => formatSelector(selectorFromLabelSelector(deployment.spec.selector) ?? []),
    setReplicas(deployment, replicas) {
      deployment.spec.replicas = replicas
      return deployment
    },
  },
}
