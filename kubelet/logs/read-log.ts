/** Reads a container's log as users ask for it: the last lines, since a time, a number of bytes, and on as it grows, across rotations. */
import { watch } from 'node:fs'
import { type FileHandle, open, stat } from 'node:fs/promises'
import path from 'node:path'
import { criLine, fixedTime, type LogEntry, parseCriLine, parseDockerLine } from './log-line.ts'

export interface LogOptions {
  follow: boolean
  timestamps: boolean
  /** Undefined is all, 0 none. */
  tailLines?: number
  since?: Date
  limitBytes?: number
  stream?: 'stdout' | 'stderr'
  /** Whole lines in upstream's format instead of what users see. */
  lines?: 'cri'
  /** Only what was written later, to the nanosecond. */
  after?: string
}

export interface LogSource {
  path: string
  format: 'docker-json' | 'cri'
  /** False once no more can be written; asked when the end is reached. */
  running: () => Promise<boolean>
  /** How long to trust the kernel to tell of changes. */
  lookAgainMs?: number
}

const blockBytes = 64 * 1024
/** Changes are told by the kernel; this is for the end of the container and for file systems that tell nothing. */
const lookAgainMs = 500

/** The log's bytes as pieces of any size. Ends at the end of the file, when following with the container, or when the signal aborts. */
export async function* readLog(source: LogSource, options: LogOptions, signal: AbortSignal): AsyncGenerator<Buffer> {
  const render = new Renderer(source.format, options)
  let file: FileHandle | undefined
  const changes = options.follow ? new Changes(source.path, signal) : undefined
  try {
    file = await openLog(source, options, signal, changes)
    if (file === undefined) return
    const { size } = await file.stat()
    let position = await startOf(file, size, options.tailLines)
    let wasRunning = true
    let [wasAsked, hasNews] = [false, false]
    // Who does not follow sees what was there when it was asked: a container may write faster than is read.
    const bound = options.follow ? Number.POSITIVE_INFINITY : size
    while (!signal.aborted && position < bound) {
      const { data, end } = await render.next(file, position, bound)
      position = end
      if (data.length > 0) yield data
      if (render.isFull) return
      if (data.length > 0 || render.readSomething) {
        hasNews = true
        continue
      }
      const next = await successor(source.path, file, position)
      if (next === 'truncated') position = 0
      else if (next !== undefined) {
        await file.close()
        file = next
        position = 0
        render.newFile()
      } else if (!options.follow || !wasRunning) return
      else {
        // What was written just before the end is read once more.
        // A log that grows is a container that runs: the runtime's answer may take longer than files of a busy log are there.
        if (!wasAsked || !hasNews) wasRunning = await source.running()
        wasAsked = true
        hasNews = false
        if (wasRunning) await changes?.wait(source.lookAgainMs ?? lookAgainMs)
      }
    }
  } finally {
    changes?.close()
    await file?.close()
  }
}

/** A container that has just been made has no log yet: its follower waits for it. */
async function openLog(
  source: LogSource,
  options: LogOptions,
  signal: AbortSignal,
  changes: Changes | undefined,
): Promise<FileHandle | undefined> {
  for (;;) {
    try {
      return await open(source.path, 'r')
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
      if (!options.follow || signal.aborted || !(await source.running())) return undefined
      await changes?.wait(lookAgainMs)
    }
  }
}

/** Where the last `lines` lines begin. */
async function startOf(file: FileHandle, size: number, lines: number | undefined): Promise<number> {
  if (lines === undefined) return 0
  if (lines <= 0) return size
  const block = Buffer.alloc(blockBytes)
  let found = 0
  let end = size
  while (end > 0) {
    const begin = Math.max(0, end - blockBytes)
    const { bytesRead } = await file.read(block, 0, end - begin, begin)
    for (let at = bytesRead - 1; at >= 0; at -= 1) {
      // The newline that ends the file ends the last line and begins none.
      if (block[at] !== 10 || begin + at === size - 1) continue
      found += 1
      if (found === lines) return begin + at + 1
    }
    end = begin
  }
  return 0
}

/** The file that was begun after the open one, once all of that has been read: after two rotations it is not yet the newest. */
async function successor(name: string, file: FileHandle, position: number): Promise<FileHandle | 'truncated' | undefined> {
  const own = await file.stat()
  if (own.size < position) return 'truncated'
  if (own.size > position) return undefined
  const files = await rotated(name)
  const [newest] = files
  if (newest === undefined || newest.ino === own.ino) return undefined
  const place = files.findIndex(({ ino }) => ino === own.ino)
  // One that was rotated away altogether is followed by the oldest that is left.
  const next = files[place === -1 ? files.length - 1 : place - 1]
  if (next === undefined) return undefined
  const opened = await openOrNothing(next.path)
  // Another rotation came in between: the names are looked at again.
  if (opened === undefined || (await opened.stat()).ino === next.ino) return opened
  await opened.close()
  return successor(name, file, position)
}

/**
 * The log and what Docker has rotated away from it, the newest first. Docker renames one after the other, the oldest first: in the middle of it one
 * number is missing, and those behind it are there all the same.
 */
async function rotated(name: string): Promise<{ path: string; ino: number }[]> {
  const found: { path: string; ino: number }[] = []
  for (let [number, missing] = [0, 0]; missing < 2; number += 1) {
    const each = number === 0 ? name : `${name}.${number}`
    const stats = await stat(each).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') throw error
    })
    missing = stats === undefined ? missing + 1 : 0
    if (stats !== undefined) found.push({ path: each, ino: stats.ino })
  }
  return found
}

async function openOrNothing(path: string): Promise<FileHandle | undefined> {
  try {
    return await open(path, 'r')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

/** Turns blocks of the file into what the user sees. */
class Renderer {
  readonly #parse: (line: string) => LogEntry | undefined
  readonly #options: LogOptions
  readonly #block = Buffer.alloc(blockBytes)
  #rest: Buffer = Buffer.alloc(0)
  #lineBegins = true
  #left: number
  /** Whether the last call read any bytes, shown or not. */
  readSomething = false

  constructor(format: LogSource['format'], options: LogOptions) {
    this.#parse = format === 'cri' ? parseCriLine : parseDockerLine
    this.#options = options
    this.#left = options.limitBytes ?? Number.POSITIVE_INFINITY
  }

  get isFull(): boolean {
    return this.#left <= 0
  }

  newFile(): void {
    this.#rest = Buffer.alloc(0)
  }

  async next(file: FileHandle, position: number, bound: number): Promise<{ data: Buffer; end: number }> {
    const { bytesRead } = await file.read(this.#block, 0, Math.min(blockBytes, bound - position), position)
    this.readSomething = bytesRead > 0
    const bytes = Buffer.concat([this.#rest, this.#block.subarray(0, bytesRead)])
    const lastNewline = bytes.lastIndexOf(10)
    this.#rest = bytes.subarray(lastNewline + 1)
    const lines = lastNewline === -1 ? [] : bytes.toString('utf8', 0, lastNewline).split('\n')
    const data = Buffer.from(lines.map((line) => this.#show(line)).join(''), 'utf8')
    const cut = data.length > this.#left ? data.subarray(0, this.#left) : data
    this.#left -= cut.length
    return { data: cut, end: position + bytesRead }
  }

  #show(line: string): string {
    const entry = this.#parse(line)
    if (entry === undefined) return ''
    const { since, stream, timestamps } = this.#options
    if (stream !== undefined && entry.stream !== stream) return ''
    if (since !== undefined && Date.parse(entry.time) < since.getTime()) return ''
    if (this.#options.after !== undefined && fixedTime(entry.time) <= fixedTime(this.#options.after)) return ''
    if (this.#options.lines === 'cri') return criLine(entry)
    const prefix = timestamps && this.#lineBegins ? `${fixedTime(entry.time)} ` : ''
    this.#lineBegins = entry.text.endsWith('\n')
    return `${prefix}${entry.text}`
  }
}

/** Wakes up when something in the log's folder changes. */
class Changes {
  #wake: (() => void) | undefined
  #missed = false
  readonly #watcher: ReturnType<typeof watch> | undefined

  constructor(file: string, signal: AbortSignal) {
    const woken = () => {
      this.#missed = true
      this.#wake?.()
    }
    signal.addEventListener('abort', woken, { once: true })
    try {
      this.#watcher = watch(path.dirname(file), woken)
      this.#watcher.on('error', () => this.#watcher?.close())
    } catch (error) {
      // No watch (the folder is gone, or the kernel's limit is reached): looking again at intervals does as well.
      if ((error as NodeJS.ErrnoException).code === undefined) throw error
    }
  }

  async wait(ms: number): Promise<void> {
    if (!this.#missed) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, ms)
        this.#wake = () => {
          clearTimeout(timer)
          resolve()
        }
      })
    }
    this.#missed = false
    this.#wake = undefined
  }

  close(): void {
    this.#watcher?.close()
  }
}
