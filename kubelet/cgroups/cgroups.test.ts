// Both versions of the kernel's files and both drivers, on recorded layouts: a folder stands in for /sys/fs/cgroup, and what would be run is written down.
import assert from 'node:assert/strict'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, test } from 'node:test'
import { createLogger } from '#component/logging.ts'
import { app, pod } from '#kubelet/pods/pod-fixtures.ts'
import { limitSlice, podOfSlice, sliceName, slicePath, startSlice, stopSlice } from './cgroup-systemd.ts'
import { Cgroups } from './cgroups.ts'

const log = createLogger({ name: 'test', verbosity: 0, format: 'text', destination: { write: () => undefined } })
const uid = '0b776407-f36d-4293-ac57-f6d37d319959'
const sized = { requests: { cpu: '500m', memory: '64Mi' }, limits: { cpu: '1', memory: '128Mi' } }
const burstable = pod({ containers: [app('main', { resources: sized })] }, { uid })

let folders: string[] = []
afterEach(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true })
  folders = []
})

/** `files` are what the kernel would show, by path. */
function layout(files: Record<string, string>): { mount: string; text(path: string): string } {
  const mount = mkdtempSync(join(tmpdir(), 'cgroup-'))
  folders.push(mount)
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(join(mount, path, '..'), { recursive: true })
    writeFileSync(join(mount, path), text)
  }
  return { mount, text: (path) => readFileSync(join(mount, path), 'utf8') }
}

test('version 1: a folder for each controller, limits in its files, and all of it goes again', async () => {
  const { mount, text } = layout({ 'cpu/tasks': '', 'memory/tasks': '', 'pids/tasks': '' })
  const cgroups = new Cgroups('/node', log, { mount })
  assert.equal(cgroups.version, 1)
  await cgroups.create(burstable, { pids: 100 })
  const path = `node/kubepods/burstable/pod${uid}`
  assert.equal(cgroups.parent(burstable), `/${path}`)
  assert.equal(text(`cpu/${path}/cpu.shares`), '512')
  assert.equal(text(`cpu/${path}/cpu.cfs_quota_us`), '100000')
  assert.equal(text(`memory/${path}/memory.limit_in_bytes`), '134217728')
  assert.equal(text(`pids/${path}/pids.max`), '100')
  writeFileSync(join(mount, `memory/${path}/memory.usage_in_bytes`), '4096\n')
  assert.deepEqual(cgroups.read(`/${path}`), { cpuShares: 512, cpuQuotaMicros: 100_000, memoryBytes: 134_217_728, memoryUsageBytes: 4096 })
  await cgroups.set(`/${path}`, { memoryBytes: 268_435_456 })
  assert.equal(text(`memory/${path}/memory.limit_in_bytes`), '268435456')
  assert.deepEqual([...cgroups.pods()], [uid])
  assert.ok(cgroups.has(uid))
})

test('version 1 with version 2 beside it: what the runtime made there goes too', async () => {
  const path = `kubepods/burstable/pod${uid}`
  const { mount } = layout({ 'cpu/tasks': '', 'unified/cgroup.procs': '' })
  const cgroups = new Cgroups('/', log, { mount })
  assert.equal(cgroups.version, 1)
  await cgroups.create(burstable)
  rmSync(join(mount, 'cpu', path), { recursive: true })
  mkdirSync(join(mount, 'unified', path), { recursive: true })
  assert.deepEqual([...cgroups.pods()], [uid], 'also where nothing else is left of it')
  await cgroups.remove(uid)
  assert.deepEqual([existsSync(join(mount, 'unified', path)), cgroups.has(uid)], [false, false])
})

test('version 1: what has no limit', () => {
  const { mount } = layout({
    'cpu/kubepods/x/cpu.shares': '2\n',
    'cpu/kubepods/x/cpu.cfs_quota_us': '-1\n',
    'memory/kubepods/x/memory.limit_in_bytes': '9223372036854771712\n',
    'memory/kubepods/x/memory.usage_in_bytes': '0\n',
  })
  assert.deepEqual(new Cgroups('/', log, { mount }).read('/kubepods/x'), { cpuShares: 2, memoryUsageBytes: 0 })
})

test('version 2: controllers are handed down the one tree', async () => {
  const controllers = 'cpuset cpu io memory hugetlb pids rdma misc\n'
  const path = `kubepods/burstable/pod${uid}`
  const { mount, text } = layout({
    'cgroup.controllers': controllers,
    'kubepods/cgroup.controllers': controllers,
    'kubepods/burstable/cgroup.controllers': 'cpu memory pids\n',
    [`${path}/cgroup.controllers`]: 'cpu memory pids\n',
  })
  const cgroups = new Cgroups('/', log, { mount, pageSizes: ['2Mi', '1Gi'] })
  assert.equal(cgroups.version, 2)
  await cgroups.create(burstable, { pids: 100 })
  assert.equal(text(`${path}/hugetlb.2MB.max`), '0', 'what it did not ask for')
  await cgroups.create(
    pod({ containers: [app('main', { resources: { ...sized, limits: { ...sized.limits, 'hugepages-2Mi': '4Mi' } } })] }, { uid }),
  )
  assert.deepEqual([text(`${path}/hugetlb.2MB.max`), text(`${path}/hugetlb.1GB.max`)], ['4194304', '0'])
  assert.equal(text('cgroup.subtree_control'), '+cpuset +cpu +io +memory +hugetlb +pids')
  assert.equal(text('kubepods/burstable/cgroup.subtree_control'), '+cpu +memory +pids')
  assert.deepEqual(
    ['cpu.weight', 'cpu.max', 'memory.max', 'pids.max'].map((file) => text(`${path}/${file}`)),
    ['20', '100000 100000', '134217728', '100'],
  )
  writeFileSync(join(mount, path, 'memory.current'), '4096\n')
  assert.deepEqual(cgroups.read(`/${path}`), { cpuShares: 500, cpuQuotaMicros: 100_000, memoryBytes: 134_217_728, memoryUsageBytes: 4096 })
  for (const [file, none] of Object.entries({ 'cpu.max': 'max 100000', 'memory.max': 'max' }))
    writeFileSync(join(mount, path, file), `${none}\n`)
  assert.deepEqual(cgroups.read(`/${path}`), { cpuShares: 500, memoryUsageBytes: 4096 })
})

const call = 'busctl --system call org.freedesktop.systemd1 /org/freedesktop/systemd1 org.freedesktop.systemd1.Manager'

test('slices: names, places, and what systemd is told', () => {
  const path = `/kubepods/burstable/pod${uid}`
  const name = 'kubepods-burstable-pod0b776407_f36d_4293_ac57_f6d37d319959.slice'
  assert.equal(sliceName(path), name)
  assert.equal(slicePath(path), `/kubepods.slice/kubepods-burstable.slice/${name}`)
  assert.equal(podOfSlice(name), uid)
  assert.equal(podOfSlice('kubepods-pod0b776407.slice'), '0b776407')
  assert.equal(podOfSlice('kubepods-burstable.slice'), undefined)
  const limits = { cpuShares: 1024, cpuQuotaMicros: 33_333, memoryBytes: 4096, pids: 10 }
  assert.equal(
    startSlice(2, '/kubepods', limits).join(' '),
    `${call} StartTransientUnit ssa(sv)a(sa(sv)) kubepods.slice replace 9 Description s kubelet kubepods.slice DefaultDependencies b false MemoryAccounting b true CPUAccounting b true TasksAccounting b true CPUWeight t 39 CPUQuotaPerSecUSec t 340000 MemoryMax t 4096 TasksMax t 10 0`,
  )
  assert.equal(
    limitSlice(1, '/kubepods', { cpuShares: 1024, memoryBytes: 4096 })?.join(' '),
    `${call} SetUnitProperties sba(sv) kubepods.slice true 2 CPUShares t 1024 MemoryLimit t 4096`,
  )
  assert.equal(limitSlice(2, '/kubepods', {}), undefined)
  assert.equal(stopSlice('a.slice').join(' '), `${call} StopUnit ss a.slice replace`)
})

test('the systemd driver on version 2: systemd makes and stops, the files have what it has no words for', async () => {
  const name = 'kubepods-burstable-pod0b776407_f36d_4293_ac57_f6d37d319959.slice'
  const path = `kubepods.slice/kubepods-burstable.slice/${name}`
  const tier = 'kubepods.slice/kubepods-burstable.slice'
  const controllers = 'cpu memory hugetlb pids\n'
  const { mount, text } = layout(
    Object.fromEntries(['.', 'kubepods.slice', tier].map((each) => [`${each}/cgroup.controllers`, controllers])),
  )
  const said: string[] = []
  const run = async (argv: readonly string[]) => {
    said.push(argv.slice(6).join(' '))
    // It answers before it has made what it is told to.
    if (argv.includes('StopUnit')) rmSync(join(mount, path), { recursive: true })
    if (argv.includes('StopUnit') && said.length > 3) throw new Error(`busctl: exited with 1: Call failed: Unit ${name} not loaded.`)
  }
  const cgroups = new Cgroups('/', log, { driver: 'systemd', mount, run })
  assert.equal(cgroups.parent(burstable), name)
  await cgroups.create(burstable)
  assert.match(
    said[0] ?? '',
    new RegExp(`^StartTransientUnit .*${name} replace .*CPUWeight t 20 CPUQuotaPerSecUSec t 1000000 MemoryMax t 134217728 0$`),
  )
  assert.equal(text(`${path}/cpu.weight`), '20')
  assert.equal(text(`${tier}/cgroup.subtree_control`), '+cpu +memory +hugetlb +pids', 'also what systemd has no words for')
  await cgroups.create(burstable)
  assert.match(said[1] ?? '', /^SetUnitProperties /)
  assert.deepEqual([...cgroups.pods()], [uid])
  assert.ok(cgroups.has(uid))
  mkdirSync(join(mount, path, 'docker-abc.scope'))
  const scope = { 'cpu.weight': '20', 'cpu.max': 'max 100000', 'memory.max': 'max', 'memory.current': '7' }
  for (const [file, value] of Object.entries(scope)) writeFileSync(join(mount, path, 'docker-abc.scope', file), value)
  assert.equal(cgroups.read(cgroups.containerPath(burstable, 'abc')).memoryUsageBytes, 7)
  await cgroups.remove(uid)
  assert.equal(said[2], `StopUnit ss ${name} replace`)
  assert.ok(!existsSync(join(mount, path)))
  mkdirSync(join(mount, path))
  await cgroups.remove(uid)
  assert.equal(said[3], `StopUnit ss ${name} replace`, 'of a slice that systemd does not know')
})

test('a container ends as a whole when it runs out of memory, on version 2', () => {
  const path = `kubepods/burstable/pod${uid}/abc`
  const { mount, text } = layout({ 'cgroup.controllers': 'memory\n', [`${path}/memory.oom.group`]: '0\n' })
  new Cgroups('/', log, { mount, singleProcessOOMKill: true }).containerStarted(burstable, 'abc')
  assert.equal(text(`${path}/memory.oom.group`), '0\n')
  const cgroups = new Cgroups('/', log, { mount })
  cgroups.containerStarted(burstable, 'abc')
  assert.match(text(`${path}/memory.oom.group`), /^1/)
  cgroups.containerStarted(burstable, 'gone')
  assert.ok(!existsSync(join(mount, path, '../gone')))
})
