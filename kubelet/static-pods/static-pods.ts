/**
 * Static pods: manifests in a directory become pods of this node without the API's say. A mirror pod shows each in the API; deleting the mirror
 * changes nothing but the mirror.
 */
import { existsSync, readdirSync, readFileSync, watch } from 'node:fs'
import { join } from 'node:path'
import { type Pod, Pods } from '#api/core/pod.ts'
import { ApiError } from '#api/meta/status.ts'
import type { Client } from '#client/rest.ts'
import { sleep } from '#component/clock.ts'
import type { Runnable } from '#component/daemon.ts'
import type { Logger } from '#component/logging.ts'
import { hashAnnotation, mirrorAnnotation, mirrorOf, staticPods } from './static-manifest.ts'

/** Upstream's own interval of looking again. */
const rescanMs = 20_000
const unknownNodeMs = 500

export interface StaticPodsDeps {
  directory: string
  nodeName: string
  nodeUid(): string | undefined
  client: Client
  /** As an informer tells changes of pods. */
  changed(now: Pod | undefined, was: Pod | undefined): void
  now(): Date
  log: Logger
}

/** The manifests of a directory as pods, read at once when something changes there, and every 20 s. */
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

  /** What is there now, for a start that must not take its containers for orphans. */
  read(): Pod[] {
    const pods = this.#read()
    for (const pod of pods) this.#pods.set(pod.metadata.uid ?? '', pod)
    return pods
  }

  /** What was read has been taken up: from now on changes are told. */
  begun(): void {
    this.#begun.resolve()
  }

  async run(signal: AbortSignal): Promise<void> {
    const { directory, log } = this.#deps
    signal.addEventListener('abort', () => this.#begun.resolve(), { once: true })
    await this.#begun.promise
    while (!signal.aborted) {
      const poke = new AbortController()
      this.#poke = poke
      const watcher = existsSync(directory) ? watch(directory, () => poke.abort()) : undefined
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
    const { directory, nodeName, now, log } = this.#deps
    if (!existsSync(directory)) return []
    const node = { name: nodeName, now: now() }
    return readdirSync(directory, { withFileTypes: true })
      .filter((entry) => entry.isFile() && !entry.name.startsWith('.'))
      .flatMap(({ name }) => {
        const path = join(directory, name)
        try {
          return staticPods(readFileSync(path, 'utf8'), path, node)
        } catch (error) {
          log.warn({ path, error }, 'a manifest is passed over')
          return []
        }
      })
  }

  /** Makes mirrors that are missing or outdated, and removes those of pods that are gone. */
  async #syncMirrors(signal: AbortSignal): Promise<void> {
    const { client, nodeName, log } = this.#deps
    const uid = this.#deps.nodeUid()
    if (uid === undefined) return
    const wanted = new Map([...this.#pods.values()].map((pod) => [keyOf(pod), pod]))
    for (const [key, shown] of this.#mirrors) {
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
