import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { duplexPair, PassThrough } from 'node:stream'
import { text } from 'node:stream/consumers'
import { test } from 'node:test'
import { bridgeNetwork, bridgesOf, capabilityArguments, parseNetwork } from './cni-config.ts'
import { carry, Demultiplexer } from './docker-streams.ts'
import { LogLinks } from './log-links.ts'
import { pauseProgram } from './sandbox/pause-image.ts'
import { strayNamespaces, sysctlPath } from './sandbox/pinned.ts'
import { Semaphore } from './semaphore.ts'

test('a semaphore bounds, keeps the order, and lets waiters leave', async () => {
  const semaphore = new Semaphore(2)
  const order: number[] = []
  let inFlight = 0
  let most = 0
  const work = (n: number) => async () => {
    inFlight += 1
    most = Math.max(most, inFlight)
    await new Promise((resolve) => setImmediate(resolve))
    order.push(n)
    inFlight -= 1
  }
  const leaving = new AbortController()
  const running = [0, 1].map((n) => semaphore.run(undefined, work(n)))
  const gone = semaphore.run(leaving.signal, work(99))
  running.push(...[2, 3].map((n) => semaphore.run(undefined, work(n))))
  leaving.abort(new Error('left'))
  await assert.rejects(gone, { message: 'left' })
  await Promise.all(running)
  assert.deepEqual([order, most], [[0, 1, 2, 3], 2])
  await assert.rejects(
    semaphore.run(undefined, async () => {
      throw new Error('work failed')
    }),
  )
  await semaphore.run(undefined, work(4))
})

const frame = (kind: number, data: string): Buffer => {
  const head = Buffer.alloc(8)
  head[0] = kind
  head.writeUInt32BE(data.length, 4)
  return Buffer.concat([head, Buffer.from(data)])
}

test('a multiplexed stream comes apart however it is cut', () => {
  const bytes = Buffer.concat([frame(1, 'out'), frame(2, 'error'), frame(1, ''), frame(1, 'more')])
  for (let size = 1; size <= bytes.length; size += 1) {
    const demultiplexer = new Demultiplexer()
    const outputs = ['', '', '']
    for (let at = 0; at < bytes.length; at += size) {
      for (const { kind, data } of demultiplexer.feed(bytes.subarray(at, at + size))) outputs[kind] += data.toString()
    }
    assert.deepEqual(outputs, ['', 'outmore', 'error'])
  }
})

test('a session passes the end of stdin on and waits for slow readers', async () => {
  const [near, far] = duplexPair()
  const [stdin, stdout, stderr] = [new PassThrough(), new PassThrough({ highWaterMark: 1 }), new PassThrough()]
  const carried = carry(near, { stdin, stdout, stderr, tty: false })
  stdin.end('input')
  const answer = (async () => {
    assert.equal(await text(far), 'input')
    far.end(Buffer.concat([frame(1, 'x'.repeat(100_000)), frame(2, 'e')]))
  })()
  const output = text(stdout)
  await Promise.all([carried, answer])
  stdout.end()
  stderr.end()
  assert.deepEqual([(await output).length, await text(stderr)], [100_000, 'e'])
})

test('output that may not be the command’s own is held back while nothing follows it', async () => {
  const story = async (...pieces: Buffer[]): Promise<[string | undefined, string]> => {
    const [near, far] = duplexPair()
    const stdout = new PassThrough()
    far.end(Buffer.concat(pieces))
    const held = await carry(near, { stdout, tty: false }, ['failed', 'broken'])
    await (pieces.length > 2 ? held?.release() : undefined)
    stdout.end()
    return [held?.text, await text(stdout)]
  }
  assert.deepEqual(await story(frame(1, 'failed: why')), ['failed: why', ''])
  assert.deepEqual(await story(frame(1, 'failed: why'), frame(1, ' and more')), [undefined, 'failed: why and more'])
  assert.deepEqual(await story(frame(1, 'all is well')), [undefined, 'all is well'])
  assert.deepEqual(await story(frame(1, ''), frame(1, ''), frame(1, 'failed: why')), ['failed: why', 'failed: why'])
})

test('CNI configurations', () => {
  const network = parseNetwork(bridgeNetwork({ podCidr: '10.1.0.0/24' }), 'x')
  assert.deepEqual(
    [network.name, network.plugins.map((plugin) => plugin.type), bridgesOf(network)],
    ['typernetes', ['bridge', 'portmap'], ['cni0']],
  )
  const [bridge, portmap] = network.plugins
  assert.ok(bridge !== undefined && portmap !== undefined)
  const mapping = { containerPort: 80, hostPort: 8080, protocol: 'TCP', hostIp: '127.0.0.1' }
  const pod = { portMappings: [mapping, { ...mapping, hostPort: 0 }], annotations: {} }
  assert.deepEqual(capabilityArguments(bridge, pod), {})
  assert.deepEqual(capabilityArguments(portmap, pod), {
    runtimeConfig: { portMappings: [{ hostPort: 8080, containerPort: 80, protocol: 'tcp', hostIP: '127.0.0.1' }] },
  })
  assert.equal(parseNetwork('{"name":"one","type":"ptp"}', 'x').plugins[0]?.type, 'ptp')
  assert.throws(() => parseNetwork('{', 'bad.conf'), /bad\.conf is not JSON/)
  assert.throws(() => parseNetwork('{"name":"x","plugins":[{}]}', 'bad.conf'), /bad\.conf has no name or a plug-in without type/)
})

test('names of sysctls and namespaces', () => {
  assert.equal(sysctlPath('net.ipv4.ip_forward'), 'net/ipv4/ip_forward')
  assert.equal(sysctlPath('net/ipv4/conf/eth0.1/rp_filter'), 'net/ipv4/conf/eth0.1/rp_filter')
  assert.throws(() => sysctlPath('net/../../etc/passwd'))
  const records = [{ netns: '/run/netns/typernetes-a' }] as unknown as Parameters<typeof strayNamespaces>[1]
  assert.deepEqual(strayNamespaces(['typernetes-a', 'typernetes-b', 'cni-other'], records), ['/run/netns/typernetes-b'])
})

test('log links come and go with their folders', async () => {
  const dir = mkdtempSync(path.join(tmpdir(), 'links-'))
  const links = new LogLinks({ podsDir: path.join(dir, 'pods'), containersDir: path.join(dir, 'containers') })
  const id = 'c'.repeat(64)
  const container = { podNamespace: 'default', podName: 'web', podUid: 'u1', container: 'app', attempt: 1, id }
  const target = import.meta.filename
  links.make(container, target)
  links.make(container, target)
  assert.equal(readFileSync(path.join(dir, `containers/web_default_app-${id}.log`), 'utf8'), readFileSync(target, 'utf8'))
  assert.ok(existsSync(path.join(dir, 'pods/default_web_u1/app/1.log')))
  await links.remove(container)
  assert.equal(existsSync(path.join(dir, 'pods/default_web_u1')), false)
  links.make(container, `/docker/${id}/${id}-json.log`)
  await links.sweep(new Set([id]))
  await links.sweep(new Set())
  assert.equal(existsSync(path.join(dir, 'pods/default_web_u1')), false)
  rmSync(dir, { recursive: true })
})

test('the pause program is an ELF executable for either machine', () => {
  for (const [machine, code] of [
    ['x64', 62],
    ['arm64', 183],
  ] as const) {
    const program = pauseProgram(machine)
    assert.equal(program.toString('latin1', 1, 4), 'ELF')
    assert.equal(program.readUInt16LE(18), code)
    assert.equal(program.readBigUInt64LE(96), BigInt(program.length))
  }
  assert.throws(() => pauseProgram('mips'))
})
