import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { ConfigMaps } from '#api/core/config-map.ts'
import { Pods } from '#api/core/pod.ts'
import type { KubeObject } from '#api/resource.ts'
import {
  bytesAt,
  type Entry,
  entryFrom,
  isSameValue,
  metadataMember,
  objectOf,
  shapeOf,
  storedBytesOf,
  Undecodable,
  withVersion,
} from './entry.ts'

const shape = shapeOf(ConfigMaps)
const entry = (value: string, revision = 7): Entry =>
  entryFrom(shape, { key: '/registry/configmaps/ns/a', value: Buffer.from(value), revision })
const text = (bytes: Buffer): string => bytes.toString()

describe('stored bytes', () => {
  it('get the resourceVersion where upstream writes it', () => {
    const table: [string, string][] = [
      [
        '{"name":"a","namespace":"ns","uid":"u","labels":{"x":"y"}}',
        '{"name":"a","namespace":"ns","uid":"u","resourceVersion":"7","labels":{"x":"y"}}',
      ],
      ['{"name":"a","generateName":"a-","uid":"u"}', '{"name":"a","generateName":"a-","uid":"u","resourceVersion":"7"}'],
      ['{"labels":{"uid":"u"},"name":"a"}', '{"resourceVersion":"7","labels":{"uid":"u"},"name":"a"}'],
      ['{"name":"a\\"b\\\\","creationTimestamp":"t"}', '{"name":"a\\"b\\\\","resourceVersion":"7","creationTimestamp":"t"}'],
      ['{}', '{"resourceVersion":"7"}'],
    ]
    for (const [before, after] of table) {
      const value = `{"kind":"ConfigMap","apiVersion":"v1","metadata":${before},"data":{"metadata":"{}"}}`
      const { bytes } = entry(value)
      assert.equal(text(bytes), `{"kind":"ConfigMap","apiVersion":"v1","metadata":${after},"data":{"metadata":"{}"}}\n`)
      assert.equal(text(bytesAt(entry(value), 1234567)), text(bytes).replace('"7"', '"1234567"'))
    }
  })

  it('leave resourceVersion, kind and apiVersion to the store', () => {
    const object = {
      data: { a: 'b' },
      kind: 'x',
      apiVersion: 'y',
      metadata: { resourceVersion: '3', name: 'n', uid: 'u' },
    } as unknown as KubeObject
    assert.equal(
      text(storedBytesOf(ConfigMaps, object)),
      '{"kind":"ConfigMap","apiVersion":"v1","metadata":{"name":"n","uid":"u"},"data":{"a":"b"}}',
    )
    assert.equal(object.metadata.resourceVersion, '3')
  })

  it('are compared without their resourceVersion', () => {
    const value = '{"kind":"ConfigMap","apiVersion":"v1","metadata":{"name":"a","uid":"u"},"data":{"a":"b"}}'
    assert.equal(isSameValue(entry(value), Buffer.from(value), shape), true)
    assert.equal(isSameValue(entry(value), Buffer.from(value.replace('"b"', '"c"')), shape), false)
    assert.equal(isSameValue(entry(value), Buffer.from(value.replace('"a":', '"aa":')), shape), false)
    assert.equal(isSameValue(entry(value), Buffer.from('{}'), shape), undefined)
  })
})

describe('an entry', () => {
  it('of a kind that keeps versions stays in its own', () => {
    const kept = shapeOf({ ...ConfigMaps, keepsVersions: true })
    const old = '{"kind":"ConfigMap","apiVersion":"v1beta10","metadata":{"name":"a","uid":"u"},"data":{"metadata":"x"}}'
    const stored = { key: '/registry/configmaps/ns/a', value: Buffer.from(old), revision: 7 }
    const member = (of: Entry): string => text(of.bytes).slice(metadataMember(of, kept), metadataMember(of, kept) + 20)
    assert.equal(text(entryFrom(kept, stored).bytes), `${old.replace('"u"', '"u","resourceVersion":"7"')}\n`)
    assert.equal(objectOf(entryFrom(shape, stored)).apiVersion, 'v1')
    for (const value of [old, old.replace('v1beta10', 'v1')]) {
      assert.equal(member(entryFrom(kept, { ...stored, value: Buffer.from(value) })), '"metadata":{"name":"')
    }
  })

  it('keeps what selectors and indexes need', () => {
    const pod = {
      metadata: { name: 'p', namespace: 'ns', uid: 'u', labels: { a: 'b' } },
      spec: { nodeName: 'n1' },
    } as unknown as KubeObject
    const pods = shapeOf(Pods)
    const found = entryFrom(pods, { key: '/registry/pods/ns/p', value: storedBytesOf(Pods, pod), revision: 9 })
    assert.deepEqual([found.namespace, found.name, found.uid, found.revision, found.labels], ['ns', 'p', 'u', 9, { a: 'b' }])
    assert.equal(found.fields[pods.fieldNames.indexOf('spec.nodeName')], 'n1')
    assert.equal(objectOf(found).metadata.resourceVersion, '9')
  })

  it('upgrades what was not stored in our own form', () => {
    const upgrading = shapeOf(ConfigMaps, (_, object) => ({ ...object, data: { upgraded: 'yes' } }) as KubeObject)
    for (const value of [
      '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a","uid":"u"}}',
      '{"kind":"ConfigMap","apiVersion":"v0","metadata":{"name":"a","uid":"u"}}',
      '{"kind":"ConfigMap","apiVersion":"v1","metadata":{"name":"a","uid":"u","resourceVersion":"3"}}',
    ]) {
      const found = entryFrom(upgrading, { key: 'k', value: Buffer.from(value), revision: 7 })
      assert.equal(
        text(found.bytes),
        '{"kind":"ConfigMap","apiVersion":"v1","metadata":{"name":"a","uid":"u","resourceVersion":"7"},"data":{"upgraded":"yes"}}\n',
      )
    }
  })

  it('refuses what is not an object', () => {
    for (const value of ['', 'k8s\0...', '[]', 'null', '{}', '{"metadata":3}', '{"kind":"ConfigMap"'])
      assert.throws(() => entry(value), Undecodable)
  })

  it('survives hostile keys', () => {
    const { labels, bytes } = entry(
      '{"kind":"ConfigMap","apiVersion":"v1","metadata":{"name":"a","labels":{"__proto__":"x"}},"data":{"__proto__":"y"}}',
    )
    assert.deepEqual(Object.entries(labels ?? {}), [['__proto__', 'x']])
    assert.match(text(bytes), /"data":\{"__proto__":"y"\}/)
  })
})

it('withVersion finds metadata behind other members', () => {
  const { bytes } = withVersion(Buffer.from('{"kind":"X","metadata":{"name":"a"}}'), 3, 5)
  assert.equal(text(bytes), '{"kind":"X","metadata":{"name":"a","resourceVersion":"5"}}\n')
})
