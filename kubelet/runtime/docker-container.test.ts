import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type ContainerInspect, type CreateInput, containerName, containerOf, createBody } from './docker-container.ts'
import { normalizeImageName } from './image-name.ts'
import type { ContainerConfig } from './runtime.ts'

const config: ContainerConfig = {
  podUid: 'u1',
  name: 'app',
  attempt: 2,
  imageId: 'sha256:abc',
  image: 'busybox',
  command: ['sh', '-c'],
  env: [{ name: 'A', value: 'b=c' }],
  mounts: [{ hostPath: '/var/lib/x', containerPath: '/data', readOnly: true, propagation: 'rslave' }],
  devices: [],
  resources: { oomScoreAdj: -997, memoryLimitBytes: 1024, cpuQuotaMicros: 50_000, cpuPeriodMicros: 100_000 },
  security: {
    privileged: false,
    readOnlyRootFilesystem: true,
    noNewPrivileges: true,
    user: '1000:2000',
    supplementalGroups: [5, 6],
    addCapabilities: ['NET_ADMIN'],
    dropCapabilities: ['ALL'],
    seccomp: { type: 'Unconfined' },
    unmaskedProc: true,
  },
  tty: false,
  stdin: false,
  stdinOnce: false,
  labels: { 'io.kubernetes.container.hash': 'h' },
}
const input: CreateInput = {
  config,
  pod: { id: 's1', namespace: 'default', name: 'web', cgroupParent: '/kubepods/podu1' },
  joining: { networkDisabled: true, hostname: 'web', hostConfig: { Runtime: 'typernetes', IpcMode: 'private' } },
  sandboxMounts: [
    { hostPath: '/run/s1/hosts', containerPath: '/etc/hosts' },
    { hostPath: '/run/s1/data', containerPath: '/data' },
  ],
  logPath: '/var/log/pods/default_web_u1/app/2.log',
  log: { maxSize: '10m', maxFiles: 5 },
  minOomScoreAdj: 0,
}

test('an ephemeral container joins the processes of its target', () => {
  const { HostConfig } = createBody({ ...input, config: { ...config, processesOf: 'c1' } }) as { HostConfig: Record<string, unknown> }
  assert.equal(HostConfig['PidMode'], 'container:c1')
})

test('the create request says it all', () => {
  const body = createBody(input) as Record<string, unknown> & { HostConfig: Record<string, unknown>; Labels: Record<string, string> }
  assert.equal(containerName({ namespace: 'default', name: 'web' }, config), 'k8s_app_web_default_u1_2')
  assert.deepEqual([body['Image'], body['Entrypoint'], body['Cmd'], body['User']], ['sha256:abc', ['sh', '-c'], undefined, '1000:2000'])
  assert.deepEqual([body['NetworkDisabled'], body['Hostname'], body['Env']], [true, 'web', ['A=b=c']])
  assert.deepEqual(body.Labels, {
    'io.kubernetes.container.hash': 'h',
    'io.kubernetes.docker.type': 'container',
    'io.kubernetes.pod.name': 'web',
    'io.kubernetes.pod.namespace': 'default',
    'io.kubernetes.pod.uid': 'u1',
    'io.kubernetes.container.name': 'app',
    'io.kubernetes.container.attempt': '2',
    'io.kubernetes.container.image': 'busybox',
    'io.kubernetes.sandbox.id': 's1',
    'io.kubernetes.container.logpath': '/var/log/pods/default_web_u1/app/2.log',
  })
  const { Mounts, ...host } = body.HostConfig
  assert.deepEqual(host, {
    Runtime: 'typernetes',
    IpcMode: 'private',
    CgroupParent: '/kubepods/podu1',
    Devices: [],
    RestartPolicy: { Name: 'no' },
    LogConfig: { Type: 'json-file', Config: { 'max-size': '10m', 'max-file': '5' } },
    CpuQuota: 50_000,
    CpuPeriod: 100_000,
    Memory: 1024,
    MemorySwap: 1024,
    OomScoreAdj: 0,
    Privileged: false,
    ReadonlyRootfs: true,
    GroupAdd: ['5', '6'],
    CapAdd: ['NET_ADMIN'],
    CapDrop: ['ALL'],
    SecurityOpt: ['no-new-privileges', 'seccomp=unconfined'],
    MaskedPaths: [],
    ReadonlyPaths: [],
  })
  assert.deepEqual(
    (Mounts as { Source: string; ReadOnly: boolean; BindOptions?: { Propagation: string } }[]).map((m) => [
      m.Source,
      m.ReadOnly,
      m.BindOptions?.Propagation,
    ]),
    [
      ['/run/s1/hosts', true, undefined],
      ['/var/lib/x', true, 'rslave'],
    ],
  )
})

const inspect = (state: Partial<ContainerInspect['State']>): ContainerInspect => ({
  Id: 'c1',
  Created: '2026-11-21T08:00:00.5Z',
  Image: 'sha256:abc',
  LogPath: '',
  State: {
    Status: 'exited',
    Running: false,
    OOMKilled: false,
    Pid: 0,
    ExitCode: 0,
    Error: '',
    StartedAt: '2026-11-21T08:00:01Z',
    FinishedAt: '2026-11-21T08:00:02Z',
    ...state,
  },
  Config: { Image: 'sha256:abc', Labels: { 'io.kubernetes.container.image': 'busybox' }, Tty: false, OpenStdin: false, StdinOnce: false },
})
const notStarted = { Status: 'created', StartedAt: '0001-01-01T00:00:00Z', FinishedAt: '0001-01-01T00:00:00Z' }

test('states and how containers ended', () => {
  const table: [Partial<ContainerInspect['State']>, [string, number | undefined, string]][] = [
    [{ Status: 'running', Running: true, Pid: 7, FinishedAt: '0001-01-01T00:00:00Z' }, ['running', undefined, '']],
    [notStarted, ['created', undefined, '']],
    [{ ...notStarted, Status: 'removing' }, ['created', undefined, '']],
    [{ Status: 'paused', FinishedAt: '0001-01-01T00:00:00Z' }, ['unknown', undefined, '']],
    [{}, ['exited', 0, 'Completed']],
    [{ ExitCode: 3 }, ['exited', 3, 'Error']],
    [{ ExitCode: 137, OOMKilled: true }, ['exited', 137, 'OOMKilled']],
    [{ Status: 'dead', ExitCode: 1 }, ['exited', 1, 'Error']],
    [{ ...notStarted, ExitCode: 127, Error: 'executable file not found' }, ['exited', 128, 'StartError']],
    [{ ...notStarted, ExitCode: 126, Error: 'permission denied' }, ['exited', 128, 'StartError']],
    [{ ...notStarted, ExitCode: 128, Error: 'OCI runtime create failed' }, ['exited', 128, 'StartError']],
    [{ ...notStarted, ExitCode: 0, Error: 'mount failed' }, ['exited', 128, 'StartError']],
    [{ ...notStarted, ExitCode: 128, Error: 'failed to create shim: exit status 93: unknown' }, ['created', undefined, '']],
    [
      { ...notStarted, ExitCode: 128, Error: 'connection error: desc = "transport: … connection refused": unavailable' },
      ['created', undefined, ''],
    ],
  ]
  for (const [state, [name, exitCode, reason]] of table) {
    const container = containerOf(inspect(state), undefined)
    assert.deepEqual([container.state, container.exitCode, container.reason], [name, exitCode, reason], JSON.stringify(state))
  }
  const failed = containerOf(inspect({ ...notStarted, ExitCode: 127, Error: 'x' }), undefined)
  assert.deepEqual([failed.startedAt, failed.finishedAt], [undefined, failed.createdAt])
  assert.equal(containerOf(inspect({}), 'busybox@sha256:def').imageRef, 'docker.io/library/busybox@sha256:def')
  assert.equal(containerOf(inspect({}), undefined).image, 'docker.io/library/busybox:latest')
})

test('image names in full', () => {
  const digest = `sha256:${'a'.repeat(64)}`
  const table: [string, string][] = [
    ['busybox', 'docker.io/library/busybox:latest'],
    ['busybox:1.36', 'docker.io/library/busybox:1.36'],
    ['user/app', 'docker.io/user/app:latest'],
    ['docker.io/busybox', 'docker.io/library/busybox:latest'],
    ['index.docker.io/busybox', 'docker.io/library/busybox:latest'],
    ['localhost/app', 'localhost/app:latest'],
    ['localhost:5000/app:v1', 'localhost:5000/app:v1'],
    ['registry.k8s.io/pause:3.9', 'registry.k8s.io/pause:3.9'],
    [`busybox@${digest}`, `docker.io/library/busybox@${digest}`],
    [`busybox:1@${digest}`, `docker.io/library/busybox:1@${digest}`],
    [digest, digest],
  ]
  for (const [name, full] of table) assert.equal(normalizeImageName(name), full, name)
})
