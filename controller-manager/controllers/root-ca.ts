/** The ConfigMap kube-root-ca.crt in every namespace: how pods verify the API server. */
import { ConfigMaps } from '#api/core/config-map.ts'
import { Namespaces } from '#api/core/namespace.ts'
import { sameValue } from '#api/meta/same-value.ts'
import { keyOf } from '#client/resource-path.ts'
import type { Controller } from '#client/runner/controller.ts'
import { nothing, type Plan } from '#client/runner/plan.ts'
import { type World, watch } from '#client/runner/world.ts'

const name = 'kube-root-ca.crt'
const descriptionAnnotation = 'kubernetes.io/description'
const description =
  'Contains a CA bundle that can be used to verify the kube-apiserver when using internal endpoints such as the internal service IP or kubernetes.default.svc. No other usage is guaranteed across distributions of Kubernetes clusters.'

export function rootCaController(rootCa: string): Controller {
  return {
    name: 'root-ca-certificate-publisher-controller',
    watches: [
      watch(Namespaces, { keys: (namespace) => [keyOf(namespace)] }),
      watch(ConfigMaps, { keys: ({ metadata }) => (metadata.name === name ? [metadata.namespace ?? ''] : []) }),
    ],
    reconcile: (key, world) => reconcileRootCa(key, world, rootCa),
  }
}

export function reconcileRootCa(key: string, world: World, rootCa: string): Plan {
  const namespace = world.of(Namespaces).get(key)
  if (!namespace || namespace.metadata.deletionTimestamp !== undefined || namespace.status.phase !== 'Active') return nothing
  const data = { 'ca.crt': rootCa }
  const current = world.of(ConfigMaps).get(`${key}/${name}`)
  if (!current) {
    const object = { metadata: { namespace: key, name, annotations: { [descriptionAnnotation]: description } }, data }
    return { actions: [{ verb: 'create', type: ConfigMaps, object, reason: 'namespace without root CA' }] }
  }
  if (sameValue(current.data, data) && current.metadata.annotations?.[descriptionAnnotation]) return nothing
  const annotations = { ...current.metadata.annotations, [descriptionAnnotation]: description }
  const object = { ...current, metadata: { ...current.metadata, annotations }, data }
  return { actions: [{ verb: 'update', type: ConfigMaps, object, reason: 'root CA differs' }] }
}
