/** What only /metrics/cadvisor shows of a cgroup, beside its usage: throttling, kinds of memory, limits, block devices. Pure. */
import { parseTable, type ReadCgroupFile } from './cgroup-usage.ts'

export interface CgroupDetail {
  userSeconds: number
  systemSeconds: number
  throttling: { periods: number; throttled: number; seconds: number }
  cacheBytes: number | undefined
  mappedBytes: number | undefined
  activeFileBytes: number | undefined
  inactiveFileBytes: number | undefined
  maxBytes: number | undefined
  failures: number | undefined
  kernelBytes: number | undefined
  /** Under which nothing is taken from it, 0 for none. */
  reservedBytes: number | undefined
  /** 0 for as many as there may be on the host. */
  maxThreads: number | undefined
  oomKills: number
  limits: { cpuShares: number | undefined; quotaMicros: number | undefined; periodMicros: number | undefined }
  blocks: readonly BlockUsage[]
}

export interface BlockUsage {
  /** `major:minor` */
  device: string
  readBytes: number
  writtenBytes: number
  reads: number
  writes: number
}

const optional = (text: string | undefined): number | undefined => (text === undefined || text === 'max' ? undefined : Number(text))

/** A bound that is none is 0. */
function boundOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  const value = text === 'max' ? 0 : Number(text)
  return value > 2 ** 62 ? 0 : value
}

export function detailV1(read: ReadCgroupFile): CgroupDetail {
  const memory = parseTable(read('memory', 'memory.stat'))
  const cpu = parseTable(read('cpu', 'cpu.stat'))
  const quota = optional(read('cpu', 'cpu.cfs_quota_us'))
  return {
    userSeconds: (optional(read('cpuacct', 'cpuacct.usage_user')) ?? 0) / 1e9,
    systemSeconds: (optional(read('cpuacct', 'cpuacct.usage_sys')) ?? 0) / 1e9,
    throttling: {
      periods: cpu.get('nr_periods') ?? 0,
      throttled: cpu.get('nr_throttled') ?? 0,
      seconds: (cpu.get('throttled_time') ?? 0) / 1e9,
    },
    cacheBytes: memory.get('total_cache'),
    mappedBytes: memory.get('total_mapped_file'),
    activeFileBytes: memory.get('total_active_file'),
    inactiveFileBytes: memory.get('total_inactive_file'),
    maxBytes: optional(read('memory', 'memory.max_usage_in_bytes')),
    failures: optional(read('memory', 'memory.failcnt')),
    kernelBytes: optional(read('memory', 'memory.kmem.usage_in_bytes')),
    reservedBytes: boundOf(read('memory', 'memory.soft_limit_in_bytes')),
    maxThreads: boundOf(read('pids', 'pids.max')),
    oomKills: parseTable(read('memory', 'memory.oom_control')).get('oom_kill') ?? 0,
    limits: {
      cpuShares: optional(read('cpu', 'cpu.shares')),
      quotaMicros: quota === undefined || quota < 0 ? undefined : quota,
      periodMicros: optional(read('cpu', 'cpu.cfs_period_us')),
    },
    blocks: blocksV1(read('blkio', 'blkio.throttle.io_service_bytes_recursive'), read('blkio', 'blkio.throttle.io_serviced_recursive')),
  }
}

export function detailV2(read: ReadCgroupFile): CgroupDetail {
  const memory = parseTable(read('', 'memory.stat'))
  const cpu = parseTable(read('', 'cpu.stat'))
  const [quota, period] = (read('', 'cpu.max') ?? '').split(' ')
  const weight = optional(read('', 'cpu.weight'))
  const events = parseTable(read('', 'memory.events'))
  return {
    userSeconds: (cpu.get('user_usec') ?? 0) / 1e6,
    systemSeconds: (cpu.get('system_usec') ?? 0) / 1e6,
    throttling: {
      periods: cpu.get('nr_periods') ?? 0,
      throttled: cpu.get('nr_throttled') ?? 0,
      seconds: (cpu.get('throttled_usec') ?? 0) / 1e6,
    },
    cacheBytes: memory.get('file'),
    mappedBytes: memory.get('file_mapped'),
    activeFileBytes: memory.get('active_file'),
    inactiveFileBytes: memory.get('inactive_file'),
    maxBytes: optional(read('', 'memory.peak')),
    failures: events.get('max'),
    kernelBytes: memory.get('kernel'),
    reservedBytes: boundOf(read('', 'memory.min')),
    maxThreads: boundOf(read('', 'pids.max')),
    oomKills: events.get('oom_kill') ?? 0,
    limits: {
      cpuShares: weight === undefined ? undefined : Math.round(2 + ((weight - 1) * 262_142) / 9999),
      quotaMicros: quota === '' ? undefined : optional(quota),
      periodMicros: optional(period),
    },
    blocks: blocksV2(read('', 'io.stat')),
  }
}

/** Lines of `major:minor Read 123`; the totals at the end name no device. */
function blocksV1(bytes: string | undefined, times: string | undefined): BlockUsage[] {
  const found = new Map<string, BlockUsage>()
  const each = (text: string | undefined, set: (usage: BlockUsage, word: string, value: number) => void): void => {
    for (const line of (text ?? '').split('\n')) {
      const [device = '', word = '', value] = line.split(' ')
      if (!device.includes(':')) continue
      const usage = found.get(device) ?? { device, readBytes: 0, writtenBytes: 0, reads: 0, writes: 0 }
      found.set(device, usage)
      set(usage, word, Number(value))
    }
  }
  each(bytes, (usage, word, value) => {
    if (word === 'Read') usage.readBytes = value
    if (word === 'Write') usage.writtenBytes = value
  })
  each(times, (usage, word, value) => {
    if (word === 'Read') usage.reads = value
    if (word === 'Write') usage.writes = value
  })
  return [...found.values()]
}

/** `8:0 rbytes=1 wbytes=2 rios=3 wios=4 dbytes=0 dios=0` */
function blocksV2(text: string | undefined): BlockUsage[] {
  const lines = (text ?? '').split('\n').filter((line) => line.includes(':'))
  return lines.map((line) => {
    const [device = '', ...pairs] = line.split(' ')
    const fields = new Map(pairs.map((pair) => pair.split('=') as [string, string]))
    const number = (name: string): number => Number(fields.get(name) ?? '0')
    return { device, readBytes: number('rbytes'), writtenBytes: number('wbytes'), reads: number('rios'), writes: number('wios') }
  })
}
