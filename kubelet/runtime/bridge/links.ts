/** Interfaces as ip(8) shows them. Pure. */

export interface Link {
  name: string
  isUp: boolean
  /** `UP` where it also has a carrier. */
  state: string
  master: string | undefined
  mac: string
  /** IPv4, with the length of the prefix. */
  addresses: readonly string[]
}

/** Of `ip addr show`, by name. */
export function linksOf(output: readonly string[]): ReadonlyMap<string, Link> {
  const links = new Map<string, Link & { addresses: string[] }>()
  let link: (Link & { addresses: string[] }) | undefined
  for (const line of output) {
    const header = /^\d+: ([^:@\s]+)(?:@[^:]*)?: <([^>]*)>(.*)$/.exec(line)
    if (header !== null) {
      const [, name = '', flags = '', words = ''] = header
      const master = / master (\S+)/.exec(words)?.[1]
      link = { name, isUp: flags.split(',').includes('UP'), state: / state (\S+)/.exec(words)?.[1] ?? '', master, mac: '', addresses: [] }
      links.set(name, link)
      continue
    }
    const [word = '', value = ''] = line.trim().split(' ')
    if (link === undefined) continue
    if (word.startsWith('link/')) link.mac = value
    if (word === 'inet') link.addresses.push(value)
  }
  return links
}
