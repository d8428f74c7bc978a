/** Those of etcd's messages that the store sends and reads, in protobuf's wire form; fields that it has no use for are passed over (pure). */

/** Paths of etcd's calls. */
export const calls = {
  range: '/etcdserverpb.KV/Range',
  txn: '/etcdserverpb.KV/Txn',
  compact: '/etcdserverpb.KV/Compact',
  leaseGrant: '/etcdserverpb.Lease/LeaseGrant',
  watch: '/etcdserverpb.Watch/Watch',
} as const

export interface KeyValue {
  key: Buffer
  /** Of the store's revisions, the one that made this value. */
  modRevision: number
  value: Buffer
}

export interface RangeRequest {
  key: Buffer
  rangeEnd?: Buffer
  limit?: number
  revision?: number
  serializable?: boolean
  countOnly?: boolean
}

export interface RangeResponse {
  revision: number
  kvs: KeyValue[]
  more: boolean
}

export type Compare = { key: Buffer; createRevision: 0 } | { key: Buffer; modRevision: number }

export type RequestOp = { put: { key: Buffer; value: Buffer; lease: bigint } } | { range: Buffer } | { deleteRange: Buffer }

export interface TxnRequest {
  compare: readonly Compare[]
  success: readonly RequestOp[]
  failure: readonly RequestOp[]
}

export interface TxnResponse {
  revision: number
  succeeded: boolean
  /** What the ranges among the operations found, by the place of the operation. */
  ranges: (readonly KeyValue[] | undefined)[]
}

export interface WatchEvent {
  type: 'put' | 'delete'
  kv: KeyValue
}

export interface WatchResponse {
  revision: number
  created: boolean
  canceled: boolean
  compactRevision: number
  cancelReason: string
  events: WatchEvent[]
}

/** The bytes are no message of etcd's. */
export class MalformedMessage extends Error {}

const VARINT = 0
const DELIMITED = 2

/** Parts of one message, joined once. */
class Writer {
  readonly #parts: Buffer[] = []
  size = 0

  add(part: Buffer): void {
    this.#parts.push(part)
    this.size += part.length
  }

  /** Left out where it is zero, as everywhere in proto3. */
  number(field: number, value: number | bigint | boolean | undefined): void {
    if (!value) return
    this.add(varint(field * 8 + VARINT))
    this.add(varint(value === true ? 1 : value))
  }

  bytes(field: number, value: Buffer): void {
    this.add(varint(field * 8 + DELIMITED))
    this.add(varint(value.length))
    this.add(value)
  }

  message(field: number, message: Writer): void {
    this.add(varint(field * 8 + DELIMITED))
    this.add(varint(message.size))
    for (const part of message.#parts) this.add(part)
  }

  joined(): Buffer {
    return Buffer.concat(this.#parts, this.size)
  }
}

const oneByte = Array.from({ length: 128 }, (_, value) => Buffer.from([value]))

function varint(value: number | bigint): Buffer {
  if (typeof value === 'number' && value < 128) return oneByte[value] as Buffer
  const bytes: number[] = []
  if (typeof value === 'number') {
    let rest = value
    for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) + 128)
    bytes.push(rest)
  } else {
    let rest = BigInt.asUintN(64, value)
    for (; rest >= 128n; rest >>= 7n) bytes.push(Number(rest & 127n) | 128)
    bytes.push(Number(rest))
  }
  return Buffer.from(bytes)
}

function written(fill: (writer: Writer) => void): Writer {
  const writer = new Writer()
  fill(writer)
  return writer
}

const rangeOf = (request: RangeRequest): Writer =>
  written((range) => {
    range.bytes(1, request.key)
    if (request.rangeEnd !== undefined) range.bytes(2, request.rangeEnd)
    range.number(3, request.limit)
    range.number(4, request.revision)
    range.number(7, request.serializable)
    range.number(9, request.countOnly)
  })

export const rangeRequest = (request: RangeRequest): Buffer => rangeOf(request).joined()

const TARGET_CREATE = 1
const TARGET_MOD = 2

/** The comparison is always for equality, which is zero. */
const compareOf = (compare: Compare): Writer =>
  written((writer) => {
    writer.number(2, 'modRevision' in compare ? TARGET_MOD : TARGET_CREATE)
    writer.bytes(3, compare.key)
    // A member of a oneof is written even where it is zero: what it is compared with is known by it.
    writer.add(varint(('modRevision' in compare ? 6 : 5) * 8 + VARINT))
    writer.add(varint('modRevision' in compare ? compare.modRevision : 0))
  })

const requestOp = (op: RequestOp): Writer =>
  written((writer) => {
    if ('put' in op) writer.message(2, putOf(op.put))
    else if ('range' in op) writer.message(1, rangeOf({ key: op.range }))
    else writer.message(3, rangeOf({ key: op.deleteRange }))
  })

const putOf = ({ key, value, lease }: { key: Buffer; value: Buffer; lease: bigint }): Writer =>
  written((put) => {
    put.bytes(1, key)
    put.bytes(2, value)
    put.number(3, lease)
  })

export const txnRequest = ({ compare, success, failure }: TxnRequest): Buffer =>
  written((txn) => {
    for (const condition of compare) txn.message(1, compareOf(condition))
    for (const op of success) txn.message(2, requestOp(op))
    for (const op of failure) txn.message(3, requestOp(op))
  }).joined()

export const compactionRequest = (revision: number): Buffer => written((request) => request.number(1, revision)).joined()

export const leaseGrantRequest = (ttlSeconds: number): Buffer => written((request) => request.number(1, ttlSeconds)).joined()

/** Opens a watch of all keys from `key` to before `rangeEnd`, beginning with `startRevision`. */
export const watchCreateRequest = (request: { key: Buffer; rangeEnd: Buffer; startRevision: number }): Buffer =>
  written((outer) => {
    outer.message(
      1,
      written((create) => {
        create.bytes(1, request.key)
        create.bytes(2, request.rangeEnd)
        create.number(3, request.startRevision)
      }),
    )
  }).joined()

/** Walks the fields of one message: `next`, then exactly one of the readers. */
class Reader {
  readonly #bytes: Buffer
  #at: number
  readonly #end: number
  #wire = 0

  constructor(bytes: Buffer, at = 0, end = bytes.length) {
    this.#bytes = bytes
    this.#at = at
    this.#end = end
  }

  /** The number of the next field, 0 at the end. */
  next(): number {
    if (this.#at >= this.#end) return 0
    const tag = this.#varint()
    this.#wire = tag % 8
    return Math.floor(tag / 8)
  }

  /** Exact below 2^53, which revisions never reach. */
  number(): number {
    if (this.#wire !== VARINT) throw new MalformedMessage(`wire type ${this.#wire} where a number was expected`)
    return this.#varint()
  }

  /** All 64 bits. */
  exact(): bigint {
    const start = this.#at
    this.number()
    let value = 0n
    for (let at = this.#at - 1; at >= start; at--) value = (value << 7n) | BigInt((this.#bytes[at] as number) & 127)
    return BigInt.asIntN(64, value)
  }

  bytes(): Buffer {
    const end = this.#span()
    const bytes = this.#bytes.subarray(this.#at, end)
    this.#at = end
    return bytes
  }

  message(): Reader {
    const end = this.#span()
    const reader = new Reader(this.#bytes, this.#at, end)
    this.#at = end
    return reader
  }

  skip(): void {
    if (this.#wire === VARINT) this.#varint()
    else if (this.#wire === DELIMITED) this.#at = this.#span()
    else if (this.#wire === 1 || this.#wire === 5) this.#at += this.#wire === 1 ? 8 : 4
    else throw new MalformedMessage(`wire type ${this.#wire}`)
    if (this.#at > this.#end) throw new MalformedMessage('unexpected end')
  }

  #span(): number {
    if (this.#wire !== DELIMITED) throw new MalformedMessage(`wire type ${this.#wire} where bytes were expected`)
    const length = this.#varint()
    if (length > this.#end - this.#at) throw new MalformedMessage('unexpected end')
    return this.#at + length
  }

  #varint(): number {
    let value = 0
    let factor = 1
    for (let i = 0; i < 10; i++) {
      if (this.#at >= this.#end) throw new MalformedMessage('unexpected end')
      const byte = this.#bytes[this.#at++] as number
      value += (byte & 127) * factor
      if (byte < 128) return value
      factor *= 128
    }
    throw new MalformedMessage('integer overflow')
  }
}

function headerRevision(header: Reader): number {
  let revision = 0
  for (let field = header.next(); field !== 0; field = header.next()) {
    if (field === 3) revision = header.number()
    else header.skip()
  }
  return revision
}

function keyValue(reader: Reader): KeyValue {
  const kv: KeyValue = { key: nothing, modRevision: 0, value: nothing }
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === 1) kv.key = reader.bytes()
    else if (field === 3) kv.modRevision = reader.number()
    else if (field === 5) kv.value = reader.bytes()
    else reader.skip()
  }
  return kv
}

const nothing = Buffer.alloc(0)

export const rangeResponse = (bytes: Buffer): RangeResponse => rangeIn(new Reader(bytes))

function rangeIn(reader: Reader): RangeResponse {
  const response: RangeResponse = { revision: 0, kvs: [], more: false }
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === 1) response.revision = headerRevision(reader.message())
    else if (field === 2) response.kvs.push(keyValue(reader.message()))
    else if (field === 3) response.more = reader.number() !== 0
    else reader.skip()
  }
  return response
}

export function txnResponse(bytes: Buffer): TxnResponse {
  const reader = new Reader(bytes)
  const response: TxnResponse = { revision: 0, succeeded: false, ranges: [] }
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === 1) response.revision = headerRevision(reader.message())
    else if (field === 2) response.succeeded = reader.number() !== 0
    else if (field === 3) response.ranges.push(rangeOfOp(reader.message()))
    else reader.skip()
  }
  return response
}

function rangeOfOp(op: Reader): readonly KeyValue[] | undefined {
  let found: readonly KeyValue[] | undefined
  for (let field = op.next(); field !== 0; field = op.next()) {
    if (field === 1) found = rangeIn(op.message()).kvs
    else op.skip()
  }
  return found
}

export function leaseGranted(bytes: Buffer): bigint {
  const reader = new Reader(bytes)
  let id = 0n
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === 2) id = reader.exact()
    else reader.skip()
  }
  return id
}

export function watchResponse(bytes: Buffer): WatchResponse {
  const reader = new Reader(bytes)
  const response: WatchResponse = { revision: 0, created: false, canceled: false, compactRevision: 0, cancelReason: '', events: [] }
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === 11) response.events.push(watchEvent(reader.message()))
    else if (field === 1) response.revision = headerRevision(reader.message())
    else if (field === 3) response.created = reader.number() !== 0
    else if (field === 4) response.canceled = reader.number() !== 0
    else if (field === 5) response.compactRevision = reader.number()
    else if (field === 6) response.cancelReason = reader.bytes().toString()
    else reader.skip()
  }
  return response
}

function watchEvent(reader: Reader): WatchEvent {
  const event: WatchEvent = { type: 'put', kv: { key: nothing, modRevision: 0, value: nothing } }
  for (let field = reader.next(); field !== 0; field = reader.next()) {
    if (field === 1) event.type = reader.number() === 1 ? 'delete' : 'put'
    else if (field === 2) event.kv = keyValue(reader.message())
    else reader.skip()
  }
  return event
}
