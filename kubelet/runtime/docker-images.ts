/** Images through Docker: what is there, pulling with progress, removing. */
import { type DockerApi, DockerError, isStatus, runtimeError, unlessMissing } from './docker-api.ts'
import { normalizeImageName, parseImageName } from './image-name.ts'
import { linesOf } from './lines.ts'
import { type Image, RuntimeError } from './runtime.ts'
import { pauseImageName } from './sandbox/pause-image.ts'

export interface RegistryAuth {
  username: string
  password: string
  serverAddress?: string
}

interface ImageInspect {
  Id: string
  RepoTags: string[] | null
  RepoDigests: string[] | null
  Size: number
  Config: { User?: string } | null
}

/** A pull that reports nothing for this long has hung. */
const progressDeadlineMs = 300_000

const named = (names: string[] | null): string[] => (names ?? []).filter((n) => !n.startsWith('<none>')).map(normalizeImageName)

function imageOf(image: ImageInspect): Image {
  const repoTags = named(image.RepoTags)
  return {
    id: image.Id,
    repoTags,
    repoDigests: named(image.RepoDigests),
    sizeBytes: image.Size,
    user: image.Config?.User ?? '',
    ...(repoTags.includes(pauseImageName) ? { pinned: true } : {}),
  }
}

export class DockerImages {
  readonly #api: DockerApi
  /** By the name that was asked for, while changes are heard of. */
  #known: Map<string, Image> | undefined

  constructor(api: DockerApi) {
    this.#api = api
  }

  /** What is known so far is forgotten: something has changed, or changes are (no longer) told. */
  forget(hearing: boolean): void {
    this.#known = hearing ? new Map() : undefined
  }

  /** After a change, as far as it was heard of. */
  changed(): void {
    this.forget(this.#known !== undefined)
  }

  async list(signal: AbortSignal): Promise<readonly Image[]> {
    const images = await this.#api.call<Omit<ImageInspect, 'Config'>[]>('GET', '/images/json', { signal, timeoutMs: 30_000 })
    return images.map((image) => imageOf({ ...image, Config: null }))
  }

  /** By name, digest or id; undefined when it is not on the node. */
  async status(image: string, signal: AbortSignal): Promise<Image | undefined> {
    if (image === '') return undefined
    const known = this.#known
    const before = known?.get(image)
    if (before !== undefined) return before
    const found = await unlessMissing(
      this.#api.call<ImageInspect>('GET', `/images/${encodePath(image)}/json`, { signal, timeoutMs: 30_000 }).catch((error) => {
        // Docker answers 400 to what cannot be a name at all.
        if (isStatus(error, 400)) throw new RuntimeError('imageNotFound', error.message, { cause: error })
        throw error
      }),
    )
    if (found === undefined) return undefined
    const seen = imageOf(found)
    // What was asked before a change was told may be old.
    known?.set(image, seen)
    return seen
  }

  async pull(image: string, auth: RegistryAuth | undefined, signal: AbortSignal): Promise<Image> {
    const { repository, tag, digest } = parseImageName(image)
    const stalled = new AbortController()
    const all = AbortSignal.any([signal, stalled.signal])
    try {
      const body = await this.#api.stream('POST', '/images/create', {
        query: { fromImage: repository, tag: digest ?? tag ?? 'latest' },
        ...(auth === undefined ? {} : { headers: { 'X-Registry-Auth': authHeader(auth) } }),
        signal: all,
        timeoutMs: progressDeadlineMs,
      })
      let timer = setTimeout(() => stalled.abort(new Error('no progress')), progressDeadlineMs)
      try {
        for await (const line of linesOf(body)) {
          clearTimeout(timer)
          timer = setTimeout(() => stalled.abort(new Error('no progress')), progressDeadlineMs)
          const { error } = JSON.parse(line) as { error?: string }
          if (error !== undefined) throw new DockerError(500, error)
        }
      } finally {
        clearTimeout(timer)
        body.destroy()
      }
    } catch (error) {
      if (stalled.signal.aborted)
        throw new RuntimeError('pullFailed', `pulling ${image} made no progress for ${progressDeadlineMs / 1000}s`)
      throw pullError(error)
    }
    this.changed()
    const pulled = await this.status(image, signal)
    if (pulled === undefined) throw new RuntimeError('pullFailed', `image ${image} is not there after a pull that succeeded`)
    return pulled
  }

  /** Removes the image with all its names; one that a container still uses stays and is a conflict. */
  async remove(id: string, signal: AbortSignal): Promise<void> {
    this.changed()
    const image = await this.status(id, signal)
    if (image === undefined) return
    const names = image.repoTags.length > 0 ? image.repoTags : [image.id]
    try {
      for (const name of names) await unlessMissing(this.#api.call('DELETE', `/images/${encodePath(name)}`, { signal }))
    } catch (error) {
      throw runtimeError(error)
    } finally {
      this.changed()
    }
  }
}

/** Slashes of a name stand as they are in Docker's paths. */
export const encodePath = (name: string): string => name.split('/').map(encodeURIComponent).join('/')

function authHeader(auth: RegistryAuth): string {
  const fields = { username: auth.username, password: auth.password, serveraddress: auth.serverAddress ?? '' }
  // Docker wants the URL alphabet with padding, and takes anything else for no credentials at all.
  return Buffer.from(JSON.stringify(fields)).toString('base64').replaceAll('+', '-').replaceAll('/', '_')
}

function pullError(error: unknown): RuntimeError {
  if (!(error instanceof DockerError))
    return new RuntimeError('pullFailed', error instanceof Error ? error.message : String(error), { cause: error })
  if (error.status === 0) return new RuntimeError('unavailable', error.message, { cause: error })
  const missing = error.status === 404 || /manifest unknown|not found|does not exist/.test(error.message)
  return new RuntimeError(missing ? 'imageNotFound' : 'pullFailed', error.message, { cause: error })
}
