/** Table columns of deployments and replica sets. */
import type { PodTemplateSpec } from '#api/core/pod-spec.ts'
import { ageColumn, column, nameColumn } from '#api/meta/age.ts'
import { formatSelector, type LabelSelector, selectorFromLabelSelector } from '#api/meta/label-selector.ts'
import type { Column } from '#api/resource.ts'
import type { Deployment } from './deployment.ts'
import type { ReplicaSet } from './replica-set.ts'

const containerNames = (template: PodTemplateSpec | undefined): string =>
  (template?.spec?.containers ?? []).map((container) => container.name).join(',')
const containerImages = (template: PodTemplateSpec | undefined): string =>
  (template?.spec?.containers ?? []).map((container) => container.image ?? '').join(',')

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

const count = (name: string, description: string, cell: (set: ReplicaSet) => number): Column<ReplicaSet> => ({
  ...column(name, description, cell),
  type: 'integer',
})

export const replicaSetColumns: readonly Column<ReplicaSet>[] = [
  nameColumn,
  count('Desired', 'Replicas wanted.', ({ spec }) => spec.replicas ?? 0),
  count('Current', 'Replicas that exist.', ({ status }) => status.replicas ?? 0),
  count('Ready', 'Replicas that are ready.', ({ status }) => status.readyReplicas ?? 0),
  ageColumn,
  column('Containers', 'Names of the containers.', ({ spec }) => containerNames(spec.template), 1),
  column('Images', 'Images of the containers.', ({ spec }) => containerImages(spec.template), 1),
  column('Selector', 'Labels of the pods.', ({ spec }) => selectorText(spec.selector) || '<none>', 1),
]
