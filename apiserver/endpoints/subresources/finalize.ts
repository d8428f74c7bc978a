/** namespaces/finalize: the one way to change spec.finalizers; taking the last one ends a namespace that is going. */
import type { Namespace } from '#api/core/namespace.ts'
import { validateNamespaceFinalize } from '#api/core/validation/namespace.ts'
import type { KubeObject, SubresourceRules } from '#api/resource.ts'

export const finalizeRules: SubresourceRules<KubeObject> = {
  prepare(next, prev) {
    const finalizers = (next as Namespace).spec?.finalizers ?? []
    const kept = prev as Namespace
    return { ...kept, metadata: { ...kept.metadata }, spec: { ...kept.spec, finalizers } } as KubeObject
  },
  validate: (next) => validateNamespaceFinalize(next as Namespace),
}
