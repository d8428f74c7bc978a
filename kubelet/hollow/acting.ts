/** How containers of hollow nodes act: how long they run, what they say, what commands in them answer and what they seem to use. Pure. */

/** What is known of a container that pretends to run. */
export interface Acted {
  id: string
  name: string
  podName: string
  image: string
  /** Entry point and arguments as the pod gives them. */
  command: readonly string[]
  env: ReadonlyMap<string, string>
  /** Milliseconds since 1970. */
  startedAtMs: number
  cpuMillis: number
  memoryBytes: number
}

/** The end that a command comes to by itself; undefined for one that runs until it is stopped. */
export function endOf(command: readonly string[]): { afterMs: number; exitCode: number } | undefined {
  const words = command[0]?.endsWith('sh') && command[1] === '-c' ? lastCommand(command[2] ?? '') : command
  const [program = '', argument = ''] = words
  const name = program.split('/').at(-1)
  if (name === 'true' || name === 'echo' || name === 'date') return { afterMs: 0, exitCode: 0 }
  if (name === 'false') return { afterMs: 0, exitCode: 1 }
  if (name === 'exit') return { afterMs: 0, exitCode: Number(argument) || 0 }
  const seconds = name === 'sleep' ? Number(argument) : Number.NaN
  return Number.isNaN(seconds) ? undefined : { afterMs: seconds * 1000, exitCode: 0 }
}

const lastCommand = (script: string): string[] => (script.split(/;|&&|\n/).at(-1) ?? '').trim().split(/\s+/)

/** A line every ten seconds since the start, at most the last `limit`, as Docker's json-file has them. */
export function logText(container: Acted, nowMs: number, limit = 1000): string {
  const everyMs = 10_000
  const count = Math.max(1, Math.floor((nowMs - container.startedAtMs) / everyMs) + 1)
  const numbers = Array.from({ length: Math.min(count, limit) }, (_, i) => count - Math.min(count, limit) + i)
  const line = (n: number): string => {
    const log = `${n === 0 ? `${container.image} started` : `request ${n} handled in ${(hashOf(container.id) + n * 7) % 90} ms`}\n`
    return `${JSON.stringify({ log, stream: 'stdout', time: new Date(container.startedAtMs + n * everyMs).toISOString() })}\n`
  }
  return numbers.map(line).join('')
}

/** What a command run inside answers. */
export function answer(container: Acted, command: readonly string[], nowMs: number): { exitCode: number; output: string } {
  const words = command[0]?.endsWith('sh') && command[1] === '-c' ? (command[2] ?? '').trim().split(/\s+/) : command
  const [program = '', ...rest] = words
  switch (program.split('/').at(-1)) {
    case 'true':
    case 'sleep':
    case 'test':
      return { exitCode: 0, output: '' }
    case 'false':
      return { exitCode: 1, output: '' }
    case 'echo':
      return { exitCode: 0, output: `${rest.join(' ').replace(/^(['"])(.*)\1$/, '$2')}\n` }
    case 'hostname':
      return { exitCode: 0, output: `${container.podName}\n` }
    case 'date':
      return { exitCode: 0, output: `${new Date(nowMs).toUTCString()}\n` }
    case 'env':
    case 'printenv':
      return { exitCode: 0, output: [...container.env].map(([name, value]) => `${name}=${value}\n`).join('') }
    default:
      return { exitCode: 127, output: `${program}: not found: this node is hollow, nothing runs here\n` }
  }
}

/** Near what was asked for, with a slow swing of its own for each container. */
export function usageOf(container: Acted, nowMs: number): { cpuNanos: number; memoryBytes: number } {
  const seconds = Math.max(0, (nowMs - container.startedAtMs) / 1000)
  const phase = hashOf(container.id) % 600
  const cores = (container.cpuMillis || 10) / 1000
  // The integral of half the request plus a third of it that swings: it never falls.
  const swing = (at: number): number => -Math.cos((at + phase) / 95) * 95
  const cpuSeconds = cores * (0.5 * seconds + 0.33 * (swing(seconds) - swing(0)))
  const base = (container.memoryBytes || 32 * 1024 * 1024) * 0.6
  return { cpuNanos: Math.round(cpuSeconds * 1e9), memoryBytes: Math.round(base * (1 + 0.1 * Math.sin((seconds + phase) / 60))) }
}

function hashOf(text: string): number {
  let hash = 0
  for (const character of text) hash = (hash * 31 + character.charCodeAt(0)) % 1_000_003
  return hash
}
