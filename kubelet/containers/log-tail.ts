/** The last lines of a container's log, for termination messages. */
import { closeSync, existsSync, fstatSync, openSync, readSync } from 'node:fs'
import type { ContainerRuntime } from '#kubelet/runtime/runtime.ts'

/** How much of the file is looked at: JSON doubles text at worst, and lines may be long. */
const windowBytes = 64 * 1024

export function logTail(runtime: Pick<ContainerRuntime, 'logFile'>) {
  return async (containerId: string, limits: { bytes: number; lines: number }): Promise<string> => {
    const { path, format } = await runtime.logFile(containerId)
    if (!existsSync(path)) return ''
    return tailText(lastBytes(path), format, limits)
  }
}

function lastBytes(path: string): string {
  const file = openSync(path, 'r')
  try {
    const { size } = fstatSync(file)
    const length = Math.min(size, windowBytes)
    const buffer = Buffer.alloc(length)
    readSync(file, buffer, 0, length, size - length)
    return buffer.toString('utf8')
  } finally {
    closeSync(file)
  }
}

/** Pure. A line that was cut at the start of the window is left out. */
export function tailText(text: string, format: 'docker-json' | 'cri', limits: { bytes: number; lines: number }): string {
  const lines = text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => (format === 'docker-json' ? jsonLine(line) : criLine(line)))
    .filter((line) => line !== undefined)
  const joined = Buffer.from(lines.slice(-limits.lines).join(''), 'utf8')
  return joined.subarray(Math.max(0, joined.length - limits.bytes)).toString('utf8')
}

function jsonLine(line: string): string | undefined {
  try {
    return (JSON.parse(line) as { log?: string }).log
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}

/** `time stream tag text`; the tag P says that the line goes on. */
function criLine(line: string): string | undefined {
  const match = /^\S+ (?:stdout|stderr) (\S+) (.*)$/.exec(line)
  return match ? `${match[2]}${match[1]?.startsWith('P') ? '' : '\n'}` : undefined
}
