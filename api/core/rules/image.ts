/** Reads image references in the Docker form `[domain/]path[:tag][@digest]` (distribution reference grammar). */

const domain = String.raw`(?:(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])(?:\.(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9]))*|\[[a-fA-F0-9:]+\])(?::[0-9]+)?`
const pathPart = String.raw`[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*`
const tag = String.raw`[\w][\w.-]{0,127}`
const digest = `[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}`
const reference = new RegExp(`^(?<name>(?:${domain}/)?${pathPart}(?:/${pathPart})*)(?::(?<tag>${tag}))?(?:@(?<digest>${digest}))?$`)

const longestName = 255

export interface ImageReference {
  /** Domain and path as they were written, without tag and digest. */
  name: string
  /** `latest` where neither tag nor digest is given; empty with a digest alone. */
  tag: string
  digest: string
}

/** `undefined` for text that is no reference (a bare 64 digit id is none either). */
export function parseImage(text: string): ImageReference | undefined {
  if (/^[a-f0-9]{64}$/.test(text)) return undefined
  const groups = reference.exec(text)?.groups
  const name = groups?.['name']
  if (name === undefined || name.length > longestName) return undefined
  const found = groups?.['tag'] ?? ''
  const digestText = groups?.['digest'] ?? ''
  return { name, tag: found === '' && digestText === '' ? 'latest' : found, digest: digestText }
}

/** Always for `latest` (also where it is meant by silence), else IfNotPresent: upstream's default pull policy. */
export function defaultPullPolicy(image: string): 'Always' | 'IfNotPresent' {
  return parseImage(image)?.tag === 'latest' ? 'Always' : 'IfNotPresent'
}
