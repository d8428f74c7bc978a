/** Who listens on a port of this machine: read from /proc, no tool needed. */
import { readdir, readFile, readlink } from 'node:fs/promises'
import { allPids, commandLine } from './processes.ts'

export interface Listener {
  port: number
  pid?: number
  command?: string
}

/** Port and socket inode of each listener in the text of /proc/net/tcp or tcp6. Pure. */
export function parseListeners(text: string): readonly { port: number; inode: string }[] {
  return text
    .split('\n')
    .slice(1)
    .map((line) => line.trim().split(/\s+/))
    .filter((fields) => fields[3] === '0A')
    .map((fields) => ({ port: Number.parseInt(fields[1]?.split(':')[1] ?? '0', 16), inode: fields[9] ?? '' }))
}

async function holderOf(inode: string): Promise<number | undefined> {
  for (const pid of await allPids()) {
    const descriptors = await readdir(`/proc/${pid}/fd`).catch(() => [])
    for (const descriptor of descriptors) {
      const target = await readlink(`/proc/${pid}/fd/${descriptor}`).catch(() => '')
      if (target === `socket:[${inode}]`) return pid
    }
  }
  return undefined
}

/** The listeners on any of `ports`, each with its process where that can be seen. */
export async function listenersOn(ports: readonly number[]): Promise<readonly Listener[]> {
  const tables = await Promise.all(['/proc/net/tcp', '/proc/net/tcp6'].map((path) => readFile(path, 'utf8').catch(() => '')))
  const found = new Map<number, string>()
  for (const { port, inode } of tables.flatMap(parseListeners)) if (ports.includes(port) && !found.has(port)) found.set(port, inode)
  return Promise.all(
    [...found].map(async ([port, inode]): Promise<Listener> => {
      const pid = await holderOf(inode)
      return pid === undefined ? { port } : { port, pid, command: await commandLine(pid) }
    }),
  )
}
