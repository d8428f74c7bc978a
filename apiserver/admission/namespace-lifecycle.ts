/** NamespaceLifecycle: nothing is made in namespaces that are absent or going; the system's own namespaces stay. */

import type { Namespace } from '#api/core/namespace.ts'
import { ApiError, notFoundError } from '#api/meta/status.ts'
import type { Resource } from '#api/resource.ts'
import type { Found } from '#apiserver/registry/lookups.ts'
import { type AdmissionPlugin, type AdmissionRequest, isResource, refuse, whenKnown } from './admission.ts'

const immortal: ReadonlySet<string> = new Set(['default', 'kube-system', 'kube-public'])

export interface NamespaceLookup {
  /** `consistent` asks again where the cheap answer was none. */
  find(name: string): Found<Namespace>
}

export function namespaceLifecycle(namespaces: NamespaceLookup, resource: Resource): AdmissionPlugin {
  return {
    name: 'NamespaceLifecycle',
    validate(request) {
      if (request.operation === 'delete' && isResource(request, '', 'namespaces') && immortal.has(request.name))
        throw refuse(request, 'this namespace may not be deleted')
    },
    /** Before the object is looked at: upstream answers with this first. */
    mutate(request) {
      if (request.operation !== 'create' || request.namespace === '' || request.resource.scope !== 'Namespaced') return
      const isReview = request.subresource === '' && request.resource.plural.endsWith('accessreviews')
      if (isReview) return
      return whenKnown(namespaces.find(request.namespace), (namespace) => {
        if (!namespace) throw notFoundError(resource, request.namespace)
        if (namespace.metadata.deletionTimestamp !== undefined || namespace.status?.phase === 'Terminating') throw terminating(request)
      })
    },
  }
}

function terminating(request: AdmissionRequest): ApiError {
  const why = `unable to create new content in namespace ${request.namespace} because it is being terminated`
  const error = refuse(request, why)
  const cause = {
    reason: 'NamespaceTerminating',
    message: `namespace ${request.namespace} is being terminated`,
    field: 'metadata.namespace',
  }
  return new ApiError(error.code, error.reason, error.message, { ...error.details, causes: [cause] })
}
