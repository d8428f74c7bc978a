/** The OpenAPI v2 document as protobuf (gnostic's openapi.v2.Document), which kubectl up to 1.28 and older client-go take alone. */
import { isPlain, type Plain } from './own.ts'

/** Of requests, and of answers: upstream writes the one with an at sign, the other with a dot. */
export const OPENAPI_V2_PROTOBUF_ACCEPT = 'application/com.github.proto-openapi.spec.v2@v1.0+protobuf'
export const OPENAPI_V2_PROTOBUF_TYPE = 'application/com.github.proto-openapi.spec.v2.v1.0+protobuf'

/** One field of a protobuf message: its number and its content; strings and messages are length-delimited, booleans are not. */
type Field = readonly [number, string | boolean | Buffer | undefined]

function varint(value: number): Buffer {
  const bytes: number[] = []
  let rest = value
  while (rest > 127) {
    bytes.push((rest & 127) | 128)
    rest >>>= 7
  }
  return Buffer.from([...bytes, rest])
}

function encoded(fields: readonly Field[]): Buffer {
  const parts: Buffer[] = []
  for (const [number, content] of fields) {
    if (content === undefined || content === '' || content === false) continue
    if (content === true) {
      parts.push(varint(number << 3), varint(1))
      continue
    }
    const bytes = typeof content === 'string' ? Buffer.from(content) : content
    parts.push(varint((number << 3) | 2), varint(bytes.length), bytes)
  }
  return Buffer.concat(parts)
}

const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined)
const flag = (value: unknown): boolean => value === true
const texts = (number: number, values: unknown): Field[] =>
  Array.isArray(values) ? values.map((value): Field => [number, String(value)]) : []
const part = (value: unknown, encode: (value: Plain) => Buffer): Buffer | undefined => (isPlain(value) ? encode(value) : undefined)

/** A value of any shape travels as YAML text, of which JSON is a part. */
const any = (value: unknown): Buffer | undefined => (value === undefined ? undefined : encoded([[2, JSON.stringify(value)]]))

const named = (name: string, value: Buffer | undefined): Buffer =>
  encoded([
    [1, name],
    [2, value],
  ])

const entries = (number: number, value: unknown, encode: (value: Plain) => Buffer): Field[] =>
  isPlain(value) ? Object.entries(value).map(([name, item]): Field => [number, named(name, part(item, encode))]) : []

function extensions(number: number, value: Plain): Field[] {
  return Object.entries(value)
    .filter(([name]) => name.startsWith('x-'))
    .map(([name, item]): Field => [number, named(name, any(item))])
}

function schema(value: Plain): Buffer {
  return encoded([
    [1, text(value['$ref'])],
    [2, text(value['format'])],
    [4, text(value['description'])],
    [5, any(value['default'])],
    ...texts(19, value['required']),
    ...(Array.isArray(value['enum']) ? value['enum'].map((item): Field => [20, any(item)]) : []),
    [21, part(value['additionalProperties'], (inner) => encoded([[1, schema(inner)]]))],
    [22, typeof value['type'] === 'string' ? encoded([[1, value['type']]]) : undefined],
    [23, part(value['items'], (inner) => encoded([[1, schema(inner)]]))],
    [25, isPlain(value['properties']) ? encoded(entries(1, value['properties'], schema)) : undefined],
    ...extensions(31, value),
  ])
}

function parameter(value: Plain): Buffer {
  if (value['in'] === 'body') {
    const body = encoded([
      [1, text(value['description'])],
      [2, text(value['name'])],
      [3, 'body'],
      [4, flag(value['required'])],
      [5, part(value['schema'], schema)],
    ])
    return encoded([[1, encoded([[1, body]])]])
  }
  const inPath = value['in'] === 'path'
  const plain = encoded([
    [1, flag(value['required'])],
    [2, text(value['in'])],
    [3, text(value['description'])],
    [4, text(value['name'])],
    [inPath ? 5 : 6, text(value['type'])],
    [inPath ? 19 : 20, flag(value['uniqueItems'])],
  ])
  return encoded([[1, encoded([[2, encoded([[inPath ? 4 : 3, plain]])]])]])
}

const parameters = (number: number, values: unknown): Field[] =>
  Array.isArray(values) ? values.filter(isPlain).map((value): Field => [number, parameter(value)]) : []

function response(value: Plain): Buffer {
  const answer = encoded([
    [1, text(value['description'])],
    [2, part(value['schema'], (inner) => encoded([[1, schema(inner)]]))],
  ])
  return encoded([[1, answer]])
}

function operation(value: Plain): Buffer {
  return encoded([
    ...texts(1, value['tags']),
    [3, text(value['description'])],
    [5, text(value['operationId'])],
    ...texts(6, value['produces']),
    ...texts(7, value['consumes']),
    ...parameters(8, value['parameters']),
    [9, encoded(entries(1, value['responses'], response))],
    ...texts(10, value['schemes']),
    ...extensions(13, value),
  ])
}

const methods = [
  ['get', 2],
  ['put', 3],
  ['post', 4],
  ['delete', 5],
  ['options', 6],
  ['head', 7],
  ['patch', 8],
] as const

const pathItem = (value: Plain): Buffer =>
  encoded([...methods.map(([method, number]): Field => [number, part(value[method], operation)]), ...parameters(9, value['parameters'])])

const apiKey = (value: Plain): Buffer =>
  encoded([
    [
      2,
      encoded([
        [1, text(value['type'])],
        [2, text(value['name'])],
        [3, text(value['in'])],
        [4, text(value['description'])],
      ]),
    ],
  ])

/** Takes what `openApiV2` made. */
export function openApiV2Protobuf(document: Plain): Buffer {
  const info = document['info'] as Plain
  return encoded([
    [1, text(document['swagger'])],
    [
      2,
      encoded([
        [1, text(info['title'])],
        [2, text(info['version'])],
      ]),
    ],
    [8, encoded(entries(2, document['paths'], pathItem))],
    [9, encoded(entries(1, document['definitions'], schema))],
    [13, encoded(entries(1, document['securityDefinitions'], apiKey))],
  ])
}
