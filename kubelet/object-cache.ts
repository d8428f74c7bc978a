/**
 * The ConfigMaps and Secrets that this node's pods refer to, each kept by its own watch while a pod needs it, and for a while after.
 * One object a watch is what upstream's node authorizer allows a kubelet.
 */
import { type ConfigMap, ConfigMaps } from '#api/core/config-map.ts'
import type { Pod } from '#api/core/pod.ts'
import { type Secret, Secrets } from '#api/core/secret.ts'
import type { KubeObject, Resource } from '#api/resource.ts'
import { Informer } from '#client/informer.ts'
import type { Client } from '#client/rest.ts'
import { type ObjectRef, objectsOf } from './pods/pod-references.ts'

interface Entry {
  informer: Informer<KubeObject>
  stop: AbortController
  users: Set<string>
  expiry: NodeJS.Timeout | undefined
}

const lingerMs = 60_000
const syncTimeoutMs = 10_000

export class ObjectCache {
  readonly #client: Client
  readonly #entries = new Map<string, Entry>()
  readonly #changed: (ref: ObjectRef) => void

  /** `changed` hears of every change after the first reading. */
  constructor(client: Client, changed: (ref: ObjectRef) => void) {
    this.#client = client
    this.#changed = changed
  }

  /** Starts to watch what the pod refers to. Call again when its spec changes. */
  register(pod: Pod): void {
    for (const ref of objectsOf(pod)) {
      const entry = this.#entry(ref)
      entry.users.add(pod.metadata.uid ?? '')
      clearTimeout(entry.expiry)
    }
  }

  unregister(uid: string): void {
    for (const [key, entry] of this.#entries) {
      if (!entry.users.delete(uid) || entry.users.size > 0) continue
      entry.expiry = setTimeout(() => {
        entry.stop.abort()
        this.#entries.delete(key)
      }, lingerMs).unref()
    }
  }

  /** Resolves when all that the pod refers to has been read once. Rejects after ten seconds with upstream's words. */
  async ready(pod: Pod, signal: AbortSignal): Promise<void> {
    const waiting = objectsOf(pod).filter((ref) => !this.#entry(ref).informer.isSynced)
    if (waiting.length === 0) return
    const late = AbortSignal.any([signal, AbortSignal.timeout(syncTimeoutMs)])
    const over = new Promise<'late'>((resolve) => late.addEventListener('abort', () => resolve('late'), { once: true }))
    const all = Promise.all(waiting.map((ref) => this.#entry(ref).informer.synced))
    if ((await Promise.race([all, over])) !== 'late') return
    signal.throwIfAborted()
    const missing = waiting.find((ref) => !this.#entry(ref).informer.isSynced)
    throw new Error(`failed to sync ${missing?.kind === 'Secret' ? 'secret' : 'configmap'} cache: timed out waiting for the condition`)
  }

  configMap(namespace: string, name: string): ConfigMap | undefined {
    return this.#get({ kind: 'ConfigMap', namespace, name }) as ConfigMap | undefined
  }

  secret(namespace: string, name: string): Secret | undefined {
    return this.#get({ kind: 'Secret', namespace, name }) as Secret | undefined
  }

  close(): void {
    for (const entry of this.#entries.values()) {
      clearTimeout(entry.expiry)
      entry.stop.abort()
    }
    this.#entries.clear()
  }

  #get(ref: ObjectRef): KubeObject | undefined {
    return this.#entries.get(keyOf(ref))?.informer.get(`${ref.namespace}/${ref.name}`)
  }

  #entry(ref: ObjectRef): Entry {
    const key = keyOf(ref)
    const known = this.#entries.get(key)
    if (known) return known
    const resource: Resource = ref.kind === 'Secret' ? (Secrets as unknown as Resource) : (ConfigMaps as unknown as Resource)
    const informer = new Informer<KubeObject>(this.#client, resource, {
      namespace: ref.namespace,
      fieldSelector: `metadata.name=${ref.name}`,
    })
    const entry: Entry = { informer, stop: new AbortController(), users: new Set(), expiry: undefined }
    this.#entries.set(key, entry)
    informer.onChange(() => {
      if (informer.isSynced) this.#changed(ref)
    })
    void informer.run(entry.stop.signal)
    return entry
  }
}

const keyOf = (ref: ObjectRef): string => `${ref.kind}/${ref.namespace}/${ref.name}`
