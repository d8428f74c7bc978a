/** Facts about the machine that a node stands for, read from the kernel's files. */
import { existsSync, readdirSync, readFileSync, statfsSync } from 'node:fs'
import { availableParallelism, machine, networkInterfaces, release } from 'node:os'
import { formatQuantity } from '#api/meta/quantity.ts'

export interface MachineFacts {
  cpus: number
  memoryBytes: number
  diskBytes: number
  inodes: number
  hugePages: ReadonlyMap<string, number>
  machineId: string
  systemUuid: string
  bootId: string
  kernelVersion: string
  osImage: string
  /** Go's word: amd64, arm64. */
  architecture: string
  swapBytes: number
  /** AppArmor is there and on. */
  apparmor: boolean
}

const read = (path: string): string => (existsSync(path) ? readFileSync(path, 'utf8').trim() : '')
const architectures: Readonly<Record<string, string>> = { x86_64: 'amd64', aarch64: 'arm64', armv7l: 'arm', i686: '386' }

export function observeMachine(rootDir: string): MachineFacts {
  const memory = read('/proc/meminfo')
  const kilobytes = (name: string): number => Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(memory)?.[1] ?? '0') * 1024
  const disk = statfsSync(existsSync(rootDir) ? rootDir : '/')
  const pretty = /^PRETTY_NAME="?([^"\n]*)"?$/m.exec(read('/etc/os-release'))?.[1]
  return {
    cpus: availableParallelism(),
    memoryBytes: kilobytes('MemTotal'),
    diskBytes: disk.blocks * disk.bsize,
    inodes: disk.files,
    hugePages: hugePages(),
    machineId: read('/etc/machine-id') || read('/sys/class/dmi/id/product_uuid'),
    systemUuid: readIfAllowed('/sys/class/dmi/id/product_uuid') || read('/etc/machine-id'),
    bootId: read('/proc/sys/kernel/random/boot_id'),
    kernelVersion: release(),
    osImage: pretty ?? 'Linux',
    architecture: architectures[machine()] ?? machine(),
    swapBytes: kilobytes('SwapTotal'),
    apparmor: read('/sys/module/apparmor/parameters/enabled').startsWith('Y'),
  }
}

/** Pages of each size that the kernel has set aside, in bytes. */
function hugePages(folder = '/sys/kernel/mm/hugepages'): ReadonlyMap<string, number> {
  const names = existsSync(folder) ? readdirSync(folder) : []
  return new Map(
    names.flatMap((name) => {
      const kilobytes = Number(/^hugepages-(\d+)kB$/.exec(name)?.[1] ?? '0')
      if (kilobytes === 0) return []
      const size = formatQuantity({ nano: BigInt(kilobytes) * 1024n * 1_000_000_000n, format: 'BinarySI' })
      return [[`hugepages-${size}`, Number(read(`${folder}/${name}/nr_hugepages`)) * kilobytes * 1024]]
    }),
  )
}

function readIfAllowed(path: string): string {
  try {
    return read(path)
  } catch (error) {
    if (['EACCES', 'EPERM'].includes((error as NodeJS.ErrnoException).code ?? '')) return ''
    throw error
  }
}

/** Processes and threads that there may be: the kernel bounds both their numbers and how many they are. */
export function maxProcesses(): number {
  const bounds = ['/proc/sys/kernel/pid_max', '/proc/sys/kernel/threads-max'].map((path) => Number(read(path)))
  return Math.min(...bounds.filter((bound) => bound > 0), 4_194_304)
}

/** The address of the interface that holds the default route, as upstream picks one; undefined where there is none. */
export function defaultAddress(): string | undefined {
  const line = read('/proc/net/route')
    .split('\n')
    .map((each) => each.split('\t'))
    .find((fields) => fields[1] === '00000000')
  const interfaces = networkInterfaces()
  const candidates = line?.[0] ? interfaces[line[0]] : Object.values(interfaces).flat()
  return candidates?.find((each) => each?.family === 'IPv4' && !each.internal)?.address
}
