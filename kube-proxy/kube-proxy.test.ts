import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Service } from '#api/core/service.ts'
import type { EndpointSlice } from '#api/discovery/endpoint-slice.ts'
import { ownChains, restoreInputs } from './apply.ts'
import { clusterChain } from './chain-names.ts'
import { staleFlows } from './conntrack.ts'
import { pathOf } from './dispatch.ts'
import { type ChainKey, renderService } from './render.ts'
import { resolve, type ServicePort } from './resolve.ts'
import { Ruleset } from './ruleset.ts'

const service = (spec: Partial<Service['spec']> = {}, status: Service['status'] = {}): Service => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { namespace: 'shop', name: 'web' },
  spec: {
    type: 'ClusterIP',
    clusterIP: '10.96.1.5',
    clusterIPs: ['10.96.1.5'],
    ports: [{ name: 'http', protocol: 'TCP', port: 80 }],
    ...spec,
  },
  status,
})

interface Pod {
  ip: string
  node?: string
  conditions?: { ready?: boolean; serving?: boolean; terminating?: boolean }
}
const slice = (pods: readonly Pod[], port = 8080): EndpointSlice => ({
  apiVersion: 'discovery.k8s.io/v1',
  kind: 'EndpointSlice',
  metadata: { namespace: 'shop', name: 'web-1' },
  addressType: 'IPv4',
  ports: [{ name: 'http', protocol: 'TCP', port }],
  endpoints: pods.map(({ ip, node = 'n2', conditions }) => ({ addresses: [ip], nodeName: node, ...(conditions ? { conditions } : {}) })),
})
const only = (ports: readonly ServicePort[]): ServicePort => {
  assert.equal(ports.length, 1)
  return ports[0] as ServicePort
}

test('which endpoints answer', () => {
  const dying = { ready: false, serving: true, terminating: true }
  const cases: { story: string; pods: Pod[]; cluster: string[]; local: string[] }[] = [
    {
      story: 'ready ones in address order',
      pods: [{ ip: '10.0.0.10' }, { ip: '10.0.0.9', node: 'n1' }],
      cluster: ['10.0.0.9', '10.0.0.10'],
      local: ['10.0.0.9'],
    },
    {
      story: 'one that is not ready gets nothing',
      pods: [{ ip: '10.0.0.1' }, { ip: '10.0.0.2', conditions: { ready: false } }],
      cluster: ['10.0.0.1'],
      local: [],
    },
    {
      story: 'terminating ones wait while others are ready',
      pods: [{ ip: '10.0.0.1' }, { ip: '10.0.0.2', conditions: dying }],
      cluster: ['10.0.0.1'],
      local: [],
    },
    {
      story: 'terminating ones serve when nobody else does',
      pods: [{ ip: '10.0.0.2', conditions: dying }],
      cluster: ['10.0.0.2'],
      local: [],
    },
    {
      story: 'locality decides for itself',
      pods: [{ ip: '10.0.0.1' }, { ip: '10.0.0.2', node: 'n1', conditions: dying }],
      cluster: ['10.0.0.1'],
      local: ['10.0.0.2'],
    },
    { story: 'nobody', pods: [], cluster: [], local: [] },
  ]
  for (const { story, pods, cluster, local } of cases) {
    const port = only(resolve(service(), [slice(pods)], 'n1'))
    assert.deepEqual([port.cluster.map((b) => b.ip), port.local.map((b) => b.ip)], [cluster, local], story)
  }
})

test('an endpoint in two slices counts once, the ready one speaks', () => {
  const twice = [slice([{ ip: '10.0.0.1', conditions: { ready: false } }]), slice([{ ip: '10.0.0.1' }])]
  assert.deepEqual(only(resolve(service(), twice, 'n1')).cluster, [{ ip: '10.0.0.1', port: 8080, local: false }])
})

test('services without kernel rules', () => {
  for (const spec of [{ clusterIP: 'None' }, { type: 'ExternalName', clusterIP: '' }, { clusterIP: '' }])
    assert.deepEqual(resolve(service(spec), [], 'n1'), [])
})

/** The rules as one text, endpoint and service chains under short names. */
function rulesOf(spec: Partial<Service['spec']>, pods: readonly Pod[]): string {
  const ports = resolve(service(spec), [slice(pods)], 'n1')
  const rendered = renderService(ports, { clusterCidr: '10.244.0.0/16', masqueradeAll: false })
  const text = [...rendered.entries.map((e) => `${e.table} ${e.ip ?? 'node'}:${e.port} ${e.tail}`), ...rendered.chains.values()].join('\n')
  const names = new Map<string, string>()
  return text.replace(/KUBE-(SVC|SVL|SEP|EXT|FW)-[A-Z2-7]{16}/g, (name, sort) => {
    if (!names.has(name)) names.set(name, `${sort}${[...names.keys()].filter((n) => n.includes(sort)).length + 1}`)
    return names.get(name) ?? name
  })
}

test('rules of a service with two endpoints: turns by counting', () => {
  assert.equal(
    rulesOf({}, [{ ip: '10.244.1.2' }, { ip: '10.244.2.2' }]),
    `nat 10.96.1.5:80 -j SVC1
-A SVC1 ! -s 10.244.0.0/16 -d 10.96.1.5/32 -p tcp -m tcp --dport 80 -j KUBE-MARK-MASQ
-A SVC1 -m comment --comment "shop/web:http -> 10.244.1.2:8080" -m statistic --mode nth --every 2 --packet 0 -j SEP1
-A SVC1 -m comment --comment "shop/web:http -> 10.244.2.2:8080" -j SEP2
-A SEP1 -s 10.244.1.2/32 -m comment --comment "shop/web:http" -j KUBE-MARK-MASQ
-A SEP1 -p tcp -m comment --comment "shop/web:http" -m tcp -j DNAT --to-destination 10.244.1.2:8080
-A SEP2 -s 10.244.2.2/32 -m comment --comment "shop/web:http" -j KUBE-MARK-MASQ
-A SEP2 -p tcp -m comment --comment "shop/web:http" -m tcp -j DNAT --to-destination 10.244.2.2:8080`,
  )
})

test('a service without endpoints refuses, on every way in', () => {
  const ports = [{ name: 'http', port: 80, nodePort: 30_080 }]
  assert.equal(
    rulesOf({ type: 'NodePort', ports, externalIPs: ['192.0.2.1'] }, []),
    ['10.96.1.5:80', '192.0.2.1:80', 'node:30080'].map((at) => `filter ${at} -j REJECT --reject-with icmp-port-unreachable`).join('\n'),
  )
})

test('external policy Local: outsiders only reach endpoints of this node, others are dropped', () => {
  const spec = { type: 'NodePort', externalTrafficPolicy: 'Local', ports: [{ name: 'http', port: 80, nodePort: 30_080 }] }
  const away = rulesOf(spec, [{ ip: '10.244.2.2' }])
  assert.match(away, /^filter node:30080 -j DROP$/m)
  assert.doesNotMatch(away, /SVL/)
  const here = rulesOf(spec, [{ ip: '10.244.1.2', node: 'n1' }, { ip: '10.244.2.2' }])
  assert.match(here, /-A EXT1 -s 10.244.0.0\/16 -j SVC1\n-A EXT1 .*LOCAL -j KUBE-MARK-MASQ\n-A EXT1 .*LOCAL -j SVC1\n-A EXT1 -j SVL1/)
  assert.doesNotMatch(here, /DROP/)
})

test('session affinity asks for a remembered endpoint first', () => {
  const text = rulesOf({ sessionAffinity: 'ClientIP' }, [{ ip: '10.244.1.2' }, { ip: '10.244.2.2' }])
  assert.match(text, /-A SVC1 -m recent --name SEP1 --rcheck --seconds 10800 --reap -j SEP1\n/)
  assert.match(text, /-A SEP1 -p tcp .* -m recent --name SEP1 --set -m tcp -j DNAT/)
})

test('the way to a service is three steps, to a node port two', () => {
  const entry = { table: 'nat', protocol: 'tcp', port: 80, tail: '-j X', comment: 'c' } as const
  assert.deepEqual(
    pathOf({ ...entry, ip: '10.96.1.70' }).map((s) => s.chain),
    ['KUBE-SERVICES', 'KUBE-DST-0A600100-24', 'KUBE-DST-0A600140-26'],
  )
  assert.deepEqual(
    pathOf({ ...entry, ip: undefined, port: 30_080 }).map((s) => s.rule)[0],
    '-p tcp -m tcp --dport 30080:30143 -j KUBE-NPT-TCP-30080',
  )
})

const view = { clusterCidr: '', masqueradeAll: false }
const webPorts = (pods: readonly Pod[], clusterIP = '10.96.1.5'): readonly ServicePort[] =>
  resolve(service({ clusterIP, clusterIPs: [clusterIP] }), [slice(pods)], 'n1')

test('a change of one service touches its own chains alone', () => {
  const rules = new Ruleset(view)
  for (let i = 1; i <= 200; i++)
    rules.set(
      `shop/s${i}`,
      webPorts([{ ip: `10.0.0.${i}` }], `10.96.1.${i}`).map((p) => ({ ...p, id: `shop/s${i}` })),
    )
  rules.applied(rules.pending())
  assert.equal(rules.pending().write.size, 0)
  const target = webPorts([{ ip: '10.0.0.7' }, { ip: '10.0.0.8' }], '10.96.1.7').map((p) => ({ ...p, id: 'shop/s7' }))
  rules.set('shop/s7', target)
  const change = rules.pending()
  assert.deepEqual(
    [...change.write.keys()].filter((k) => !k.includes('SEP')),
    [`nat ${clusterChain(only(target))}`],
  )
  assert.equal(change.write.size, 2, 'the service chain and the new endpoint')
  assert.deepEqual(change.remove, [])
})

test('removing a service removes its chains; the roots stay', () => {
  const rules = new Ruleset(view)
  rules.set('shop/web', webPorts([{ ip: '10.0.0.1' }]))
  rules.applied(rules.pending())
  rules.set('shop/web', [])
  const change = rules.pending()
  assert.deepEqual([...change.remove].map((k) => k.replace(/-[A-Z2-7]{16}$/, '')).sort(), [
    'nat KUBE-DST-0A600100-24',
    'nat KUBE-DST-0A600100-26',
    'nat KUBE-SEP',
    'nat KUBE-SVC',
  ])
  assert.deepEqual([...change.write.keys()], ['nat KUBE-SERVICES'])
  rules.applied(change)
  assert.deepEqual(rules.pending(), { write: new Map(), remove: [] })
})

test('after a failure everything is written again and nothing is left behind', () => {
  const rules = new Ruleset(view)
  rules.set('shop/web', webPorts([{ ip: '10.0.0.1' }]))
  rules.applied(rules.pending())
  rules.set('shop/web', [])
  const lost = rules.pending()
  rules.forget()
  const again = rules.pending()
  for (const key of lost.remove) assert.ok(again.remove.includes(key), key)
  assert.ok(again.write.has('nat KUBE-POSTROUTING'))
})

test('a restore declares first, names what is jumped to before the jump, and removes last', () => {
  const write = new Map<ChainKey, string>([
    ['nat KUBE-SERVICES', '-A KUBE-SERVICES -j KUBE-SVC-A'],
    ['nat KUBE-SVC-A', '-A KUBE-SVC-A -j KUBE-SEP-A'],
    ['filter KUBE-FORWARD', ''],
  ])
  assert.deepEqual(restoreInputs({ write, remove: ['nat KUBE-SEP-OLD', 'nat KUBE-SVC-OLD'] }), [
    `*filter
:KUBE-FORWARD - [0:0]
COMMIT
*nat
:KUBE-SVC-A - [0:0]
:KUBE-SERVICES - [0:0]
:KUBE-SVC-OLD - [0:0]
:KUBE-SEP-OLD - [0:0]
-A KUBE-SVC-A -j KUBE-SEP-A
-A KUBE-SERVICES -j KUBE-SVC-A
-X KUBE-SVC-OLD
-X KUBE-SEP-OLD
COMMIT
`,
  ])
  assert.deepEqual(restoreInputs({ write: new Map(), remove: [] }), [])
})

test('a cold load comes in chunks', () => {
  const write = new Map<ChainKey, string>(Array.from({ length: 2500 }, (_, i): [ChainKey, string] => [`nat KUBE-SEP-${i}`, '']))
  assert.equal(restoreInputs({ write, remove: [] }).length, 3)
})

test("only our own chains are found in the kernel's", () => {
  const saved =
    '*mangle\n:KUBE-SVC-X - [0:0]\n*nat\n:PREROUTING ACCEPT [1:2]\n:KUBE-SVC-A - [0:0]\n:KUBE-KUBELET-CANARY - [0:0]\n:CNI-1 - [0:0]\nCOMMIT\n'
  assert.deepEqual(ownChains(saved), ['nat KUBE-SVC-A'])
})

test('UDP connections to an endpoint that went are cut', () => {
  const udp = (pods: readonly Pod[]): ServicePort[] => webPorts(pods).map((p) => ({ ...p, protocol: 'udp' as const }))
  assert.deepEqual(staleFlows(udp([{ ip: '10.0.0.1' }, { ip: '10.0.0.2' }]), udp([{ ip: '10.0.0.2' }])), [
    ['-D', '--orig-dst', '10.96.1.5', '--dst-nat', '10.0.0.1', '-p', 'udp'],
  ])
  assert.deepEqual(staleFlows(udp([]), udp([{ ip: '10.0.0.2' }])), [['-D', '--orig-dst', '10.96.1.5', '-p', 'udp']])
  assert.deepEqual(staleFlows(webPorts([{ ip: '10.0.0.1' }]), webPorts([])), [], 'TCP ends by itself')
})
