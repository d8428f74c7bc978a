/** Dependent defaults of deployments and replica sets (upstream: pkg/apis/apps/v1/defaults.go). */
import { defaultPodSpec, dropInitContainerAnnotations } from '#api/core/defaults/pod.ts'
import type { PodTemplateSpec } from '#api/core/pod-spec.ts'
import type { Deployment, DeploymentStrategy } from './deployment.ts'
import type { ReplicaSet } from './replica-set.ts'

const revisionsKept = 10
const progressDeadlineSeconds = 600

function defaultTemplate(template: PodTemplateSpec): PodTemplateSpec {
  template.spec ??= { containers: [] }
  dropInitContainerAnnotations(template.metadata)
  defaultPodSpec(template.spec)
  return template
}

function defaultStrategy(strategy: DeploymentStrategy): DeploymentStrategy {
  strategy.type ||= 'RollingUpdate'
  if (strategy.type === 'RollingUpdate') {
    strategy.rollingUpdate ??= {}
    strategy.rollingUpdate.maxUnavailable ??= '25%'
    strategy.rollingUpdate.maxSurge ??= '25%'
  }
  return strategy
}

export function defaultDeployment(deployment: Deployment): Deployment {
  const { spec } = deployment
  spec.replicas ??= 1
  spec.template = defaultTemplate(spec.template ?? {})
  spec.strategy = defaultStrategy(spec.strategy ?? {})
  spec.revisionHistoryLimit ??= revisionsKept
  spec.progressDeadlineSeconds ??= progressDeadlineSeconds
  return deployment
}

export function defaultReplicaSet(set: ReplicaSet): ReplicaSet {
  const { spec } = set
  spec.replicas ??= 1
  spec.template = defaultTemplate(spec.template ?? {})
  return set
}
