/**
 * Static pods: manifests in a directory and at a URL become pods of this node without the API's say. A mirror pod shows each in the API; deleting the mirror
 * changes nothing but the mirror.
 */
import { existsSync, readdirSync, readFileSync, watch } from 'node:fs'
import { join } from 'node:path'
import { mirrorAnnotation } from '#api/core/mirror-pod.ts'
import { type Pod, Pods } from '#api/core/pod.ts'
import { ApiError } from '#api/meta/status.ts'
import type { Client } from '#client/rest.ts'
import { sleep } from '#component/clock.ts'
import type { Runnable } from '#component/daemon.ts'
import type { Logger } from '#component/logging.ts'
import type { ManifestUrl } from './manifest-url.ts'
import { hashAnnotation, type ManifestPlace, mirrorOf, staticPods } from './static-manifest.ts'

const unknownNodeMs = 500

export interface StaticPodsDeps {
  /** Empty for none. */
  directory: string
  url?: ManifestUrl
  /** How often to look again. */
  rescanMs: number
  nodeName: string
  nodeUid(): string | undefined
  client: Client
  /** As an informer tells changes of pods. */
  changed(now: Pod | undefined, was: Pod | undefined): void
  /** Pods that may have run before this process began. */
  begin(pods: readonly Pod[], signal: AbortSignal): Promise<void>
  now(): Date
  log: Logger
}

/** The manifests as pods, read at once when something changes in the directory, and every so often. */
export class StaticPodSource implements Runnable {
  readonly name = 'static pods'
  readonly #deps: StaticPodsDeps
  /** By uid. */
  readonly #pods = new Map<string, Pod>()
  /** Mirror pods by `namespace/name`, as the API has them. */
  readonly #mirrors = new Map<string, Pod>()
  #poke: AbortController | undefined
  readonly #begun = Promise.withResolvers<void>()

  constructor(deps: StaticPodsDeps) {
    this.#deps = deps
  }

  /** The static pod that a mirror shows. */
  shownBy(pod: Pod): Pod | undefined {
    return [...this.#pods.values()].find((each) => keyOf(each) === keyOf(pod))
  }

  mirrorFor(pod: Pod): Pod | undefined {
    return this.#mirrors.get(keyOf(pod))
  }

  mirrorChanged(now: Pod | undefined, was: Pod | undefined): void {
    if (now) {
      this.#mirrors.set(keyOf(now), now)
      if (now.metadata.deletionTimestamp !== undefined) this.#poke?.abort()
    } else if (was && this.#mirrors.get(keyOf(was))?.metadata.uid === was.metadata.uid) {
      this.#mirrors.delete(keyOf(was))
      this.#poke?.abort()
    }
  }

  /** False while the URL has not answered yet: what runs may be its pods. */
  get complete(): boolean {
    return this.#deps.url === undefined || this.#deps.url.text !== undefined
  }

  /** What is there now, for a start that must not take its containers for orphans. */
  async read(signal: AbortSignal): Promise<Pod[]> {
    await this.#deps.url?.fetch(signal)
    const pods = this.#read()
    for (const pod of pods) this.#pods.set(pod.metadata.uid ?? '', pod)
    return pods
  }

  /** What was read has been taken up: from now on changes are told. */
  begun(): void {
    this.#begun.resolve()
  }

  async run(signal: AbortSignal): Promise<void> {
    const { directory, rescanMs, log } = this.#deps
    signal.addEventListener('abort', () => this.#begun.resolve(), { once: true })
    await this.#begun.promise
    while (!signal.aborted) {
      const poke = new AbortController()
      this.#poke = poke
      const watcher = existsSync(directory) ? watch(directory, () => poke.abort()) : undefined
      await this.#fetch(signal)
      this.#scan()
      await this.#syncMirrors(signal).catch((error: unknown) => log.warn({ error }, 'cannot keep the mirror pods'))
      // Nothing can be shown before the node is known.
      const ms = this.#deps.nodeUid() === undefined && this.#pods.size > 0 ? unknownNodeMs : rescanMs
      await sleep(ms, AbortSignal.any([signal, poke.signal]))
      watcher?.close()
      // An editor writes in several steps.
      if (poke.signal.aborted) await sleep(50, signal)
    }
  }

  /** Pods of a URL that answers late may have run before this process began. */
  async #fetch(signal: AbortSignal): Promise<void> {
    const was = this.complete
    await this.#deps.url?.fetch(signal)
    if (was || !this.complete) return
    const known = new Set(this.#pods.keys())
    const late = (await this.read(signal)).filter(({ metadata }) => !known.has(metadata.uid ?? ''))
    await this.#deps.begin(late, signal)
  }

  #scan(): void {
    const found = new Map(this.#read().map((pod) => [pod.metadata.uid ?? '', pod]))
    for (const [uid, pod] of this.#pods) {
      if (found.has(uid)) continue
      this.#pods.delete(uid)
      this.#deps.changed(undefined, pod)
    }
    for (const [uid, pod] of found) {
      if (this.#pods.has(uid)) continue
      this.#pods.set(uid, pod)
      this.#deps.changed(pod, undefined)
    }
  }

  #read(): Pod[] {
    const { directory, url } = this.#deps
    const files = existsSync(directory) ? readdirSync(directory, { withFileTypes: true }) : []
    const paths = files.filter((entry) => entry.isFile() && !entry.name.startsWith('.')).map(({ name }) => join(directory, name))
    return [
      ...paths.flatMap((at) => this.#parsed({ source: 'file', at }, () => readFileSync(at, 'utf8'))),
      ...(url?.text ? this.#parsed({ source: 'http', at: url.url }, () => url.text ?? '') : []),
    ]
  }

  #parsed(place: ManifestPlace, text: () => string): Pod[] {
    const { nodeName, now, log } = this.#deps
    try {
      return staticPods(text(), place, { name: nodeName, now: now() })
    } catch (error) {
      log.warn({ path: place.at, error }, 'a manifest is passed over')
      return []
    }
  }

  /** Makes mirrors that are missing or outdated, and removes those of pods that are gone. */
  async #syncMirrors(signal: AbortSignal): Promise<void> {
    const { client, nodeName, log } = this.#deps
    const uid = this.#deps.nodeUid()
    if (uid === undefined) return
    const wanted = new Map([...this.#pods.values()].map((pod) => [keyOf(pod), pod]))
    // What a URL wants is not known while it does not answer.
    for (const [key, shown] of this.complete ? this.#mirrors : new Map<string, Pod>()) {
      const isOld = shown.metadata.annotations?.[mirrorAnnotation] !== wanted.get(key)?.metadata.annotations?.[hashAnnotation]
      // Whoever deletes a mirror deletes what is shown, not what is: it comes back at once.
      if (isOld || shown.metadata.deletionTimestamp !== undefined) await this.#remove(shown)
    }
    for (const [key, pod] of wanted) {
      if (this.#mirrors.has(key)) continue
      try {
        this.#mirrors.set(key, await client.create(Pods, mirrorOf(pod, { name: nodeName, uid }), { signal }))
      } catch (error) {
        if (!(error instanceof ApiError && error.reason === 'AlreadyExists')) log.warn({ pod: key, error }, 'cannot make a mirror pod')
      }
    }
  }

  async #remove(pod: Pod): Promise<void> {
    const { namespace, name = '', uid } = pod.metadata
    try {
      await this.#deps.client.delete(Pods, { namespace, name }, { gracePeriodSeconds: 0, preconditions: uid ? { uid } : {} })
    } catch (error) {
      if (!(error instanceof ApiError && (error.code === 404 || error.code === 409))) throw error
    }
    this.#mirrors.delete(keyOf(pod))
  }
}

const keyOf = (pod: Pod): string => `${pod.metadata.namespace}/${pod.metadata.name}`
