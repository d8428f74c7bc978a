/** Table columns of the controllers of pods. */
import { containerImages, containerNames, labelsText } from '#api/core/columns/template.ts'
import { ageColumn, column, countColumn, nameColumn } from '#api/meta/age.ts'
import { formatSelector, type LabelSelector, selectorFromLabelSelector } from '#api/meta/label-selector.ts'
import type { Column } from '#api/resource.ts'
import type { ControllerRevision } from './controller-revision.ts'
import type { DaemonSet } from './daemon-set.ts'
import type { Deployment } from './deployment.ts'
import type { ReplicaSet } from './replica-set.ts'
import type { StatefulSet } from './stateful-set.ts'

/** `a=b,c in (d,e)`; no selector selects nothing and reads `<none>`. */
export function selectorText(selector: LabelSelector | undefined): string {
  const parsed = selectorFromLabelSelector(selector)
  return parsed === undefined ? '<none>' : formatSelector(parsed)
}

export const deploymentColumns: readonly Column<Deployment>[] = [
  nameColumn,
  column('Ready', 'Ready replicas, of how many.', ({ spec, status }) => `${status.readyReplicas ?? 0}/${spec.replicas ?? 0}`),
  column('Up-to-date', 'Replicas of the current template.', ({ status }) => status.updatedReplicas ?? 0),
  column('Available', 'Replicas ready for long enough.', ({ status }) => status.availableReplicas ?? 0),
  ageColumn,
  column('Containers', 'Names of the containers.', ({ spec }) => containerNames(spec.template), 1),
  column('Images', 'Images of the containers.', ({ spec }) => containerImages(spec.template), 1),
  column('Selector', 'Labels of the pods.', ({ spec }) => selectorText(spec.selector), 1),
]

export const replicaSetColumns: readonly Column<ReplicaSet>[] = [
  nameColumn,
  countColumn('Desired', 'Replicas wanted.', ({ spec }) => spec.replicas ?? 0),
  countColumn('Current', 'Replicas that exist.', ({ status }) => status.replicas ?? 0),
  countColumn('Ready', 'Replicas that are ready.', ({ status }) => status.readyReplicas ?? 0),
  ageColumn,
  column('Containers', 'Names of the containers.', ({ spec }) => containerNames(spec.template), 1),
  column('Images', 'Images of the containers.', ({ spec }) => containerImages(spec.template), 1),
  column('Selector', 'Labels of the pods.', ({ spec }) => selectorText(spec.selector) || '<none>', 1),
]

export const daemonSetColumns: readonly Column<DaemonSet>[] = [
  nameColumn,
  countColumn('Desired', 'Nodes that should run a pod.', ({ status }) => status.desiredNumberScheduled),
  countColumn('Current', 'Nodes that run a pod and should.', ({ status }) => status.currentNumberScheduled),
  countColumn('Ready', 'Nodes with a ready pod.', ({ status }) => status.numberReady),
  countColumn('Up-to-date', 'Nodes with a pod of the current template.', ({ status }) => status.updatedNumberScheduled ?? 0),
  countColumn('Available', 'Nodes with a pod ready for long enough.', ({ status }) => status.numberAvailable ?? 0),
  column('Node Selector', 'Labels of the nodes.', ({ spec }) => labelsText(spec.template.spec?.nodeSelector)),
  ageColumn,
  column('Containers', 'Names of the containers.', ({ spec }) => containerNames(spec.template), 1),
  column('Images', 'Images of the containers.', ({ spec }) => containerImages(spec.template), 1),
  column('Selector', 'Labels of the pods.', ({ spec }) => selectorText(spec.selector) || '<none>', 1),
]

export const statefulSetColumns: readonly Column<StatefulSet>[] = [
  nameColumn,
  column('Ready', 'Ready replicas, of how many.', ({ spec, status }) => `${status.readyReplicas ?? 0}/${spec.replicas ?? 0}`),
  ageColumn,
  column('Containers', 'Names of the containers.', ({ spec }) => containerNames(spec.template), 1),
  column('Images', 'Images of the containers.', ({ spec }) => containerImages(spec.template), 1),
]

/** `daemonset.apps/name` */
function controllerOf({ metadata }: ControllerRevision): string {
  const owner = (metadata.ownerReferences ?? []).find(({ controller }) => controller === true)
  if (!owner) return '<none>'
  const group = owner.apiVersion.includes('/') ? `.${owner.apiVersion.slice(0, owner.apiVersion.indexOf('/'))}` : ''
  return `${owner.kind}${group}`.toLowerCase().concat('/', owner.name)
}

export const controllerRevisionColumns: readonly Column<ControllerRevision>[] = [
  nameColumn,
  column('Controller', 'Whose state was saved.', controllerOf),
  column('Revision', 'Number of the state.', ({ revision }) => revision),
  ageColumn,
]
