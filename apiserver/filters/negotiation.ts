/** Which form a client wants its answer in: JSON, YAML, protobuf; Table, metadata only (pure). */
import { ApiError } from '#api/meta/status.ts'
import { protobufType } from '#apiserver/protobuf/envelope.ts'

export type MediaType = 'json' | 'yaml' | 'protobuf'
/** `object` is the thing itself. */
export type Form = 'object' | 'table' | 'partial' | 'partialList'

export interface Accepted {
  mediaType: MediaType
  form: Form
  /** Version of meta.k8s.io for tables and metadata: v1 or v1beta1. */
  version: string
  pretty: boolean
}

interface Range {
  type: string
  parameters: Readonly<Record<string, string>>
  quality: number
}

/** What was read lately: clients send one of a few headers with every request. */
const read = new Map<string, readonly Range[]>()
const MAX_READ = 100
const MAX_READ_LENGTH = 300

function rangesOf(accept: string | undefined): readonly Range[] {
  const header = accept === undefined || accept.trim() === '' ? '*/*' : accept
  const known = read.get(header)
  if (known) return known
  const ranges = rangesIn(header)
  if (header.length <= MAX_READ_LENGTH) {
    if (read.size >= MAX_READ) read.clear()
    read.set(header, ranges)
  }
  return ranges
}

function rangesIn(header: string): readonly Range[] {
  const ranges = header.split(',').map((part): Range => {
    const [type = '', ...rest] = part.split(';').map((s) => s.trim())
    const parameters: Record<string, string> = {}
    for (const item of rest) {
      const at = item.indexOf('=')
      if (at > 0) parameters[item.slice(0, at).trim()] = item.slice(at + 1).trim()
    }
    const quality = Number(parameters['q'] ?? '1')
    return { type: type.toLowerCase(), parameters, quality: Number.isFinite(quality) ? quality : 1 }
  })
  return sorted(ranges.filter((r) => r.type !== ''))
}

/** As goautoneg sorts: by quality, and what is named exactly before what is not. That is no order, so that the way of sorting counts. */
function sorted(ranges: Range[]): Range[] {
  for (let i = 1; i < ranges.length; i++)
    for (let j = i; j > 0 && precedes(ranges[j] as Range, ranges[j - 1] as Range); j--)
      [ranges[j - 1], ranges[j]] = [ranges[j] as Range, ranges[j - 1] as Range]
  return ranges
}

function precedes(a: Range, b: Range): boolean {
  if (a.quality > b.quality) return true
  return (!a.type.startsWith('*') && b.type.startsWith('*')) || (!a.type.endsWith('/*') && b.type.endsWith('/*'))
}

const formOfKind: Readonly<Record<string, Form>> = {
  Table: 'table',
  PartialObjectMetadata: 'partial',
  PartialObjectMetadataList: 'partialList',
}

const supported = `application/json, application/yaml, ${protobufType}`
const streams = `application/json;stream=watch, ${protobufType};stream=watch`

/** 406 with the media types that there are. */
export const notAcceptable = (types = supported): ApiError =>
  new ApiError(406, 'NotAcceptable', `only the following media types are accepted: ${types}`)

/** Browsers and curl get indented answers without asking, as upstream's do. */
const readsByEye = (agent: string): boolean => /^(curl|Wget|Mozilla\/5\.0)/.test(agent)

function isPretty(query: URLSearchParams, agent: string): boolean {
  const asked = query.get('pretty')
  return asked === null ? readsByEye(agent) : asked !== 'false' && asked !== '0'
}

/** For errors and for pages: the first type that is asked for as it is, JSON where there is none. */
export function acceptedOrJson(accept: string | undefined, query: URLSearchParams, agent: string): Accepted {
  const range = rangesOf(accept).find(({ type, parameters }) => mediaTypeOf(type) !== undefined && parameters['as'] === undefined)
  return { mediaType: mediaTypeOf(range?.type ?? '') ?? 'json', form: 'object', version: 'v1', pretty: isPretty(query, agent) }
}

/** Throws 406 if nothing in `accept` can be served. `lists`: the route also has streams to offer. */
export function accepted(accept: string | undefined, query: URLSearchParams, agent: string, lists = false): Accepted {
  const pretty = isPretty(query, agent)
  const ranges = rangesOf(accept)
  // upstream's router, which looks first, does not know what `application/*` means
  const isKnown = ranges.some(({ type }) => type !== 'application/*' && mediaTypeOf(type) !== undefined)
  if (!isKnown) throw noRepresentation(lists ? `${supported}, ${streams}` : supported)
  for (const range of ranges) {
    const mediaType = mediaTypeOf(range.type)
    if (mediaType === undefined) continue
    const as = range.parameters['as']
    if (as === undefined) return { mediaType, form: 'object', version: 'v1', pretty }
    const form = Object.hasOwn(formOfKind, as) ? formOfKind[as] : undefined
    const version = range.parameters['v'] ?? 'v1'
    if (form === undefined || range.parameters['g'] !== 'meta.k8s.io' || (version !== 'v1' && version !== 'v1beta1')) continue
    // Tables hold any object, and that has no protobuf form.
    if (form === 'table' && mediaType === 'protobuf') continue
    return { mediaType, form, version, pretty }
  }
  throw notAcceptable()
}

/** What upstream's router says before any handler looks at the header. */
const noRepresentation = (types = supported): ApiError =>
  new ApiError(406, 'NotAcceptable', `406: Not Acceptable\n\nAvailable representations: ${types}`, {})

/** For kinds that are answered as they are and in no other form. `routed`: upstream's router refuses types that it does not know. Throws 406. */
export function acceptedPlain(accept: string | undefined, routed: boolean): { mediaType: MediaType } {
  return acceptedAs(accept, routed, ({ parameters }) => parameters['as'] === undefined)
}

/** For pages that are JSON and nothing else. Throws 406. */
export function checkJson(accept: string | undefined): void {
  if (!rangesOf(accept).some(({ type }) => mediaTypeOf(type) === 'json')) throw noRepresentation('application/json')
}

/** For the lists that may be asked for aggregated. Throws 406. */
export function acceptedDiscovery(accept: string | undefined, routed: boolean): { mediaType: MediaType; aggregated: boolean } {
  const isAggregated = ({ parameters: { as, g, v } }: Range): boolean =>
    as === 'APIGroupDiscoveryList' && g === 'apidiscovery.k8s.io' && v === 'v2'
  const found = acceptedAs(accept, routed, (range) => range.parameters['as'] === undefined || isAggregated(range))
  return { mediaType: found.mediaType, aggregated: isAggregated(found.range) }
}

function acceptedAs(
  accept: string | undefined,
  routed: boolean,
  serves: (range: Range) => boolean,
): { mediaType: MediaType; range: Range } {
  let isKnown = !routed
  for (const range of rangesOf(accept)) {
    const mediaType = mediaTypeOf(range.type)
    if (mediaType !== undefined && serves(range)) return { mediaType, range }
    isKnown ||= mediaType !== undefined
  }
  throw isKnown ? notAcceptable() : noRepresentation()
}

function mediaTypeOf(type: string): MediaType | undefined {
  if (type === 'application/json' || type === '*/*' || type === 'application/*') return 'json'
  if (type === 'application/yaml') return 'yaml'
  if (type === protobufType) return 'protobuf'
  return undefined
}

/** The type of a request body without parameters, lower-cased; an absent header means JSON. */
export function bodyTypeOf(header: string | undefined): string {
  return (header ?? 'application/json').split(';')[0]?.trim().toLowerCase() ?? ''
}

/** 415 in upstream's words. */
export const unsupportedBody = (types: readonly string[]): ApiError =>
  new ApiError(
    415,
    'UnsupportedMediaType',
    `the body of the request was in an unknown format - accepted media types include: ${types.join(', ')}`,
  )
