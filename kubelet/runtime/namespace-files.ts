/**
 * Tells the runtime wrapper which namespaces a container enters: one small file per container id, written before its start. It may say that they
 * are still being made, and then that they came to nothing. The folder is on a file system in memory: to write there takes less than to ask another
 * thread for it.
 */
import { readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'

const held = 'wait\n'

export class NamespaceFiles {
  readonly #dir: string

  constructor(dir: string) {
    this.#dir = dir
  }

  /** `namespaces` is path by type. An empty file is written too: it says that the container is known and joins nothing. */
  write(containerId: string, namespaces: Readonly<Record<string, string>>): void {
    const lines = Object.entries(namespaces).map(([type, where]) => `${type}=${where}\n`)
    this.#put(containerId, lines.join(''))
  }

  /** The wrapper holds the start back until `write` or `fail`. */
  hold(containerId: string): void {
    this.#put(containerId, held)
  }

  /** The start ends with an error. */
  fail(containerId: string): void {
    this.#put(containerId, 'failed\n')
  }

  /** What a process that was killed holds back nobody will let go. */
  failHeld(): void {
    for (const name of readdirSync(this.#dir)) if (readFileSync(path.join(this.#dir, name), 'utf8') === held) this.fail(name)
  }

  remove(containerId: string): void {
    rmSync(path.join(this.#dir, containerId), { force: true })
  }

  sweep(ids: ReadonlySet<string>): void {
    for (const name of readdirSync(this.#dir)) if (!ids.has(name)) this.remove(name)
  }

  #put(containerId: string, text: string): void {
    const file = path.join(this.#dir, containerId)
    writeFileSync(`${file}.new`, text)
    renameSync(`${file}.new`, file)
  }
}
