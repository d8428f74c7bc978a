/** Small files under the kubelet's root directory that survive its restart: written whole and swapped in, with upstream's checksum. */
import { existsSync, readFileSync } from 'node:fs'
import { mkdir, rename, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { Logger } from '#component/logging.ts'

/** FNV-1a over the text as Go's object dump has it; upstream's checkpoints of text verify by it. */
export function checksum(data: string): number {
  let hash = 0x811c9dc5
  for (const byte of Buffer.from(`(string)${data}`)) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0
  return hash
}

/** The text of a checkpoint around `value`. */
export function checkpointText(value: unknown): string {
  const data = JSON.stringify(value)
  return JSON.stringify({ data, checksum: checksum(data) })
}

/** Throws for a text that is damaged. */
export function checkpointValue(text: string): unknown {
  const { data, checksum: wanted } = JSON.parse(text) as { data: string; checksum: number }
  if (checksum(data) !== wanted) throw new Error(`checksum is ${checksum(data)}, not ${wanted}`)
  return JSON.parse(data)
}

export interface CheckpointForm {
  text(value: unknown): string
  value(text: string): unknown
}

const checksummed: CheckpointForm = { text: checkpointText, value: checkpointValue }
/** Files with a form of their own. */
export const plainJson: CheckpointForm = { text: (value) => JSON.stringify(value), value: (text) => JSON.parse(text) as unknown }

/** Changes that come close together are one write; nothing waits for it. */
const coalesceMs = 50

/** One file whose value is asked for when it is written. */
export class Checkpoint {
  readonly #path: string
  readonly #log: Logger
  readonly #form: CheckpointForm
  #timer: NodeJS.Timeout | undefined
  #writing: Promise<void> = Promise.resolve()

  constructor(path: string, log: Logger, form: CheckpointForm = checksummed) {
    this.#path = path
    this.#form = form
    this.#log = log
  }

  /** Undefined where there is none; what cannot be read is told and passed over. */
  read(): unknown {
    if (!existsSync(this.#path)) return undefined
    try {
      return this.#form.value(readFileSync(this.#path, 'utf8'))
    } catch (error) {
      this.#log.error({ path: this.#path, error }, 'a checkpoint is damaged, going on without')
      return undefined
    }
  }

  changed(value: () => unknown): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined
      this.#writing = this.#writing.then(() => this.#write(this.#form.text(value())))
    }, coalesceMs)
  }

  async #write(text: string): Promise<void> {
    try {
      await mkdir(dirname(this.#path), { recursive: true })
      await writeFile(`${this.#path}.new`, text, { mode: 0o600 })
      await rename(`${this.#path}.new`, this.#path)
    } catch (error) {
      this.#log.error({ path: this.#path, error }, 'cannot write a checkpoint')
    }
  }
}
