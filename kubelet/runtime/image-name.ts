/** Image names in their full form, as upstream's runtimes print them. Pure. Rules: distribution/reference. */

export interface ImageName {
  /** Registry and path, `docker.io/library/busybox`. */
  repository: string
  tag?: string
  digest?: string
}

/** Splits `[registry/]path[:tag][@digest]`; a name without a registry is Docker Hub's, one without a slash is in its `library`. */
export function parseImageName(text: string): ImageName {
  const [beforeDigest = '', digest] = splitLast(text, '@')
  const slash = beforeDigest.lastIndexOf('/')
  const colon = beforeDigest.indexOf(':', slash + 1)
  const name = colon === -1 ? beforeDigest : beforeDigest.slice(0, colon)
  const tag = colon === -1 ? undefined : beforeDigest.slice(colon + 1)
  const implied = digest === undefined && tag === undefined ? 'latest' : tag
  return {
    repository: fullRepository(name),
    ...(implied === undefined ? {} : { tag: implied }),
    ...(digest === undefined ? {} : { digest }),
  }
}

/** `busybox` → `docker.io/library/busybox:latest`. An image id comes back as it is. */
export function normalizeImageName(text: string): string {
  if (/^(sha256:)?[0-9a-f]{64}$/.test(text)) return text
  const { repository, tag, digest } = parseImageName(text)
  return `${repository}${tag === undefined ? '' : `:${tag}`}${digest === undefined ? '' : `@${digest}`}`
}

function fullRepository(name: string): string {
  const slash = name.indexOf('/')
  const first = slash === -1 ? '' : name.slice(0, slash)
  const isRegistry = first === 'localhost' || /[.:]/.test(first) || first.toLowerCase() !== first
  if (isRegistry) return first === 'index.docker.io' ? fullRepository(`docker.io${name.slice(slash)}`) : hubLibrary(name, first)
  return slash === -1 ? `docker.io/library/${name}` : `docker.io/${name}`
}

function hubLibrary(name: string, registry: string): string {
  const path = name.slice(registry.length + 1)
  return registry === 'docker.io' && !path.includes('/') ? `docker.io/library/${path}` : name
}

function splitLast(text: string, mark: string): [string, string | undefined] {
  const at = text.lastIndexOf(mark)
  return at === -1 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)]
}
