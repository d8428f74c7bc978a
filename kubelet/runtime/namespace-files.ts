/**
 * Tells the runtime wrapper which namespaces a container enters: one small file per container id, written before its start. It may say that they
 * are still being made, and then that they came to nothing.
 */
import { access, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'

const held = 'wait\n'

export class NamespaceFiles {
  readonly #dir: string

  constructor(dir: string) {
    this.#dir = dir
  }

  /** `namespaces` is path by type. An empty file is written too: it says that the container is known and joins nothing. */
  async write(containerId: string, namespaces: Readonly<Record<string, string>>): Promise<void> {
    await this.#put(
      containerId,
      Object.entries(namespaces)
        .map(([type, where]) => `${type}=${where}\n`)
        .join(''),
    )
  }

  /** The wrapper holds the start back until `write` or `fail`. */
  async hold(containerId: string): Promise<void> {
    await this.#put(containerId, held)
  }

  /** The start ends with an error. */
  async fail(containerId: string): Promise<void> {
    await this.#put(containerId, 'failed\n')
  }

  /** What a process that was killed holds back nobody will let go. */
  async failHeld(): Promise<void> {
    for (const name of await readdir(this.#dir)) {
      const text = await readFile(path.join(this.#dir, name), 'utf8').catch(() => '')
      if (text === held) await this.fail(name)
    }
  }

  async #put(containerId: string, text: string): Promise<void> {
    const file = path.join(this.#dir, containerId)
    await writeFile(`${file}.new`, text)
    await rename(`${file}.new`, file)
  }

  async has(containerId: string): Promise<boolean> {
    return await access(path.join(this.#dir, containerId)).then(
      () => true,
      () => false,
    )
  }

  async remove(containerId: string): Promise<void> {
    await rm(path.join(this.#dir, containerId), { force: true })
  }

  async sweep(ids: ReadonlySet<string>): Promise<void> {
    for (const name of await readdir(this.#dir)) if (!ids.has(name)) await this.remove(name)
  }
}
