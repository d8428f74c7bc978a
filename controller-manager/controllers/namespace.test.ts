// Namespaces, their default service account and root CA.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Namespace } from '#api/core/namespace.ts'
import type { DiscoveredResource } from '#client/discovery.ts'
import { worldOf } from '#client/runner/world.ts'
import { namespaceController, reconcileNamespace } from './namespace.ts'
import type { ContentOfKind, NamespaceContent } from './namespace-content.ts'
import { reconcileRootCa, rootCaController } from './root-ca.ts'
import { reconcileDefaultServiceAccount, serviceAccountController } from './service-account.ts'
import { actionOf, at, lines, namespace } from './test-objects.ts'

const type = (plural: string, verbs = ['delete', 'deletecollection', 'list']): DiscoveredResource => ({
  group: plural === 'pods' ? '' : 'g',
  version: 'v1',
  kind: plural,
  plural,
  scope: 'Namespaced',
  singular: '',
  shortNames: [],
  categories: [],
  verbs,
  subresources: [],
  preferred: true,
})
const object = (name: string, more: Partial<ContentOfKind['objects'][number]> = {}) => ({ name, deleting: false, finalizers: [], ...more })
const seen = (kinds: ContentOfKind[], failures: NamespaceContent['failures'] = []): NamespaceContent => ({ kinds, failures })
const { watches } = namespaceController(() => Promise.reject(new Error('not asked')))
function plan(ns: Namespace, content: NamespaceContent | undefined, failed?: string) {
  const failure = failed === undefined ? undefined : { verb: 'deleteCollection', kind: 'pods', reason: 'Forbidden', message: failed }
  return reconcileNamespace('a', { ...worldOf(watches, [ns]), failed: failure }, content, at(9))
}
const steps = (ns: Namespace, content?: NamespaceContent): string[] => lines(plan(ns, content)).filter((l) => !l.includes('(conditions)'))
const dying = namespace('a', 'Terminating')

test('an active namespace is left alone, a deleted one becomes Terminating', () => {
  assert.deepEqual(steps(namespace('a')), [])
  assert.deepEqual(steps({ ...dying, status: { phase: 'Active' } }), ['updateStatus namespaces a (deleted)'])
})

test('pods go first, everything else when they are gone, the finalizer last', () => {
  const things: ContentOfKind = { type: type('things'), objects: [object('t')] }
  assert.deepEqual(steps(dying, seen([{ type: type('pods'), objects: [object('p')] }, things])), [
    'deleteCollection pods a/ (namespace is deleted)',
  ])
  assert.deepEqual(steps(dying, seen([{ type: type('pods'), objects: [object('p', { deleting: true })] }, things])), [])
  assert.deepEqual(steps(dying, seen([{ type: type('pods'), objects: [] }, things])), ['deleteCollection things a/ (namespace is deleted)'])
  const done = plan(dying, seen([{ type: type('pods'), objects: [] }]))
  assert.deepEqual(lines(done), ['finalize namespaces a (content is gone)'])
  assert.deepEqual((actionOf(done, 'finalize').object as Namespace).spec.finalizers, [])
})

test('kinds that know no deletecollection go one by one', () => {
  const single: ContentOfKind = { type: type('things', ['delete', 'list']), objects: [object('t'), object('u', { deleting: true })] }
  assert.deepEqual(steps(dying, seen([single])), ['delete things a/t (namespace is deleted)'])
})

test('other finalizers of the namespace stay, and it is not finalized while discovery fails', () => {
  const held = namespace('a', 'Terminating', { spec: { finalizers: ['kubernetes', 'mine'] } })
  assert.deepEqual((actionOf(plan(held, seen([])), 'finalize').object as Namespace).spec.finalizers, ['mine'])
  assert.deepEqual(steps(dying, seen([], [{ groupVersion: 'x/v1', message: 'down' }])), [])
})

test('conditions tell what is left and why', () => {
  const stuck: ContentOfKind = {
    type: type('things'),
    objects: [object('t', { deleting: true, finalizers: ['f/x'] }), object('u', { deleting: true })],
  }
  const told = (content: NamespaceContent, failed?: string) =>
    Object.fromEntries(
      ((actionOf(plan(dying, content, failed), 'updateStatus').object as Namespace).status.conditions ?? []).map((c) => [
        c.type,
        `${c.status} ${c.reason}: ${c.message}`,
      ]),
    )
  const conditions = told(seen([stuck], [{ groupVersion: 'x/v1', message: 'down' }]), 'no')
  assert.equal(
    conditions['NamespaceContentRemaining'],
    'True SomeResourcesRemain: Some resources are remaining: things.g has 2 resource instances',
  )
  assert.equal(
    conditions['NamespaceFinalizersRemaining'],
    'True SomeFinalizersRemain: Some content in the namespace has finalizers remaining: f/x in 1 resource instances',
  )
  assert.equal(
    conditions['NamespaceDeletionContentFailure'],
    'True ContentDeletionFailed: Failed to delete all resource types, 1 remaining: no',
  )
  assert.match(
    conditions['NamespaceDeletionDiscoveryFailure'] ?? '',
    /^True DiscoveryFailed: Discovery failed for some groups, 1 failing: /,
  )
  assert.equal(
    told(seen([{ type: type('things'), objects: [], error: 'x' }]))['NamespaceContentRemaining'],
    'False ContentRemoved: All content successfully removed',
  )
})

test('every active namespace has a default service account and the root CA', () => {
  const account = (ns: Namespace) => lines(reconcileDefaultServiceAccount('a', worldOf(serviceAccountController.watches, [ns])))
  assert.deepEqual(account(namespace('a')), ['create serviceaccounts a/default (namespace without default service account)'])
  assert.deepEqual(account(dying), [])
  const root = (...objects: Parameters<typeof worldOf>[1]) =>
    reconcileRootCa('a', worldOf(rootCaController('PEM').watches, [namespace('a'), ...objects]), 'PEM')
  const made = root()
  assert.deepEqual(lines(made), ['create configmaps a/kube-root-ca.crt (namespace without root CA)'])
  const map = { ...actionOf(made, 'create').object, apiVersion: 'v1', kind: 'ConfigMap' }
  assert.deepEqual(lines(root(map)), [])
  assert.deepEqual(lines(root({ ...map, data: {} } as typeof map)), ['update configmaps a/kube-root-ca.crt (root CA differs)'])
})
