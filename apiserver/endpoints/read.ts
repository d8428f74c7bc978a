/** Handlers of get, list and watch: from HTTP to the cache's readers and back. */
import type { Resource } from '#api/resource.ts'
import type { Cache } from '#apiserver/cache/cache.ts'
import { ConvertingSink, conversionOf, getConverted, listConverted } from '#apiserver/custom/converted-reads.ts'
import { notAcceptable } from '#apiserver/filters/negotiation.ts'
import { isSentAsIs } from '#apiserver/filters/rendering.ts'
import { protobufType } from '#apiserver/protobuf/envelope.ts'
import { keyOf } from '#apiserver/storage/keys.ts'
import type { Answer, ApiRequest, Streamed } from './exchange.ts'
import { readObject, settled } from './get.ts'
import { listObjects } from './list.ts'
import { includeObjectOf } from './list-options.ts'
import { watchObjects } from './watch.ts'
import { httpSink } from './watch-sinks.ts'

const namespaceOf = (resource: Resource, request: ApiRequest): string => (resource.scope === 'Namespaced' ? request.info.namespace : '')

/** JSON may still be indented or become YAML; what has another type is answered as it is. */
const typeOf = (contentType: string): { contentType?: string } => (contentType === 'application/json' ? {} : { contentType })

export class ReadHandlers {
  readonly #cache: Cache
  /** Aborts when the server stops: watches end in good order. */
  readonly #stopping: AbortSignal

  constructor(cache: Cache, stopping: AbortSignal) {
    this.#cache = cache
    this.#stopping = stopping
  }

  async get(resource: Resource, request: ApiRequest): Promise<Answer> {
    const { info, accepted } = request
    const namespace = namespaceOf(resource, request)
    keyOf(resource, { namespace, name: info.name }) // refuses names that cannot be part of a path
    if (resource.storedAs?.convert) return await getConverted(this.#cache, resource, request, namespace)
    await settled(this.#cache, info.query)
    const { bytes, form } = readObject(this.#cache, { resource, namespace, name: info.name, answer: accepted, query: info.query })
    return { status: 200, bytes, ...typeOf(form.contentType) }
  }

  async collection(resource: Resource, request: ApiRequest): Promise<Answer | Streamed> {
    const { info, accepted } = request
    if (info.verb === 'watch') return this.watch(resource, request, undefined)
    if (resource.storedAs?.convert) return await listConverted(this.#cache, resource, request, namespaceOf(resource, request))
    const listed = await listObjects(this.#cache, {
      resource,
      namespace: namespaceOf(resource, request),
      answer: accepted,
      query: info.query,
    })
    const { body, bytes, contentType } = listed
    if (Buffer.isBuffer(body)) return { status: 200, bytes: body, ...typeOf(contentType) }
    if (!isSentAsIs(bytes, accepted, request.headers['accept-encoding']))
      return { status: 200, readable: body.readable(), length: bytes, ...typeOf(contentType) }
    return {
      stream: (response) => {
        response.writeHead(200, { 'content-type': contentType, 'content-length': bytes })
        return body.writeTo(response)
      },
    }
  }

  /** `name`: the old form of watching one object, /api/v1/watch/…/name. */
  watch(resource: Resource, request: ApiRequest, name: string | undefined): Streamed {
    const { info, accepted } = request
    if (accepted.mediaType === 'yaml') throw notAcceptable(`application/json;stream=watch, ${protobufType};stream=watch`)
    const conversion = accepted.form === 'object' || accepted.form === 'table' ? conversionOf(resource) : undefined
    const include = accepted.form === 'table' ? includeObjectOf(info.query.get('includeObject') ?? '') : undefined
    return {
      stream: (response) =>
        watchObjects(this.#cache, {
          resource: conversion?.stored ?? resource,
          namespace: namespaceOf(resource, request),
          answer: conversion === undefined ? accepted : { form: 'object', version: 'v1' },
          query: info.query,
          ...(name === undefined ? {} : { name }),
          signal: this.#stopping,
          start: (contentType) => {
            const sink = httpSink(response, { 'content-type': contentType })
            return conversion === undefined ? sink : new ConvertingSink(resource, sink, include)
          },
        }),
    }
  }
}
