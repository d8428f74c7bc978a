/** Dependent defaults of the controllers of pods (upstream: pkg/apis/apps/v1/defaults.go). */
import { defaultClaimOfSet } from '#api/core/defaults/storage.ts'
import { defaultTemplate } from '#api/core/defaults/template.ts'
import type { DaemonSet } from './daemon-set.ts'
import type { Deployment, DeploymentStrategy } from './deployment.ts'
import type { ReplicaSet } from './replica-set.ts'
import type { StatefulSet } from './stateful-set.ts'

const revisionsKept = 10
const progressDeadlineSeconds = 600

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

export function defaultDaemonSet(set: DaemonSet): DaemonSet {
  const { spec } = set
  spec.template = defaultTemplate(spec.template ?? {})
  spec.updateStrategy ??= {}
  const { updateStrategy: strategy } = spec
  strategy.type ||= 'RollingUpdate'
  if (strategy.type === 'RollingUpdate') {
    strategy.rollingUpdate ??= {}
    strategy.rollingUpdate.maxUnavailable ??= 1
    strategy.rollingUpdate.maxSurge ??= 0
  } else if (strategy.rollingUpdate) {
    // upstream's internal form has no room for their absence
    strategy.rollingUpdate.maxUnavailable ??= 0
    strategy.rollingUpdate.maxSurge ??= 0
  }
  spec.revisionHistoryLimit ??= revisionsKept
  return set
}

export function defaultStatefulSet(set: StatefulSet): StatefulSet {
  const { spec } = set
  spec.template = defaultTemplate(spec.template ?? {})
  for (const claim of spec.volumeClaimTemplates ?? []) defaultClaimOfSet(claim)
  spec.podManagementPolicy ||= 'OrderedReady'
  spec.updateStrategy ??= {}
  const { updateStrategy: strategy } = spec
  if (!strategy.type) {
    strategy.type = 'RollingUpdate'
    strategy.rollingUpdate ??= {}
  }
  if (strategy.type === 'RollingUpdate' && strategy.rollingUpdate) strategy.rollingUpdate.partition ??= 0
  spec.persistentVolumeClaimRetentionPolicy ??= {}
  spec.persistentVolumeClaimRetentionPolicy.whenDeleted ||= 'Retain'
  spec.persistentVolumeClaimRetentionPolicy.whenScaled ||= 'Retain'
  spec.replicas ??= 1
  spec.revisionHistoryLimit ??= revisionsKept
  return set
}
