/** Table columns of replication controllers and pod templates. */
import type { PodTemplate } from '#api/core/pod-template.ts'
import type { ReplicationController } from '#api/core/replication-controller.ts'
import { ageColumn, column, countColumn, nameColumn } from '#api/meta/age.ts'
import type { Column } from '#api/resource.ts'
import { containerImages, containerNames, labelsText } from './template.ts'

export const replicationControllerColumns: readonly Column<ReplicationController>[] = [
  nameColumn,
  countColumn('Desired', 'Replicas wanted.', ({ spec }) => spec.replicas ?? 0),
  countColumn('Current', 'Replicas that exist.', ({ status }) => status.replicas),
  countColumn('Ready', 'Replicas that are ready.', ({ status }) => status.readyReplicas ?? 0),
  ageColumn,
  column('Containers', 'Names of the containers.', ({ spec }) => containerNames(spec.template), 1),
  column('Images', 'Images of the containers.', ({ spec }) => containerImages(spec.template), 1),
  column('Selector', 'Labels of the pods.', ({ spec }) => labelsText(spec.selector), 1),
]

export const podTemplateColumns: readonly Column<PodTemplate>[] = [
  nameColumn,
  column('Containers', 'Names of the containers.', ({ template }) => containerNames(template)),
  column('Images', 'Images of the containers.', ({ template }) => containerImages(template)),
  column('Pod Labels', 'Labels of the pods.', ({ template }) => labelsText(template?.metadata?.labels)),
]
