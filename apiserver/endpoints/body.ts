/** Request bodies: which media types are taken, YAML to JSON, and the decoding of one object with upstream's complaints. */
import { parseDocument } from 'yaml'
import type { z } from 'zod'
import { badRequest } from '#api/meta/status.ts'
import { bodyTypeOf, unsupportedBody } from '#apiserver/filters/negotiation.ts'
import { decodeProtobuf } from '#apiserver/protobuf/decode-object.ts'
import { MalformedProtobuf } from '#apiserver/protobuf/wire.ts'
import type { ApiRequest } from './exchange.ts'

const protobuf = 'application/vnd.kubernetes.protobuf'
const objectTypes = ['application/json', 'application/yaml', protobuf] as const

/** The body as JSON text; `schema` is the type that is expected. Throws 400 (bad YAML, bad protobuf) and 415. */
export function jsonBody(request: ApiRequest, schema: z.ZodType): Buffer {
  const type = bodyTypeOf(request.headers['content-type'])
  if (type === 'application/json') return request.body
  if (type === 'application/yaml') return yamlToJson(request.body)
  if (type === protobuf) return protobufToJson(request.body, schema)
  throw unsupportedBody(objectTypes)
}

function protobufToJson(body: Buffer, schema: z.ZodType): Buffer {
  try {
    return Buffer.from(JSON.stringify(decodeProtobuf(body, schema)))
  } catch (error) {
    if (error instanceof MalformedProtobuf) throw badRequest(error.message)
    throw error
  }
}

/** YAML as go-yaml reads it: version 1.1 without times and base-60 numbers. */
export function yamlToJson(body: Buffer): Buffer {
  const document = parseDocument(body.toString(), {
    version: '1.1',
    customTags: (tags) =>
      tags.filter(
        (tag) => typeof tag === 'string' || (tag.tag !== 'tag:yaml.org,2002:timestamp' && !('format' in tag && tag.format === 'TIME')),
      ),
    uniqueKeys: false,
  })
  const [error] = document.errors
  if (error)
    throw badRequest(`error parsing YAML: yaml: line ${error.linePos?.[0].line ?? 0}: ${error.code.toLowerCase().replaceAll('_', ' ')}`)
  try {
    return Buffer.from(JSON.stringify(document.toJS({ maxAliasCount: 100 }) ?? null))
  } catch (cause) {
    throw badRequest(`error parsing YAML: ${(cause as Error).message}`)
  }
}
