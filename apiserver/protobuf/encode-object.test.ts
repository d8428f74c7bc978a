import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { podSchema } from '#api/core/pod.ts'
import { decodeMessage, openEnvelope } from './decode-object.ts'
import { encodeMessage } from './encode-object.ts'
import { enveloped, envelopeStartBytes, envelopeTail } from './envelope.ts'
import { withRevision } from './splice-revision.ts'
import { watchEvent } from './watch-event.ts'
import { fieldsOf } from './wire.ts'

const podType = { apiVersion: 'v1', kind: 'Pod' }
const encoded = (pod: object): Buffer => enveloped(podType, encodeMessage(pod as Record<string, unknown>, podSchema))
const pod = (version: string) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'p', namespace: 'ns', uid: 'u', resourceVersion: version, labels: { b: 'ü', a: '', '😀': '1', '\uffff': '2' } },
  spec: {
    containers: [
      {
        name: 'main',
        resources: { limits: { cpu: '500m' } },
        livenessProbe: { httpGet: { path: '/', port: 'http' }, initialDelaySeconds: -5 },
        command: ['a'.repeat(300), ''],
      },
    ],
  },
  status: { startTime: '2025-11-24T16:00:00Z' },
})

describe('objects in protobuf', () => {
  test('an empty pod has the zeros of all values of Go', () => {
    const hex = enveloped({ apiVersion: 'v1', kind: 'Binding' }, encodeMessage({}, podSchema)).toString('hex')
    const meta = '0a10 0a00 1200 1a00 2200 2a00 3200 3800 4200'
    assert.ok(hex.includes(meta.replaceAll(' ', '')), hex)
    assert.ok(hex.endsWith('1a002200'))
  })
  test('what is encoded is decoded again', () => {
    const { apiVersion, kind, message } = openEnvelope(encoded(pod('7')))
    assert.deepEqual({ apiVersion, kind }, podType)
    const { metadata, spec } = decodeMessage(message, podSchema).object as unknown as ReturnType<typeof pod>
    const { labels } = metadata
    assert.deepEqual(Object.keys(labels), ['a', 'b', '\uffff', '😀'])
    assert.deepEqual(labels, pod('7').metadata.labels)
    const [container] = spec.containers
    assert.equal(container?.livenessProbe.initialDelaySeconds, -5)
    assert.equal(container?.livenessProbe.httpGet.port, 'http')
    assert.deepEqual(container?.command, pod('7').spec.containers[0]?.command)
    assert.equal(container?.resources.limits.cpu, '500m')
  })
  test('another resourceVersion is spliced in, longer or shorter', () => {
    for (const [from, to] of [
      ['7', 123456789],
      ['123456789', 8],
      ['12', 34],
    ] as const)
      assert.deepEqual(withRevision(encoded(pod(from)), podType, to), encoded(pod(String(to))))
  })
  test('an envelope holds the message as a list does', () => {
    const whole = encoded(pod('7'))
    const item = whole.subarray(envelopeStartBytes(podType), whole.length - envelopeTail.length)
    const [field, ...more] = [...fieldsOf(item)]
    assert.equal(field?.number, 2)
    assert.equal(more.length, 0)
    assert.deepEqual(field?.bytes, encodeMessage(pod('7'), podSchema))
  })
  test('a watch event tells its length', () => {
    const event = watchEvent('ADDED', encoded(pod('7')))
    assert.equal(event.readUInt32BE(), event.length - 4)
    const [type, object] = [...fieldsOf(event.subarray(4))]
    assert.equal(type?.bytes.toString(), 'ADDED')
    assert.deepEqual([...fieldsOf(object?.bytes ?? Buffer.alloc(0))][0]?.bytes, encoded(pod('7')))
  })
})
