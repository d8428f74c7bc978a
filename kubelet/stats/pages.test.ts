import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Pod } from '#api/core/pod.ts'
import { cadvisorMetrics } from './cadvisor-metrics.ts'
import { detailV1, detailV2 } from './cgroup-detail.ts'
import type { CgroupUsage, ReadCgroupFile } from './cgroup-usage.ts'
import { parseDiskstats } from './disk-io.ts'
import { render } from './exposition.ts'
import { kubeletMetrics } from './kubelet-metrics.ts'
import { volumeRule } from './pod-files.ts'
import { resourceMetrics } from './resource-metrics.ts'
import { statsSummary } from './summary.ts'
import type { NodeUsage, PodUsage } from './usage.ts'

const cgroup: CgroupUsage = {
  cpuNanos: 2_500_000_000,
  memoryBytes: 3000,
  workingSetBytes: 2000,
  rssBytes: 1000,
  pageFaults: 7,
  majorPageFaults: 1,
  memoryLimitBytes: 10_000,
  swapBytes: 0,
  swapLimitBytes: undefined,
  processes: 2,
  pressure: {},
}
const fs = { capacityBytes: 1000, availableBytes: 400, usedBytes: 600, inodes: 100, inodesFree: 60 }
const node: NodeUsage = {
  at: new Date('2026-11-21T10:00:00.750Z'),
  root: { ...cgroup, memoryLimitBytes: undefined },
  rootNanoCores: 5,
  pods: cgroup,
  podsNanoCores: undefined,
  kubelet: { cpuNanos: 1_000_000_000, nanoCores: 1, rssBytes: 99, startedAt: new Date('2026-11-21T09:00:00Z') },
  memory: { capacityBytes: 100_000, availableBytes: 98_000 },
  swap: { totalBytes: 10, freeBytes: 4 },
  nodeFs: fs,
  imageFs: fs,
  hasImageFs: false,
  processes: { max: 1000, current: 10 },
}
const eth0 = { name: 'eth0', rxBytes: 1, rxPackets: 2, rxErrors: 3, rxDropped: 4, txBytes: 5, txPackets: 6, txErrors: 7, txDropped: 8 }
const pod: PodUsage = {
  pod: { metadata: { name: 'web', namespace: 'shop', uid: 'u1' }, spec: { containers: [] } } as unknown as Pod,
  startTime: '2026-11-21T09:30:00Z',
  place: '/kubepods/podu1',
  cgroup,
  nanoCores: 4,
  containers: [
    {
      id: 'c1',
      name: 'app',
      image: 'app:1',
      startedAt: new Date('2026-11-21T09:30:01Z'),
      place: '/kubepods/podu1/c1',
      cgroup,
      nanoCores: 3,
      rootfs: { usedBytes: 10, inodesUsed: 1 },
      logs: { usedBytes: 20, inodesUsed: 2 },
    },
  ],
  network: [eth0],
  processes: 2,
  volumes: [{ name: 'data', used: { usedBytes: 5, inodesUsed: 1 }, fs, ephemeral: false, claim: 'claim-1' }],
  ephemeralStorage: { usedBytes: 30, inodesUsed: 3 },
}
const facts = { nodeName: 'n1', bootedAt: new Date('2026-11-21T08:00:00Z'), imageBytes: 77, interfaces: [eth0] }
const time = '2026-11-21T10:00:00Z'

// biome-ignore lint/suspicious/noExplicitAny: the shape is what is tested
const summaryOf = (imageBytes: number | undefined): any => statsSummary(node, [pod], { ...facts, imageBytes })

test('the summary of a pod, in the shape of upstream’s API', () => {
  const [shown] = summaryOf(77).pods
  const fsStats = { time, availableBytes: 400, capacityBytes: 1000, inodesFree: 60, inodes: 100 }
  assert.deepEqual(shown.podRef, { name: 'web', namespace: 'shop', uid: 'u1' })
  assert.deepEqual(shown.containers[0], {
    name: 'app',
    startTime: '2026-11-21T09:30:01Z',
    cpu: { time, usageNanoCores: 3, usageCoreNanoSeconds: 2_500_000_000 },
    memory: { time, availableBytes: 8000, usageBytes: 3000, workingSetBytes: 2000, rssBytes: 1000, pageFaults: 7, majorPageFaults: 1 },
    swap: { time, swapUsageBytes: 0 },
    rootfs: { ...fsStats, usedBytes: 10, inodesUsed: 1 },
    logs: { ...fsStats, usedBytes: 20, inodesUsed: 2 },
  })
  assert.deepEqual(shown.volume, [
    { ...fsStats, usedBytes: 5, inodesUsed: 1, name: 'data', pvcRef: { name: 'claim-1', namespace: 'shop' } },
  ])
  assert.equal(shown['ephemeral-storage'].usedBytes, 30)
  assert.deepEqual(shown.process_stats, { process_count: 2 })
  const counters = { name: 'eth0', rxBytes: 1, rxErrors: 3, txBytes: 5, txErrors: 7 }
  assert.deepEqual(shown.network, { time, ...counters, interfaces: [counters] })
})

test('the summary of the node; without files when only processor and memory are asked for', () => {
  const { node: shown } = summaryOf(77)
  assert.equal(shown.startTime, '2026-11-21T08:00:00Z')
  assert.equal(shown.memory.availableBytes, 98_000)
  assert.equal(shown.fs.usedBytes, 600)
  assert.equal(shown.runtime.imageFs.usedBytes, 77)
  assert.deepEqual(shown.rlimit, { time, maxpid: 1000, curproc: 10 })
  assert.deepEqual(shown.swap, { time, swapAvailableBytes: 4, swapUsageBytes: 6 })
  assert.equal(shown.systemContainers[1].cpu.usageNanoCores, undefined)
  const few = summaryOf(undefined).node
  assert.deepEqual([few.fs, few.runtime, few.rlimit, few.network], [undefined, undefined, undefined, undefined])
})

test('metrics of resources', () => {
  const text = resourceMetrics(node, [pod])
  const at = node.at.getTime()
  for (const line of [
    `container_cpu_usage_seconds_total{container="app",namespace="shop",pod="web"} 2.5 ${at}`,
    'container_start_time_seconds{container="app",namespace="shop",pod="web"} 1795253401',
    `pod_memory_working_set_bytes{namespace="shop",pod="web"} 2000 ${at}`,
    `node_swap_usage_bytes 6 ${at}`,
    'resource_scrape_error 0',
  ])
    assert.ok(text.split('\n').includes(line), `${line}\n${text}`)
  assert.doesNotMatch(text, /container_swap_limit_bytes/)
})

test('metrics as cAdvisor names them', () => {
  const read: ReadCgroupFile = (_controller, file) =>
    ({
      'cpu.shares': '2',
      'cpu.cfs_quota_us': '50000',
      'cpu.cfs_period_us': '100000',
      'cpu.stat': 'nr_periods 9\nnr_throttled 4\nthrottled_time 1500000000',
    })[file]
  const machine = { cpus: 2, memoryBytes: 100, swapBytes: 0, machineId: 'm', systemUuid: 's', bootId: 'b' }
  const text = cadvisorMetrics(node, [pod], {
    machine: { ...machine, cores: 2, sockets: 1 },
    versions: { kernelVersion: 'k' },
    detail: () => detailV1(read),
    disk: () => parseDiskstats(' 254 0 vda 11 1 90 600 12 3 400 900 2 410 960', '254:0'),
  })
  const labels = 'container="app",id="/kubepods/podu1/c1",image="app:1",name="c1",namespace="shop",pod="web"'
  const own = 'container="",id="/kubepods/podu1",image="",name="",namespace="shop",pod="web"'
  for (const start of [
    `container_cpu_usage_seconds_total{${labels},cpu="total"} 2.5 `,
    `container_cpu_cfs_throttled_seconds_total{${labels}} 1.5 `,
    `container_spec_memory_limit_bytes{${labels}} 10000 `,
    `container_fs_usage_bytes{${labels},device=""} 30 `,
    `container_network_transmit_errors_total{${own},interface="eth0"} 7 `,
    'container_fs_reads_total{container="",id="/",image="",name="",namespace="",pod="",device="/dev/vda"} 11 ',
    'container_fs_write_seconds_total{container="",id="/",image="",name="",namespace="",pod="",device="/dev/vda"} 0.9 ',
    'container_fs_io_current{container="",id="/",image="",name="",namespace="",pod="",device="/dev/vda"} 2 ',
    'machine_cpu_sockets{boot_id="b",machine_id="m",system_uuid="s"} 1',
    'machine_cpu_cores{boot_id="b",machine_id="m",system_uuid="s"} 2',
  ])
    assert.ok(text.includes(`\n${start}`), `${start}\n${text}`)
})

test('details under version 2', () => {
  const read: ReadCgroupFile = (_controller, file) =>
    ({
      'cpu.stat': 'usage_usec 9\nuser_usec 6000000\nsystem_usec 3000000\nnr_periods 5\nnr_throttled 2\nthrottled_usec 250000',
      'cpu.max': '50000 100000',
      'cpu.weight': '79',
      'memory.stat': 'file 10\nfile_mapped 4',
      'memory.events': 'low 0\nmax 3\noom_kill 1',
      'io.stat': '8:0 rbytes=1 wbytes=2 rios=3 wios=4 dbytes=0 dios=0',
    })[file]
  const detail = detailV2(read)
  assert.deepEqual(detail.throttling, { periods: 5, throttled: 2, seconds: 0.25 })
  assert.deepEqual(detail.limits, { cpuShares: 2047, quotaMicros: 50_000, periodMicros: 100_000 })
  assert.deepEqual([detail.userSeconds, detail.mappedBytes, detail.failures, detail.oomKills], [6, 4, 3, 1])
  assert.deepEqual(detail.blocks, [{ device: '8:0', readBytes: 1, writtenBytes: 2, reads: 3, writes: 4 }])
})

test('what /metrics looks up', () => {
  const counted = {
    isStatic: false,
    isMirror: false,
    wanted: true,
    lifecycle: 'sync' as const,
    ephemeralContainers: 1,
    hasSandbox: true,
    containerStates: ['running', 'exited'],
  }
  const over = { ...counted, lifecycle: 'terminated' as const, ephemeralContainers: 0, hasSandbox: false }
  const text = kubeletMetrics(node, [pod], {
    pods: [counted, over],
    cgroupVersion: 1,
    buildInfo: { git_version: 'v1' },
    process: { openFiles: 9, maxFiles: 20, virtualBytes: 500, maxVirtualBytes: undefined, receivedBytes: 1, sentBytes: 2 },
    volumes: [{ plugin: 'kubernetes.io/projected', state: 'actual_state_of_world', count: 3 }],
  })
  for (const line of [
    'kubelet_running_pods 1',
    'kubelet_running_containers{container_state="exited"} 2',
    'kubelet_desired_pods{static=""} 2',
    'kubelet_active_pods{static=""} 1',
    'kubelet_working_pods{config="desired",lifecycle="terminated",static=""} 1',
    'kubelet_managed_ephemeral_containers 1',
    'kubelet_volume_stats_used_bytes{namespace="shop",persistentvolumeclaim="claim-1"} 5',
    'kubelet_container_log_filesystem_used_bytes{uid="u1",namespace="shop",pod="web",container="app"} 20',
    'process_start_time_seconds 1795251600',
    'process_open_fds 9',
    'process_virtual_memory_max_bytes 18446744073709552000',
    'volume_manager_total_volumes{plugin_name="kubernetes.io/projected",state="actual_state_of_world"} 3',
  ])
    assert.ok(text.split('\n').includes(line), `${line}\n${text}`)
})

test('labels are escaped, what was not measured is left out', () => {
  const samples = [
    { labels: { a: 'x"\\\n' }, value: 1 },
    { labels: {}, value: undefined },
  ]
  const text = render([
    { name: 'm', type: 'gauge', help: 'h', samples },
    { name: 'none', type: 'gauge', help: 'h', samples: [] },
  ])
  assert.equal(text, '# HELP m h\n# TYPE m gauge\nm{a="x\\"\\\\\\n"} 1\n')
})

for (const [volume, measure, ephemeral] of [
  [{ emptyDir: {} }, 'tree', true],
  [{ emptyDir: { medium: 'Memory' } }, 'tree', false],
  [{ configMap: { name: 'c' } }, 'tree', true],
  [{ secret: { secretName: 's' } }, 'tree', false],
  [{ persistentVolumeClaim: { claimName: 'c' } }, 'fileSystem', false],
  [{ hostPath: { path: '/' } }, 'nothing', false],
] as const)
  test(`what is counted of ${JSON.stringify(volume)}`, () =>
    assert.deepEqual(volumeRule({ name: 'v', ...volume } as never), { measure, ephemeral }))
