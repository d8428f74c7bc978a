/**
 * Writes containers' logs once more, as files in upstream's line format under upstream's names, for shippers that read no other. Docker's own files stay what
 * `kubectl logs` reads. What was written is found again after a restart by the time of its last line.
 */
import { appendFile, mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises'
import path from 'node:path'
import { sleep } from '#component/clock.ts'
import type { Runnable } from '#component/daemon.ts'
import type { Logger } from '#component/logging.ts'
import { parseCriLine } from './log-line.ts'
import { type LogSource, readLog } from './read-log.ts'

export interface TranslatedContainer {
  id: string
  /** Where the translation goes: <pods>/<namespace>_<pod>_<uid>/<container>/<attempt>.log */
  target: string
  running: boolean
}

export interface LogTranslatorDeps {
  containers(): readonly TranslatedContainer[]
  logFile(id: string): Promise<{ path: string; format: LogSource['format'] }>
  maxBytes: number
  maxFiles: number
  now(): Date
  log: Logger
}

const lookMs = 1000
/** The kernel tells of changes; this is only for the end of a container. */
const lookAgainMs = 10_000

export class LogTranslator implements Runnable {
  readonly name = 'translation of logs'
  readonly #deps: LogTranslatorDeps
  readonly #begun = new Set<string>()

  constructor(deps: LogTranslatorDeps) {
    this.#deps = deps
  }

  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const containers = this.#deps.containers()
      const ids = new Set(containers.map(({ id }) => id))
      for (const id of this.#begun) if (!ids.has(id)) this.#begun.delete(id)
      for (const container of containers) {
        if (this.#begun.has(container.id)) continue
        this.#begun.add(container.id)
        this.translate(container, signal).catch((error: unknown) => {
          if (!signal.aborted) this.#deps.log.warn({ container: container.id, error }, 'cannot translate the log of a container')
        })
      }
      await sleep(lookMs, signal)
    }
  }

  /** To the end of the container. */
  async translate({ id, target }: TranslatedContainer, signal: AbortSignal): Promise<void> {
    const { containers, logFile, maxBytes, maxFiles, now } = this.#deps
    const file = await logFile(id)
    const running = async (): Promise<boolean> => containers().some((each) => each.id === id && each.running)
    await mkdir(path.dirname(target), { recursive: true })
    const after = await lastTime(target)
    // A new container has none yet.
    let size = (await stat(target).catch(() => undefined))?.size ?? 0
    // It is there from the beginning, as the shippers expect.
    if (size === 0) await appendFile(target, '')
    const options = { follow: true, timestamps: false, lines: 'cri' as const, ...(after === undefined ? {} : { after }) }
    for await (const part of readLog({ ...file, running, lookAgainMs }, options, signal)) {
      if (size > 0 && size + part.length > maxBytes) {
        await rotate(target, maxFiles, now())
        size = 0
      }
      await appendFile(target, part)
      size += part.length
    }
  }
}

/** The time of the last line that was written whole. */
async function lastTime(target: string): Promise<string | undefined> {
  // No file, no line.
  const file = await open(target, 'r').catch(() => undefined)
  if (file === undefined) return undefined
  try {
    const { size } = await file.stat()
    const block = Buffer.alloc(Math.min(size, 64 * 1024))
    await file.read(block, 0, block.length, size - block.length)
    const lines = block.toString('utf8').split('\n').slice(0, -1)
    return parseCriLine(lines.at(-1) ?? '')?.time
  } finally {
    await file.close()
  }
}

/** `0.log` becomes `0.log.20260102-150405`; the oldest go, so that with the new one there are `maxFiles`. */
async function rotate(target: string, maxFiles: number, now: Date): Promise<void> {
  const stamp = now.toISOString().slice(0, 19).replaceAll(/[-:]/g, '').replace('T', '-')
  const folder = path.dirname(target)
  const name = path.basename(target)
  const taken = new Set(await readdir(folder))
  let rotated = `${name}.${stamp}`
  for (let again = 1; taken.has(rotated); again += 1) rotated = `${name}.${stamp}.${again}`
  await rename(target, path.join(folder, rotated))
  const old = (await readdir(folder)).filter((each) => each.startsWith(`${name}.`)).sort()
  for (const each of old.slice(0, Math.max(0, old.length - (maxFiles - 1)))) await rm(path.join(folder, each), { force: true })
}
