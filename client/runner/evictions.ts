/** The Eviction that is posted to a pod. */
import type { Ref, ResourceType } from '#client/resource-path.ts'

const pods: ResourceType = { group: '', version: 'v1', kind: 'Pod', plural: 'pods', scope: 'Namespaced' }

function body(ref: Ref, preconditions: { uid?: string } | undefined, gracePeriodSeconds: number | undefined): unknown {
  const options = {
    ...(preconditions ? { preconditions } : {}),
    ...(gracePeriodSeconds === undefined ? {} : { gracePeriodSeconds }),
  }
  return {
    apiVersion: 'policy/v1',
    kind: 'Eviction',
    metadata: { ...(ref.namespace ? { namespace: ref.namespace } : {}), name: ref.name },
    ...(Object.keys(options).length > 0 ? { deleteOptions: options } : {}),
  }
}

export const Evictions = { pods, body }
