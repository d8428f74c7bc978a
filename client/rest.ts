/**
 * The REST client: typed verbs over JSON. Failures that the server states are thrown as ApiError, failures to reach it as
 * ConnectionError. Answers 429 and 503 that carry Retry-After are tried again here, as client-go does.
 */

import type { ListMeta } from '#api/meta/list-meta.ts'
import type { DeleteOptions } from '#api/meta/options.ts'
import { ApiError, type Status } from '#api/meta/status.ts'
import { apiVersionOf, type KubeObject, type New } from '#api/resource.ts'
import type { RestConfig } from './kubeconfig.ts'
import { type Query, type Ref, type ResourceType, resourcePath } from './resource-path.ts'
import { HttpTransport, type Transport, type TransportRequest, type TransportResponse } from './transport.ts'
import { type WatchEvent, watchEvents } from './watch-frames.ts'

export interface RequestOptions {
  signal?: AbortSignal
  timeoutMs?: number
}
export interface ReadOptions extends RequestOptions {
  resourceVersion?: string
  /** Ask for PartialObjectMetadata: apiVersion, kind and metadata only. */
  metadataOnly?: boolean
  /** Reads another face of the object, such as `scale`. */
  subresource?: string
}
export interface ListOptions extends ReadOptions {
  namespace?: string | undefined
  labelSelector?: string
  fieldSelector?: string
  limit?: number
  continue?: string
  resourceVersionMatch?: 'Exact' | 'NotOlderThan'
}
export interface WatchOptions extends RequestOptions {
  namespace?: string | undefined
  labelSelector?: string
  fieldSelector?: string
  resourceVersion?: string
  allowWatchBookmarks?: boolean
  timeoutSeconds?: number
  metadataOnly?: boolean
}
export interface WriteOptions extends RequestOptions {
  dryRun?: boolean
  fieldManager?: string
  /** An apply takes over what others manage. */
  force?: boolean
  fieldValidation?: 'Strict' | 'Warn' | 'Ignore'
  subresource?: string
  /** Called with the text of each Warning header. */
  onWarning?: (text: string) => void
}
export interface DeleteCallOptions extends RequestOptions {
  gracePeriodSeconds?: number
  propagationPolicy?: 'Orphan' | 'Background' | 'Foreground'
  preconditions?: { uid?: string; resourceVersion?: string }
  dryRun?: boolean
}
export interface Patch {
  /** `apply` needs a fieldManager. */
  type: 'json' | 'merge' | 'strategic' | 'apply'
  body: unknown
}
export interface Page<T> {
  items: T[]
  metadata: ListMeta
}

const patchTypes = {
  json: 'application/json-patch+json',
  merge: 'application/merge-patch+json',
  strategic: 'application/strategic-merge-patch+json',
  apply: 'application/apply-patch+yaml',
} as const
const maxRetries = 10
const maxRetryAfterSeconds = 60

export class Client {
  readonly transport: Transport

  constructor(config: RestConfig | Transport) {
    this.transport = 'request' in config ? config : new HttpTransport(config)
  }

  async get<T extends KubeObject>(type: ResourceType<T>, ref: Ref, options: ReadOptions = {}): Promise<T> {
    const path = resourcePath(type, ref, options.subresource, { resourceVersion: options.resourceVersion })
    return this.#object<T>({ method: 'GET', path, headers: acceptHeader(options.metadataOnly, ''), ...passed(options) })
  }

  async list<T extends KubeObject>(type: ResourceType<T>, options: ListOptions = {}): Promise<Page<T>> {
    const path = resourcePath(type, { namespace: options.namespace }, undefined, {
      ...selection(options),
      limit: options.limit,
      continue: options.continue,
      resourceVersionMatch: options.resourceVersionMatch,
    })
    const request = { method: 'GET', path, headers: acceptHeader(options.metadataOnly, 'List'), ...passed(options) }
    const page = await this.#object<Partial<Page<T>>>(request)
    const items = page.items ?? []
    const apiVersion = apiVersionOf(type)
    // Lists of built-in kinds leave out what each item is; informers and owner references need it.
    for (const [i, item] of items.entries()) if (!item.kind || options.metadataOnly) items[i] = { ...item, apiVersion, kind: type.kind }
    return { items, metadata: page.metadata ?? {} }
  }

  async create<T extends KubeObject>(type: ResourceType<T>, object: New<T>, options: WriteOptions = {}): Promise<T> {
    const body = JSON.stringify({ ...object, apiVersion: apiVersionOf(type), kind: type.kind })
    const { namespace, name } = object.metadata
    const ref = options.subresource ? { namespace, name } : { namespace }
    const path = resourcePath(type, ref, options.subresource, writeQuery(options))
    return this.#object<T>({ method: 'POST', path, body, headers: jsonBody, ...passed(options) }, options.onWarning)
  }

  async update<T extends KubeObject>(type: ResourceType<T>, object: T, options: WriteOptions = {}): Promise<T> {
    const { namespace, name = '' } = object.metadata
    const path = resourcePath(type, { namespace, name }, options.subresource, writeQuery(options))
    const whole = { ...object, apiVersion: object.apiVersion || apiVersionOf(type), kind: object.kind || type.kind }
    return this.#object<T>({ method: 'PUT', path, body: JSON.stringify(whole), headers: jsonBody, ...passed(options) }, options.onWarning)
  }

  async patch<T extends KubeObject>(type: ResourceType<T>, ref: Ref, patch: Patch, options: WriteOptions = {}): Promise<T> {
    const path = resourcePath(type, ref, options.subresource, writeQuery(options))
    const headers = { ...json, 'Content-Type': patchTypes[patch.type] }
    return this.#object<T>({ method: 'PATCH', path, body: JSON.stringify(patch.body), headers, ...passed(options) }, options.onWarning)
  }

  /** Resolves when the server has accepted: the object may live on until its grace period and finalizers are over. */
  async delete<T extends KubeObject>(type: ResourceType<T>, ref: Ref, options: DeleteCallOptions = {}): Promise<void> {
    const path = resourcePath(type, ref)
    await this.#object({ method: 'DELETE', path, body: deleteBody(options), headers: jsonBody, ...passed(options) })
  }

  async deleteCollection<T extends KubeObject>(type: ResourceType<T>, options: DeleteCallOptions & ListOptions = {}): Promise<void> {
    const path = resourcePath(type, { namespace: options.namespace }, undefined, selection(options))
    await this.#object({ method: 'DELETE', path, body: deleteBody(options), headers: jsonBody, ...passed(options) })
  }

  /** POST to a subresource that takes another kind: Binding, Eviction, TokenRequest. */
  async post<R>(type: ResourceType, ref: Ref, subresource: string, body: unknown): Promise<R> {
    return this.#object<R>({ method: 'POST', path: resourcePath(type, ref, subresource), body: JSON.stringify(body), headers: jsonBody })
  }

  /** One watch, until the server ends it (a plain end), an error frame (ApiError), a broken connection, or `signal`. */
  async *watch<T extends KubeObject>(type: ResourceType<T>, options: WatchOptions = {}): AsyncIterable<WatchEvent<T>> {
    const path = resourcePath(type, { namespace: options.namespace }, undefined, {
      ...selection(options),
      watch: true,
      allowWatchBookmarks: options.allowWatchBookmarks,
      timeoutSeconds: options.timeoutSeconds,
    })
    const headers = acceptHeader(options.metadataOnly, '')
    const response = await this.#streamed({ method: 'GET', path, headers, ...passed(options) })
    for await (const event of watchEvents<T>(response)) {
      if (options.metadataOnly) event.object = { ...event.object, apiVersion: apiVersionOf(type), kind: type.kind }
      yield event
    }
  }

  /** An answer whose body arrives over time, such as a followed log. */
  async stream(path: string, options: RequestOptions & { headers?: Record<string, string> } = {}): Promise<AsyncIterable<Buffer>> {
    return this.#streamed({ method: 'GET', path, headers: { Accept: '*/*', ...options.headers }, ...passed(options) })
  }

  /** Any request; the answer is handed out whatever its status. */
  async raw(method: string, path: string, options: Omit<TransportRequest, 'method' | 'path'> = {}): Promise<TransportResponse> {
    return this.transport.request({ method, path, ...options })
  }

  /** Closes idle connections; requests in flight fail. */
  close(): void {
    this.transport.close()
  }

  async #object<R>(request: TransportRequest, onWarning?: (text: string) => void): Promise<R> {
    const response = await this.#answered(request)
    if (onWarning) for (const text of warningsOf(response.headers['warning'])) onWarning(text)
    if (response.status >= 400) throw errorOf(response.status, response.body, response.headers['retry-after'])
    if (response.body.length === 0) return {} as R
    return JSON.parse(response.body.toString('utf8')) as R
  }

  async #answered(request: TransportRequest): Promise<TransportResponse> {
    for (let attempt = 0; ; attempt++) {
      const response = await this.transport.request(request)
      const seconds = retryAfterSeconds(response.status, response.headers['retry-after'])
      if (seconds === undefined || attempt >= maxRetries) return response
      await pause(seconds * 1000, request.signal)
    }
  }

  async #streamed(request: TransportRequest): Promise<AsyncIterable<Buffer>> {
    const response = await this.transport.stream(request)
    if (response.status < 400) return response.body
    const chunks: Buffer[] = []
    for await (const chunk of response.body) chunks.push(chunk)
    throw errorOf(response.status, Buffer.concat(chunks), response.headers['retry-after'])
  }
}

const json = { Accept: 'application/json' }
const jsonBody = { ...json, 'Content-Type': 'application/json' }

function acceptHeader(metadataOnly: boolean | undefined, suffix: '' | 'List'): Record<string, string> {
  if (!metadataOnly) return json
  return { Accept: `application/json;as=PartialObjectMetadata${suffix};g=meta.k8s.io;v=v1,application/json` }
}

function passed(options: RequestOptions): Pick<TransportRequest, 'signal' | 'timeoutMs'> {
  return {
    ...(options.signal === undefined ? {} : { signal: options.signal }),
    ...(options.timeoutMs === undefined ? {} : { timeoutMs: options.timeoutMs }),
  }
}

function selection(options: { labelSelector?: string; fieldSelector?: string; resourceVersion?: string }): Query {
  return { labelSelector: options.labelSelector, fieldSelector: options.fieldSelector, resourceVersion: options.resourceVersion }
}

function writeQuery({ dryRun, fieldManager, fieldValidation, force }: WriteOptions): Query {
  return { dryRun: dryRun ? 'All' : undefined, fieldManager, fieldValidation, force: force ? true : undefined }
}

function deleteBody(options: DeleteCallOptions): string {
  const body: DeleteOptions = {
    apiVersion: 'v1',
    kind: 'DeleteOptions',
    ...(options.gracePeriodSeconds === undefined ? {} : { gracePeriodSeconds: options.gracePeriodSeconds }),
    ...(options.propagationPolicy === undefined ? {} : { propagationPolicy: options.propagationPolicy }),
    ...(options.preconditions === undefined ? {} : { preconditions: options.preconditions }),
    ...(options.dryRun ? { dryRun: ['All'] } : {}),
  }
  return JSON.stringify(body)
}

/** A failed answer as ApiError: its Status where the body is one, otherwise what the code says. */
export function errorOf(code: number, body: Buffer, retryAfter?: string): ApiError {
  const text = body.toString('utf8')
  try {
    const status = JSON.parse(text) as Partial<Status>
    if (status.kind === 'Status') return ApiError.fromStatus({ ...(status as Status), code: status.code ?? code })
  } catch {
    // Not JSON: a proxy's or a panicking server's own page, told below.
  }
  const seconds = Number(retryAfter)
  const details = retryAfter !== undefined && seconds >= 0 ? { retryAfterSeconds: seconds } : undefined
  const reason = reasons[code] ?? (code >= 500 ? 'InternalError' : '')
  return new ApiError(code, reason, text.trim().slice(0, 2048) || `the server answered ${code}`, details)
}

const reasons: Readonly<Record<number, string>> = {
  400: 'BadRequest',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'NotFound',
  405: 'MethodNotAllowed',
  406: 'NotAcceptable',
  409: 'Conflict',
  410: 'Gone',
  413: 'RequestEntityTooLarge',
  415: 'UnsupportedMediaType',
  422: 'Invalid',
  429: 'TooManyRequests',
  500: 'InternalError',
  503: 'ServiceUnavailable',
  504: 'Timeout',
}

/** Seconds to wait before the same request may be sent again, undefined where the answer is final. */
function retryAfterSeconds(status: number, header: string | undefined): number | undefined {
  if (header === undefined || (status !== 429 && status < 500)) return undefined
  const seconds = Number(header)
  return Number.isFinite(seconds) && seconds >= 0 ? Math.min(seconds, maxRetryAfterSeconds) : undefined
}

function warningsOf(header: string | string[] | undefined): string[] {
  if (header === undefined) return []
  const text = Array.isArray(header) ? header.join(', ') : header
  return [...text.matchAll(/299 \S+ ("(?:[^"\\]|\\.)*")/g)].map((match) => (match[1] ?? '""').slice(1, -1).replace(/\\(.)/g, '$1'))
}

function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted()
    const stop = (): void => {
      clearTimeout(timer)
      reject(signal?.reason)
    }
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', stop)
      resolve()
    }, ms)
    signal?.addEventListener('abort', stop, { once: true })
  })
}

export type { Ref, ResourceType, WatchEvent }
