import assert from 'node:assert/strict'
import { test } from 'node:test'
import { pod } from '#kubelet/pods/pod-fixtures.ts'
import { fieldText, resourceText } from './field-refs.ts'

const facts = { podIps: ['10.0.0.5'], hostIps: ['10.1.0.1', 'fd00::1'], nodeName: 'node-1', allocatable: { cpu: '2', memory: '1Gi' } }

test('maps are sorted lines, single keys their value', () => {
  const of = pod({}, { labels: { b: '2', a: '1' }, annotations: { 'x.io/y': "it's" } })
  assert.equal(fieldText(of, 'metadata.labels', facts), 'a="1"\nb="2"')
  assert.equal(fieldText(of, "metadata.annotations['x.io/y']", facts), "it's")
  assert.equal(fieldText(of, "metadata.labels['__proto__']", facts), '')
  assert.equal(fieldText(of, 'status.hostIPs', facts), '10.1.0.1,fd00::1')
  assert.throws(() => fieldText(of, 'status.phase', facts), /unsupported fieldPath: status.phase/)
})

test('amounts in whole divisors, rounded up', () => {
  const container = { resources: { limits: { cpu: '1250m', memory: '100Mi', 'hugepages-2Mi': '4Mi' }, requests: { memory: '1500' } } }
  const table: [string, string | undefined, string][] = [
    ['limits.cpu', undefined, '2'],
    ['limits.cpu', '0', '2'],
    ['limits.cpu', '1m', '1250'],
    ['limits.memory', '1Mi', '100'],
    ['limits.memory', '1G', '1'],
    ['requests.memory', '1k', '2'],
    ['requests.cpu', undefined, '0'],
    ['limits.ephemeral-storage', undefined, '0'],
    ['limits.hugepages-2Mi', '1Mi', '4'],
    ['limits.hugepages-1Gi', undefined, '0'],
  ]
  for (const [resource, divisor, wanted] of table) assert.equal(resourceText(container, { resource, divisor }, facts), wanted, resource)
  assert.equal(resourceText({}, { resource: 'limits.memory', divisor: '1Mi' }, facts), '1024', 'the node’s')
  assert.throws(() => resourceText({}, { resource: 'limits.pods' }, facts), /unsupported container resource : limits.pods/)
})
