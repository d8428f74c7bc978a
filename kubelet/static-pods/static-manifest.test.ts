import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isMirror } from '#api/core/mirror-pod.ts'
import { mirrorOf, staticPods } from './static-manifest.ts'

const node = { name: 'node-1', now: new Date('2026-11-21T12:00:00Z') }
const read = (spec: object, metadata: object = {}) =>
  staticPods(
    JSON.stringify({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'own', ...metadata }, spec }),
    { source: 'file', at: '/m/own.yaml' },
    node,
  )
const containers = [{ name: 'main', image: 'web:1', ports: [{ containerPort: 80 }] }]

test('a manifest becomes a pod of this node, with the defaults of the API', () => {
  const [pod] = read({ containers })
  assert.equal(pod?.metadata.name, 'own-node-1')
  assert.equal(pod?.metadata.namespace, 'default')
  assert.match(pod?.metadata.uid ?? '', /^[0-9a-f]{32}$/)
  assert.equal(pod?.spec?.nodeName, 'node-1')
  assert.equal(pod?.spec?.restartPolicy, 'Always')
  assert.equal(pod?.spec?.terminationGracePeriodSeconds, 30)
  assert.deepEqual(pod?.spec?.tolerations, [{ operator: 'Exists', effect: 'NoExecute' }])
  const [main] = pod?.spec?.containers ?? []
  assert.deepEqual(
    [main?.imagePullPolicy, main?.terminationMessagePath, main?.ports?.[0]?.protocol],
    ['IfNotPresent', '/dev/termination-log', 'TCP'],
  )
  assert.equal(pod?.metadata.annotations?.['kubernetes.io/config.source'], 'file')
})

test('several documents, and empty ones', () => {
  const text = ['a', 'b']
    .map((name) => `---\napiVersion: v1\nkind: Pod\nmetadata: {name: ${name}}\nspec: {containers: [{name: x, image: i}]}\n`)
    .join('')
  assert.deepEqual(
    staticPods(`${text}---\n`, { source: 'file', at: '/f' }, node).map(({ metadata }) => metadata.name),
    ['a-node-1', 'b-node-1'],
  )
})

test('a URL gives a pod or a list of pods', () => {
  const place = { source: 'http', at: 'http://m/' } as const
  const items = [
    { metadata: { name: 'a' }, spec: { containers } },
    { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'b' }, spec: { containers } },
  ]
  const list = JSON.stringify({ apiVersion: 'v1', kind: 'PodList', items })
  const pods = staticPods(list, place, node)
  assert.deepEqual(
    pods.map(({ metadata, spec }) => [metadata.name, metadata.annotations?.['kubernetes.io/config.source'], spec?.tolerations]),
    [
      ['a-node-1', 'http', undefined],
      ['b-node-1', 'http', undefined],
    ],
  )
  assert.equal(staticPods(JSON.stringify({ ...items[1] }), place, node)[0]?.metadata.uid, pods[1]?.metadata.uid)
  assert.throws(() => staticPods(list, { source: 'file', at: '/f' }, node), /is a v1 PodList, not a v1 Pod/)
})

test('the mirror tells whose it is', () => {
  const [pod] = read({ containers })
  assert.ok(pod)
  const mirror = mirrorOf(pod, { name: 'n', uid: 'u' })
  assert.equal(isMirror(mirror), true)
  assert.equal(isMirror(pod), false)
  assert.equal(mirror.metadata.uid, undefined)
  assert.deepEqual(mirror.metadata.ownerReferences, [{ apiVersion: 'v1', kind: 'Node', name: 'n', uid: 'u', controller: true }])
})

const volume = (source: object) => ({ containers, volumes: [{ name: 'v', ...source }] })
const refused: [string, object, RegExp][] = [
  ['no containers', {}, /invalid pod: spec.containers/],
  ['an account', { containers, serviceAccountName: 'x' }, /^Error: static pods may not reference serviceaccounts$/],
  ['a pull secret', { containers, imagePullSecrets: [{ name: 's' }] }, /may not reference secrets$/],
  ['a variable', { containers: [{ ...containers[0], envFrom: [{ configMapRef: { name: 'c' } }] }] }, /may not reference configmaps$/],
  ['a config map', volume({ configMap: { name: 'c' } }), /may not reference configmaps \(via configmap volumes\)$/],
  ['a claim', volume({ persistentVolumeClaim: { claimName: 'c' } }), /may not reference persistentvolumeclaims$/],
  [
    'a projected secret',
    volume({ projected: { sources: [{ secret: { name: 's' } }] } }),
    /may not reference secrets \(via projected volumes\)$/,
  ],
]
for (const [story, spec, words] of refused) test(`refused: ${story}`, () => assert.throws(() => read(spec), words))

test('refused: another kind, or none', () => {
  assert.throws(() => staticPods('kind: Service\napiVersion: v1', { source: 'file', at: '/f' }, node), /is a v1 Service, not a v1 Pod/)
  assert.throws(() => staticPods('a: [', { source: 'file', at: '/f' }, node))
})
