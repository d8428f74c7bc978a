/** Asks programs on the node for registry credentials (credentialprovider.kubelet.k8s.io), and keeps what they say for as long as they say. */
import { spawn } from 'node:child_process'
import { accessSync, constants } from 'node:fs'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { StartupError } from '#component/daemon.ts'
import { parseDuration } from '#component/flags.ts'
import type { Logger } from '#component/logging.ts'
import { type CredentialProvider, readCredentialConfig } from './credential-config.ts'
import { type Auths, matchesRegistry } from './pull-credentials.ts'

export interface CredentialPluginsOptions {
  providers: readonly CredentialProvider[]
  binDir: string
  now(): Date
  log: Pick<Logger, 'warn'>
}

interface Response {
  apiVersion?: string
  kind?: string
  cacheKeyType?: string
  cacheDuration?: string | null
  auth?: Record<string, { username?: string; password?: string }> | null
}

interface Cached {
  auths: Auths
  expiresAt: number
}

const timeoutMs = 60_000

export class CredentialPlugins {
  readonly #options: CredentialPluginsOptions
  /** By provider and what it said that its answer holds for. */
  readonly #cache = new Map<string, Cached>()
  /** By provider and image. */
  readonly #asking = new Map<string, Promise<Auths>>()

  /** Throws StartupError where a program is not there. */
  constructor(options: CredentialPluginsOptions) {
    this.#options = options
    for (const { name } of options.providers) {
      const path = join(options.binDir, name)
      try {
        accessSync(path, constants.X_OK)
      } catch {
        throw new StartupError(`plugin binary executable ${path} did not exist`)
      }
    }
  }

  /** What each fitting provider says of the image (without tag and digest). One that fails is told of and passed over, as upstream. */
  async auths(repository: string): Promise<Auths[]> {
    const fitting = this.#options.providers.filter(({ matchImages }) => matchImages.some((glob) => matchesRegistry(glob, repository)))
    const asked = fitting.map((provider) =>
      this.#of(provider, repository).catch((error: unknown): Auths => {
        this.#options.log.warn({ provider: provider.name, image: repository, error }, 'a credential provider failed')
        return {}
      }),
    )
    return await Promise.all(asked)
  }

  async #of(provider: CredentialProvider, repository: string): Promise<Auths> {
    const now = this.#options.now().getTime()
    for (const [key, { expiresAt }] of this.#cache) if (now > expiresAt) this.#cache.delete(key)
    for (const kept of [repository, registryOf(repository), '']) {
      const cached = this.#cache.get(keyOf(provider, kept))
      if (cached) return cached.auths
    }
    const key = keyOf(provider, repository)
    const asking = this.#asking.get(key) ?? this.#ask(provider, repository).finally(() => this.#asking.delete(key))
    this.#asking.set(key, asking)
    return await asking
  }

  async #ask(provider: CredentialProvider, repository: string): Promise<Auths> {
    const response = responseOf(await this.#run(provider, repository), provider)
    const auths = response.auth ?? {}
    const places: Record<string, string> = { Image: repository, Registry: registryOf(repository), Global: '' }
    const place = places[response.cacheKeyType ?? '']
    if (place === undefined)
      throw new Error(`credential provider plugin did not return a valid cacheKeyType: ${response.cacheKeyType ?? ''}`)
    const ms = typeof response.cacheDuration === 'string' ? parseDuration(response.cacheDuration) : provider.defaultCacheDuration
    if (ms > 0) this.#cache.set(keyOf(provider, place), { auths, expiresAt: this.#options.now().getTime() + ms })
    return auths
  }

  async #run({ name, args, env, apiVersion }: CredentialProvider, image: string): Promise<string> {
    const child = spawn(join(this.#options.binDir, name), args, {
      env: { ...process.env, ...Object.fromEntries(env.map((each) => [each.name, each.value])) },
      stdio: ['pipe', 'pipe', 'pipe'],
      timeout: timeoutMs,
      killSignal: 'SIGKILL',
    })
    const ended = new Promise<number | string | null>((resolve, reject) => {
      child.once('error', reject)
      child.once('close', (code, signal) => resolve(code ?? signal))
    })
    // A program that does not read what it is asked is not a failure.
    child.stdin.on('error', () => child.stdin.destroy())
    child.stdin.end(JSON.stringify({ kind: 'CredentialProviderRequest', apiVersion, image }))
    const [output, problem, status] = await Promise.all([text(child.stdout), text(child.stderr), ended])
    if (status === 0) return output
    throw new Error(`error execing credential provider plugin ${name} for image ${image}: exit status ${status}: ${problem.trim()}`)
  }
}

const keyOf = ({ name }: CredentialProvider, place: string): string => `${name} ${place}`
const registryOf = (repository: string): string => repository.split('/')[0] ?? ''

function responseOf(output: string, { apiVersion }: CredentialProvider): Response {
  const response = JSON.parse(output) as Response
  if (response.kind !== 'CredentialProviderResponse')
    throw new Error(`failed to decode "${response.kind}": expected a CredentialProviderResponse`)
  if (response.apiVersion === apiVersion) return response
  throw new Error(
    `apiVersion from credential plugin response did not match expected apiVersion:${apiVersion}, actual apiVersion:${response.apiVersion}`,
  )
}

/** Undefined where no providers are configured. Throws StartupError for a configuration that cannot be. */
export function credentialPlugins(
  { config, binDir }: { config: string; binDir: string },
  deps: Pick<CredentialPluginsOptions, 'now' | 'log'>,
): CredentialPlugins | undefined {
  if (config === '' && binDir === '') return undefined
  if (config === '' || binDir === '')
    throw new StartupError('--image-credential-provider-config and --image-credential-provider-bin-dir are given together or not at all')
  return new CredentialPlugins({ ...deps, providers: readCredentialConfig(config), binDir })
}
