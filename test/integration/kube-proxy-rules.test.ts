/** kube-proxy's rules in a real kernel: a network namespace of its own, real connections, real turns. Needs root and iptables. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Service } from '#api/core/service.ts'
import type { EndpointSlice } from '#api/discovery/endpoint-slice.ts'
import { sleep } from '#component/clock.ts'
import { exec } from '#component/exec.ts'
import { createLogger } from '#component/logging.ts'
import { kernel } from '#kube-proxy/apply.ts'
import { ProxyLoop } from '#kube-proxy/loop.ts'
import { jumps } from '#kube-proxy/ruleset.ts'

const namespace = `tn-proxy-${process.pid}`
const inside: typeof exec = (argv, options) => exec(['ip', 'netns', 'exec', namespace, ...argv], options)
const missing = process.getuid?.() !== 0 ? 'needs root' : undefined
const podIps = ['10.244.0.1', '10.244.0.2', '10.244.0.3']

before(async () => {
  if (missing) return
  await exec(['ip', 'netns', 'add', namespace])
  await inside(['ip', 'link', 'set', 'lo', 'up'])
  for (const ip of podIps) await inside(['ip', 'address', 'add', `${ip}/32`, 'dev', 'lo'])
  // A way out, as every node has one: what is sent to a service address must have a route before the rules see it.
  await inside(['ip', 'link', 'add', 'out', 'type', 'veth', 'peer', 'name', 'far'])
  for (const link of ['out', 'far']) await inside(['ip', 'link', 'set', link, 'up'])
  await inside(['ip', 'address', 'add', '192.0.2.10/24', 'dev', 'out'])
  await inside(['ip', 'route', 'add', 'default', 'via', '192.0.2.1'])
})
after(async () => {
  if (!missing) await exec(['ip', 'netns', 'delete', namespace])
})

/** Answers on every pod address with that address, then connects `count` times, one after the other, and prints who answered. */
const client = (target: string, count: number): string => `
  const net = require('node:net')
  const ips = ${JSON.stringify(podIps)}
  const [host, port] = '${target}'.split(':')
  const once = () => new Promise((resolve) => {
    const socket = net.connect(Number(port), host)
    socket.on('data', (text) => { resolve(String(text)); socket.destroy() })
    socket.on('error', (error) => resolve(error.code))
    socket.setTimeout(5000, () => { resolve('ETIMEDOUT'); socket.destroy() })
  })
  Promise.all(ips.map((ip) => new Promise((r) => net.createServer((s) => s.end(ip)).listen(8080, ip, r)))).then(async () => {
    const seen = []
    for (let i = 0; i < ${count}; i++) seen.push(await once())
    console.log(JSON.stringify(seen)); process.exit(0)
  })`

async function answers(target: string, count: number): Promise<string[]> {
  const { stdout } = await inside([process.execPath, '-e', client(target, count)], { timeoutMs: 120_000 })
  return JSON.parse(stdout) as string[]
}

function world(pods: readonly string[]) {
  const service: Service = {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { namespace: 'shop', name: 'web' },
    spec: {
      type: 'NodePort',
      clusterIP: '10.96.0.10',
      clusterIPs: ['10.96.0.10'],
      ports: [{ protocol: 'TCP', port: 80, nodePort: 30_080 }],
    },
    status: {},
  }
  const slice: EndpointSlice = {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { namespace: 'shop', name: 'web-1', labels: { 'kubernetes.io/service-name': 'web' } },
    addressType: 'IPv4',
    ports: [{ protocol: 'TCP', port: 8080 }],
    endpoints: pods.map((ip) => ({ addresses: [ip] })),
  }
  const state = { service: service as Service | undefined, slice }
  const loop = new ProxyLoop({
    services: { get: () => state.service, list: () => [], byIndex: () => [] },
    slices: { get: () => undefined, list: () => [], byIndex: () => [state.slice] },
    nodeName: 'n1',
    clusterCidr: '',
    masqueradeAll: false,
    syncPeriodMs: 100,
    minSyncPeriodMs: 0,
    kernel: kernel(inside),
    log: createLogger({ name: 'test', verbosity: 0, format: 'text' }),
  })
  return { state, loop }
}

async function until(what: string, condition: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 60_000
  while (Date.now() < deadline) {
    if (await condition()) return
    await sleep(20)
  }
  assert.fail(`${what}: not within 60 s`)
}

test('endpoints take strict turns, rules come back after a flush, foreign rules stay, a service without endpoints refuses', {
  skip: missing,
}, async () => {
  const stop = new AbortController()
  const { state, loop } = world(podIps)
  await inside(['iptables', '-t', 'nat', '-N', 'FOREIGN'])
  await inside(['iptables', '-t', 'nat', '-A', 'OUTPUT', '-d', '203.0.113.1/32', '-j', 'FOREIGN'])
  await kernel(inside).restore({ write: new Map([['nat KUBE-SVC-AAAAAAAAAAAAAAAA', '']]), remove: [] }, stop.signal)
  loop.touch('shop/web')
  const ended = loop.run(stop.signal)
  try {
    await until('first rules', async () => loop.lastSyncMs > 0)
    for (const target of ['10.96.0.10:80', '192.0.2.10:30080']) {
      const seen = await answers(target, 30)
      assert.equal(new Set(seen.slice(0, 3)).size, 3, `three answer in turn: ${seen.join(' ')}`)
      for (const [i, who] of seen.entries()) assert.equal(who, seen[i % 3], `turn ${i} of ${seen.join(' ')}`)
      for (const ip of podIps) assert.equal(seen.filter((who) => who === ip).length, 10)
    }
    assert.deepEqual(await answers('127.0.0.1:30080', 1), ['ECONNREFUSED'], 'loopback is no node port')
    const { stdout: saved } = await inside(['iptables-save'])
    assert.match(saved, /FOREIGN/)
    assert.doesNotMatch(saved, /AAAAAAAA/, 'a chain of a service that went while nobody looked is removed')

    await inside(['iptables', '-t', 'nat', '-F'])
    await inside(['iptables', '-t', 'nat', '-X'])
    await until('rules after a flush', async () => podIps.includes((await answers('10.96.0.10:80', 1))[0] ?? ''))

    state.slice = { ...state.slice, endpoints: [] }
    loop.touch('shop/web')
    await until('refusal', async () => (await answers('10.96.0.10:80', 1))[0] === 'ECONNREFUSED')
    state.service = undefined
    loop.touch('shop/web')
    await until('removal', async () => !(await inside(['iptables-save'])).stdout.includes('shop/web'))
  } finally {
    stop.abort()
    await ended
  }
  for (const { table, from } of jumps) assert.match((await inside(['iptables', '-t', table, '-S', from])).stdout, /KUBE-/)
})
