import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer, type Http2Server, type ServerHttp2Stream } from 'node:http2'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import type { Pod } from '#api/core/pod.ts'
import { createLogger } from '#component/logging.ts'
import { app, pod } from '#kubelet/pods/pod-fixtures.ts'
import { AllocateError, DeviceManager } from './device-manager.ts'
import { assignDevices, type DeviceState, deviceAmounts } from './device-state.ts'
import { GrpcClient, type GrpcError } from './grpc.ts'
import * as messages from './messages.ts'
import { podResources } from './pod-resources.ts'
import { decode, encode } from './proto.ts'

const gpu = 'example.com/gpu'
const log = createLogger({ name: 'test', verbosity: 0, format: 'text', destination: { write: () => undefined } })
const wants = (uid: string, count: string, inits: Record<string, string> = {}): Pod =>
  pod(
    {
      initContainers: Object.entries(inits).map(([name, each]) => app(name, { resources: { limits: { [gpu]: each } } })),
      containers: [app('main', { resources: { limits: { [gpu]: count, cpu: '1' } } })],
    },
    { uid },
  )

test('protobuf: what is written is read, unknown fields are passed over, and torn bytes refused', () => {
  const response = {
    envs: { A: '1', B: 'ü' },
    mounts: [{ containerPath: '/c', hostPath: '/h', readOnly: true }],
    devices: [{ containerPath: '/dev/a', hostPath: '/dev/b', permissions: 'rw' }],
    annotations: {},
    cdiDevices: [],
  }
  const bytes = encode(messages.containerAllocation, response)
  assert.deepEqual(decode(messages.containerAllocation, bytes), response)
  assert.throws(() => decode(messages.containerAllocation, bytes.subarray(0, -1)), RangeError)
  // As Go writes it: version "v1beta1", endpoint "a.sock", resource_name "x/y", options { pre_start_required: true }, and a field 15 that nobody knows.
  const go = Buffer.from('0a0776316265746131120661 2e736f636b1a03782f792202 08017803'.replaceAll(' ', ''), 'hex')
  assert.deepEqual(decode(messages.registerRequest, go), {
    version: 'v1beta1',
    endpoint: 'a.sock',
    resourceName: 'x/y',
    options: { preStartRequired: true, getPreferredAllocationAvailable: false },
  })
  const ids = { devices: [], cpuIds: [0, 3, 300], memory: [] }
  assert.deepEqual(decode(messages.allocatableResponse, encode(messages.allocatableResponse, ids)), ids)
})

const state = (healthy: Record<string, boolean>, stoppedAt?: number): DeviceState => ({
  resources: new Map([
    [gpu, { devices: new Map(Object.entries(healthy).map(([id, each]) => [id, { healthy: each, numaNodes: [] }])), stoppedAt }],
  ]),
  assigned: new Map(),
})

test('what the node shows: all devices, of them the healthy ones, none once a plug-in stays away', () => {
  const amounts = (of: DeviceState, now = 0) => {
    const { capacity, allocatable } = deviceAmounts(of, now)
    return [capacity[gpu], allocatable[gpu]]
  }
  assert.deepEqual(amounts(state({ a: true, b: false })), ['2', '1'])
  assert.deepEqual(amounts(state({ a: true, b: true }, 0), 60_000), ['2', '0'])
  assert.deepEqual(amounts(state({ a: true, b: true }, 0), 301_000), ['0', '0'])
})

test('devices are set aside once, kept, and passed on by init containers', () => {
  const three = state({ a: true, b: true, c: true, sick: false })
  const first = assignDevices(wants('one', '2', { init: '1' }), three)
  assert.ok('assigned' in first)
  const own = first.assigned.get('one')
  assert.deepEqual([own?.get('init')?.get(gpu), own?.get('main')?.get(gpu)], [['a'], ['a', 'b']])
  assert.deepEqual(assignDevices(wants('one', '2', { init: '1' }), { ...three, assigned: first.assigned }), first)
  assert.deepEqual(assignDevices(wants('two', '2'), { ...three, assigned: first.assigned }), {
    problem: 'requested number of devices unavailable for example.com/gpu. Requested: 2, Available: 1',
  })
  assert.deepEqual(assignDevices(wants('two', '1'), state({ sick: false })), {
    problem: 'no healthy devices present; cannot allocate unhealthy devices example.com/gpu',
  })
  const none = { resources: new Map(), assigned: new Map() }
  assert.deepEqual(assignDevices(wants('two', '1'), none), { assigned: none.assigned }, 'not a resource of this node’s plug-ins')
})

/** A plug-in with devices that the test changes. */
class PlayedPlugin {
  readonly calls: string[] = []
  allocateError = ''
  readonly #server: Http2Server = createServer()
  #list: ServerHttp2Stream | undefined
  #ids: readonly string[]

  private constructor(ids: readonly string[]) {
    this.#ids = ids
    this.#server.on('stream', (stream, headers) => void this.#answer(stream, String(headers[':path']).split('/').at(-1) ?? ''))
  }

  static async start(socket: string, ids: readonly string[]): Promise<PlayedPlugin> {
    const plugin = new PlayedPlugin(ids)
    await new Promise<void>((resolve) => plugin.#server.listen(socket, resolve))
    return plugin
  }

  list(ids: readonly string[]): void {
    this.#ids = ids
    const devices = ids.map((id) => ({
      id: id.replace('!', ''),
      health: id.startsWith('!') ? 'Unhealthy' : 'Healthy',
      topology: undefined,
    }))
    this.#list?.write(framed(encode(messages.listAndWatchResponse, { devices })))
  }

  close(): void {
    this.#list?.close()
    this.#server.close()
  }

  async #answer(stream: ServerHttp2Stream, method: string): Promise<void> {
    const chunks: Buffer[] = []
    for await (const chunk of stream) chunks.push(chunk as Buffer)
    const request = Buffer.concat(chunks).subarray(5)
    stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true })
    const failing = method === 'Allocate' && this.allocateError !== ''
    stream.on('wantTrailers', () =>
      stream.sendTrailers(failing ? { 'grpc-status': '2', 'grpc-message': this.allocateError } : { 'grpc-status': '0' }),
    )
    if (method === 'ListAndWatch') {
      this.#list = stream
      this.list(this.#ids)
    } else stream.end(failing ? undefined : framed(this.#body(method, request)))
  }

  #body(method: string, request: Buffer): Buffer {
    if (method === 'GetDevicePluginOptions')
      return encode(messages.pluginOptions, { preStartRequired: true, getPreferredAllocationAvailable: true })
    if (method === 'GetPreferredAllocation') {
      const { available = [], size = 0 } = decode(messages.preferredRequest, request).containers[0] ?? {}
      return encode(messages.preferredResponse, { containers: [{ deviceIds: available.toReversed().slice(0, size) }] })
    }
    const ids =
      method === 'Allocate'
        ? decode(messages.allocateRequest, request).containers[0]?.deviceIds
        : decode(messages.preStartRequest, request).deviceIds
    this.calls.push(`${method} ${ids}`)
    if (method !== 'Allocate') return Buffer.alloc(0)
    const device = { containerPath: '/dev/gpu', hostPath: '/dev/null', permissions: 'rw' }
    const container = { envs: { GPU: String(ids) }, mounts: [], devices: [device], annotations: {}, cdiDevices: [] }
    return encode(messages.allocateResponse, { containers: [container] })
  }
}

function framed(message: Buffer): Buffer {
  const prefix = Buffer.alloc(5)
  prefix.writeUInt32BE(message.length, 1)
  return Buffer.concat([prefix, message])
}

async function until(holds: () => boolean): Promise<void> {
  for (const deadline = Date.now() + 60_000; !holds(); await delay(5)) assert.ok(Date.now() < deadline, 'not within 60 s')
}

test('registration, lists, allocation, a restart, and the end of a plug-in', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'devices-'))
  const stop = new AbortController()
  const pods: Pod[] = []
  let changes = 0
  const manager = () => new DeviceManager({ directory, pods: () => pods, changed: () => changes++, now: () => new Date(), log })
  const shown = (of: DeviceManager) => [of.amounts().capacity[gpu], of.amounts().allocatable[gpu]]
  try {
    const first = manager()
    const running = first.run(stop.signal)
    const socket = join(directory, 'kubelet.sock')
    await until(() => existsSync(socket))
    const plugin = await PlayedPlugin.start(join(directory, 'gpu.sock'), ['a', 'b', 'c'])
    const client = await GrpcClient.connect(socket, () => undefined)
    const register = (version: string, resourceName: string) =>
      client.unary(
        '/v1beta1.Registration/Register',
        encode(messages.registerRequest, { version, endpoint: 'gpu.sock', resourceName }),
        5000,
      )
    await assert.rejects(
      register('v1alpha', gpu),
      /requested API version "v1alpha" is not supported by kubelet. Supported version is \["v1beta1"\]/,
    )
    await assert.rejects(register('v1beta1', 'cpu'), /the ResourceName "cpu" is invalid/)
    await assert.rejects(client.unary('/nobody/Knows', Buffer.alloc(0), 5000), (error: GrpcError) => error.code === 12)
    await register('v1beta1', gpu)
    await until(() => shown(first)[1] === '3')
    plugin.list(['a', '!b', 'c'])
    await until(() => shown(first)[1] === '2')
    assert.deepEqual(shown(first), ['3', '2'])
    assert.equal(changes, 2)

    const one = wants('one', '1')
    assert.equal(first.admit(one), undefined)
    pods.push(one)
    const container = one.spec?.containers[0]
    assert.ok(container)
    const assigned = await first.prepare(one, container)
    assert.deepEqual(
      [assigned.env, assigned.devices],
      [{ GPU: 'c' }, [{ containerPath: '/dev/gpu', hostPath: '/dev/null', permissions: 'rw' }]],
    )
    assert.deepEqual(await first.prepare(one, container), assigned, 'the next start')
    assert.deepEqual(plugin.calls, ['Allocate c', 'PreStartContainer c', 'PreStartContainer c'])
    assert.match(first.admit(wants('two', '2'))?.message ?? '', /^Allocate failed due to requested number of devices unavailable/)
    plugin.list(['a', 'b', 'c', 'd', 'e'])
    await until(() => shown(first)[1] === '5')
    const both = [wants('three', '1'), wants('four', '1')]
    for (const each of both) {
      assert.equal(first.admit(each), undefined)
      pods.push(each)
    }
    await Promise.all(both.map((each) => first.prepare(each, container)))
    const had = ['one', 'three', 'four'].flatMap((uid) => first.devicesOf(uid, 'main').get(gpu) ?? [])
    assert.deepEqual([had.length, new Set(had).size], [3, 3], 'no device is given twice, whatever is preferred')
    plugin.allocateError = 'it burns'
    const two = wants('two', '1')
    assert.equal(first.admit(two), undefined)
    pods.push(two)
    await assert.rejects(
      first.prepare(two, container),
      (error) => error instanceof AllocateError && /due to it burns, which is unexpected/.test(error.message),
    )

    const file = join(directory, 'kubelet_internal_checkpoint')
    await until(() => existsSync(file) && readFileSync(file, 'utf8').includes('"two"'))
    const again = manager()
    assert.deepEqual(shown(again), ['0', '0'], 'until its plug-in is back')
    assert.deepEqual(again.devicesOf('one', 'main').get(gpu), ['c'])
    assert.deepEqual(await again.prepare(one, container), assigned, 'the plug-in is not asked a second time')

    plugin.close()
    await until(() => shown(first)[1] === '0')
    assert.equal(shown(first)[0], '5')
    client.close()
    stop.abort()
    await running
  } finally {
    stop.abort()
    rmSync(directory, { recursive: true })
  }
})

test('the pod resources API: who has what, and what there is', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'pod-resources-'))
  const stop = new AbortController()
  try {
    const socket = join(directory, 'kubelet.sock')
    const one = wants('one', '1', { init: '1' })
    const devices = new Map([
      ['a', { healthy: true, numaNodes: [1] }],
      ['b', { healthy: false, numaNodes: [] }],
    ])
    const running = podResources({
      socket,
      pods: () => [one],
      resources: () => new Map([[gpu, { devices, stoppedAt: undefined }]]),
      devicesOf: () => new Map([[gpu, ['a']]]),
      cpusOf: () => [2, 3],
      allocatableCpus: () => [1, 2, 3],
    }).run(stop.signal)
    await until(() => existsSync(socket))
    const client = await GrpcClient.connect(socket, () => undefined)
    const call = (method: string, message: Buffer) => client.unary(`/v1.PodResourcesLister/${method}`, message, 5000)
    const topology = { nodes: [{ id: 1 }] }
    const shown = {
      name: 'web',
      namespace: 'default',
      containers: [{ name: 'main', devices: [{ resourceName: gpu, deviceIds: ['a'], topology }], cpuIds: [2, 3] }],
    }
    assert.deepEqual(decode(messages.listPodResponse, await call('List', Buffer.alloc(0))), { pods: [shown] })
    const get = (name: string) => call('Get', encode(messages.getPodRequest, { name, namespace: 'default' }))
    assert.deepEqual(decode(messages.getPodResponse, await get('web')), { pod: shown })
    await assert.rejects(get('other'), /pod other in namespace default not found/)
    assert.deepEqual(decode(messages.allocatableResponse, await call('GetAllocatableResources', Buffer.alloc(0))), {
      devices: [{ resourceName: gpu, deviceIds: ['a'], topology }],
      cpuIds: [1, 2, 3],
      memory: [],
    })
    client.close()
    stop.abort()
    await running
  } finally {
    stop.abort()
    rmSync(directory, { recursive: true })
  }
})
