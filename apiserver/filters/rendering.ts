/** An answer as bytes: JSON (indented for those who read by eye), YAML or protobuf, gzip where it is long. */
import { promisify } from 'node:util'
import { constants, gzip } from 'node:zlib'
import { stringify } from 'yaml'
import type { Answer } from '#apiserver/endpoints/exchange.ts'
import { protobufOf } from '#apiserver/protobuf/kinds.ts'
import type { Accepted } from './negotiation.ts'

const zip = promisify(gzip)
/** Shorter answers are not worth the work (upstream's threshold). */
const gzipFromBytes = 128 * 1024

export function rendered(answer: Answer, asked: Accepted): { bytes: Buffer; contentType: string } {
  if (answer.bytes !== undefined) return renderedBytes(answer, asked)
  if (answer.object === undefined) return { bytes: Buffer.alloc(0), contentType: answer.contentType ?? '' }
  if (asked.mediaType === 'protobuf' && answer.contentType === undefined) {
    const encoded = protobufOf(answer.object, answer.schema)
    if (encoded) return encoded
  }
  if (asked.mediaType === 'yaml' && answer.contentType === undefined)
    return { bytes: yamlOf(answer.object), contentType: 'application/yaml' }
  const text = asked.pretty ? JSON.stringify(answer.object, undefined, 2) : `${JSON.stringify(answer.object)}\n`
  return { bytes: Buffer.from(text), contentType: answer.contentType ?? 'application/json' }
}

function renderedBytes(answer: Answer, asked: Accepted): { bytes: Buffer; contentType: string } {
  const bytes = answer.bytes ?? Buffer.alloc(0)
  if (answer.contentType !== undefined) return { bytes, contentType: answer.contentType }
  if (asked.mediaType === 'yaml') return { bytes: yamlOf(JSON.parse(bytes.toString())), contentType: 'application/yaml' }
  if (asked.mediaType === 'protobuf') {
    const encoded = protobufOf(JSON.parse(bytes.toString()), answer.schema)
    if (encoded) return encoded
  }
  if (asked.pretty)
    return { bytes: Buffer.from(JSON.stringify(JSON.parse(bytes.toString()), undefined, 2)), contentType: 'application/json' }
  return { bytes, contentType: 'application/json' }
}

/** As Go's library writes it: keys in order, lists as far to the left as the key above them. */
const yamlOf = (value: unknown): Buffer =>
  Buffer.from(stringify(value, { version: '1.1', aliasDuplicateObjects: false, lineWidth: 0, sortMapEntries: true, indentSeq: false }))

const takesGzip = (acceptEncoding: string | undefined): boolean => /\bgzip\b(?!\s*;\s*q=0(\.0*)?\b)/.test(acceptEncoding ?? '')

export const isWorthGzip = (bytes: number, acceptEncoding: string | undefined): boolean =>
  bytes >= gzipFromBytes && takesGzip(acceptEncoding)

export const compressed = (bytes: Buffer): Promise<Buffer> => zip(bytes, { level: constants.Z_BEST_SPEED })

/** Whether cached bytes go out unchanged: neither indented, nor YAML, nor compressed. */
export const isSentAsIs = (bytes: number, asked: Accepted, acceptEncoding: string | undefined): boolean =>
  (asked.mediaType === 'protobuf' || (!asked.pretty && asked.mediaType === 'json')) && !isWorthGzip(bytes, acceptEncoding)

/** A stream that must be changed as a whole (indented, YAML) is read to its end first. */
export async function wholeOf(answer: Answer, asked: Accepted, acceptEncoding: string | undefined): Promise<Answer> {
  if (answer.readable === undefined) return answer
  if (isSentAsIs(answer.length ?? 0, asked, acceptEncoding)) return answer
  const chunks: Buffer[] = []
  for await (const chunk of answer.readable) chunks.push(chunk as Buffer)
  const { readable: _readable, length: _length, ...rest } = answer
  return { ...rest, bytes: Buffer.concat(chunks) }
}
