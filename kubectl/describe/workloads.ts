/** Describes deployments and replica sets. */
import type { Deployment } from '#api/apps/deployment.ts'
import type { ReplicaSet } from '#api/apps/replica-set.ts'
import type { Pod } from '#api/core/pod.ts'
import type { PodTemplateSpec } from '#api/core/pod-spec.ts'
import { formatSelector, selectorFromLabelSelector } from '#api/meta/label-selector.ts'
import { describeContainers, describeTolerations, describeVolumes } from './containers.ts'
import { type Describer, eventTable, head, labelsAndAnnotations } from './describer.ts'
import { type Lines, longTime } from './lines.ts'

const selectorText = (object: Deployment | ReplicaSet): string => formatSelector(selectorFromLabelSelector(object.spec.selector) ?? [])

function describeTemplate(template: PodTemplateSpec | undefined, lines: Lines): void {
  const { labels, annotations } = template?.metadata ?? {}
  lines.add(0, 'Pod Template:').pairs('  Labels', labels)
  if (Object.keys(annotations ?? {}).length > 0) lines.pairs('  Annotations', annotations, ': ')
  const spec = template?.spec
  if (spec?.serviceAccountName) lines.add(1, `Service Account:\t${spec.serviceAccountName}`)
  describeContainers('Init Containers', spec?.initContainers ?? [], lines)
  describeContainers('Containers', spec?.containers ?? [], lines)
  describeVolumes(spec?.volumes, lines, true)
  lines.pairs('  Node-Selectors', spec?.nodeSelector)
  describeTolerations('  Tolerations', spec?.tolerations, lines)
}

export const deployment: Describer<Deployment> = {
  related: (object) => [{ group: 'apps', plural: 'replicasets', labelSelector: selectorText(object) }],
  describe(object, lines, around) {
    const { spec, status, metadata } = object
    head(object, lines, { namespaced: true })
    lines.add(0, `CreationTimestamp:\t${longTime(metadata.creationTimestamp)}`)
    labelsAndAnnotations(object, lines)
    lines.add(0, `Selector:\t${selectorText(object)}`)
    const [wanted, updated, total] = [spec.replicas ?? 1, status.updatedReplicas ?? 0, status.replicas ?? 0]
    lines.add(
      0,
      `Replicas:\t${wanted} desired | ${updated} updated | ${total} total | ${status.availableReplicas ?? 0} available | ${status.unavailableReplicas ?? 0} unavailable`,
    )
    lines.add(0, `StrategyType:\t${spec.strategy?.type ?? ''}`).add(0, `MinReadySeconds:\t${spec.minReadySeconds ?? 0}`)
    const rolling = spec.strategy?.rollingUpdate
    if (rolling) lines.add(0, `RollingUpdateStrategy:\t${rolling.maxUnavailable} max unavailable, ${rolling.maxSurge} max surge`)
    describeTemplate(spec.template, lines)
    if (status.conditions?.length) {
      lines.add(0, 'Conditions:').add(1, 'Type\tStatus\tReason').add(1, '----\t------\t------')
      for (const c of status.conditions) lines.add(1, `${c.type} \t${c.status}\t${c.reason ?? ''}`)
    }
    describeReplicaSets(object, around.related as ReplicaSet[], lines)
    eventTable(lines, around)
  },
}

function describeReplicaSets(object: Deployment, sets: readonly ReplicaSet[], lines: Lines): void {
  const revision = 'deployment.kubernetes.io/revision'
  const own = sets.filter((rs) => rs.metadata.ownerReferences?.some((o) => o.uid === object.metadata.uid))
  const newest = own.find((rs) => rs.metadata.annotations?.[revision] === object.metadata.annotations?.[revision])
  const text = (rs: ReplicaSet): string => `${rs.metadata.name} (${rs.status.replicas ?? 0}/${rs.spec.replicas ?? 0} replicas created)`
  const old = own.filter((rs) => rs !== newest)
  lines.add(0, `OldReplicaSets:\t${old.length === 0 ? '<none>' : old.map(text).join(', ')}`)
  lines.add(0, `NewReplicaSet:\t${newest ? text(newest) : '<none>'}`)
}

export const replicaSet: Describer<ReplicaSet> = {
  related: (object) => [{ group: '', plural: 'pods', labelSelector: selectorText(object) }],
  describe(object, lines, around) {
    head(object, lines, { namespaced: true })
    lines.add(0, `Selector:\t${selectorText(object)}`)
    labelsAndAnnotations(object, lines)
    const owner = object.metadata.ownerReferences?.find((o) => o.controller)
    if (owner) lines.add(0, `Controlled By:\t${owner.kind}/${owner.name}`)
    lines.add(0, `Replicas:\t${object.status.replicas ?? 0} current / ${object.spec.replicas ?? 1} desired`)
    const phases = (around.related as Pod[])
      .filter((p) => p.metadata.ownerReferences?.some((o) => o.uid === object.metadata.uid))
      .map((p) => p.status.phase ?? 'Unknown')
    const count = (phase: string): number => phases.filter((p) => p === phase).length
    lines.add(
      0,
      `Pods Status:\t${count('Running')} Running / ${count('Pending')} Waiting / ${count('Succeeded')} Succeeded / ${count('Failed')} Failed`,
    )
    describeTemplate(object.spec.template, lines)
    eventTable(lines, around)
  },
}
