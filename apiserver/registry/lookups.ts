/**
 * Cheap questions about objects for authentication, admission and authorization: the cache first, the store where it knows nothing. What they
 * answer is shared with others and must not be changed.
 */
import type { Namespace } from '#api/core/namespace.ts'
import { Namespaces } from '#api/core/namespace.ts'
import { type Node, Nodes } from '#api/core/node.ts'
import { type Pod, Pods } from '#api/core/pod.ts'
import { type ServiceAccount, ServiceAccounts } from '#api/core/service-account.ts'
import type { KubeObject, Resource } from '#api/resource.ts'
import type { Store } from '#apiserver/cache/store.ts'
import { type Ref, segmentProblems } from '#apiserver/storage/keys.ts'

/** At once where the cache knows it: every new pod is asked about its namespace and its account. */
export type Found<T> = T | undefined | Promise<T | undefined>

export class Lookups {
  readonly #store: Store

  constructor(store: Store) {
    this.#store = store
  }

  namespace = (name: string): Found<Namespace> => this.#find(Namespaces, { name })
  node = (name: string): Promise<Node | undefined> => this.#look(Nodes, { name })
  pod = (namespace: string, name: string): Promise<Pod | undefined> => this.#look(Pods, { namespace, name })
  serviceAccount = (namespace: string, name: string): Found<ServiceAccount> => this.#find(ServiceAccounts, { namespace, name })

  /** A cluster-scoped object. */
  one = <T extends KubeObject>(resource: Resource<T>, name: string): Promise<T | undefined> => this.#look(resource, { name })

  /** All objects of a kind, of one namespace if given, as far as the cache knows. */
  all = <T extends KubeObject>(resource: Resource<T>, namespace?: string): readonly T[] => this.#store.shared(resource, namespace)

  podsOf = async (namespace: string): Promise<readonly Pod[]> =>
    (await this.#store.list(Pods, namespace, 'cached')).map(({ object }) => object)

  async #look<T extends KubeObject>(resource: Resource<T>, ref: Ref): Promise<T | undefined> {
    return await this.#find(resource, ref)
  }

  /** An absence is believed only of the newest state. */
  #find<T extends KubeObject>(resource: Resource<T>, ref: Ref): Found<T> {
    if (ref.name === '' || ref.namespace === '' || segmentProblems(ref.name).length > 0) return undefined
    return this.#store.cachedOne(resource, ref) ?? this.#store.sharedOne(resource, ref, 'consistent')
  }
}
