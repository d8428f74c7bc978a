/** Makes sure that a container's image is on the node and the pod's to use, with upstream's policies, events and back-off. */
import type { Pod } from '#api/core/pod.ts'
import type { Secret } from '#api/core/secret.ts'
import { imagePullDuration, imageRequests } from '#kubelet/metrics.ts'
import type { AnyContainer } from '#kubelet/pods/pod-containers.ts'
import { parseImageName } from '#kubelet/runtime/image-name.ts'
import type { ContainerRuntime, Image } from '#kubelet/runtime/runtime.ts'
import { goDuration } from './go-duration.ts'
import { referenceProblem } from './image-reference.ts'
import { type Auths, type PullCredentials, pullCredentials } from './pull-credentials.ts'
import { mustPull, type VerificationPolicy } from './pull-policy.ts'
import type { PullQueue } from './pull-queue.ts'
import type { PullRecords } from './pull-records.ts'

export interface ImagePullerOptions {
  runtime: Pick<ContainerRuntime, 'imageStatus' | 'pullImage'>
  secret(namespace: string, name: string): Secret | undefined
  /** Of the node's own Docker configuration; read for each pull. */
  nodeAuths(): Auths
  /** Of credential providers, for a repository. */
  pluginAuths(repository: string): Promise<readonly Auths[]>
  queue: PullQueue
  records: Pick<PullRecords, 'load' | 'about' | 'begin' | 'end' | 'learn'>
  verification: VerificationPolicy
  now(): Date
  /** Hears of what could not be written down after a pull: the image is there all the same. */
  failed(error: unknown): void
}
/** Of the container that wants the image, unless it is about the pod. */
export type ImageEvent = (text: { type: 'Normal' | 'Warning'; reason: string; message: string }, about?: 'pod') => void

/** The image is not there; `reason` and `message` are for the waiting state. */
export class ImageError extends Error {
  readonly reason: string
  readonly retryAfterMs: number
  constructor(reason: string, message: string, retryAfterMs: number) {
    super(message)
    this.name = 'ImageError'
    this.reason = reason
    this.retryAfterMs = retryAfterMs
  }
}

interface Failure {
  delayMs: number
  at: number
  text: string
}

interface Asked {
  pod: Pod
  name: string
  event: ImageEvent
  signal: AbortSignal
}

const firstDelayMs = 10_000
const maxDelayMs = 300_000

export class ImagePuller {
  readonly #options: ImagePullerOptions
  readonly #failures = new Map<string, Failure>()

  constructor(options: ImagePullerOptions) {
    this.#options = options
  }

  /** Throws ImageError. */
  async ensure(pod: Pod, container: AnyContainer, event: ImageEvent, signal: AbortSignal): Promise<Image> {
    const asked = { pod, name: container.image ?? '', event, signal }
    const problem = referenceProblem(asked.name)
    if (problem !== undefined) throw invalid(asked, problem)
    const policy = container.imagePullPolicy ?? 'IfNotPresent'
    const count = (presentLocally: boolean | undefined, pullRequired: boolean): void =>
      imageRequests.inc({
        pull_policy: policy.toLowerCase(),
        present_locally: String(presentLocally ?? 'unknown'),
        pull_required: String(pullRequired),
      })
    if (policy === 'Always') count(undefined, true)
    else {
      const { image: present, isThere } = await this.#usable(asked)
      count(isThere, present === undefined)
      if (present) {
        event({
          type: 'Normal',
          reason: 'Pulled',
          message: `Container image "${asked.name}" already present on machine and can be accessed by the pod`,
        })
        this.#failures.delete(keyOf(asked))
        return present
      }
      // Of an image that is there but not for this pod, it is not told that it is there.
      if (policy === 'Never') {
        const message = `Container image "${asked.name}" is not present with pull policy of Never`
        throw refused(asked, { event: 'ErrImageNeverPull', reason: 'ErrImageNeverPull', message, retryAfterMs: firstDelayMs })
      }
    }
    return this.#pull(asked)
  }

  /** The image, if it is there and the pod could have pulled it itself. */
  async #usable(asked: Asked): Promise<{ image: Image | undefined; isThere: boolean }> {
    const { name, signal } = asked
    const { records, verification, now } = this.#options
    const image = await this.#inspect(asked)
    if (image === undefined) return { image, isThere: false }
    await records.load()
    const secrets = () => this.#credentials(asked).flatMap(({ secret }) => secret ?? [])
    const { pull, learnt } = mustPull({ image: name, ...records.about(name, image.id) }, verification, secrets)
    signal.throwIfAborted()
    if (learnt !== undefined) await this.#learn(name, image, [learnt], now())
    return { image: pull ? undefined : image, isThere: true }
  }

  async #inspect(asked: Asked): Promise<Image | undefined> {
    const { name, signal } = asked
    try {
      return await this.#options.runtime.imageStatus(name, signal)
    } catch (error) {
      signal.throwIfAborted()
      const message = `Failed to inspect image "${name}": ${(error as Error).message}`
      throw refused(asked, { event: 'InspectFailed', reason: 'ImageInspectError', message, retryAfterMs: 1000 })
    }
  }

  #credentials({ pod, name }: Asked): PullCredentials[] {
    return pullCredentials(name, this.#secrets(pod).found, this.#options.nodeAuths())
  }

  #secrets({ metadata, spec }: Pod): { found: Secret[]; missing: string[] } {
    const names = (spec?.imagePullSecrets ?? []).map(({ name = '' }) => name).filter((name) => name !== '')
    const looked = names.map((name) => ({ name, secret: this.#options.secret(metadata.namespace ?? '', name) }))
    return {
      found: looked.flatMap(({ secret }) => secret ?? []),
      missing: looked.filter(({ secret }) => secret === undefined).map(({ name }) => name),
    }
  }

  async #pull(asked: Asked): Promise<Image> {
    const { name, event, signal } = asked
    const { now, records } = this.#options
    this.#tellMissing(asked)
    const began = now().getTime()
    this.#refuseTooSoon(asked, began)
    event({ type: 'Normal', reason: 'Pulling', message: `Pulling image "${name}"` })
    try {
      await records.begin(name)
    } catch (error) {
      throw this.#failed(asked, new Error(`Failed to record image pull intent for container image "${name}": ${(error as Error).message}`))
    }
    try {
      const { image, used, tookMs } = await this.#queued(asked)
      await this.#learn(name, image, used === undefined ? undefined : used.secret === undefined ? undefined : [used.secret], now())
      const [took, waited] = [goDuration(tookMs), goDuration(now().getTime() - began)]
      imagePullDuration.observe({ image_size_in_bytes: sizeLabel(image.sizeBytes) }, (now().getTime() - began) / 1000)
      const message = `Successfully pulled image "${name}" in ${took} (${waited} including waiting). Image size: ${image.sizeBytes} bytes.`
      event({ type: 'Normal', reason: 'Pulled', message })
      this.#failures.delete(keyOf(asked))
      return image
    } catch (error) {
      signal.throwIfAborted()
      throw this.#failed(asked, error as Error)
    } finally {
      await records.end(name).catch((error: unknown) => this.#options.failed(error))
    }
  }

  #tellMissing({ pod, event }: Asked): void {
    const { missing } = this.#secrets(pod)
    if (missing.length === 0) return
    const message = `Unable to retrieve some image pull secrets (${missing.join(', ')}); attempting to pull the image may not succeed.`
    event({ type: 'Warning', reason: 'FailedToRetrieveImagePullSecret', message }, 'pod')
  }

  #refuseTooSoon(asked: Asked, now: number): void {
    const before = this.#failures.get(keyOf(asked))
    if (before === undefined || now - before.at >= before.delayMs) return
    const { name, event } = asked
    event({ type: 'Normal', reason: 'BackOff', message: `Back-off pulling image "${name}"` })
    event({ type: 'Warning', reason: 'Failed', message: 'Error: ImagePullBackOff' })
    throw new ImageError('ImagePullBackOff', `Back-off pulling image "${name}": ${before.text}`, before.at + before.delayMs - now)
  }

  async #queued(asked: Asked): Promise<{ image: Image; used: PullCredentials | undefined; tookMs: number }> {
    const { answer, tookMs } = await this.#options.queue.run(asked.signal, () => this.#tryAll(asked))
    return { ...answer, tookMs }
  }

  /** With each pair of credentials that fits in turn; without any where none does. */
  async #tryAll(asked: Asked): Promise<{ image: Image; used: PullCredentials | undefined }> {
    const { name, signal } = asked
    const { runtime, queue } = this.#options
    const provided = await this.#options.pluginAuths(parseImageName(name).repository)
    const credentials = [...this.#credentials(asked), ...provided.flatMap((auths) => pullCredentials(name, [], auths))]
    const failures: string[] = []
    for (const used of credentials.length > 0 ? credentials : [undefined]) {
      try {
        queue.take()
        const { username = '', password = '', serverAddress = '' } = used ?? {}
        return { image: await runtime.pullImage(name, used && { username, password, serverAddress }, signal), used }
      } catch (error) {
        signal.throwIfAborted()
        failures.push((error as Error).message)
      }
    }
    const different = [...new Set(failures)]
    throw new Error(different.length === 1 ? different[0] : `[${different.join(', ')}]`)
  }

  /** Undefined: every pod of the node may use it. */
  async #learn(name: string, image: Image, secrets: NonNullable<PullCredentials['secret']>[] | undefined, now: Date): Promise<void> {
    const access = secrets === undefined ? { nodePodsAccessible: true } : { kubernetesSecrets: secrets }
    try {
      await this.#options.records.learn({ image: name, imageRef: image.id, access }, now)
    } catch (error) {
      this.#options.failed(error)
    }
  }

  #failed(asked: Asked, error: Error): ImageError {
    const now = this.#options.now().getTime()
    for (const [key, { at }] of this.#failures) if (now - at > 2 * maxDelayMs) this.#failures.delete(key)
    const previous = this.#failures.get(keyOf(asked))
    const delayMs = previous ? Math.min(maxDelayMs, previous.delayMs * 2) : firstDelayMs
    this.#failures.set(keyOf(asked), { delayMs, at: now, text: `ErrImagePull: ${error.message}` })
    asked.event({ type: 'Warning', reason: 'Failed', message: `Failed to pull image "${asked.name}": ${error.message}` })
    asked.event({ type: 'Warning', reason: 'Failed', message: 'Error: ErrImagePull' })
    // Looked at again at once: the next try says that it backs off, as upstream does.
    return new ImageError('ErrImagePull', error.message, 1000)
  }
}

const mebi = 1024 * 1024
const sizes: readonly (readonly [overMebi: number, label: string])[] = [
  [100 * 1024, 'GT100GB'],
  [60 * 1024, '60GB-100GB'],
  [40 * 1024, '40GB-60GB'],
  [30 * 1024, '30GB-40GB'],
  [20 * 1024, '20GB-30GB'],
  [10 * 1024, '10GB-20GB'],
  [5 * 1024, '5GB-10GB'],
  [1024, '1GB-5GB'],
  [500, '500MB-1GB'],
  [100, '100MB-500MB'],
  [10, '10MB-100MB'],
  [0, '0-10MB'],
]

/** Upstream's classes. Pure. */
export const sizeLabel = (bytes: number): string => sizes.find(([over]) => bytes > over * mebi)?.[1] ?? 'N/A'

const keyOf = ({ pod, name }: Asked): string => `${pod.metadata.uid}_${name}`

function refused(
  { event }: Asked,
  { event: told, reason, message, retryAfterMs }: { event: string; reason: string; message: string; retryAfterMs: number },
): ImageError {
  event({ type: 'Warning', reason: told, message })
  event({ type: 'Warning', reason: 'Failed', message: `Error: ${reason}` })
  return new ImageError(reason, message, retryAfterMs)
}

function invalid(asked: Asked, problem: string): ImageError {
  const { name } = asked
  const message = `Failed to apply default image tag "${name}": couldn't parse image name "${name}": ${problem}`
  return refused(asked, { event: 'InspectFailed', reason: 'InvalidImageName', message, retryAfterMs: maxDelayMs })
}
