/** URLs (apiserver, pkg/cel/library/urls.go). */
import { type CelFunction, define, global, member, type Run } from './functions.ts'
import { escapedPath, formatUrl, type GoUrl, hostAndPort, parseRequestUri, parseUrl, queryOf } from './go-url.ts'
import { boolType, type CelType, listType, mapType, objectType, stringType } from './type.ts'
import { ArrayList, CelError, CelObject, type CelValue, HashMap, mapKey, noSuchOverload } from './value.ts'

const urlType = objectType('kubernetes.URL')

class UrlValue extends CelObject {
  readonly type: CelType = urlType
  readonly url: GoUrl
  constructor(url: GoUrl) {
    super()
    this.url = url
  }
  equals(other: CelValue): boolean | CelError {
    return other instanceof UrlValue ? this.toString() === other.toString() : noSuchOverload
  }
  toString(): string {
    return formatUrl(this.url)
  }
}

const toUrl: Run = (text) => {
  const strict = parseRequestUri(text as string)
  const parsed = 'error' in strict ? strict : parseUrl(text as string)
  if ('error' in parsed) return new CelError(`URL parse error during conversion from string: ${parsed.error}`)
  return new UrlValue(parsed.url)
}

const query: Run = (value) => {
  const entries = [...queryOf((value as UrlValue).url)].map(([name, values]): [string, readonly [CelValue, CelValue]] => [
    mapKey(name) as string,
    [name, new ArrayList(values)],
  ])
  return new HashMap(new Map(entries))
}

const part = (name: string, id: string, read: (url: GoUrl) => string): CelFunction =>
  define(
    name,
    member(id, [urlType], stringType, (value) => read((value as UrlValue).url)),
  )

export const urlsLibrary: readonly CelFunction[] = [
  define('url', global('string_to_url', [stringType], urlType, toUrl)),
  part('getScheme', 'url_get_scheme', (url) => url.scheme),
  part('getHost', 'url_get_host', (url) => url.host),
  part('getHostname', 'url_get_hostname', (url) => hostAndPort(url.host).hostname),
  part('getPort', 'url_get_port', (url) => hostAndPort(url.host).port),
  part('getEscapedPath', 'url_get_escaped_path', escapedPath),
  define('getQuery', member('url_get_query', [urlType], mapType(stringType, listType(stringType)), query)),
  define(
    'isURL',
    global('is_url_string', [stringType], boolType, (text) => !('error' in parseRequestUri(text as string))),
  ),
]
