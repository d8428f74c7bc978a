/** What becomes of one object in the owner graph (upstream: pkg/controller/garbagecollector). Pure. */
import type { OwnerReference } from '#api/meta/object-meta.ts'
import { apiVersionOf } from '#api/resource.ts'
import type { Ref } from '#client/resource-path.ts'
import { type Action, type ActionEvent, nothing, type Plan } from '#client/runner/plan.ts'
import {
  deletesDependents,
  foregroundFinalizer,
  type GraphNode,
  type Misplaced,
  type OwnerGraph,
  orphanFinalizer,
  orphansDependents,
} from './owner-graph.ts'

/** What a live read said of owners that the graph does not have, by uid. */
export type OwnerState = 'present' | 'absent' | 'invalid'

export interface Sorted {
  solid: OwnerReference[]
  dangling: OwnerReference[]
  /** Owners that take their dependents with them, whether they wait for this one or not. */
  waiting: OwnerReference[]
  /** A namespaced owner of a cluster-scoped object: cannot exist, and is not taken for gone. */
  invalid: OwnerReference[]
}

/** References whose owner must be read live before anything is decided. */
export function unknownOwners(node: GraphNode, graph: OwnerGraph): OwnerReference[] {
  return node.owners.filter((reference) => !graph.ownerOf(node, reference))
}

export function sortOwners(node: GraphNode, graph: OwnerGraph, live: ReadonlyMap<string, OwnerState>): Sorted {
  const sorted: Sorted = { solid: [], dangling: [], waiting: [], invalid: [] }
  for (const reference of node.owners) {
    const owner = graph.ownerOf(node, reference)
    if (!owner) {
      const state = live.get(reference.uid) ?? 'present'
      sorted[state === 'absent' ? 'dangling' : state === 'invalid' ? 'invalid' : 'solid'].push(reference)
    } else if (deletesDependents(owner)) sorted.waiting.push(reference)
    else sorted.solid.push(reference)
  }
  return sorted
}

export function decide(node: GraphNode, graph: OwnerGraph, live: ReadonlyMap<string, OwnerState>): Plan {
  if (orphansDependents(node)) return orphan(node, graph)
  const own = deletesDependents(node) ? finishForeground(node, graph) : undefined
  if (own) return own
  if (node.deleting || node.owners.length === 0) return nothing
  const { solid, dangling, waiting, invalid } = sortOwners(node, graph, live)
  if (invalid.length > 0) return nothing
  if (solid.length > 0) {
    const gone = [...dangling, ...waiting]
    return gone.length === 0 ? nothing : { actions: [withoutOwners(node, gone)] }
  }
  if (waiting.length > 0 && graph.dependentsOf(node.uid).length > 0) return { actions: deleteInForeground(node, graph) }
  return { actions: [remove(node, policyOf(node))] }
}

const refOfNode = ({ namespace, name }: GraphNode): Ref => (namespace ? { namespace, name } : { name })

function policyOf({ finalizers }: GraphNode): 'Orphan' | 'Foreground' | 'Background' {
  if (finalizers.includes(orphanFinalizer)) return 'Orphan'
  return finalizers.includes(foregroundFinalizer) ? 'Foreground' : 'Background'
}

function remove(node: GraphNode, propagationPolicy: 'Orphan' | 'Foreground' | 'Background'): Action {
  return {
    verb: 'delete',
    type: node.type,
    ref: refOfNode(node),
    propagationPolicy,
    preconditions: { uid: node.uid, ...(node.resourceVersion ? { resourceVersion: node.resourceVersion } : {}) },
    reason: 'owners are gone',
  }
}

/** Its own dependents go first. In a circle nobody may wait for this object, or the circle would never end. */
function deleteInForeground(node: GraphNode, graph: OwnerGraph): Action[] {
  const circular = graph.dependentsOf(node.uid).some(deletesDependents)
  const actions: Action[] = []
  if (circular) {
    const owners = node.owners.map((reference) => ({ uid: reference.uid, blockOwnerDeletion: false }))
    actions.push({ ...patchOwners(node, owners), reason: 'owners wait for each other' })
    return [...actions, { ...remove({ ...node, resourceVersion: undefined }, 'Foreground'), reason: 'owner is deleted in the foreground' }]
  }
  return [{ ...remove(node, 'Foreground'), reason: 'owner is deleted in the foreground' }]
}

/** Undefined while blocking dependents are left: they are looked at themselves. */
function finishForeground(node: GraphNode, graph: OwnerGraph): Plan | undefined {
  const blocking = graph
    .dependentsOf(node.uid)
    .filter((dependent) => dependent.owners.some((reference) => reference.uid === node.uid && reference.blockOwnerDeletion === true))
  if (blocking.length > 0) return nothing
  return { actions: [withoutFinalizer(node, foregroundFinalizer, 'blocking dependents are gone')] }
}

function orphan(node: GraphNode, graph: OwnerGraph): Plan {
  const releases = graph.dependentsOf(node.uid).map((dependent) => {
    const reference = dependent.owners.find(({ uid }) => uid === node.uid)
    return { ...withoutOwners(dependent, reference ? [reference] : []), reason: 'owner is deleted and orphans' }
  })
  return { actions: [{ parallel: releases }, withoutFinalizer(node, orphanFinalizer, 'dependents are orphaned')] }
}

function withoutOwners(node: GraphNode, gone: readonly OwnerReference[]): Action {
  const left = node.owners.filter((reference) => !gone.includes(reference))
  return { ...patchWhole(node, { ownerReferences: left }), reason: 'owners are gone' }
}

function patchOwners(node: GraphNode, owners: readonly { uid: string; blockOwnerDeletion: boolean }[]): Action {
  const changed = node.owners.map((reference) => ({ ...reference, ...owners.find(({ uid }) => uid === reference.uid) }))
  return patchWhole(node, { ownerReferences: changed })
}

function withoutFinalizer(node: GraphNode, finalizer: string, reason: string): Action {
  return { ...patchWhole(node, { finalizers: node.finalizers.filter((f) => f !== finalizer) }), reason }
}

/** Merge patches work for every kind, custom ones too; the version guards the lists that are replaced whole. */
function patchWhole(node: GraphNode, metadata: { ownerReferences?: readonly unknown[]; finalizers?: readonly string[] }): Action {
  const { uid, resourceVersion } = node
  const list = (value: readonly unknown[] | undefined): unknown => (value === undefined ? undefined : value.length > 0 ? value : null)
  const body = {
    metadata: {
      uid,
      ...(resourceVersion ? { resourceVersion } : {}),
      ...(metadata.ownerReferences ? { ownerReferences: list(metadata.ownerReferences) } : {}),
      ...(metadata.finalizers ? { finalizers: list(metadata.finalizers) } : {}),
    },
  }
  return { verb: 'patch', type: node.type, ref: refOfNode(node), patch: { type: 'merge', body }, reason: 'ownership' }
}

/** What is said of a reference to an owner of another namespace. */
export function misplacedEvent({ dependent: node, reference }: Misplaced): ActionEvent {
  const { namespace, name, uid, type } = node
  const text = `[${reference.apiVersion}/${reference.kind}, namespace: ${namespace ?? ''}, name: ${reference.name}, uid: ${reference.uid}]`
  return {
    about: { apiVersion: apiVersionOf(type), kind: type.kind, metadata: { name, uid, ...(namespace ? { namespace } : {}) } },
    type: 'Warning',
    reason: 'OwnerRefInvalidNamespace',
    message: `ownerRef ${text} does not exist in namespace ${JSON.stringify(namespace ?? '')}`,
  }
}
