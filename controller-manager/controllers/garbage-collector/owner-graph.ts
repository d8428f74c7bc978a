/** Who owns whom, over all kinds: built from metadata, keyed by uid. */
import type { OwnerReference } from '#api/meta/object-meta.ts'
import type { KubeObject } from '#api/resource.ts'
import type { ResourceType } from '#client/resource-path.ts'

export interface GraphNode {
  uid: string
  type: ResourceType
  namespace: string | undefined
  name: string
  resourceVersion: string | undefined
  owners: readonly OwnerReference[]
  deleting: boolean
  finalizers: readonly string[]
}

export const foregroundFinalizer = 'foregroundDeletion'
export const orphanFinalizer = 'orphan'

/** Waits with its own end until its blocking dependents are gone. */
export const deletesDependents = (node: GraphNode): boolean => node.deleting && node.finalizers.includes(foregroundFinalizer)
export const orphansDependents = (node: GraphNode): boolean => node.deleting && node.finalizers.includes(orphanFinalizer)

export function graphNode(type: ResourceType, object: KubeObject): GraphNode {
  const { uid = '', namespace, name = '', resourceVersion, ownerReferences = [], deletionTimestamp, finalizers = [] } = object.metadata
  return { uid, type, namespace, name, resourceVersion, owners: ownerReferences, deleting: deletionTimestamp !== undefined, finalizers }
}

/** A reference to an owner that is there, but in another namespace. */
export interface Misplaced {
  dependent: GraphNode
  reference: OwnerReference
}

export class OwnerGraph {
  readonly #nodes = new Map<string, GraphNode>()
  readonly #dependents = new Map<string, Set<string>>()

  get size(): number {
    return this.#nodes.size
  }

  get(uid: string): GraphNode | undefined {
    return this.#nodes.get(uid)
  }

  dependentsOf(uid: string): GraphNode[] {
    return [...(this.#dependents.get(uid) ?? [])].flatMap((dependent) => this.#nodes.get(dependent) ?? [])
  }

  /** The owner that `reference` of `node` means, if it is there: the uid alone could name an object of another namespace. */
  ownerOf(node: GraphNode, reference: OwnerReference): GraphNode | undefined {
    const owner = this.#nodes.get(reference.uid)
    if (!owner || owner.type.kind !== reference.kind || owner.name !== reference.name) return undefined
    return owner.namespace === undefined || owner.namespace === node.namespace ? owner : undefined
  }

  /** What `put` of an object will show to refer across namespaces: its own new references, and those of others to it where it is new. */
  misplacedBy(node: GraphNode): Misplaced[] {
    const was = this.#nodes.get(node.uid)
    const known = new Set(was?.owners.map(({ uid }) => uid))
    const reference = node.owners.find(({ uid }) => !known.has(uid) && isElsewhere(this.#nodes.get(uid), node))
    const own = reference ? [{ dependent: node, reference }] : []
    if (was) return own
    const others = this.dependentsOf(node.uid).flatMap((dependent) => {
      const theirs = dependent.owners.find(({ uid }) => uid === node.uid)
      return theirs && isElsewhere(node, dependent) ? [{ dependent, reference: theirs }] : []
    })
    return [...own, ...others]
  }

  /**
   * Takes in an object as it is now. Returns the uids to look at: the object itself, its dependents, owners that may have waited for it.
   */
  put(node: GraphNode): string[] {
    const was = this.#nodes.get(node.uid)
    this.#unlink(was)
    this.#nodes.set(node.uid, node)
    for (const { uid } of node.owners) {
      const set = this.#dependents.get(uid)
      if (set) set.add(node.uid)
      else this.#dependents.set(uid, new Set([node.uid]))
    }
    const affected = new Set<string>()
    const startsDeleting =
      (deletesDependents(node) && !(was && deletesDependents(was))) || (orphansDependents(node) && !(was && orphansDependents(was)))
    if (startsDeleting) affected.add(node.uid)
    if (deletesDependents(node)) for (const dependent of this.#dependents.get(node.uid) ?? []) affected.add(dependent)
    if (node.owners.some((reference) => !this.ownerOf(node, reference))) affected.add(node.uid)
    for (const reference of [...(was?.owners ?? []), ...node.owners]) {
      const owner = this.#nodes.get(reference.uid)
      if (owner && deletesDependents(owner)) for (const uid of [owner.uid, node.uid]) affected.add(uid)
    }
    return [...affected]
  }

  remove(uid: string): string[] {
    const was = this.#nodes.get(uid)
    this.#unlink(was)
    this.#nodes.delete(uid)
    const owners = (was?.owners ?? []).map((reference) => reference.uid).filter((owner) => this.#isWaiting(owner))
    return [...(this.#dependents.get(uid) ?? []), ...owners]
  }

  #isWaiting(uid: string): boolean {
    const owner = this.#nodes.get(uid)
    return owner !== undefined && deletesDependents(owner)
  }

  #unlink(node: GraphNode | undefined): void {
    for (const { uid } of node?.owners ?? []) {
      const set = this.#dependents.get(uid)
      set?.delete(node?.uid ?? '')
      if (set?.size === 0) this.#dependents.delete(uid)
    }
  }
}

const isElsewhere = (owner: GraphNode | undefined, dependent: GraphNode): boolean =>
  owner?.namespace !== undefined && owner.namespace !== dependent.namespace
