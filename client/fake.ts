/**
 * A faithful in-memory API behind the client, for tests of runners and controllers: names, uids and versions are given out, updates need the
 * current version, deletion waits for finalizers and for the kubelets of bound pods, watches resume. It knows no defaults, no validation and
 * no admission: those are the server's.
 */

import { ApiError, badRequest, notFoundError } from '#api/meta/status.ts'
import { applyJsonPatch, type JsonPatchOperation } from '#api/patch/json-patch.ts'
import { applyMergePatch } from '#api/patch/merge-patch.ts'
import { applyStrategicMergePatch } from '#api/patch/strategic-merge.ts'
import { apiVersionOf, type KubeObject, type Resource } from '#api/resource.ts'
import { resources } from '#api/scheme.ts'
import { treeOf } from '#api/tree.ts'
import { type Collection, type FakeObject, FakeStore } from './fake-store.ts'
import { Client } from './rest.ts'
import type { Transport, TransportRequest, TransportResponse, TransportStream } from './transport.ts'

/** A request as rules see it. */
export interface FakeRequest {
  method: string
  plural: string
  namespace: string | undefined
  name: string | undefined
  subresource: string | undefined
  body: unknown
}
/** Answers in the store's place: throw an ApiError or a ConnectionError to fail the request, return to let it pass. */
export type FakeRule = (request: FakeRequest) => void

interface Target extends FakeRequest {
  resource: Resource
  query: URLSearchParams
}

export class FakeApi implements Transport {
  readonly store: FakeStore
  /** Every request but watches, in order. */
  readonly requests: FakeRequest[] = []
  readonly #rules: FakeRule[] = []
  readonly #watches = new Set<AbortController>()

  constructor(options: { now?: () => Date } = {}) {
    this.store = new FakeStore(options.now ?? (() => new Date()))
  }

  client(): Client {
    return new Client(this)
  }

  /** Adds objects as they are, status and all. */
  seed(...objects: readonly KubeObject[]): void {
    for (const object of objects) {
      const resource = resources.find((r) => apiVersionOf(r) === object.apiVersion && r.kind === object.kind)
      if (!resource) throw new Error(`no kind ${object.apiVersion} ${object.kind}`)
      const at = { ...resource, namespace: object.metadata.namespace }
      const made = this.store.create(at, object)
      const { status } = object as FakeObject
      if (status !== undefined) this.store.update(at, { ...made, status }, 'status')
    }
  }

  /** Returns the removal of the rule. */
  addRule(rule: FakeRule): () => void {
    this.#rules.push(rule)
    return () => void this.#rules.splice(this.#rules.indexOf(rule), 1)
  }

  /** Ends all watches, as a restarting server does. */
  endWatches(): void {
    for (const watch of this.#watches) watch.abort()
  }

  async request(request: TransportRequest): Promise<TransportResponse> {
    request.signal?.throwIfAborted()
    // Nothing that goes over a network answers in the same turn.
    await Promise.resolve()
    try {
      const target = parseTarget(request)
      this.requests.push(plain(target))
      for (const rule of [...this.#rules]) rule(target)
      return answer(target.method === 'POST' ? 201 : 200, this.#handle(target))
    } catch (error) {
      if (error instanceof ApiError) return answer(error.code, error.toStatus())
      throw error
    }
  }

  async stream(request: TransportRequest): Promise<TransportStream> {
    await Promise.resolve()
    const target = parseTarget(request)
    for (const rule of [...this.#rules]) rule(target)
    return { status: 200, headers: {}, body: this.#watch(target, request.signal) }
  }

  close(): void {
    this.endWatches()
  }

  async *#watch({ resource, namespace, query }: Target, signal: AbortSignal | undefined): AsyncIterable<Buffer> {
    const end = new AbortController()
    const stop = (): void => end.abort()
    signal?.addEventListener('abort', stop, { once: true })
    this.#watches.add(end)
    const selection = { ...selectionOf(query), namespace }
    const from = Number(query.get('resourceVersion') ?? this.store.revision)
    try {
      for await (const event of this.store.watch(resource, selection, from, end.signal)) yield Buffer.from(`${JSON.stringify(event)}\n`)
    } catch (error) {
      if (!(error instanceof ApiError)) throw error
      yield Buffer.from(`${JSON.stringify({ type: 'ERROR', object: error.toStatus() })}\n`)
    } finally {
      this.#watches.delete(end)
      signal?.removeEventListener('abort', stop)
    }
  }

  #handle(target: Target): unknown {
    const { method, resource, namespace, name, query } = target
    const at: Collection = { ...resource, namespace }
    if (name === undefined) {
      if (method === 'POST') return this.store.create(at, this.#stamped(resource, target.body))
      const selected = this.store.list(at, { ...selectionOf(query), namespace })
      if (method === 'DELETE')
        for (const object of selected) this.#delete({ ...at, namespace: object.metadata.namespace }, object, target.body)
      return { apiVersion: at.version, kind: `${at.kind}List`, metadata: { resourceVersion: String(this.store.revision) }, items: selected }
    }
    switch (method) {
      case 'GET':
        return this.store.get(at, name)
      case 'PUT':
        return this.#put(at, name, target)
      case 'PATCH':
        return this.store.update(at, this.#patched(target, this.store.get(at, name)), target.subresource)
      case 'DELETE':
        return this.#delete(at, this.store.get(at, name), target.body)
      case 'POST':
        return this.#postTo(at, name, target)
      default:
        throw badRequest(`${method} is not known here`)
    }
  }

  #stamped(resource: Resource, body: unknown): FakeObject {
    return { ...(body as FakeObject), apiVersion: apiVersionOf(resource), kind: resource.kind }
  }

  #put(at: Collection, name: string, { body, subresource }: Target): FakeObject {
    if (subresource === 'scale') {
      const current = this.store.get(at, name)
      return this.store.update(at, { ...current, spec: { ...current.spec, ...(body as FakeObject).spec } })
    }
    return this.store.update(at, body as FakeObject, subresource === 'finalize' ? undefined : subresource)
  }

  #patched({ resource, query, body }: Target, current: FakeObject): FakeObject {
    switch (query.get('fake-patch-type')) {
      case 'application/json-patch+json':
        return applyJsonPatch(current, body as JsonPatchOperation[]) as FakeObject
      case 'application/merge-patch+json':
        return applyMergePatch(current, body) as FakeObject
      default:
        return applyStrategicMergePatch({ ...current }, body as Record<string, unknown>, treeOf(resource.schema)) as unknown as FakeObject
    }
  }

  #delete(at: Collection, object: FakeObject, options: unknown): unknown {
    return this.store.delete(at, object.metadata.name ?? '', (options ?? {}) as Parameters<FakeStore['delete']>[2])
  }

  #postTo(at: Collection, name: string, { subresource, body }: Target): unknown {
    const object = this.store.get(at, name)
    if (subresource === 'eviction') return this.#delete(at, object, (body as { deleteOptions?: unknown }).deleteOptions)
    if (subresource === 'binding') {
      const nodeName = (body as { target?: { name?: string } }).target?.name
      return this.store.update(at, { ...object, spec: { ...object.spec, nodeName } })
    }
    throw notFoundError(at, `${name}/${subresource ?? ''}`)
  }
}

function parseTarget(request: TransportRequest): Target {
  const url = new URL(request.path, 'http://fake')
  const parts = url.pathname.split('/').slice(1).map(decodeURIComponent)
  const core = parts[0] === 'api'
  const [group = '', version = ''] = core ? ['', parts[1]] : [parts[1], parts[2]]
  const rest = parts.slice(core ? 2 : 3)
  const namespaced = rest[0] === 'namespaces' && rest.length > 2 && !['status', 'finalize'].includes(rest[2] ?? '')
  const namespace = namespaced ? rest[1] : undefined
  const [plural = '', name, subresource] = namespaced ? rest.slice(2) : rest
  const resource = resources.find((r) => r.group === group && r.version === version && r.plural === plural)
  if (!resource) throw new ApiError(404, 'NotFound', 'the server could not find the requested resource')
  const body = request.body === undefined ? undefined : (JSON.parse(String(request.body)) as unknown)
  const type = request.headers?.['Content-Type']
  if (request.method === 'PATCH' && type) url.searchParams.set('fake-patch-type', type)
  return { method: request.method, plural, namespace, name, subresource, body, resource, query: url.searchParams }
}

const plain = ({ method, plural, namespace, name, subresource, body }: Target): FakeRequest => ({
  method,
  plural,
  namespace,
  name,
  subresource,
  body,
})

function selectionOf(query: URLSearchParams): { labelSelector?: string; fieldSelector?: string } {
  const [labelSelector, fieldSelector] = [query.get('labelSelector'), query.get('fieldSelector')]
  return { ...(labelSelector ? { labelSelector } : {}), ...(fieldSelector ? { fieldSelector } : {}) }
}

function answer(status: number, body: unknown): TransportResponse {
  return { status, headers: {}, body: Buffer.from(JSON.stringify(body)) }
}
