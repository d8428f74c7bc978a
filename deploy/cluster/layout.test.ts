import assert from 'node:assert/strict'
import { test } from 'node:test'
import { layoutOf } from './layout.ts'
import { parseOptions, UsageError } from './options.ts'

const layout = (...flags: string[]) => layoutOf(parseOptions(flags, '/c/.typernetes').options, '/c')

test('the default cluster uses upstream ports and kubeadm-like places', () => {
  const it = layout()
  assert.deepEqual(it.ports, {
    apiserver: 6443,
    etcdClient: 2379,
    etcdPeer: 2380,
    etcdMetrics: 2381,
    controllerManager: 10_257,
    scheduler: 10_259,
  })
  assert.equal(it.adminConf, '/c/.typernetes/admin.conf')
  assert.deepEqual(
    it.nodes.map((node) => `${node.name} ${node.address}`),
    ['node-1 10.243.0.11', 'node-2 10.243.0.12'],
  )
})

test('two clusters share no port, address, chain, link or cgroup', () => {
  const one = layout()
  const other = layout('--port', '24500', '--state=/elsewhere')
  const names = (it: typeof one) => [
    ...Object.values(it.ports).map(String),
    ...Object.values(it.chains),
    it.bridge,
    it.nodeNetwork,
    it.podNetwork,
    it.state,
    ...it.nodes.flatMap((node) => [node.address, node.link, node.cgroup, node.folder]),
  ]
  const shared = names(one).filter((name) => names(other).includes(name))
  assert.deepEqual(shared, [])
})

test('interface names fit into the 15 characters that Linux allows', () => {
  const it = layout('--port', '24549', '--nodes', '50')
  for (const name of [it.bridge, ...it.nodes.map((node) => node.link)]) assert.ok(name.length <= 15, name)
  for (const chain of Object.values(it.chains)) assert.ok(chain.length <= 28, chain)
})

test('flags that make no sense are refused with a reason', () => {
  for (const [flags, message] of [
    [['--nodes', '0'], /whole number from 1 to 50/],
    [['--nodes'], /wants a value/],
    [['--port=ssh'], /whole number/],
    [['--frobnicate', '1'], /unknown flag --frobnicate/],
    [['--pod-cidr', '10.1.2.0/24'], /network of \/16/],
    [['--program', 'kube-dns=/x'], /NAME one of/],
  ] as const) {
    assert.throws(
      () => parseOptions(flags, '/s'),
      (error) => error instanceof UsageError && message.test(error.message),
    )
  }
})

test('what is no flag comes back, and repeated extra flags add up', () => {
  const { options, rest } = parseOptions(['image:1', '--extra-arg', 'kubelet=--v=4', '--extra-arg=kubelet=--max-pods=5'], '/s')
  assert.deepEqual(rest, ['image:1'])
  assert.deepEqual(options.extraArgs, { kubelet: ['--v=4', '--max-pods=5'] })
})
