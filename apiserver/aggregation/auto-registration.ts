/** Says in APIServices which group versions this server serves itself: the built-in ones at the start, those of users while they are there. */

import { type APIService, APIServices } from '#api/apiregistration/api-service.ts'
import { clone } from '#api/clone.ts'
import { sameValue } from '#api/meta/same-value.ts'
import { ApiError } from '#api/meta/status.ts'
import type { KubeObject, Resource } from '#api/resource.ts'
import type { Registry } from '#apiserver/registry/registry.ts'
import type { Writer } from '#apiserver/registry/write-context.ts'
import type { ServedKinds } from '#apiserver/served-kinds.ts'
import type { Logger } from '#component/logging.ts'
import { customPriorities, groupPriority, versionPriority } from './priorities.ts'

const label = 'kube-aggregator.kubernetes.io/automanaged'
const kind = APIServices as unknown as Resource
const writer: Writer = {
  user: { name: 'system:apiserver', groups: ['system:masters'] },
  dryRun: false,
  namespace: '',
  warn: () => undefined,
}
const retryMs = 1_000

export interface RegistrationDeps {
  registry: Registry
  kinds: ServedKinds
  /** Group versions that hold no objects (reviews). */
  others: readonly { group: string; version: string }[]
  log: Logger
  sleep: (ms: number, signal: AbortSignal) => Promise<void>
}

interface Wanted {
  group: string
  version: string
  isCustom: boolean
}

/** The objects that ought to be there. Pure. */
export function localServices(wanted: readonly Wanted[]): APIService[] {
  return wanted
    .filter(({ group }) => group !== 'apiregistration.k8s.io')
    .map(({ group, version, isCustom }) => ({
      apiVersion: 'apiregistration.k8s.io/v1',
      kind: 'APIService',
      metadata: { name: `${version}.${group}`, labels: { [label]: isCustom ? 'true' : 'onstart' } },
      spec: {
        ...(group === '' ? {} : { group }),
        version,
        groupPriorityMinimum: isCustom ? customPriorities.group : groupPriority(group),
        versionPriority: isCustom ? customPriorities.version : versionPriority(group, version),
      },
      status: {},
    }))
}

export class AutoRegistration {
  readonly #deps: RegistrationDeps
  /** Built-in ones are looked after at the start only: an administrator may then point them elsewhere. */
  #hasBuiltIn = false
  #wake: () => void = () => undefined

  constructor(deps: RegistrationDeps) {
    this.#deps = deps
  }

  /** Whether all were registered once. */
  get isDone(): boolean {
    return this.#hasBuiltIn
  }

  async run(signal: AbortSignal): Promise<void> {
    const { kinds, log, sleep } = this.#deps
    const stop = kinds.onChange(() => this.#wake())
    signal.addEventListener('abort', () => this.#wake(), { once: true })
    while (!signal.aborted) {
      const changed = new Promise<void>((resolve) => (this.#wake = resolve))
      try {
        await this.once()
        await changed
      } catch (error) {
        const starts = error instanceof ApiError && error.code === 429
        if (!starts) log.warn({ error }, 'cannot register the local API services, trying again')
        await sleep(starts ? retryMs / 10 : retryMs, signal)
      }
    }
    stop()
  }

  async once(): Promise<void> {
    const { registry, kinds, others } = this.#deps
    const served = kinds.groupVersions().map(({ group, version, resources }) => ({
      group,
      version,
      isCustom: resources.every((resource) => kinds.isCustom(resource)),
    }))
    const reviews = others.filter((other) => !served.some(({ group, version }) => group === other.group && version === other.version))
    const wanted = localServices([...served, ...reviews.map((other) => ({ ...other, isCustom: false }))])
    // The cache may begin in the past: what is missing there may well be in the store.
    const stored = (await registry.store.list(APIServices, undefined, 'consistent')).map(({ object }) => object)
    await Promise.all(wanted.map((service) => this.#ensure(service, stored)))
    const names = new Set(wanted.map(({ metadata }) => metadata.name))
    for (const { metadata } of stored)
      if (isManaged(metadata) && !names.has(metadata.name))
        await registry.delete(kind, { name: metadata.name ?? '' }, {} as never, writer).catch(unlessRaced)
    this.#hasBuiltIn = true
  }

  async #ensure(service: APIService, stored: readonly APIService[]): Promise<void> {
    const there = stored.find(({ metadata }) => metadata.name === service.metadata.name)
    const isOnStart = service.metadata.labels?.[label] === 'onstart'
    if (!there) await this.#deps.registry.create(kind, clone(service), writer).catch(unlessRaced)
    else if ((!isOnStart || !this.#hasBuiltIn) && isOurs(there) && !sameValue(there.spec, service.spec)) await this.#put(service)
  }

  async #put(service: APIService): Promise<void> {
    const change = (prev: KubeObject | undefined): KubeObject => ({ ...(prev ?? service), spec: service.spec }) as KubeObject
    await this.#deps.registry
      .update({ resource: kind, ref: { name: service.metadata.name ?? '' }, subresource: '', retries: true, change }, writer)
      .catch(unlessRaced)
  }
}

const isManaged = (metadata: KubeObject['metadata']): boolean => Object.hasOwn(metadata.labels ?? {}, label)

/** One without the label is somebody else's: it stays as it is. */
const isOurs = ({ metadata }: APIService): boolean => isManaged(metadata)

function unlessRaced(error: unknown): void {
  if (!(error instanceof ApiError) || (error.code !== 404 && error.code !== 409)) throw error
}
