/** Request bodies: which media types are taken, YAML to JSON, and the decoding of one object with upstream's complaints. */
import { type Document, isAlias, parseDocument, visit } from 'yaml'
import { badRequest, tooLarge } from '#api/meta/status.ts'
import { bodyTypeOf, unsupportedBody } from '#apiserver/filters/negotiation.ts'
import { protobufType } from '#apiserver/protobuf/envelope.ts'
import type { ApiRequest } from './exchange.ts'

const objectTypes = ['application/json', 'application/yaml', protobufType] as const

export const isProtobuf = (request: ApiRequest): boolean => bodyTypeOf(request.headers['content-type']) === protobufType

/** The body as JSON text. Throws 400 (bad YAML) and 415. */
export function jsonBody(request: ApiRequest): Buffer {
  const type = bodyTypeOf(request.headers['content-type'])
  if (type === 'application/json') return request.body
  if (type === 'application/yaml') return yamlToJson(request.body)
  throw unsupportedBody(objectTypes)
}

/** The parser takes seconds for more, in which nobody else is served. Clients turn YAML into JSON themselves, but for the odd script. */
const maxYamlBytes = 1024 * 1024
/** Every alias walks the document anew to find its anchor: so many steps may be taken in all. */
const maxAliasSteps = 5_000_000

function checkAliases(document: Document): void {
  let nodes = 0
  let aliases = 0
  visit(document, {
    Node: (_key, node) => {
      nodes++
      if (isAlias(node)) aliases++
    },
  })
  if (aliases * nodes > maxAliasSteps) throw badRequest('error parsing YAML: yaml: document contains excessive aliasing')
}

/** Keys that stand twice in a map of a YAML document, by line, in go-yaml's words. */
export function yamlDuplicates(text: string): string[] {
  if (text.length > maxYamlBytes) return ['line 1: some key already set in map']
  const { errors } = parseDocument(text, { version: '1.1', logLevel: 'error', uniqueKeys: true })
  return errors
    .filter(({ code }) => code === 'DUPLICATE_KEY')
    .map(({ linePos, pos }) => `line ${linePos?.[0].line ?? 0}: key ${keyAt(text, pos[0])} already set in map`)
}

function keyAt(text: string, start: number): string {
  const [, name = ''] = /^["']?([^"':\n]*)/.exec(text.slice(start)) ?? []
  return JSON.stringify(name.trim())
}

export const isYaml = (request: ApiRequest): boolean => bodyTypeOf(request.headers['content-type']) === 'application/yaml'

/** YAML as go-yaml reads it: version 1.1 without times and base-60 numbers. Throws 400 and 413. */
export function yamlToJson(body: Buffer): Buffer {
  if (body.length > maxYamlBytes) throw tooLarge(`Request entity too large: limit for YAML is ${maxYamlBytes}, JSON may be longer`)
  const document = parseDocument(body.toString(), {
    version: '1.1',
    // Keys that are lists or maps become text; that is told nobody.
    logLevel: 'error',
    customTags: (tags) =>
      tags.filter(
        (tag) => typeof tag === 'string' || (tag.tag !== 'tag:yaml.org,2002:timestamp' && !('format' in tag && tag.format === 'TIME')),
      ),
    uniqueKeys: false,
  })
  // of several documents the first one counts
  const error = document.errors.find(({ code }) => code !== 'MULTIPLE_DOCS')
  if (error)
    throw badRequest(`error parsing YAML: yaml: line ${error.linePos?.[0].line ?? 0}: ${error.code.toLowerCase().replaceAll('_', ' ')}`)
  checkAliases(document)
  try {
    return Buffer.from(JSON.stringify(document.toJS({ maxAliasCount: 100 }) ?? null))
  } catch (cause) {
    throw badRequest(`error parsing YAML: ${(cause as Error).message.split('\n', 1)[0]}`)
  }
}
