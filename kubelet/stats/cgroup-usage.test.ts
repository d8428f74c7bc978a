import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parsePressure, placeOf, type ReadCgroupFile, usageV1, usageV2 } from './cgroup-usage.ts'

const from =
  (files: Record<string, string>): ReadCgroupFile =>
  (controller, file) =>
    files[controller === '' ? file : `${controller}/${file}`]

test('a container under version 1, its files as the kernel writes them', () => {
  const usage = usageV1(
    from({
      'cpuacct/cpuacct.usage': '123456789',
      'memory/memory.usage_in_bytes': '10000000',
      'memory/memory.limit_in_bytes': '67108864',
      'memory/memory.stat':
        'cache 1\nrss 2\ntotal_rss 5000000\ntotal_inactive_file 3000000\ntotal_pgfault 70\ntotal_pgmajfault 3\ntotal_swap 0',
      'pids/pids.current': '4',
    }),
  )
  assert.deepEqual(usage, {
    cpuNanos: 123456789,
    memoryBytes: 10000000,
    workingSetBytes: 7000000,
    rssBytes: 5000000,
    pageFaults: 70,
    majorPageFaults: 3,
    memoryLimitBytes: 67108864,
    swapBytes: 0,
    swapLimitBytes: undefined,
    processes: 4,
    pressure: {},
  })
})

test('no limit is the largest number of pages under version 1, a word under version 2', () => {
  const v1 = { 'cpuacct/cpuacct.usage': '1', 'memory/memory.usage_in_bytes': '1', 'memory/memory.limit_in_bytes': '9223372036854771712' }
  assert.equal(usageV1(from(v1))?.memoryLimitBytes, undefined)
  const v2 = { 'cpu.stat': 'usage_usec 1', 'memory.current': '1', 'memory.max': 'max' }
  assert.equal(usageV2(from(v2), () => '')?.memoryLimitBytes, undefined)
})

test('a container under version 2, with what its processes waited for', () => {
  const usage = usageV2(
    from({
      'cpu.stat': 'usage_usec 2500\nuser_usec 2000\nsystem_usec 500\nnr_periods 0',
      'memory.current': '2097152',
      'memory.max': '134217728',
      'memory.stat': 'anon 1000000\nfile 900000\ninactive_file 97152\npgfault 12\npgmajfault 1',
      'memory.swap.current': '4096',
      'memory.swap.max': '0',
      'pids.current': '2',
      'cpu.pressure': 'some avg10=1.50 avg60=0.20 avg300=0.01 total=1234\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=7',
    }),
    () => '',
  )
  assert.equal(usage?.cpuNanos, 2500000)
  assert.equal(usage?.workingSetBytes, 2000000)
  assert.equal(usage?.swapBytes, 4096)
  assert.equal(usage?.swapLimitBytes, 0)
  assert.deepEqual(usage?.pressure, {
    cpu: { some: { avg10: 1.5, avg60: 0.2, avg300: 0.01, total: 1234 }, full: { avg10: 0, avg60: 0, avg300: 0, total: 7 } },
  })
})

test('the root of version 2 has no memory.current: its parts are summed up, as upstream does', () => {
  const usage = usageV2(
    from({ 'cpu.stat': 'usage_usec 1', 'memory.stat': 'anon 600\nfile 300\nkernel 5000\ninactive_file 100\nactive_file 200' }),
    () => 'MemTotal: 1000 kB\nMemFree: 400 kB\nSwapTotal: 10 kB\nSwapFree: 4 kB\n',
  )
  assert.deepEqual([usage?.memoryBytes, usage?.workingSetBytes, usage?.rssBytes, usage?.swapBytes], [900, 800, 600, 6 * 1024])
})

test('the root of version 2 before it had a memory.stat: the machine tells', () => {
  const meminfo = 'MemTotal: 1000 kB\nMemFree: 400 kB\nMemAvailable: 700 kB\nInactive(file): 100 kB\n'
  const usage = usageV2(from({ 'cpu.stat': 'usage_usec 1', 'memory.stat': '' }), () => meminfo)
  assert.equal(usage?.memoryBytes, 600 * 1024)
  assert.equal(usage?.workingSetBytes, 500 * 1024)
})

test('what is gone is nothing, not zero', () => {
  assert.equal(usageV1(from({})), undefined)
  assert.equal(
    usageV2(from({}), () => ''),
    undefined,
  )
  assert.equal(parsePressure(undefined), undefined)
})

for (const [text, place] of [
  ['9:name=systemd:/a\n4:memory:/kubepods/burstable/pod1/c1\n', '/kubepods/burstable/pod1/c1'],
  ['0::/kubepods.slice/kubepods-pod1.slice/docker-c1.scope\n', '/kubepods.slice/kubepods-pod1.slice/docker-c1.scope'],
  ['5:cpu,cpuacct:/x\n', undefined],
] as const)
  test(`the place of ${JSON.stringify(text)}`, () => assert.equal(placeOf(text), place))
