import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { PodSpec } from '#api/core/pod-spec.ts'
import { pod } from '#kubelet/pods/pod-fixtures.ts'
import { parseResolvConf, podDns } from './dns.ts'

const node = { servers: ['10.9.9.9'], searches: ['example.org'], options: ['timeout:1'] }
const facts = { clusterDns: ['10.96.0.10'], clusterDomain: 'cluster.local', node }
const cluster = ['default.svc.cluster.local', 'svc.cluster.local', 'cluster.local', 'example.org']

const table: [string, Partial<PodSpec>, Partial<typeof facts>, { servers: string[]; searches: string[]; options: string[] }][] = [
  ['the cluster first', {}, {}, { servers: ['10.96.0.10'], searches: cluster, options: ['ndots:5'] }],
  ['on the network of the node', { hostNetwork: true }, {}, node],
  [
    'the cluster first, on the network of the node',
    { hostNetwork: true, dnsPolicy: 'ClusterFirstWithHostNet' },
    {},
    { servers: ['10.96.0.10'], searches: cluster, options: ['ndots:5'] },
  ],
  ["the node's", { dnsPolicy: 'Default' }, {}, node],
  ['no domain of the cluster', {}, { clusterDomain: '' }, { servers: ['10.96.0.10'], searches: ['example.org'], options: ['ndots:5'] }],
  [
    'none but its own',
    {
      dnsPolicy: 'None',
      dnsConfig: { nameservers: ['1.1.1.1'], searches: ['a.b'], options: [{ name: 'ndots', value: '2' }, { name: 'edns0' }] },
    },
    {},
    { servers: ['1.1.1.1'], searches: ['a.b'], options: ['ndots:2', 'edns0'] },
  ],
  [
    'its own beside, options over those there',
    { dnsConfig: { nameservers: ['10.96.0.10', '1.1.1.1'], searches: ['cluster.local', 'x.y'], options: [{ name: 'ndots', value: '1' }] } },
    {},
    { servers: ['10.96.0.10', '1.1.1.1'], searches: [...cluster, 'x.y'], options: ['ndots:1'] },
  ],
]
for (const [story, spec, differing, expected] of table) {
  test(`dns: ${story}`, () => assert.deepEqual(podDns(pod(spec), { ...facts, ...differing }), { config: expected, warnings: [] }))
}

test('dns: a cluster without servers falls back to the node, and says so', () => {
  const ofNode =
    'kubelet does not have ClusterDNS IP configured and cannot create Pod using "ClusterFirst" policy. Falling back to "Default" policy.'
  const warnings = [{ reason: 'MissingClusterDNS', message: `pod: "web_default(uid-1)". ${ofNode}`, ofNode }]
  assert.deepEqual(podDns(pod(), { ...facts, clusterDns: [] }), { config: node, warnings })
})

test('dns: a node that is told to use no resolver', () => {
  const { config } = podDns(pod({ dnsPolicy: 'Default' }), { ...facts, node: undefined })
  assert.deepEqual(config, { servers: ['127.0.0.1'], searches: ['.'], options: [] })
})

test('dns: what is over the limits is left out, and said', () => {
  const servers = podDns(pod({ dnsPolicy: 'Default', dnsConfig: { nameservers: ['1.1.1.1', '1.1.1.2', '1.1.1.3'] } }), facts)
  assert.deepEqual(servers.config.servers, ['10.9.9.9', '1.1.1.1', '1.1.1.2'])
  assert.deepEqual(servers.warnings, [
    {
      reason: 'DNSConfigForming',
      message:
        'Nameserver limits were exceeded, some nameservers have been omitted, the applied nameserver line is: 10.9.9.9 1.1.1.1 1.1.1.2',
    },
  ])
  const many = Array.from({ length: 40 }, (_, i) => `d${i}.example`)
  const tooMany = podDns(pod({ dnsPolicy: 'None', dnsConfig: { nameservers: ['1.1.1.1'], searches: many } }), facts)
  assert.deepEqual(tooMany.config.searches, many.slice(0, 32))
  assert.match(tooMany.warnings[0]?.message ?? '', /^Search Line limits were exceeded, .*is: d0.example d1.example /)
  const long = [...'abcdefghijk'].map((letter) => letter.repeat(200))
  assert.equal(podDns(pod({ dnsPolicy: 'None', dnsConfig: { searches: long } }), facts).config.searches.length, 10)
  const one = podDns(pod({ dnsPolicy: 'None', dnsConfig: { searches: ['x'.repeat(254), 'ok'] } }), facts)
  assert.deepEqual([one.config.searches, one.warnings.length], [['ok'], 1])
})

test('resolv.conf as it is found', () => {
  const text =
    '# by hand\nnameserver 1.1.1.1 # one\nnameserver 1.1.1.2\nsearch old.example\nsearch a.example. . b\noptions ndots:2 rotate\noptions ndots:3\n'
  assert.deepEqual(parseResolvConf(text), { servers: ['1.1.1.1', '1.1.1.2'], searches: ['a.example', 'b'], options: ['ndots:3', 'rotate'] })
})
