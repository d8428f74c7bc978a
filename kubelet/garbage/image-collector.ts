/** Collects images: every five minutes those that are too old, and where the disk fills up those that nobody uses; at once when a disk runs out. */
import { sleep } from '#component/clock.ts'
import type { Runnable } from '#component/daemon.ts'
import type { Logger } from '#component/logging.ts'
import { imagesCollected } from '#kubelet/metrics.ts'
import type { ContainerRuntime, Image } from '#kubelet/runtime/runtime.ts'
import type { FileSystemUsage } from '#kubelet/stats/disk-usage.ts'
import {
  type ImagePolicy,
  type ImageRecords,
  notEnoughText,
  noteImages,
  oldImages,
  ripeImages,
  toFree,
  unusedImages,
} from './plan-images.ts'

export interface ImageCollectorDeps {
  runtime: Pick<ContainerRuntime, 'listImages' | 'listContainers' | 'removeImage'>
  policy: ImagePolicy
  imageFs(): Promise<FileSystemUsage | undefined>
  /** Ids of images that pods are about to start from or have mounted. */
  claimed(images: readonly Image[]): ReadonlySet<string>
  /** Hears which images there are, by id, as of a time. */
  listed(ids: ReadonlySet<string>, at: Date): Promise<void>
  nodeEvent(reason: string, message: string): void
  now(): Date
  log: Logger
}

const periodMs = 5 * 60_000

export class ImageCollector implements Runnable {
  readonly name = 'image collection'
  readonly #deps: ImageCollectorDeps
  readonly #beganAt: Date
  #records: ImageRecords = new Map()
  #failed = false

  constructor(deps: ImageCollectorDeps) {
    this.#deps = deps
    this.#beganAt = deps.now()
  }

  async run(signal: AbortSignal): Promise<void> {
    const { policy, log } = this.#deps
    while (!signal.aborted) {
      try {
        if (policy.highPercent === 100 && policy.maxAgeMs === 0) await this.#look()
        else await this.collect()
        if (this.#failed) log.info({}, 'images are collected again')
        this.#failed = false
      } catch (error) {
        log.warn({ error }, 'cannot collect images')
        // The first failure may be the start of the node.
        if (this.#failed) this.#deps.nodeEvent('ImageGCFailed', (error as Error).message)
        this.#failed = true
      }
      await sleep(periodMs, signal)
    }
  }

  /** Throws when it could not free what it had to, after telling so on the node. */
  async collect(): Promise<void> {
    const { policy, nodeEvent, now } = this.#deps
    const unused = await this.#look()
    const old = oldImages(unused, this.#records, policy.maxAgeMs, { beganAt: this.#beganAt, now: now() })
    await this.#remove(old, Number.POSITIVE_INFINITY, 'age')
    const fs = await this.#deps.imageFs()
    if (fs === undefined) return
    if (fs.capacityBytes === 0) {
      nodeEvent('InvalidDiskCapacity', 'invalid capacity 0 on image filesystem')
      throw new Error('invalid capacity 0 on image filesystem')
    }
    const need = toFree(fs, policy)
    if (need === undefined) return
    const rest = unused.filter((image) => !old.includes(image))
    const freed = await this.#remove(ripeImages(rest, this.#records, policy.minAgeMs, now()), need.bytes, 'space')
    if (freed >= need.bytes) return
    const message = notEnoughText(need.usedPercent, fs.capacityBytes, freed)
    nodeEvent('FreeDiskSpaceFailed', message)
    throw new Error(message)
  }

  /** All that nobody uses and that is old enough. */
  async removeUnused(): Promise<void> {
    const unused = await this.#look()
    await this.#remove(ripeImages(unused, this.#records, this.#deps.policy.minAgeMs, this.#deps.now()), Number.POSITIVE_INFINITY, 'space')
  }

  async #look(): Promise<Image[]> {
    const signal = AbortSignal.timeout(60_000)
    const { runtime, claimed, listed, now } = this.#deps
    const asked = now()
    const [images, containers] = await Promise.all([runtime.listImages(signal), runtime.listContainers({}, signal)])
    const inUse = new Set([...containers.map(({ imageId }) => imageId), ...claimed(images)])
    await listed(new Set(images.map(({ id }) => id)), asked)
    this.#records = noteImages(this.#records, images, inUse, now())
    return unusedImages(this.#records, images, inUse)
  }

  /** Bytes that were freed. One that cannot be removed does not keep the others. */
  async #remove(images: readonly Image[], bytes: number, reason: 'age' | 'space'): Promise<number> {
    let freed = 0
    const failures: string[] = []
    for (const image of images) {
      if (freed >= bytes) break
      try {
        await this.#deps.runtime.removeImage(image.id, AbortSignal.timeout(120_000))
        this.#deps.log.info({ image: image.repoTags[0] ?? image.id, sizeBytes: image.sizeBytes, reason }, 'removed an image')
        imagesCollected.inc({ reason })
        freed += image.sizeBytes
      } catch (error) {
        failures.push((error as Error).message)
      }
    }
    if (failures.length === 0) return freed
    const wanted = bytes === Number.POSITIVE_INFINITY ? 'all' : `${bytes} bytes`
    throw new Error(`wanted to free ${wanted}, but freed ${freed} bytes space with errors in image deletion: [${failures.join(', ')}]`)
  }
}
