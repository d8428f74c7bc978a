/**
 * The record of everything a cluster made on the machine outside of its state directory, written before the thing is made, so that
 * undoing works after any crash. One JSON entry a line; undoing goes from the last to the first and forgives what is gone.
 */
import { appendFile, mkdir, readFile, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { ProcessIdentity } from './processes.ts'

export type JournalEntry =
  /** A supervisor on the host or the first process of a node. */
  | ({ what: 'process'; name: string } & ProcessIdentity)
  | { what: 'link'; name: string }
  | { what: 'route'; network: string; via: string }
  | { what: 'chain'; table: 'nat' | 'filter'; name: string; from: string }
  | { what: 'cgroup'; path: string }
  | { what: 'sysctl'; name: string; before: string; set: string }
  /** An empty directory that served as a mount point. */
  | { what: 'directory'; path: string }

export class Journal {
  readonly #path: string
  #entries: JournalEntry[] = []
  #closed = false

  private constructor(path: string, entries: JournalEntry[]) {
    this.#path = path
    this.#entries = entries
  }

  static async open(path: string): Promise<Journal> {
    const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return ''
      throw error
    })
    return new Journal(path, parseJournal(text))
  }

  get entries(): readonly JournalEntry[] {
    return this.#entries
  }

  /** After an interrupt nothing more may be made: whoever still tries is stopped by an error. */
  close(): void {
    this.#closed = true
  }

  /** To be called before something is made whose entry can only be written afterwards, as a process id. */
  assertOpen(): void {
    if (this.#closed) throw new Error('interrupted')
  }

  /** Adds an entry unless it stands there; to be called before the thing is made. */
  async record(entry: JournalEntry): Promise<void> {
    this.assertOpen()
    const line = JSON.stringify(entry)
    if (this.#entries.some((known) => JSON.stringify(known) === line)) return
    this.#entries.push(entry)
    await mkdir(dirname(this.#path), { recursive: true })
    await appendFile(this.#path, `${line}\n`)
  }

  async clear(): Promise<void> {
    this.#entries = []
    await rm(this.#path, { force: true })
  }
}

/** A last line that a crash cut short names nothing that was made, since entries are written before. */
export function parseJournal(text: string): JournalEntry[] {
  return text.split('\n').flatMap((line) => {
    if (line === '') return []
    try {
      return [JSON.parse(line) as JournalEntry]
    } catch (error) {
      if (error instanceof SyntaxError) return []
      throw error
    }
  })
}
