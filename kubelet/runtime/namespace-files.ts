/** Tells the runtime wrapper which namespaces a container enters: one small file per container id, written before its start. */
import { access, readdir, rename, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'

export class NamespaceFiles {
  readonly #dir: string

  constructor(dir: string) {
    this.#dir = dir
  }

  /** `namespaces` is path by type. An empty file is written too: it says that the container is known and joins nothing. */
  async write(containerId: string, namespaces: Readonly<Record<string, string>>): Promise<void> {
    const file = path.join(this.#dir, containerId)
    const lines = Object.entries(namespaces).map(([type, where]) => `${type}=${where}\n`)
    await writeFile(`${file}.new`, lines.join(''))
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
