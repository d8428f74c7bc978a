/** namespaces/finalize: the one way to change spec.finalizers; taking the last one ends a namespace that is going. */
import type { Namespace } from '#api/core/namespace.ts'
import { validateNamespaceFinalize } from '#api/core/validation/namespace.ts'
import type { KubeObject, SubresourceRules } from '#api/resource.ts'

export const finalizeRules: SubresourceRules<KubeObject> = {
  prepare: (next, prev) => ({ ...next, status: (prev as Namespace).status }) as KubeObject,
  validate: (next) => validateNamespaceFinalize(next as Namespace),
}
