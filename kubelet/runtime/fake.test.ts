import assert from 'node:assert/strict'
import { test } from 'node:test'
import { FakeRuntime } from './fake.ts'
import { type ContainerConfig, RuntimeError, type RuntimeEvent, type SandboxConfig } from './runtime.ts'

const never = new AbortController().signal
const sandboxConfig: SandboxConfig = {
  podUid: 'u1',
  namespace: 'default',
  name: 'web',
  attempt: 0,
  hostname: 'web',
  hostNetwork: false,
  hostPid: false,
  hostIpc: false,
  shareProcessNamespace: false,
  dns: { servers: [], searches: [], options: [] },
  portMappings: [],
  sysctls: {},
  cgroupParent: '/kubepods/podu1',
  labels: {},
  annotations: {},
}
const containerConfig = (imageId: string): ContainerConfig => ({
  podUid: 'u1',
  name: 'app',
  attempt: 0,
  imageId,
  image: 'app:1',
  env: [],
  mounts: [],
  devices: [],
  resources: { oomScoreAdj: 0 },
  security: {
    privileged: false,
    readOnlyRootFilesystem: false,
    noNewPrivileges: false,
    supplementalGroups: [],
    addCapabilities: [],
    dropCapabilities: [],
    seccomp: { type: 'RuntimeDefault' },
    unmaskedProc: false,
  },
  tty: false,
  stdin: false,
  stdinOnce: false,
  labels: {},
})

test('a container lives, dies with its reason and is removed; each step is an event', async () => {
  const runtime = new FakeRuntime(() => new Date(5000))
  const stop = new AbortController()
  const seen: RuntimeEvent[] = []
  const reading = (async () => {
    for await (const event of runtime.events(stop.signal)) if (seen.push(event) === 3) return
  })()
  const image = runtime.addImage('app:1')
  const sandbox = await runtime.runSandbox(sandboxConfig, never)
  const id = await runtime.createContainer(sandbox, containerConfig(image.id), never)
  await runtime.startContainer(id, never)
  runtime.exitContainer(id, 3)
  const [container] = await runtime.listContainers({ podUid: 'u1' }, never)
  assert.equal(container?.state, 'exited')
  assert.equal(container?.reason, 'Error')
  assert.equal(container?.exitCode, 3)
  await runtime.removeContainer(id, never)
  await reading
  stop.abort()
  assert.deepEqual(
    seen.map((e) => e.type),
    ['started', 'died', 'removed'],
  )
})

test('stopping respects a process that ignores SIGTERM, and a failure can be injected once', async () => {
  const runtime = new FakeRuntime(() => new Date(0))
  const image = runtime.addImage('app:1')
  runtime.behaviours.set('app:1', { ignoresTerm: true })
  const sandbox = await runtime.runSandbox(sandboxConfig, never)
  const id = await runtime.createContainer(sandbox, containerConfig(image.id), never)
  await assert.rejects(runtime.createContainer(sandbox, containerConfig(image.id), never), { code: 'conflict' })
  runtime.failNext('startContainer', new RuntimeError('unavailable', 'down'))
  await assert.rejects(runtime.startContainer(id, never), { code: 'unavailable' })
  await runtime.startContainer(id, never)
  await runtime.stopContainer(id, 30, never)
  assert.equal(runtime.containers.get(id)?.exitCode, 137)
  assert.equal(runtime.graces.get(id), 30)
})
