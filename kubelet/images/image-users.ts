/** Reads the users and groups that images define, once an image: it is shown at a folder of the node for as long as that takes. */
import { lstatSync, mkdirSync, readFileSync, readlinkSync, rmdirSync } from 'node:fs'
import { join, posix } from 'node:path'
import { exec } from '#component/exec.ts'
import type { Logger } from '#component/logging.ts'
import type { ImageUsers } from '#kubelet/containers/image-users.ts'
import type { ContainerRuntime } from '#kubelet/runtime/runtime.ts'
import { mountsBelow } from '#kubelet/volumes/mounts.ts'

const mostRemembered = 256
const mostLinks = 40
const largestBytes = 4 * 1024 * 1024
const none: ImageUsers = { passwd: '', group: '' }

export interface ImageUsersDeps {
  runtime: Pick<ContainerRuntime, 'mountImage'>
  /** Images are shown below it. */
  folder: string
  log: Logger
}

export class ImageUsersReader {
  readonly #deps: ImageUsersDeps
  /** By the image's id, which says what is in it. */
  readonly #known = new Map<string, Promise<ImageUsers>>()

  constructor(deps: ImageUsersDeps) {
    this.#deps = deps
  }

  /** Of an image that cannot be looked into no users are known, and that is logged. */
  of(imageId: string): Promise<ImageUsers> {
    const known = this.#known.get(imageId)
    if (known !== undefined) return known
    const found = this.#read(imageId).catch((error: unknown) => {
      this.#known.delete(imageId)
      this.#deps.log.warn({ image: imageId, error }, 'cannot look for the groups that an image gives to its users, going on without')
      return none
    })
    this.#known.set(imageId, found)
    const [oldest] = this.#known.keys()
    if (this.#known.size > mostRemembered && oldest !== undefined) this.#known.delete(oldest)
    return found
  }

  async #read(imageId: string): Promise<ImageUsers> {
    const target = join(this.#deps.folder, imageId.replace(/^sha256:/, ''))
    mkdirSync(target, { recursive: true, mode: 0o700 })
    // What a kubelet that was killed has left there.
    for (const left of mountsBelow(target)) await exec(['umount', '-l', left])
    await this.#deps.runtime.mountImage(imageId, target, AbortSignal.timeout(30_000))
    try {
      return { passwd: readInside(target, '/etc/passwd'), group: readInside(target, '/etc/group') }
    } finally {
      await exec(['umount', '-l', target])
      rmdirSync(target)
    }
  }
}

/** The text of a file below a root, whose links mean places below it; empty where there is no such file. */
export function readInside(root: string, path: string): string {
  try {
    const place = resolveInside(root, path)
    const stats = lstatSync(place)
    return stats.isFile() && stats.size <= largestBytes ? readFileSync(place, 'utf8') : ''
  } catch (error) {
    if (['ENOENT', 'ENOTDIR', 'ELOOP'].includes((error as NodeJS.ErrnoException).code ?? '')) return ''
    throw error
  }
}

function resolveInside(root: string, path: string): string {
  const ahead = path.split('/')
  let at = '/'
  for (let links = 0, part = ahead.shift(); part !== undefined; part = ahead.shift()) {
    const next = posix.join(at, part)
    if (!lstatSync(join(root, next)).isSymbolicLink()) {
      at = next
      continue
    }
    links += 1
    if (links > mostLinks) throw Object.assign(new Error(`too many links: ${path}`), { code: 'ELOOP' })
    const link = readlinkSync(join(root, next))
    ahead.unshift(...link.split('/'))
    if (posix.isAbsolute(link)) at = '/'
  }
  return join(root, at)
}
