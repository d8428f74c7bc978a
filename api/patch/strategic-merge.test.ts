import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Deployments } from '#api/apps/deployment.ts'
import { Pods } from '#api/core/pod.ts'
import { Services } from '#api/core/service.ts'
import type { Plain } from '#api/own.ts'
import { treeOf } from '#api/tree.ts'
import { PatchError } from './patch-schema.ts'
import { createThreeWayPatch, createTwoWayPatch } from './strategic-diff.ts'
import { applyStrategicMergePatch } from './strategic-merge.ts'

const pods = treeOf(Pods.schema)
const deployments = treeOf(Deployments.schema)
const services = treeOf(Services.schema)

const containers = (...items: Plain[]): Plain => ({ spec: { containers: items } })
const onPod = (original: Plain, patch: Plain): Plain => applyStrategicMergePatch(original, patch, pods)

test('lists merge by key, in the order of the patch before what only the server has', () => {
  const cases: [Plain, Plain, Plain][] = [
    [
      containers({ name: 'a', image: '1' }, { name: 'b' }),
      containers({ name: 'a', image: '2' }),
      containers({ name: 'a', image: '2' }, { name: 'b' }),
    ],
    [containers({ name: 'a' }), containers({ name: 'b' }), containers({ name: 'b' }, { name: 'a' })],
    [
      containers({ name: 'a' }, { name: 'b' }),
      containers({ name: 'b', image: 'x' }, { name: 'a' }),
      containers({ name: 'b', image: 'x' }, { name: 'a' }),
    ],
    [containers({ name: 'a' }, { name: 'b' }), containers({ name: 'a', $patch: 'delete' }), containers({ name: 'b' })],
    [containers({ name: 'a' }, { name: 'b' }), containers({ name: 'c' }, { $patch: 'replace' }), containers({ name: 'c' })],
    [containers({ name: 'a', image: 'x' }), containers({ name: 'a', image: null }), containers({ name: 'a' })],
    [containers({ name: 'a', image: 'x' }), containers({ name: 'a', $patch: 'replace' }), containers()],
    [containers({ name: 'a', command: ['x', 'y'] }), containers({ name: 'a', command: ['z'] }), containers({ name: 'a', command: ['z'] })],
    [containers({ name: 'a' }), { spec: { containers: null } }, { spec: {} }],
  ]
  for (const [original, patch, expected] of cases) assert.deepEqual(onPod(original, patch), expected, JSON.stringify(patch))
})

test('objects merge, are replaced or emptied as $patch says', () => {
  const labels = (value: Plain): Plain => ({ metadata: { labels: value } })
  assert.deepEqual(onPod(labels({ a: '1', b: '2' }), labels({ a: null, c: '3' })), labels({ b: '2', c: '3' }))
  assert.deepEqual(onPod(labels({ a: '1' }), labels({ $patch: 'replace', c: '3' })), labels({ c: '3' }))
  assert.deepEqual(onPod(labels({ a: '1' }), labels({ $patch: 'delete' })), labels({}))
  assert.throws(() => onPod(labels({ a: '1' }), labels({ $patch: 'foo' })), { message: 'unknown patch type: foo in map: map[$patch:foo]' })
})

test('lists of scalars with a merge strategy join and lose items', () => {
  const meta = (value: Plain): Plain => ({ metadata: value })
  assert.deepEqual(onPod(meta({ finalizers: ['a', 'b'] }), meta({ finalizers: ['c', 'a'] })), meta({ finalizers: ['c', 'a', 'b'] }))
  assert.deepEqual(
    onPod(meta({ finalizers: ['a', 'b'] }), meta({ '$deleteFromPrimitiveList/finalizers': ['a'] })),
    meta({ finalizers: ['b'] }),
  )
  assert.deepEqual(
    onPod(meta({ finalizers: ['a', 'b'] }), meta({ '$setElementOrder/finalizers': ['b', 'a'] })),
    meta({ finalizers: ['b', 'a'] }),
  )
  assert.throws(() => onPod(meta({ finalizers: ['a'] }), meta({ $deleteFromPrimitiveList: ['a'] })), { code: 400 })
})

test('$setElementOrder orders what is merged', () => {
  const original = containers({ name: 'a' }, { name: 's' }, { name: 'b' })
  const patch = { spec: { '$setElementOrder/containers': [{ name: 'b' }, { name: 'a' }], containers: [{ name: 'b', image: 'x' }] } }
  // The server's own item stays before b, where the server had it.
  assert.deepEqual(onPod(original, patch), containers({ name: 's' }, { name: 'b', image: 'x' }, { name: 'a' }))
  const wrong = { spec: { '$setElementOrder/containers': [{ name: 'a' }, { name: 'b' }], containers: [{ name: 'b' }, { name: 'a' }] } }
  assert.throws(() => onPod(original, wrong), /The order in patch list/)
})

test('items that are new take the places of those that were deleted', () => {
  const volumes = (value: Plain): Plain => ({ spec: value })
  const original = volumes({ volumes: [{ name: 'v1' }, { name: 'v3' }] })
  const patch = volumes({
    volumes: [{ name: 'v2' }, { name: 'v1', $patch: 'delete' }],
    '$setElementOrder/volumes': [{ name: 'v1' }, { name: 'v2' }],
  })
  assert.deepEqual(onPod(original, patch), volumes({ volumes: [{ name: 'v3' }, { name: 'v2' }] }))
})

test('$retainKeys drops what it does not name', () => {
  const strategy = (value: Plain): Plain => ({ spec: { strategy: value } })
  const original = strategy({ type: 'RollingUpdate', rollingUpdate: { maxSurge: 1 } })
  const patch = strategy({ $retainKeys: ['type'], type: 'Recreate' })
  assert.deepEqual(applyStrategicMergePatch(original, patch, deployments), strategy({ type: 'Recreate' }))
  assert.throws(() => applyStrategicMergePatch(original, strategy({ $retainKeys: ['type'], rollingUpdate: {} }), deployments), {
    message: 'invalid patch format of retainKeys',
    code: 400,
  })
})

test('items without their merge key are refused', () => {
  assert.throws(() => onPod(containers({ name: 'a' }), containers({ image: 'x' })), {
    message: 'map: map[image:x] does not contain declared merge key: name',
  })
  assert.throws(() => onPod({ foo: { a: 1 } }, { foo: { b: 1 } }), PatchError)
})

test('unknown fields can be set: decoding prunes them', () => {
  assert.deepEqual(onPod({}, { foo: { a: null, b: 1 } }), { foo: { b: 1 } })
})

test('neither object nor patch is changed', () => {
  const original = containers({ name: 'a', ports: [{ containerPort: 1 }] })
  const patch = containers({ name: 'a', ports: [{ containerPort: 2 }], $retainKeys: ['name', 'ports'] })
  const before = JSON.stringify([original, patch])
  onPod(original, patch)
  assert.equal(JSON.stringify([original, patch]), before)
})

test('a two-way patch leads from one object to the other', () => {
  const original = {
    metadata: { labels: { a: '1', b: '2' }, finalizers: ['x', 'y'] },
    spec: {
      ports: [
        { port: 1, name: 'a' },
        { port: 2, name: 'b' },
      ],
      selector: { app: 'x' },
    },
  }
  const modified = {
    metadata: { labels: { a: '3' }, finalizers: ['y', 'z'] },
    spec: {
      ports: [
        { port: 3, name: 'c' },
        { port: 1, name: 'z' },
      ],
      selector: { app: 'x' },
    },
  }
  const patch = createTwoWayPatch(original, modified, services)
  assert.deepEqual(patch, {
    metadata: {
      labels: { a: '3', b: null },
      finalizers: ['z'],
      '$deleteFromPrimitiveList/finalizers': ['x'],
      '$setElementOrder/finalizers': ['y', 'z'],
    },
    spec: {
      ports: [
        { port: 3, name: 'c' },
        { port: 1, name: 'z' },
        { port: 2, $patch: 'delete' },
      ],
      '$setElementOrder/ports': [{ port: 3 }, { port: 1 }],
    },
  })
  assert.deepEqual(applyStrategicMergePatch(original, patch, services), modified)
  assert.deepEqual(createTwoWayPatch(original, original, services), {})
})

test('a three-way patch keeps what only the server has and removes what was applied before', () => {
  const original = containers({ name: 'a', image: '1', env: [{ name: 'X', value: '1' }] }, { name: 'old' })
  const modified = containers({ name: 'a', image: '2' })
  const current = containers(
    { name: 'a', image: '1', env: [{ name: 'X', value: '1' }], imagePullPolicy: 'Always' },
    { name: 'old' },
    { name: 'injected' },
  )
  const patch = createThreeWayPatch({ original, modified, current }, pods)
  assert.deepEqual(onPod(current, patch), containers({ name: 'a', image: '2', imagePullPolicy: 'Always' }, { name: 'injected' }))
})

test('a union changes its member through $retainKeys', () => {
  const volume = (value: Plain): Plain => ({ spec: { volumes: [{ name: 'v', ...value }] } })
  const patch = createTwoWayPatch(volume({ emptyDir: {} }), volume({ hostPath: { path: '/x' } }), pods)
  assert.deepEqual(patch, {
    spec: {
      volumes: [{ name: 'v', hostPath: { path: '/x' }, emptyDir: null, $retainKeys: ['hostPath', 'name'] }],
      '$setElementOrder/volumes': [{ name: 'v' }],
    },
  })
  assert.deepEqual(onPod(volume({ emptyDir: {} }), patch), volume({ hostPath: { path: '/x' } }))
})

test('long lists take no more than their length', { timeout: 20_000 }, () => {
  const names = Array.from({ length: 60_000 }, (_, i) => `e${i}`)
  const list = (items: Plain[], order: readonly string[]): Plain => ({
    spec: { containers: items, '$setElementOrder/containers': order.map((name) => ({ name })) },
  })
  const original = containers(...names.map((name) => ({ name })))
  const reversed = names.toReversed()
  const began = process.cpuUsage()
  assert.deepEqual(onPod({ spec: {} }, containers(...names.map((name) => ({ name })))), original)
  assert.deepEqual(
    onPod(original, containers(...names.map((name) => ({ name, image: 'x' })))),
    containers(...names.map((name) => ({ name, image: 'x' }))),
  )
  assert.deepEqual(onPod(original, containers(...names.map((name) => ({ name, $patch: 'delete' })))), containers())
  assert.deepEqual(
    onPod(
      original,
      list(
        reversed.map((name) => ({ name })),
        reversed,
      ),
    ),
    containers(...reversed.map((name) => ({ name }))),
  )
  assert.deepEqual(
    onPod(original, list([{ name: 'e1', $patch: 'delete' }], reversed)),
    containers(...reversed.filter((name) => name !== 'e1').map((name) => ({ name }))),
  )
  assert.ok(process.cpuUsage(began).user < 15_000_000)
})
