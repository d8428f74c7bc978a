/** Makes sure that a container's image is on the node, with upstream's policies, events and back-off. */
import type { Pod } from '#api/core/pod.ts'
import type { Secret } from '#api/core/secret.ts'
import { type ContainerRuntime, type Image, RuntimeError } from '#kubelet/runtime/runtime.ts'
import type { AnyContainer } from './pod-containers.ts'
import { pullCredentials } from './pull-credentials.ts'

export interface ImagePullerOptions {
  runtime: Pick<ContainerRuntime, 'imageStatus' | 'pullImage'>
  secret(namespace: string, name: string): Secret | undefined
  now(): Date
}
export type ImageEvent = (text: { type: 'Normal' | 'Warning'; reason: string; message: string }) => void

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
  until: number
  text: string
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
    const { runtime } = this.#options
    const name = container.image ?? ''
    if (!isImageName(name)) throw this.#invalid(name, event)
    const policy = container.imagePullPolicy ?? 'IfNotPresent'
    if (policy !== 'Always') {
      const present = await this.#inspect(name, event, signal)
      if (present) {
        event({
          type: 'Normal',
          reason: 'Pulled',
          message: `Container image "${name}" already present on machine and can be accessed by the pod`,
        })
        this.#failures.delete(`${pod.metadata.uid}_${name}`)
        return present
      }
      if (policy === 'Never') {
        const message = `Container image "${name}" is not present with pull policy of Never`
        event({ type: 'Warning', reason: 'ErrImageNeverPull', message })
        event({ type: 'Warning', reason: 'Failed', message: 'Error: ErrImageNeverPull' })
        throw new ImageError('ErrImageNeverPull', message, firstDelayMs)
      }
    }
    return this.#pull(pod, name, event, { runtime, signal })
  }

  async #inspect(name: string, event: ImageEvent, signal: AbortSignal): Promise<Image | undefined> {
    try {
      return await this.#options.runtime.imageStatus(name, signal)
    } catch (error) {
      signal.throwIfAborted()
      const message = `Failed to inspect image "${name}": ${(error as Error).message}`
      event({ type: 'Warning', reason: 'InspectFailed', message })
      event({ type: 'Warning', reason: 'Failed', message: 'Error: ImageInspectError' })
      throw new ImageError('ImageInspectError', message, 1000)
    }
  }

  #invalid(name: string, event: ImageEvent): ImageError {
    const message = `Failed to apply default image tag "${name}": couldn't parse image name "${name}": invalid reference format`
    event({ type: 'Warning', reason: 'InspectFailed', message })
    event({ type: 'Warning', reason: 'Failed', message: 'Error: InvalidImageName' })
    return new ImageError('InvalidImageName', message, maxDelayMs)
  }

  async #pull(
    pod: Pod,
    name: string,
    event: ImageEvent,
    how: { runtime: ImagePullerOptions['runtime']; signal: AbortSignal },
  ): Promise<Image> {
    const key = `${pod.metadata.uid}_${name}`
    const before = this.#failures.get(key)
    const now = this.#options.now().getTime()
    if (before && now < before.until) {
      event({ type: 'Normal', reason: 'BackOff', message: `Back-off pulling image "${name}"` })
      event({ type: 'Warning', reason: 'Failed', message: 'Error: ImagePullBackOff' })
      throw new ImageError('ImagePullBackOff', `Back-off pulling image "${name}": ${before.text}`, before.until - now)
    }
    event({ type: 'Normal', reason: 'Pulling', message: `Pulling image "${name}"` })
    try {
      const image = await this.#tryAll(pod, name, how)
      const took = secondsText(this.#options.now().getTime() - now)
      const message = `Successfully pulled image "${name}" in ${took} (${took} including waiting). Image size: ${image.sizeBytes} bytes.`
      event({ type: 'Normal', reason: 'Pulled', message })
      this.#failures.delete(key)
      return image
    } catch (error) {
      how.signal.throwIfAborted()
      throw this.#failed(key, name, error as Error, event)
    }
  }

  /** With each pull secret that fits in turn; without one where none does. */
  async #tryAll(
    pod: Pod,
    name: string,
    { runtime, signal }: { runtime: ImagePullerOptions['runtime']; signal: AbortSignal },
  ): Promise<Image> {
    const namespace = pod.metadata.namespace ?? ''
    const secrets = (pod.spec?.imagePullSecrets ?? [])
      .map((ref) => this.#options.secret(namespace, ref.name ?? ''))
      .filter((s) => s !== undefined)
    const credentials = pullCredentials(name, secrets)
    let failure: unknown
    for (const auth of credentials.length > 0 ? credentials : [undefined]) {
      try {
        return await runtime.pullImage(name, auth, signal)
      } catch (error) {
        signal.throwIfAborted()
        failure = error
      }
    }
    throw failure
  }

  #failed(key: string, name: string, error: Error, event: ImageEvent): ImageError {
    const reason = error instanceof RuntimeError && error.code === 'unavailable' ? 'RegistryUnavailable' : 'ErrImagePull'
    const previous = this.#failures.get(key)
    const delayMs = previous ? Math.min(maxDelayMs, previous.delayMs * 2) : firstDelayMs
    const text = `${reason}: ${error.message}`
    this.#failures.set(key, { delayMs, until: this.#options.now().getTime() + delayMs, text })
    event({ type: 'Warning', reason: 'Failed', message: `Failed to pull image "${name}": ${error.message}` })
    event({ type: 'Warning', reason: 'Failed', message: `Error: ${reason}` })
    // Looked at again at once: the next try says that it backs off, as upstream does.
    return new ImageError(reason, error.message, 1000)
  }
}

/** Upstream's reference grammar in short: path components in lower case, an optional tag and digest. */
export function isImageName(name: string): boolean {
  const domain = '(?:[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?(?::[0-9]+)?/)?'
  const part = '[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*'
  return new RegExp(
    `^${domain}${part}(?:/${part})*(?::[\\w][\\w.-]{0,127})?(?:@[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,})?$`,
  ).test(name)
}

/** Go's text for a duration cut to milliseconds: 12ms, 1.5s. */
export function secondsText(ms: number): string {
  return ms < 1000 ? `${Math.round(ms)}ms` : `${Math.round(ms) / 1000}s`
}
