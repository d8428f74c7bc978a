/** How this machine's processors share cores, sockets and memory, as the kernel tells it. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseCpuSet } from './cpu-set.ts'

export interface Cpu {
  id: number
  /** Unique over the machine. */
  core: string
  socket: number
  numaNode: number
}

const read = (path: string, otherwise: string): string => (existsSync(path) ? readFileSync(path, 'utf8').trim() : otherwise)

/** The processors that are online. */
export function observeTopology(root = '/sys/devices/system'): Cpu[] {
  const online = parseCpuSet(read(join(root, 'cpu/online'), '0'))
  const nodes = new Map<number, number>()
  for (const name of existsSync(join(root, 'node')) ? readdirSync(join(root, 'node')) : []) {
    const node = /^node(\d+)$/.exec(name)?.[1]
    if (node === undefined) continue
    for (const cpu of parseCpuSet(read(join(root, 'node', name, 'cpulist'), ''))) nodes.set(cpu, Number(node))
  }
  return [...online].map((id) => {
    const topology = join(root, `cpu/cpu${id}/topology`)
    const socket = Math.max(0, Number(read(join(topology, 'physical_package_id'), '0')))
    return { id, core: `${socket}/${read(join(topology, 'core_id'), String(id))}`, socket, numaNode: nodes.get(id) ?? 0 }
  })
}
