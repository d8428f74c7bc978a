/** Deployments. */
import type { z } from 'zod'
import { podTemplateSpecSchema } from '#api/core/pod-spec.ts'
import { workloadWarnings } from '#api/core/pod-warnings.ts'
import { bool, int32, int64, intOrString, kind, list, message, object, string, time } from '#api/fields.ts'
import { formatSelector, labelSelectorSchema, selectorFromLabelSelector } from '#api/meta/label-selector.ts'
import { objectMetaSchema } from '#api/meta/object-meta.ts'
import type { Resource } from '#api/resource.ts'
import { deploymentColumns } from './columns.ts'
import { defaultDeployment } from './defaults.ts'
import { prepareDeployment, prepareDeploymentStatus } from './prepare.ts'
import { validateDeployment, validateDeploymentStatus } from './validation/deployment.ts'

export const rollingUpdateDeploymentSchema = message('io.k8s.api.apps.v1.RollingUpdateDeployment', 'Limits of a rolling update.', {
  maxUnavailable: intOrString(1, 'Pods that may be missing, by number or percent.', { pointer: true }),
  maxSurge: intOrString(2, 'Pods that may be too many, by number or percent.', { pointer: true }),
})
export type RollingUpdateDeployment = z.output<typeof rollingUpdateDeploymentSchema>

export const deploymentStrategySchema = message('io.k8s.api.apps.v1.DeploymentStrategy', 'How old pods give way to new ones.', {
  type: string(1, 'Recreate or RollingUpdate.', { enum: ['Recreate', 'RollingUpdate'], goType: 'v1.DeploymentStrategyType' }),
  rollingUpdate: object(2, rollingUpdateDeploymentSchema, 'Limits of a rolling update.', { pointer: true }),
})
export type DeploymentStrategy = z.output<typeof deploymentStrategySchema>

export const deploymentSpecSchema = message('io.k8s.api.apps.v1.DeploymentSpec', 'What a deployment is to keep running.', {
  replicas: int32(1, 'Number of pods.', { pointer: true }),
  selector: object(2, labelSelectorSchema, 'Labels of its pods; cannot change.', { json: 'always', pointer: true }),
  template: object(3, podTemplateSpecSchema, 'Pods to make.', { json: 'always' }),
  strategy: object(4, deploymentStrategySchema, 'How old pods give way to new ones.', { patchStrategy: 'retainKeys' }),
  minReadySeconds: int32(5, 'Seconds a pod must be ready before it counts as available.'),
  revisionHistoryLimit: int32(6, 'Number of old replica sets kept for going back.', { pointer: true }),
  paused: bool(7, 'Whether changes of the template wait.'),
  progressDeadlineSeconds: int32(9, 'Seconds without progress after which the change counts as failed.', { pointer: true }),
})
export type DeploymentSpec = z.output<typeof deploymentSpecSchema>

export const deploymentConditionSchema = message('io.k8s.api.apps.v1.DeploymentCondition', "One aspect of a deployment's state.", {
  type: string(1, 'Available, Progressing or ReplicaFailure.', { json: 'always', goType: 'v1.DeploymentConditionType' }),
  status: string(2, 'True, False or Unknown.', { json: 'always', goType: 'v1.ConditionStatus' }),
  lastUpdateTime: time(6, 'When this was looked at last.'),
  lastTransitionTime: time(7, 'When the status changed last.'),
  reason: string(4, 'Cause of the last change, one CamelCase word.'),
  message: string(5, 'What happened, for people.'),
})
export type DeploymentCondition = z.output<typeof deploymentConditionSchema>

export const deploymentStatusSchema = message('io.k8s.api.apps.v1.DeploymentStatus', 'What is seen of a deployment.', {
  observedGeneration: int64(1, 'Generation that the controller has seen.'),
  replicas: int32(2, 'Pods that exist.'),
  updatedReplicas: int32(3, 'Pods of the current template.'),
  readyReplicas: int32(7, 'Pods that are ready.'),
  availableReplicas: int32(4, 'Pods ready for long enough.'),
  unavailableReplicas: int32(5, 'Pods that are still missing.'),
  terminatingReplicas: int32(9, 'Pods on their way out.', { pointer: true }),
  conditions: list(6, deploymentConditionSchema, 'Aspects of its state.', {
    listType: 'map',
    listKeys: ['type'],
    patchStrategy: 'merge',
    patchMergeKey: 'type',
  }),
  collisionCount: int32(8, 'Counts name clashes of replica sets.', { pointer: true }),
})
export type DeploymentStatus = z.output<typeof deploymentStatusSchema>

export const deploymentSchema = kind(
  'io.k8s.api.apps.v1.Deployment',
  'Keeps a number of equal pods running and changes them step by step.',
  {
    metadata: object(1, objectMetaSchema, 'Name, labels and the other data every object has.', { json: 'always', required: false }),
    spec: object(2, deploymentSpecSchema, 'The wanted state.', { json: 'always', required: false }),
    status: object(3, deploymentStatusSchema, 'The state last seen.', { json: 'always', required: false }),
  },
)
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
  warnings: workloadWarnings,
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
