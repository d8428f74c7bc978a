/** The records of pulls on disk, with upstream's file names and forms: one file for each image pulled, one for each pull that has begun. */
import { createHash } from 'node:crypto'
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Access, PulledRecord } from './pull-policy.ts'
import { recordPull } from './pull-policy.ts'

const apiVersion = 'kubelet.config.k8s.io/v1beta1'

export class PullRecords {
  readonly #pulling: string
  readonly #pulled: string
  readonly #records = new Map<string, PulledRecord>()
  /** Names of pulls that have begun, with how many of this process are under way. */
  readonly #intents = new Map<string, number>()
  #loaded: Promise<void> | undefined
  #serial = 0

  /** `directory` is the kubelet's own. */
  constructor(directory: string) {
    this.#pulling = join(directory, 'image_manager', 'pulling')
    this.#pulled = join(directory, 'image_manager', 'pulled')
  }

  /** Reads what earlier processes wrote, once. */
  load(): Promise<void> {
    this.#loaded ??= this.#read()
    return this.#loaded
  }

  about(image: string, imageRef: string): { record: PulledRecord | undefined; intended: boolean } {
    return { record: this.#records.get(imageRef), intended: this.#intents.has(image) }
  }

  /** Written before the pull: one that is cut short must not look like an image that was there before. */
  async begin(image: string): Promise<void> {
    await this.load()
    if (!this.#intents.has(image)) await this.#write(this.#pulling, image, { kind: 'ImagePullIntent', apiVersion, image })
    this.#intents.set(image, (this.#intents.get(image) ?? 0) + 1)
  }

  /** Of a pull that has ended, well or not. */
  async end(image: string): Promise<void> {
    const under = this.#intents.get(image) ?? 0
    if (under > 1) return void this.#intents.set(image, under - 1)
    this.#intents.delete(image)
    await rm(fileOf(this.#pulling, image), { force: true })
  }

  async learn(pulled: { image: string; imageRef: string; access: Access }, now: Date): Promise<void> {
    const record = recordPull(this.#records.get(pulled.imageRef), pulled, now)
    if (record === undefined) return
    this.#records.set(record.imageRef, record)
    await this.#write(this.#pulled, record.imageRef, { kind: 'ImagePulledRecord', apiVersion, ...record })
  }

  /** What is known of images that are gone is forgotten. `since`: when they were listed; what was learnt later stays. */
  async prune(present: ReadonlySet<string>, since: Date): Promise<void> {
    await this.load()
    for (const { imageRef, lastUpdatedTime } of [...this.#records.values()]) {
      // Times are written in whole seconds.
      if (present.has(imageRef) || Date.parse(lastUpdatedTime) + 1000 > since.getTime()) continue
      this.#records.delete(imageRef)
      await rm(fileOf(this.#pulled, imageRef), { force: true })
    }
  }

  async #read(): Promise<void> {
    for (const file of await contents(this.#pulled)) {
      const record = file as PulledRecord
      if (typeof record.imageRef === 'string')
        this.#records.set(record.imageRef, { ...record, credentialMapping: record.credentialMapping ?? {} })
    }
    for (const file of await contents(this.#pulling)) {
      const { image } = file as { image?: string }
      // Not of this process: 0 that are under way, and the next one to end clears it.
      if (typeof image === 'string') this.#intents.set(image, 0)
    }
  }

  async #write(directory: string, name: string, value: object): Promise<void> {
    await mkdir(directory, { recursive: true, mode: 0o700 })
    const file = fileOf(directory, name)
    // Two pods may begin with the same image at once.
    this.#serial += 1
    const temporary = `${file}.${this.#serial}.tmp`
    await writeFile(temporary, JSON.stringify(value), { mode: 0o600 })
    await rename(temporary, file)
  }
}

const fileOf = (directory: string, name: string): string => join(directory, `sha256-${createHash('sha256').update(name).digest('hex')}`)

/** A file that was cut short by the end of the machine is none. */
async function contents(directory: string): Promise<object[]> {
  const names = await readdir(directory).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return []
    throw error
  })
  const found = await Promise.all(
    names.filter((name) => !name.endsWith('.tmp')).map(async (name) => parsed(await readFile(join(directory, name), 'utf8'))),
  )
  return found.filter((value) => value !== undefined)
}

function parsed(text: string): object | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? value : undefined
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}
