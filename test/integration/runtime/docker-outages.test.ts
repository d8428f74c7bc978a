/** The Docker runtime when things go wrong: registries that fail, connections that are cut, a dockerd that hangs. */
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { connect, createServer, type Socket } from 'node:net'
import path from 'node:path'
import { after, test } from 'node:test'
import { promisify } from 'node:util'
import { createLogger } from '#component/logging.ts'
import { createDockerRuntime } from '#kubelet/runtime/docker.ts'
import type { RuntimeEvent } from '#kubelet/runtime/runtime.ts'
import { eventually } from '#test/harness/cluster.ts'
import { inside, nodeDir, runInside, whyNot } from './node-with-docker.ts'
import { smallRegistry } from './small-registry.ts'

if (!inside) {
  test('docker runtime in trouble', { skip: whyNot() ?? false, timeout: 290_000 }, async () => {
    assert.equal(await runInside(import.meta.filename, { withRuntime: true }), 0)
  })
} else suite()

function suite(): void {
  const signal = AbortSignal.timeout(280_000)
  const log = createLogger({ name: 'test', verbosity: 0, format: 'text' })
  const socketPath = path.join(nodeDir, 'docker.sock')
  const runtime = createDockerRuntime({ socketPath, log })
  after(() => runtime.close())
  // Not the synchronous form: the proxy of a test lives in this process.
  const docker = async (...args: readonly string[]) =>
    (await promisify(execFile)('docker', ['-H', `unix://${socketPath}`, ...args], { encoding: 'utf8' })).stdout.trim()
  async function until(condition: () => boolean): Promise<void> {
    while (!condition()) {
      signal.throwIfAborted()
      await new Promise((resolve) => setTimeout(resolve, 10))
    }
  }

  test('pulls: by tag and digest, with credentials, and every way to fail', async () => {
    const registry = await smallRegistry()
    const { address, digest } = registry
    const pulled = await runtime.pullImage(`${address}/app:v1`, undefined, signal)
    assert.deepEqual([pulled.repoTags, pulled.repoDigests, pulled.user], [[`${address}/app:v1`], [`${address}/app@${digest}`], '1234'])
    await runtime.removeImage(pulled.id, signal)
    assert.equal(await runtime.imageStatus(`${address}/app:v1`, signal), undefined)
    await runtime.removeImage(pulled.id, signal)
    const byDigest = await runtime.pullImage(`${address}/app@${digest}`, undefined, signal)
    assert.equal(byDigest.id, pulled.id)
    assert.equal((await runtime.imageStatus(`${address}/app:v1@${digest}`, signal))?.id, pulled.id)
    const secret = `${address}/app:v1`
    await runtime.removeImage(pulled.id, signal)
    registry.guarded = true
    await assert.rejects(runtime.pullImage(secret, undefined, signal), { name: 'RuntimeError' })
    await assert.rejects(runtime.pullImage(secret, { username: 'me', password: 'wrong', serverAddress: address }, signal), {
      name: 'RuntimeError',
    })
    const auth = { username: 'me', password: 'secret', serverAddress: address }
    assert.equal((await runtime.pullImage(secret, auth, signal)).id, pulled.id)
    registry.guarded = false
    await assert.rejects(runtime.pullImage(`${address}/app:v9`, undefined, signal), { code: 'imageNotFound' })
    await runtime.removeImage(pulled.id, signal)
    registry.mood = 'truncated'
    await assert.rejects(runtime.pullImage(`${address}/app:v1`, undefined, signal), { code: 'pullFailed' })
    registry.mood = 'failing'
    await assert.rejects(runtime.pullImage(`${address}/app:v1`, undefined, signal), { code: 'pullFailed' })
    registry.close()
    await assert.rejects(runtime.pullImage(`${address}/app:v1`, undefined, signal), { code: 'pullFailed', message: /connection refused/ })
  })

  test('no exit is missed while the event stream is cut', async () => {
    const connections = new Set<Socket>()
    let refusing = false
    const proxy = createServer((near) => {
      if (refusing) return void near.destroy()
      const far = connect(socketPath)
      connections.add(near)
      for (const [from, to] of [
        [near, far],
        [far, near],
      ] as const) {
        from.on('error', () => to.destroy())
        from.pipe(to)
      }
    })
    const proxied = path.join(nodeDir, 'proxy.sock')
    await new Promise<void>((resolve) => proxy.listen(proxied, resolve))
    const stop = new AbortController()
    const events: RuntimeEvent[] = []
    const watched = createDockerRuntime({ socketPath: proxied, log })
    const reading = (async () => {
      for await (const event of watched.events(stop.signal)) events.push(event)
    })()
    const create = (name: string) =>
      docker(
        'run',
        '-d',
        '--name',
        name,
        '--label',
        'io.kubernetes.docker.type=container',
        '--label',
        `io.kubernetes.pod.uid=${name}`,
        '--network',
        'none',
        'busybox:test',
        'busybox',
        'sleep',
        '1000',
      )
    await until(() => connections.size > 0)
    const first = await create('first')
    await until(() => events.some((event) => event.type === 'started' && event.containerId === first))
    refusing = true
    for (const connection of connections) connection.destroy()
    await docker('kill', 'first')
    await new Promise((resolve) => setTimeout(resolve, 300))
    refusing = false
    await until(() => events.some((event) => event.type === 'died' && event.containerId === first))
    const died = events.find((event) => event.type === 'died')
    assert.equal(died?.type === 'died' ? died.podUid : '', 'first')
    assert.ok(events.findIndex((event) => event.type === 'resync') < events.findIndex((event) => event.type === 'died'))
    stop.abort()
    await reading
    await docker('rm', '-f', 'first')
    for (const connection of connections) connection.destroy()
    proxy.close()
    watched.close()
  })

  test('a dockerd that hangs is told within the deadline, and used again when it is back', { timeout: 120_000 }, async () => {
    const pid = Number(readFileSync('/run/docker/pid', 'utf8'))
    process.kill(pid, 'SIGSTOP')
    try {
      await eventually('all of dockerd at a stop', 60_000, async () => hasStopped(pid))
      const begun = Date.now()
      const status = await runtime.status(signal)
      assert.equal(status.runtimeReady, false)
      // Ten seconds are its deadline.
      assert.ok(Date.now() - begun < 40_000)
      await assert.rejects(runtime.listContainers({}, AbortSignal.timeout(500)), { code: 'unavailable' })
    } finally {
      process.kill(pid, 'SIGCONT')
    }
    assert.equal((await runtime.status(signal)).runtimeReady, true)
    assert.deepEqual(await runtime.listContainers({}, signal), [])
  })
}

const hasStopped = (pid: number): boolean =>
  readdirSync(`/proc/${pid}/task`).every((thread) => /\) T /.test(readFileSync(`/proc/${pid}/task/${thread}/stat`, 'utf8')))
