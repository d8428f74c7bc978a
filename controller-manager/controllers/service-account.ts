/** A ServiceAccount named `default` in every active namespace. */
import { Namespaces } from '#api/core/namespace.ts'
import { ServiceAccounts } from '#api/core/service-account.ts'
import { keyOf } from '#client/resource-path.ts'
import type { Controller } from '#client/runner/controller.ts'
import { nothing, type Plan } from '#client/runner/plan.ts'
import { type World, watch } from '#client/runner/world.ts'

const name = 'default'

export const serviceAccountController: Controller = {
  name: 'serviceaccount-controller',
  watches: [
    watch(Namespaces, { keys: (namespace) => [keyOf(namespace)] }),
    watch(ServiceAccounts, { keys: ({ metadata }) => (metadata.name === name ? [metadata.namespace ?? ''] : []), concerns: () => false }),
  ],
  reconcile: (key, world) => reconcileDefaultServiceAccount(key, world),
}

export function reconcileDefaultServiceAccount(key: string, world: World): Plan {
  const namespace = world.of(Namespaces).get(key)
  if (!namespace || namespace.metadata.deletionTimestamp !== undefined || namespace.status.phase !== 'Active') return nothing
  if (world.of(ServiceAccounts).get(`${key}/${name}`)) return nothing
  const object = { metadata: { namespace: key, name } }
  return { actions: [{ verb: 'create', type: ServiceAccounts, object, reason: 'namespace without default service account' }] }
}
