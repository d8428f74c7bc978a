/** What a cgroup has used, from the texts of its files in either version of the kernel's interface. Pure. */
export interface Pressure {
  some: PressureLine
  full: PressureLine
}
export interface PressureLine {
  avg10: number
  avg60: number
  avg300: number
  /** Microseconds, as the kernel counts. */
  total: number
}

export interface CgroupUsage {
  cpuNanos: number
  memoryBytes: number
  /** Without the file pages that could be dropped at once. */
  workingSetBytes: number
  rssBytes: number
  pageFaults: number
  majorPageFaults: number
  /** Undefined without a limit. */
  memoryLimitBytes: number | undefined
  swapBytes: number
  swapLimitBytes: number | undefined
  processes: number | undefined
  /** Of version 2 only. */
  pressure: { cpu?: Pressure; memory?: Pressure; io?: Pressure }
}

/** Reads one file of a cgroup; undefined where there is none. */
export type ReadCgroupFile = (controller: string, file: string) => string | undefined

/** The kernel writes the largest number of pages for no limit; upstream takes all above 2^62 for that. */
const unlimited = 2 ** 62
const limitOf = (text: string | undefined): number | undefined => {
  if (text === undefined || text === 'max') return undefined
  const value = Number(text)
  return value > unlimited ? undefined : value
}
const count = (text: string | undefined): number => (text === undefined ? 0 : Number(text))
const optional = (text: string | undefined): number | undefined => (text === undefined || text === 'max' ? undefined : Number(text))

/** Lines of a name and a number. */
export function parseTable(text: string | undefined): ReadonlyMap<string, number> {
  const lines = (text ?? '').split('\n').filter((line) => line !== '')
  return new Map(lines.map((line) => line.split(' ')).map(([name = '', value]) => [name, Number(value)]))
}

/** Undefined when the cgroup is not there (any more). */
export function usageV1(read: ReadCgroupFile): CgroupUsage | undefined {
  const nanos = read('cpuacct', 'cpuacct.usage')
  const bytes = read('memory', 'memory.usage_in_bytes')
  if (nanos === undefined || bytes === undefined) return undefined
  const stat = parseTable(read('memory', 'memory.stat'))
  const memoryBytes = Number(bytes)
  const both = read('memory', 'memory.memsw.limit_in_bytes')
  return {
    cpuNanos: Number(nanos),
    memoryBytes,
    workingSetBytes: Math.max(0, memoryBytes - (stat.get('total_inactive_file') ?? 0)),
    rssBytes: stat.get('total_rss') ?? 0,
    pageFaults: stat.get('total_pgfault') ?? 0,
    majorPageFaults: stat.get('total_pgmajfault') ?? 0,
    memoryLimitBytes: limitOf(read('memory', 'memory.limit_in_bytes')),
    swapBytes: stat.get('total_swap') ?? 0,
    swapLimitBytes: limitOf(both),
    processes: optional(read('pids', 'pids.current')),
    pressure: {},
  }
}

/** The root has no memory.current: there its parts are summed up, and the machine's own table tells of swap, as upstream does. */
export function usageV2(read: ReadCgroupFile, meminfo: () => string): CgroupUsage | undefined {
  const cpu = read('', 'cpu.stat')
  if (cpu === undefined) return undefined
  const stat = parseTable(read('', 'memory.stat'))
  const current = read('', 'memory.current')
  const memory = current === undefined ? rootMemoryV2(stat, meminfo()) : memoryV2(Number(current), stat, read('', 'memory.swap.current'))
  const pressure = (name: string): Pressure | undefined => parsePressure(read('', `${name}.pressure`))
  const [cpuPressure, memoryPressure, io] = [pressure('cpu'), pressure('memory'), pressure('io')]
  return {
    cpuNanos: (parseTable(cpu).get('usage_usec') ?? 0) * 1000,
    ...memory,
    rssBytes: stat.get('anon') ?? 0,
    pageFaults: stat.get('pgfault') ?? 0,
    majorPageFaults: stat.get('pgmajfault') ?? 0,
    memoryLimitBytes: limitOf(read('', 'memory.max')),
    swapLimitBytes: limitOf(read('', 'memory.swap.max')),
    processes: optional(read('', 'pids.current')),
    pressure: {
      ...(cpuPressure ? { cpu: cpuPressure } : {}),
      ...(memoryPressure ? { memory: memoryPressure } : {}),
      ...(io ? { io } : {}),
    },
  }
}

type MemoryV2 = Pick<CgroupUsage, 'memoryBytes' | 'workingSetBytes' | 'swapBytes'>

function memoryV2(memoryBytes: number, stat: ReadonlyMap<string, number>, swap: string | undefined): MemoryV2 {
  return { memoryBytes, workingSetBytes: Math.max(0, memoryBytes - (stat.get('inactive_file') ?? 0)), swapBytes: count(swap) }
}

/** Older kernels have no memory.stat there either. */
function rootMemoryV2(stat: ReadonlyMap<string, number>, meminfo: string): MemoryV2 {
  const machine = parseMeminfo(meminfo)
  const swapBytes = machine.swapTotalBytes - machine.swapFreeBytes
  const [anon, file] = [stat.get('anon'), stat.get('file')]
  if (anon !== undefined && file !== undefined) return { ...memoryV2(anon + file, stat, undefined), swapBytes }
  const memoryBytes = machine.totalBytes - machine.freeBytes
  return { memoryBytes, workingSetBytes: Math.max(0, memoryBytes - machine.inactiveFileBytes), swapBytes }
}

export function parseMeminfo(text: string) {
  const bytes = (name: string): number => Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(text)?.[1] ?? '0') * 1024
  return {
    totalBytes: bytes('MemTotal'),
    freeBytes: bytes('MemFree'),
    availableBytes: bytes('MemAvailable'),
    inactiveFileBytes: bytes('Inactive\\(file\\)'),
    swapTotalBytes: bytes('SwapTotal'),
    swapFreeBytes: bytes('SwapFree'),
  }
}

/** `some avg10=0.00 avg60=0.00 avg300=0.00 total=0`, and the same for full. */
export function parsePressure(text: string | undefined): Pressure | undefined {
  if (text === undefined) return undefined
  const line = (kind: string): PressureLine => {
    const fields = new Map(
      (text.split('\n').find((each) => each.startsWith(`${kind} `)) ?? '').split(' ').map((each) => each.split('=') as [string, string]),
    )
    const number = (name: string): number => Number(fields.get(name) ?? '0')
    return { avg10: number('avg10'), avg60: number('avg60'), avg300: number('avg300'), total: number('total') }
  }
  return { some: line('some'), full: line('full') }
}

/** The cgroup of a process from its /proc/PID/cgroup: that of the memory controller, or the one tree of version 2. Pure. */
export function placeOf(text: string): string | undefined {
  const entries = text.split('\n').map((line) => line.split(':'))
  const memory = entries.find(([, names]) => names?.split(',').includes('memory'))
  return (memory ?? entries.find(([, names]) => names === ''))?.slice(2).join(':')
}
