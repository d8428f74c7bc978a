// The garbage collector: graphs of owners and dependents → who is deleted, released or kept.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { OwnerReference } from '#api/meta/object-meta.ts'
import type { ResourceType } from '#client/resource-path.ts'
import type { Plan } from '#client/runner/plan.ts'
import { decide, misplacedEvent, type OwnerState } from './decide.ts'
import { foregroundFinalizer, type GraphNode, OwnerGraph, orphanFinalizer } from './owner-graph.ts'

const things: ResourceType = { group: 'g', version: 'v1', kind: 'Thing', plural: 'things', scope: 'Namespaced' }

function thing(name: string, owners: readonly (string | [name: string, block: boolean])[] = [], more: Partial<GraphNode> = {}): GraphNode {
  const references = owners.map((owner): OwnerReference => {
    const [of, block] = typeof owner === 'string' ? [owner, true] : owner
    return { apiVersion: 'g/v1', kind: 'Thing', name: of, uid: of, blockOwnerDeletion: block }
  })
  return {
    uid: name,
    type: things,
    namespace: 'ns',
    name,
    resourceVersion: '1',
    owners: references,
    deleting: false,
    finalizers: [],
    ...more,
  }
}
const foreground = { deleting: true, finalizers: [foregroundFinalizer] }

function graphOf(...nodes: GraphNode[]): OwnerGraph {
  const graph = new OwnerGraph()
  for (const node of nodes) graph.put(node)
  return graph
}
function shown(plan: Plan): string[] {
  return plan.actions
    .flatMap((step) => ('parallel' in step ? step.parallel : [step]))
    .map((a) => {
      if (a.verb === 'delete') return `delete ${a.ref.name} ${a.propagationPolicy}`
      if (a.verb === 'patch')
        return `patch ${a.ref.name} ${JSON.stringify((a.patch.body as { metadata: object }).metadata, (key, value) => (key === 'uid' || key === 'resourceVersion' ? undefined : value))}`
      return a.verb
    })
}
const of = (node: GraphNode, graph: OwnerGraph, live: Record<string, OwnerState> = {}) =>
  shown(decide(node, graph, new Map(Object.entries(live))))

test('background: dependents of an owner that is gone are deleted, those of one that lives stay', () => {
  const child = thing('c', ['o'])
  assert.deepEqual(of(child, graphOf(child), { o: 'absent' }), ['delete c Background'])
  assert.deepEqual(of(child, graphOf(child), { o: 'present' }), [])
  assert.deepEqual(of(child, graphOf(thing('o'), child)), [])
  assert.deepEqual(of(thing('free'), graphOf()), [])
})

test('one owner of two is gone: only the reference goes', () => {
  const child = thing('c', ['o', 'p'])
  const graph = graphOf(thing('p'), child)
  const left = { apiVersion: 'g/v1', kind: 'Thing', name: 'p', blockOwnerDeletion: true }
  assert.deepEqual(of(child, graph, { o: 'absent' }), [`patch c {"ownerReferences":[${JSON.stringify(left)}]}`])
})

test('foreground: dependents go while the owner waits, then its finalizer', () => {
  const owner = thing('o', [], foreground)
  const child = thing('c', ['o'])
  const graph = graphOf(owner, child)
  assert.deepEqual(of(owner, graph), [])
  assert.deepEqual(of(child, graph), ['delete c Background'])
  graph.remove('c')
  assert.deepEqual(of(owner, graph), ['patch o {"finalizers":null}'])
})

test('foreground goes down the tree: a dependent with dependents is deleted in the foreground too', () => {
  const [owner, child, grandchild] = [thing('o', [], foreground), thing('c', ['o']), thing('g', ['c'])]
  assert.deepEqual(of(child, graphOf(owner, child, grandchild)), ['delete c Foreground'])
})

test('dependents that do not block hold nobody up, and go all the same', () => {
  const owner = thing('o', [], foreground)
  const child = thing('c', [['o', false]])
  const graph = graphOf(owner, child)
  assert.deepEqual(of(owner, graph), ['patch o {"finalizers":null}'])
  assert.deepEqual(of(child, graph), ['delete c Background'])
})

test('a circle in the foreground is broken', () => {
  const a = thing('a', ['b'], foreground)
  const b = thing('b', ['a'])
  assert.deepEqual(of(b, graphOf(a, b)), [
    'patch b {"ownerReferences":[{"apiVersion":"g/v1","kind":"Thing","name":"a","blockOwnerDeletion":false}]}',
    'delete b Foreground',
  ])
})

test('orphan: dependents lose the reference, then the owner its finalizer', () => {
  const owner = thing('o', [], { deleting: true, finalizers: ['keep', orphanFinalizer] })
  const graph = graphOf(owner, thing('c', ['o']), thing('d', ['o', 'x']))
  assert.deepEqual(of(owner, graph), [
    'patch c {"ownerReferences":null}',
    'patch d {"ownerReferences":[{"apiVersion":"g/v1","kind":"Thing","name":"x","blockOwnerDeletion":true}]}',
    'patch o {"finalizers":["keep"]}',
  ])
})

test('what is being deleted is not deleted again; finalizers choose how dependents are treated', () => {
  const child = thing('c', ['o'], { deleting: true })
  assert.deepEqual(of(child, graphOf(child), { o: 'absent' }), [])
  const orphaning = thing('c', ['o'], { finalizers: [orphanFinalizer] })
  assert.deepEqual(of(orphaning, graphOf(orphaning), { o: 'absent' }), ['delete c Orphan'])
})

test('an owner of another namespace is none, whatever its uid', () => {
  const child = thing('c', ['o'])
  const elsewhere = thing('o', [], { namespace: 'other' })
  assert.deepEqual(of(child, graphOf(elsewhere, child), { o: 'absent' }), ['delete c Background'])
  const clusterScoped = thing('o', [], { namespace: undefined })
  assert.deepEqual(of(child, graphOf(clusterScoped, child)), [])
})

test('a cluster-scoped object with a namespaced owner is kept', () => {
  const child = thing('c', ['o'], { namespace: undefined })
  assert.deepEqual(of(child, graphOf(child), { o: 'invalid' }), [])
})

test('references across namespaces are told once, whoever comes first', () => {
  const owner = thing('o')
  const elsewhere = thing('c', ['o'], { namespace: 'other' })
  const names = (graph: OwnerGraph, node: GraphNode): string[] => {
    const found = graph.misplacedBy(node).map(({ dependent, reference }) => `${dependent.name} of ${reference.name}`)
    graph.put(node)
    return found
  }
  const graph = graphOf(owner)
  assert.deepEqual([names(graph, elsewhere), names(graph, elsewhere), names(graph, thing('d', ['o']))], [['c of o'], [], []])
  assert.deepEqual(names(graphOf(elsewhere, thing('d', ['o'])), owner), ['c of o'])
  const [clusterScoped, free] = [thing('r', ['o'], { namespace: undefined }), thing('o', [], { namespace: undefined })]
  assert.deepEqual(names(graph, clusterScoped), ['r of o'])
  assert.deepEqual(names(graphOf(free), elsewhere), [])
  assert.equal(
    misplacedEvent({ dependent: elsewhere, reference: elsewhere.owners[0] as OwnerReference }).message,
    'ownerRef [g/v1/Thing, namespace: other, name: o, uid: o] does not exist in namespace "other"',
  )
})

test('the graph names who has to be looked at', () => {
  const graph = new OwnerGraph()
  assert.deepEqual(graph.put(thing('c', ['o'])), ['c'])
  assert.deepEqual(graph.put(thing('o')), [])
  assert.deepEqual(graph.put(thing('c2', ['o'])), [])
  assert.deepEqual(graph.put(thing('o', [], foreground)).sort(), ['c', 'c2', 'o'])
  assert.deepEqual(graph.remove('c').sort(), ['o'])
  assert.deepEqual(graph.put(thing('c2', [['o', false]])).sort(), ['c2', 'o'])
  assert.deepEqual(graph.remove('o'), ['c2'])
})
