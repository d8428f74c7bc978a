/** Reads of versions that a webhook converts: what is read is converted in one call, what is watched event by event and in order. */

import { parseJson } from '#api/json-scan.ts'
import { ApiError, internalError } from '#api/meta/status.ts'
import { apiVersionOf, type KubeObject, type Resource } from '#api/resource.ts'
import { listKindOf } from '#api/scheme.ts'
import { settleNumbers } from '#api/structural/values.ts'
import { type IncludeObject, tableOf } from '#api/table.ts'
import type { Cache } from '#apiserver/cache/cache.ts'
import type { WatchSink } from '#apiserver/cache/watch-session.ts'
import type { Answer, ApiRequest } from '#apiserver/endpoints/exchange.ts'
import { readObject, settled } from '#apiserver/endpoints/get.ts'
import { listObjects } from '#apiserver/endpoints/list.ts'
import { includeObjectOf } from '#apiserver/endpoints/list-options.ts'

type Convert = (objects: readonly KubeObject[]) => Promise<KubeObject[]>

const plain = { form: 'object', version: 'v1' } as const
const read = (text: string): unknown => settleNumbers(parseJson(text).value)

/** How the objects of a face are converted; undefined where nobody else does that. */
export function conversionOf(face: Resource): { stored: Resource; convert: Convert } | undefined {
  const { storedAs } = face
  const convert = storedAs?.convert
  return convert && { stored: storedAs.resource, convert: (objects) => convert(objects, 'face') }
}

export async function getConverted(cache: Cache, face: Resource, request: ApiRequest, namespace: string): Promise<Answer> {
  const { stored, convert } = needed(face)
  const { accepted, info } = request
  const answer = accepted.form === 'table' ? plain : accepted
  await settled(cache, info.query)
  const { bytes, form } = readObject(cache, { resource: stored, namespace, name: info.name, answer, query: info.query })
  if (accepted.form !== 'object' && accepted.form !== 'table') return { status: 200, bytes, contentType: form.contentType }
  const [object] = await convert([read(bytes.toString()) as KubeObject])
  if (object === undefined || accepted.form === 'object') return { status: 200, object }
  const { resourceVersion } = object.metadata
  return { status: 200, object: tableOf(face, [object], { now: new Date(), include: includeOf(request), metadata: { resourceVersion } }) }
}

export async function listConverted(cache: Cache, face: Resource, request: ApiRequest, namespace: string): Promise<Answer> {
  const { stored, convert } = needed(face)
  const { accepted, info } = request
  const answer = accepted.form === 'table' ? plain : accepted
  const { body, contentType } = await listObjects(cache, { resource: stored, namespace, answer, query: info.query })
  const bytes = Buffer.isBuffer(body) ? body : Buffer.concat([...body.chunks()])
  if (accepted.form !== 'object' && accepted.form !== 'table') return { status: 200, bytes, contentType }
  const { metadata, items } = read(bytes.toString()) as { metadata: Record<string, unknown>; items: KubeObject[] }
  const converted = await convert(items)
  if (accepted.form === 'table') {
    const { continue: token, ...facts } = metadata
    const told = token ? metadata : facts
    return { status: 200, object: tableOf(face, converted, { now: new Date(), include: includeOf(request), metadata: told }) }
  }
  return { status: 200, object: { kind: listKindOf(face), apiVersion: apiVersionOf(face), metadata, items: converted } }
}

const includeOf = (request: ApiRequest): IncludeObject => includeObjectOf(request.info.query.get('includeObject') ?? '')

function needed(face: Resource): { stored: Resource; convert: Convert } {
  const found = conversionOf(face)
  if (found === undefined) throw new Error(`${face.plural} needs no conversion`)
  return found
}

interface Event {
  type: string
  object: KubeObject
}

/** Takes the frames of a watch of the stored version and hands on those of the face. */
export class ConvertingSink implements WatchSink {
  readonly isMessageBased = true
  readonly #face: Resource
  readonly #inner: WatchSink
  readonly #table: IncludeObject | undefined
  readonly #convert: Convert
  readonly #queue: Buffer[] = []
  #queuedBytes = 0
  #isWorking = false
  #isEnding = false
  #isFirst = true
  #drained: (() => void) | undefined

  /** `table`: events are tables, with the object in this form. */
  constructor(face: Resource, inner: WatchSink, table: IncludeObject | undefined) {
    this.#face = face
    this.#inner = inner
    this.#table = table
    this.#convert = needed(face).convert
  }

  write(chunk: Buffer): boolean {
    this.#queue.push(chunk)
    this.#queuedBytes += chunk.length
    if (!this.#isWorking) void this.#work()
    return false
  }

  pendingBytes(): number {
    return this.#queuedBytes + this.#inner.pendingBytes()
  }

  onDrain(listener: () => void): void {
    this.#drained = listener
    this.#inner.onDrain(() => {
      if (!this.#isWorking) listener()
    })
  }

  onClose(listener: () => void): void {
    this.#inner.onClose(listener)
  }

  end(): void {
    this.#isEnding = true
    if (!this.#isWorking) this.#inner.end()
  }

  async #work(): Promise<void> {
    this.#isWorking = true
    let takesMore = true
    try {
      for (let chunk = this.#queue.shift(); chunk !== undefined; chunk = this.#queue.shift()) {
        const lines = chunk
          .toString()
          .split('\n')
          .filter((line) => line !== '')
        const frames = await this.#frames(lines.map((line) => read(line) as Event))
        this.#queuedBytes -= chunk.length
        takesMore = this.#inner.write(Buffer.from(frames.map((frame) => `${JSON.stringify(frame)}\n`).join('')))
      }
    } catch (error) {
      const failure = error instanceof ApiError ? error : internalError(error instanceof Error ? error.message : String(error))
      this.#inner.write(Buffer.from(`${JSON.stringify({ type: 'ERROR', object: failure.toStatus() })}\n`))
      this.#queue.length = 0
      this.#isEnding = true
    }
    this.#isWorking = false
    if (this.#isEnding) this.#inner.end()
    else if (takesMore) this.#drained?.()
  }

  async #frames(events: readonly Event[]): Promise<object[]> {
    const isObject = ({ type }: Event): boolean => type !== 'BOOKMARK' && type !== 'ERROR'
    const converted = await this.#convert(events.filter(isObject).map(({ object }) => object))
    let next = 0
    return events.map((event) => {
      if (event.type === 'ERROR') return event
      const object = isObject(event) ? (converted[next++] ?? event.object) : { ...event.object, apiVersion: apiVersionOf(this.#face) }
      return { type: event.type, object: this.#table === undefined ? object : this.#tableOf(object, this.#table) }
    })
  }

  #tableOf(object: KubeObject, include: IncludeObject): object {
    const { resourceVersion } = object.metadata
    const withoutDefinitions = !this.#isFirst
    this.#isFirst = false
    return tableOf(this.#face, [object], { now: new Date(), include, metadata: { resourceVersion }, withoutDefinitions })
  }
}
