/** What a request asks for: verb, resource, namespace, name, derived from method and path alone (pure; upstream: apiserver, request.RequestInfoFactory). */

export interface RequestInfo {
  /** Path without the query, percent-decoded. */
  path: string
  query: URLSearchParams
  /** Lower-case HTTP method for non-resource requests; get, list, watch, create, update, patch, delete, deletecollection otherwise. */
  verb: string
  isResource: boolean
  /** `api` or `apis` for requests below an API root. */
  apiPrefix: string
  group: string
  version: string
  namespace: string
  resource: string
  subresource: string
  name: string
  /** Path segments after the subresource (of proxy requests). */
  rest: string
  /** The request came by the namespaced form of the path. */
  namespaced: boolean
}

/** The path cannot be decoded. */
export class MalformedPath extends Error {}

/** Subresources of namespaces: everything else below /namespaces/x/ is a resource of its own. */
const namespaceSubresources: ReadonlySet<string> = new Set(['status', 'finalize'])

const verbOfMethod: Readonly<Record<string, string>> = {
  POST: 'create',
  GET: 'get',
  HEAD: 'get',
  PUT: 'update',
  PATCH: 'patch',
  DELETE: 'delete',
}

/** `url` is the request target, `/api/v1/pods?watch=1`. Throws `MalformedPath`. */
export function requestInfoOf(method: string, url: string): RequestInfo {
  const mark = url.indexOf('?')
  const path = decodedPath(mark < 0 ? url : url.slice(0, mark))
  const info: RequestInfo = {
    path,
    query: mark < 0 ? noQuery : new URLSearchParams(url.slice(mark + 1)),
    verb: method.toLowerCase(),
    isResource: false,
    apiPrefix: '',
    group: '',
    version: '',
    namespace: '',
    resource: '',
    subresource: '',
    name: '',
    rest: '',
    namespaced: false,
  }
  const parts = withoutSlashes(path).split('/')
  const minimum = parts[0] === 'apis' ? 4 : 3
  if ((parts[0] !== 'api' && parts[0] !== 'apis') || parts.length < minimum) return info
  return resourceInfo(info, method, parts)
}

/** Nobody writes into a query. */
const noQuery = new URLSearchParams()

/** At both ends. */
function withoutSlashes(path: string): string {
  let start = 0
  let end = path.length
  while (start < end && path.charCodeAt(start) === slash) start++
  while (end > start && path.charCodeAt(end - 1) === slash) end--
  return path.slice(start, end)
}

const slash = 0x2f

function decodedPath(raw: string): string {
  if (!raw.includes('%')) return raw
  try {
    return decodeURIComponent(raw)
  } catch {
    throw new MalformedPath('invalid URL escape')
  }
}

function resourceInfo(info: RequestInfo, method: string, parts: readonly string[]): RequestInfo {
  const grouped = parts[0] === 'apis'
  info.isResource = true
  info.apiPrefix = parts[0] ?? ''
  info.group = grouped ? (parts[1] ?? '') : ''
  info.version = (grouped ? parts[2] : parts[1]) ?? ''
  info.verb = verbOfMethod[method] ?? ''
  let rest = parts.slice(grouped ? 3 : 2)
  if (method === 'GET' && rest[0] === 'watch' && isWatchPath(rest)) {
    info.verb = 'watch'
    rest = rest.slice(1)
  }
  if (rest[0] === 'namespaces') {
    if (rest.length > 1) {
      info.namespace = rest[1] ?? ''
      if (rest.length > 2 && !namespaceSubresources.has(rest[2] ?? '')) {
        rest = rest.slice(2)
        info.namespaced = true
      }
    }
  }
  info.resource = rest[0] ?? ''
  info.name = rest[1] ?? ''
  info.subresource = rest[2] ?? ''
  info.rest = rest.slice(3).join('/')
  if (info.name === '') collectionVerb(info)
  return info
}

/**
 * `watch/…`, the old way to ask for a watch. Only what is one may pass as one: a deletion or a subresource that came this way would be
 * authorized as a watch.
 */
function isWatchPath([prefix, ...rest]: readonly string[]): boolean {
  if (prefix !== 'watch' || rest.length === 0) return false
  if (rest[0] !== 'namespaces') return rest.length <= 2
  return rest.length <= 4 && !(rest.length === 3 && namespaceSubresources.has(rest[2] ?? ''))
}

/** A request without a name is on a collection: get becomes list or watch, delete becomes deletecollection. */
function collectionVerb(info: RequestInfo): void {
  if (info.verb === 'get') {
    info.verb = isTrue(info.query.get('watch')) ? 'watch' : 'list'
    const name = nameOfFieldSelector(info.query.get('fieldSelector') ?? '')
    if (name !== undefined) info.name = name
  } else if (info.verb === 'delete') info.verb = 'deletecollection'
}

/** Upstream authorizes `fieldSelector=metadata.name=x` on a collection as a request for the object x. */
function nameOfFieldSelector(selector: string): string | undefined {
  return /^metadata\.name==?([^,!=]+)$/.exec(selector)?.[1]
}

/** A boolean query parameter as upstream converts it: present without a value is true, `0` and `false` are false. */
export function isTrue(value: string | null): boolean {
  if (value === null) return false
  return value !== '0' && value.toLowerCase() !== 'false'
}
