/** Query parameters of get, list and watch, checked with upstream's sentences (apimachinery, internalversion/validation) (pure). */
import { type FieldError, forbidden } from '#api/meta/field-error.ts'
import { checkFieldSelector, type FieldRequirement, parseFieldSelector } from '#api/meta/field-selector.ts'
import { parseSelector, type Selector } from '#api/meta/label-selector.ts'
import { ApiError, badRequest, invalidError } from '#api/meta/status.ts'
import type { Resource } from '#api/resource.ts'

export type IncludeObject = 'Metadata' | 'Object' | 'None'

export interface ListOptions {
  labels: Selector
  fields: readonly FieldRequirement[]
  watch: boolean
  allowWatchBookmarks: boolean
  sendInitialEvents: boolean | undefined
  /** As the client wrote it: '' asks for the newest state, '0' for any. */
  resourceVersion: string
  resourceVersionMatch: '' | 'Exact' | 'NotOlderThan'
  timeoutSeconds: number | undefined
  /** 0: no limit. */
  limit: number
  continue: string
  includeObject: IncludeObject
}

/** `name`: of the single object that a request for it by path lists or watches. Throws 400 and 422. */
export function parseListOptions(resource: Resource, query: URLSearchParams, watches: boolean, name = ''): ListOptions {
  const match = query.get('resourceVersionMatch') ?? ''
  const initial = query.get('sendInitialEvents')
  const options = {
    labels: parseSelector(query.get('labelSelector') ?? ''),
    fields: withName(fieldsOf(resource, query.get('fieldSelector') ?? ''), name),
    watch: watches || booleanOf(query.get('watch')),
    allowWatchBookmarks: booleanOf(query.get('allowWatchBookmarks')),
    sendInitialEvents: initial === null ? undefined : booleanOf(initial),
    resourceVersion: query.get('resourceVersion') ?? '',
    resourceVersionMatch: match as ListOptions['resourceVersionMatch'],
    timeoutSeconds: integerOf(query.get('timeoutSeconds')),
    limit: Math.max(0, integerOf(query.get('limit')) ?? 0),
    continue: query.get('continue') ?? '',
    includeObject: includeObjectOf(query.get('includeObject') ?? ''),
  }
  const errors = options.watch ? watchErrors(options) : listErrors(options)
  if (errors.length > 0) throw invalidError({ group: 'meta.k8s.io', plural: 'listoptions', kind: 'ListOptions' }, '', errors)
  return options
}

/** A revision as a client writes it; 0 for none. Throws a SyntaxError-like text through `wrap`. */
export function revisionOf(text: string, wrap: (message: string) => Error): number {
  if (text === '' || text === '0') return 0
  if (!/^\d+$/.test(text) || Number(text) > Number.MAX_SAFE_INTEGER) {
    throw wrap(
      `resourceVersion: Invalid value: ${JSON.stringify(text)}: strconv.ParseUint: parsing ${JSON.stringify(text)}: invalid syntax`,
    )
  }
  return Number(text)
}

/** Where upstream does not classify the error: 500 without a reason. */
export const unclassified = (message: string): ApiError => new ApiError(500, '', message)

export function includeObjectOf(text: string): IncludeObject {
  if (text === '' || text === 'Metadata') return 'Metadata'
  if (text === 'Object' || text === 'None') return text
  throw badRequest(
    `Unable to convert to Table as requested: includeObject: Invalid value: ${JSON.stringify(text)}: must be 'Metadata', 'Object', 'None', or empty`,
  )
}

function fieldsOf(resource: Resource, text: string): FieldRequirement[] {
  const requirements = parseFieldSelector(text)
  checkFieldSelector(requirements, resource)
  return requirements
}

function withName(fields: FieldRequirement[], name: string): FieldRequirement[] {
  if (name === '') return fields
  if (fields.length === 0) return [{ field: 'metadata.name', operator: '=', value: name }]
  const selected = fields.find((term) => term.operator === '=' && term.field === 'metadata.name')
  if (selected?.value !== name) throw badRequest("fieldSelector metadata.name doesn't match requested name")
  return fields
}

/** Go's reading of a boolean parameter: there is true unless it says false or 0. */
const booleanOf = (text: string | null): boolean => text !== null && text !== '0' && text.toLowerCase() !== 'false'

function integerOf(text: string | null): number | undefined {
  if (text === null) return undefined
  if (!/^[+-]?\d+$/.test(text)) throw badRequest(`strconv.ParseInt: parsing ${JSON.stringify(text)}: invalid syntax`)
  if (BigInt.asIntN(64, BigInt(text)) !== BigInt(text))
    throw badRequest(`strconv.ParseInt: parsing ${JSON.stringify(text)}: value out of range`)
  return Number(text)
}

type Checked = Pick<ListOptions, 'resourceVersion' | 'continue' | 'sendInitialEvents'> & { resourceVersionMatch: string }

const matchForbidden = (why: string): FieldError => forbidden('resourceVersionMatch', why)
/** Upstream prints these values in its own order, unsorted. */
const matchNotSupported = (match: string, supported: string): FieldError => ({
  reason: 'FieldValueNotSupported',
  field: 'resourceVersionMatch',
  message: `Unsupported value: ${JSON.stringify(match)}: supported values: ${supported}`,
})
const continueForbidden = 'resourceVersionMatch is forbidden when continue is provided'

function listErrors(options: Checked): FieldError[] {
  const errors: FieldError[] = []
  const match = options.resourceVersionMatch
  if (match !== '') {
    if (options.resourceVersion === '') errors.push(matchForbidden('resourceVersionMatch is forbidden unless resourceVersion is provided'))
    if (options.continue !== '') errors.push(matchForbidden(continueForbidden))
    if (match !== 'Exact' && match !== 'NotOlderThan') errors.push(matchNotSupported(match, '"Exact", "NotOlderThan", ""'))
    if (match === 'Exact' && options.resourceVersion === '0') {
      errors.push(matchForbidden('resourceVersionMatch "exact" is forbidden for resourceVersion "0"'))
    }
  }
  if (options.sendInitialEvents !== undefined) errors.push(forbidden('sendInitialEvents', 'sendInitialEvents is forbidden for list'))
  return errors
}

function watchErrors(options: Checked): FieldError[] {
  const errors: FieldError[] = []
  const match = options.resourceVersionMatch
  if (options.sendInitialEvents !== undefined && match !== 'NotOlderThan') {
    errors.push(matchForbidden('sendInitialEvents requires setting resourceVersionMatch to NotOlderThan'))
  }
  // without a version a watch begins with what is there, which upstream then asks for in this way
  const beginsWithAll = options.sendInitialEvents === undefined && (options.resourceVersion === '' || options.resourceVersion === '0')
  if (match === '' && beginsWithAll && options.continue !== '') errors.push(matchForbidden(continueForbidden))
  if (match === '') return errors
  if (options.sendInitialEvents === undefined) {
    errors.push(matchForbidden('resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided'))
  }
  if (match !== 'NotOlderThan') errors.push(matchNotSupported(match, '"NotOlderThan"'))
  if (options.continue !== '') errors.push(matchForbidden(continueForbidden))
  return errors
}
