/** What a process's cgroup has used, from either version of the kernel's cgroup file system. */
import { readFile } from 'node:fs/promises'
import path from 'node:path'

export interface Usage {
  cpuNanos: number
  memoryBytes: number
  /** Without the file pages that could be dropped at once. */
  workingSetBytes: number
  rssBytes: number
}

const root = '/sys/fs/cgroup'

/** Undefined when the process is gone. */
export async function usageOf(pid: number): Promise<Usage | undefined> {
  try {
    const lines = (await readFile(`/proc/${pid}/cgroup`, 'utf8')).trim().split('\n')
    const place = (controller: string): string | undefined =>
      lines.map((line) => line.split(':')).find(([, names]) => names?.split(',').includes(controller))?.[2]
    const [cpu, memory, unified] = [place('cpuacct'), place('memory'), place('')]
    if (cpu !== undefined && memory !== undefined)
      return await versionOne(path.join(root, 'cpuacct', cpu), path.join(root, 'memory', memory))
    return unified === undefined ? undefined : await versionTwo(path.join(root, unified))
  } catch (error) {
    if (['ENOENT', 'ESRCH'].includes((error as NodeJS.ErrnoException).code ?? '')) return undefined
    throw error
  }
}

async function versionOne(cpu: string, memory: string): Promise<Usage> {
  const [nanos, bytes, stat] = await Promise.all([
    number(path.join(cpu, 'cpuacct.usage')),
    number(path.join(memory, 'memory.usage_in_bytes')),
    table(path.join(memory, 'memory.stat')),
  ])
  return usage(nanos, bytes, { inactive: stat.get('total_inactive_file'), rss: stat.get('total_rss') })
}

async function versionTwo(folder: string): Promise<Usage> {
  const [cpu, bytes, stat] = await Promise.all([
    table(path.join(folder, 'cpu.stat')),
    number(path.join(folder, 'memory.current')),
    table(path.join(folder, 'memory.stat')),
  ])
  return usage((cpu.get('usage_usec') ?? 0) * 1000, bytes, { inactive: stat.get('inactive_file'), rss: stat.get('anon') })
}

const usage = (cpuNanos: number, memoryBytes: number, stat: { inactive: number | undefined; rss: number | undefined }): Usage => ({
  cpuNanos,
  memoryBytes,
  workingSetBytes: Math.max(0, memoryBytes - (stat.inactive ?? 0)),
  rssBytes: stat.rss ?? 0,
})

async function number(file: string): Promise<number> {
  return Number((await readFile(file, 'utf8')).trim())
}

async function table(file: string): Promise<ReadonlyMap<string, number>> {
  const lines = (await readFile(file, 'utf8')).trim().split('\n')
  return new Map(lines.map((line) => line.split(' ')).map(([name = '', value]) => [name, Number(value)]))
}
