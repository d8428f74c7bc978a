/** Pods. */
import type { z } from 'zod'
import { kind, object } from '#api/fields.ts'
import { objectMetaSchema } from '#api/meta/object-meta.ts'
import type { Resource } from '#api/resource.ts'
import { podColumns, podRowConditions } from './columns/pod.ts'
import { defaultPod } from './defaults/pod.ts'
import { podGraceSeconds, prepareEphemeralContainers, preparePod, preparePodStatus, prepareResize } from './pod-prepare.ts'
import { podSpecSchema } from './pod-spec.ts'
import { podStatusSchema } from './pod-status.ts'
import { podWarnings } from './pod-warnings.ts'
import { validateEphemeralContainersUpdate, validatePod } from './validation/pod.ts'
import { validateResize } from './validation/pod-resize.ts'
import { validatePodStatus } from './validation/pod-status.ts'

export const podSchema = kind('io.k8s.api.core.v1.Pod', 'Containers that run together on one node.', {
  metadata: object(1, objectMetaSchema, 'Name, labels and the other data every object has.', { json: 'always', required: false }),
  spec: object(2, podSpecSchema, 'The wanted state.', { json: 'always', required: false }),
  status: object(3, podStatusSchema, 'The state last seen.', { json: 'always', required: false }),
})
export type Pod = z.output<typeof podSchema>

export const Pods: Resource<Pod> = {
  group: '',
  version: 'v1',
  kind: 'Pod',
  plural: 'pods',
  singular: 'pod',
  shortNames: ['po'],
  categories: ['all'],
  scope: 'Namespaced',
  schema: podSchema,
  metadataOnUpdate: 'checked as of a new object',
  columns: podColumns,
  rowConditions: podRowConditions,
  generation: false,
  defaults: defaultPod,
  prepare: preparePod,
  validate: validatePod,
  warnings: podWarnings,
  subresources: {
    status: { prepare: preparePodStatus, validate: validatePodStatus },
    ephemeralcontainers: { prepare: prepareEphemeralContainers, validate: validateEphemeralContainersUpdate },
    resize: { prepare: prepareResize, validate: validateResize },
  },
  deletion: { graceSeconds: podGraceSeconds },
  returnsDeleted: true,
  selectableFields: {
    // the older name of the next
    'spec.host': (pod) => pod.spec.nodeName ?? '',
    'spec.nodeName': (pod) => pod.spec.nodeName ?? '',
    'spec.restartPolicy': (pod) => pod.spec.restartPolicy ?? '',
    'spec.schedulerName': (pod) => pod.spec.schedulerName ?? '',
    'spec.serviceAccountName': (pod) => pod.spec.serviceAccountName ?? '',
    'spec.hostNetwork': (pod) => String(pod.spec.hostNetwork ?? false),
    'status.phase': (pod) => pod.status.phase ?? '',
    'status.podIP': (pod) => pod.status.podIPs?.[0]?.ip ?? '',
    // may be asked for, and finds nothing
    'status.podIPs': () => '',
    'status.nominatedNodeName': (pod) => pod.status.nominatedNodeName ?? '',
  },
}
