/** The tables of HPACK (RFC 7541, 2.3 and appendix A): the static one, and the one that a connection fills (pure). */

export class HeaderField {
  readonly name: string
  readonly value: string
  /** As the protocol counts it, against the table and against the limit of a list. */
  readonly size: number
  /** What a reader found out about it: entries of a table are judged once, and come again with every request. */
  isSound: boolean | undefined

  constructor(name: string, value: string) {
    this.name = name
    this.value = value
    this.size = name.length + value.length + 32
  }
}

const entries =
  ':authority|:method GET|:method POST|:path /|:path /index.html|:scheme http|:scheme https|:status 200|:status 204|:status 206|' +
  ':status 304|:status 400|:status 404|:status 500|accept-charset|accept-encoding gzip, deflate|accept-language|accept-ranges|accept|' +
  'access-control-allow-origin|age|allow|authorization|cache-control|content-disposition|content-encoding|content-language|' +
  'content-length|content-location|content-range|content-type|cookie|date|etag|expect|expires|from|host|if-match|if-modified-since|' +
  'if-none-match|if-range|if-unmodified-since|last-modified|link|location|max-forwards|proxy-authenticate|proxy-authorization|range|' +
  'referer|refresh|retry-after|server|set-cookie|strict-transport-security|transfer-encoding|user-agent|vary|via|www-authenticate'

/** At their places, which count from 1. */
const staticFields: readonly (HeaderField | undefined)[] = [
  undefined,
  ...entries.split('|').map((entry) => {
    const space = entry.indexOf(' ')
    return space < 0 ? new HeaderField(entry, '') : new HeaderField(entry.slice(0, space), entry.slice(space + 1))
  }),
]

const firstOwnPlace = staticFields.length

/** The place of a name in the static table, and of a name with a value ("name\0value"). */
export const staticPlaces: ReadonlyMap<string, number> = new Map(
  [...staticFields.entries()].reverse().flatMap(([place, field]) => (field ? fieldKeys(field).map((key) => [key, place] as const) : [])),
)

function fieldKeys({ name, value }: HeaderField): string[] {
  return value === '' ? [name] : [name, `${name}\0${value}`]
}

export class HeaderTable {
  readonly #most: number
  /** The oldest first; those before `#first` are gone. */
  #fields: HeaderField[] = []
  #first = 0
  #size = 0
  #limit: number

  /** `most`: bytes that the peer may let it grow to. */
  constructor(most: number) {
    this.#most = most
    this.#limit = most
  }

  at(place: number): HeaderField | undefined {
    if (place < firstOwnPlace) return staticFields[place]
    const index = this.#fields.length - 1 - (place - firstOwnPlace)
    return index < this.#first ? undefined : this.#fields[index]
  }

  add(field: HeaderField): void {
    this.#size += field.size
    this.#fields.push(field)
    this.#evict()
  }

  /** False where it is more than was allowed. */
  resize(limit: number): boolean {
    if (limit > this.#most) return false
    this.#limit = limit
    this.#evict()
    return true
  }

  #evict(): void {
    while (this.#size > this.#limit) this.#size -= (this.#fields[this.#first++] as HeaderField).size
    if (this.#first < 64 || this.#first < this.#fields.length / 2) return
    this.#fields = this.#fields.slice(this.#first)
    this.#first = 0
  }
}
