/** A custom resource of two versions with all list and map types, and the story of its managers. */
import { applyType } from './apply-stories.ts'
import type { Step } from './both.ts'

const group = 'apply.example.com'
const text = { type: 'string' }
const condition = { type: 'object', required: ['type'], properties: { type: text, status: text } }
const spec = {
  type: 'object',
  properties: {
    replicas: { type: 'integer' },
    mode: { type: 'string', default: 'auto' },
    items: {
      type: 'array',
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['name', 'proto'],
      items: {
        type: 'object',
        required: ['name', 'proto'],
        properties: { name: text, proto: { type: 'string', default: 'TCP' }, value: { type: 'integer' } },
      },
    },
    tags: { type: 'array', 'x-kubernetes-list-type': 'set', items: text },
    plain: { type: 'array', items: text },
    sel: { type: 'object', 'x-kubernetes-map-type': 'atomic', properties: { a: text, b: text } },
    labels: { type: 'object', additionalProperties: text },
    any: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
    open: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true, properties: { known: text } },
    nul: { type: 'string', nullable: true },
    ios: { 'x-kubernetes-int-or-string': true },
    obj: { type: 'object', properties: { x: text } },
  },
}
const status = {
  type: 'object',
  properties: {
    replicas: { type: 'integer' },
    conditions: { type: 'array', 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['type'], items: condition },
  },
}
const schema = { openAPIV3Schema: { type: 'object', properties: { spec, status } } }
const scale = { specReplicasPath: '.spec.replicas', statusReplicasPath: '.status.replicas' }

export const definitionsPath = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions'
export const definition = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: `things.${group}` },
  spec: {
    group,
    scope: 'Namespaced',
    names: { plural: 'things', kind: 'Thing', listKind: 'ThingList', singular: 'thing' },
    versions: [
      { name: 'v1', served: true, storage: true, schema, subresources: { status: {}, scale } },
      { name: 'v2', served: true, storage: false, schema, subresources: { status: {} } },
    ],
  },
}

export const collection = `/apis/${group}/v1/namespaces/{ns}/things`
const thing = (version: string, more: object, metadata: object = {}): object => ({
  apiVersion: `${group}/${version}`,
  kind: 'Thing',
  metadata: { name: 'x', ...metadata },
  ...more,
})
/** Paths of the other version begin with it. */
const at = (version: string): string => (version === 'v1' ? '' : `@${version}`)
const apply = (manager: string, of: object, more: { force?: true; version?: string; metadata?: object } = {}): Step => {
  const version = more.version ?? 'v1'
  const path = `${at(version)}?fieldManager=${manager}${more.force ? '&force=true' : ''}`
  return { method: 'PATCH', path, body: thing(version, { spec: of }, more.metadata), contentType: applyType }
}
const applyStatus = (manager: string, of: object): Step => ({
  method: 'PATCH',
  path: `/status?fieldManager=${manager}`,
  body: thing('v1', { status: of }),
  contentType: applyType,
})
const patch = (manager: string, body: object, path = ''): Step => ({
  method: 'PATCH',
  path: `${path}?fieldManager=${manager}`,
  body,
  contentType: 'application/merge-patch+json',
})

const full = {
  items: [
    { name: 'a', value: 1 },
    { name: 'b', proto: 'UDP' },
  ],
  tags: ['x', 'y'],
  plain: ['p'],
  sel: { a: '1' },
  labels: { l: '1' },
}
const others = { items: [{ name: 'a', value: 2 }], tags: ['z'], sel: { b: '1' }, plain: ['q'] }
const loose = { any: { deep: { er: [2] }, t: 'y' }, open: { more: { z: 2, y: 1 } } }

export const customStory: readonly Step[] = [
  apply('a', full, { metadata: { labels: { q: 'r' } } }),
  apply('a', full, { metadata: { labels: { q: 'r' } } }),
  apply('b', others),
  apply('b', others, { force: true }),
  apply('a', { items: [{ name: 'c' }], any: { deep: { er: [1, { x: 2 }] }, s: 'x' }, open: { known: 'k', more: { z: 1 } } }),
  apply('b', loose),
  apply('b', loose, { force: true }),
  ...[
    { foo: 1 },
    { replicas: 'x' },
    { items: [{ name: 'a' }, { name: 'a' }] },
    { items: [{ value: 1 }] },
    { items: 'x' },
    { ios: [1] },
  ].map((bad) => apply('a', bad)),
  apply('a', { nul: null, ios: '5%', obj: {} }),
  apply('a', { nul: 'x', ios: 5, labels: {} }),
  patch('m', { spec: { replicas: 3, items: [{ name: 'n', value: 9 }], any: { added: true } } }),
  patch('m', { spec: { any: null, mode: 'x' } }),
  patch(
    'st',
    { status: { replicas: 2, conditions: [{ type: 'A', status: 'True' }] }, spec: { replicas: 9 }, metadata: { labels: { n: 'o' } } },
    '/status',
  ),
  applyStatus('sa', { conditions: [{ type: 'B', status: 'True' }] }),
  applyStatus('sb', { conditions: [{ type: 'A', status: 'False' }] }),
  patch('sc', { spec: { replicas: 5 } }, '/scale'),
  patch('sc', { spec: { replicas: 6 } }, '/scale'),
  apply('a', { replicas: 1 }, { version: 'v2' }),
  apply('a', { replicas: 1 }, { version: 'v2', force: true }),
  patch('m', { spec: { mode: 'y' } }, at('v2')),
  apply('a', { replicas: 2 }),
  apply('a', { replicas: 2 }, { force: true }),
  apply('a', {}),
  { method: 'PUT', path: '?fieldManager=p', body: thing('v1', { spec: { plain: ['z'] } }) },
  { method: 'GET', path: '' },
  { method: 'GET', path: at('v2') },
]
