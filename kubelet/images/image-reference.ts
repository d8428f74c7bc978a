/** Whether a text can name an image, in the words of upstream's parser. Pure. */

const domain = '(?:[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?|\\[[0-9a-fA-F:]+\\])(?::[0-9]+)?'
const part = '[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*'
const reference = new RegExp(
  `^((?:${domain}/)?${part}(?:/${part})*)(?::[\\w][\\w.-]{0,127})?(?:@([A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*):([0-9a-fA-F]{32,}))?$`,
)
const digestLengths: Readonly<Record<string, number>> = { sha256: 64, sha384: 96, sha512: 128 }
const longestName = 255

/** Undefined for a name that is good. */
export function referenceProblem(name: string): string | undefined {
  if (/^[a-f0-9]{64}$/.test(name)) return `invalid repository name (${name}), cannot specify 64-byte hexadecimal strings`
  const remote = remoteOf(name)
  if (remote !== remote.toLowerCase()) return `invalid reference format: repository name (${remote}) must be lowercase`
  const match = reference.exec(name)
  if (!match) return 'invalid reference format'
  const [, repository = '', algorithm, hex = ''] = match
  if (repository.length > longestName) return `repository name must not be more than ${longestName} characters`
  if (algorithm === undefined) return undefined
  const length = digestLengths[algorithm]
  if (length === undefined) return 'unsupported digest algorithm'
  return hex.length === length && hex === hex.toLowerCase() ? undefined : 'invalid checksum digest length'
}

/** The path within a registry, without tag and digest. */
function remoteOf(name: string): string {
  const slash = name.indexOf('/')
  const first = slash === -1 ? '' : name.slice(0, slash)
  const isRegistry = first === 'localhost' || /[.:]/.test(first) || first !== first.toLowerCase()
  const path = isRegistry ? name.slice(slash + 1) : slash === -1 ? `library/${name}` : name
  return path.split(/[:@]/, 1)[0] ?? ''
}
