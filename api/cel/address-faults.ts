/** Why a text is no IP address, in the words of Go's net/netip. */
import { goQuote } from '#api/meta/go-quote.ts'

interface Fault {
  why: string
  /** The rest of the text where reading stopped. */
  at?: string
}

/** Go's error for a text that ParseAddr refuses. */
export function addressFault(text: string): string {
  const mark = /[.:%]/.exec(text)?.[0]
  const fault = mark === '.' ? ipv4Fault(text) : mark === ':' ? ipv6Fault(text) : unmarkedFault(mark)
  const at = fault.at === undefined || fault.at === '' ? '' : ` (at ${goQuote(fault.at)})`
  return `ParseAddr(${goQuote(text)}): ${fault.why}${at}`
}

const unmarkedFault = (mark: string | undefined): Fault => ({ why: mark === '%' ? 'missing IPv6 address' : 'unable to parse IP' })

function ipv4Fault(text: string): Fault {
  let field = ''
  let fields = 0
  for (const [at, char] of [...text].entries()) {
    if (/[0-9]/.test(char)) {
      if (field === '0') return { why: 'IPv4 field has octet with leading zero' }
      field += char
      if (Number(field) > 255) return { why: 'IPv4 field has value >255' }
    } else if (char === '.') {
      if (at === 0 || at === text.length - 1 || text[at - 1] === '.')
        return { why: 'IPv4 field must have at least one digit', at: text.slice(at) }
      if (fields === 3) return { why: 'IPv4 address too long' }
      fields++
      field = ''
    } else {
      return { why: 'unexpected character', at: text.slice(at) }
    }
  }
  return { why: 'IPv4 address too short' }
}

function ipv6Fault(text: string): Fault {
  const zone = text.indexOf('%')
  if (zone === text.length - 1) return { why: 'zone must be a non-empty string' }
  const address = zone < 0 ? text : text.slice(0, zone)
  const reader = new GroupReader(address)
  return reader.read() ?? reader.lengthFault()
}

/** Reads the groups of an IPv6 address until one does not fit. */
class GroupReader {
  #rest: string
  #bytes = 0
  #ellipsis = false

  constructor(address: string) {
    this.#ellipsis = address.startsWith('::')
    this.#rest = this.#ellipsis ? address.slice(2) : address
  }

  read(): Fault | undefined {
    while (this.#bytes < 16 && this.#rest !== '') {
      const fault = this.#group()
      if (fault) return fault
    }
    return this.#rest === '' ? undefined : { why: 'trailing garbage after address', at: this.#rest }
  }

  lengthFault(): Fault {
    return { why: this.#bytes < 16 ? 'address string too short' : 'the :: must expand to at least one field of zeros' }
  }

  #group(): Fault | undefined {
    const at = this.#rest
    const digits = /^[0-9a-fA-F]*/.exec(at)?.[0] ?? ''
    if (digits.length > 4) return { why: 'each group must have 4 or less digits', at }
    if (digits === '') return { why: 'each colon-separated field must have at least one digit', at }
    if (at[digits.length] === '.') return this.#embedded(at)
    this.#bytes += 2
    this.#rest = at.slice(digits.length)
    return this.#rest === '' ? undefined : this.#colon()
  }

  #embedded(at: string): Fault | undefined {
    if (!this.#ellipsis && this.#bytes !== 12) {
      return { why: 'embedded IPv4 address must replace the final 2 fields of the address', at }
    }
    if (this.#bytes > 12) return { why: 'too many hex fields to fit an embedded IPv4 at the end of the address', at }
    const valid = /^(?:(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])(?:\.(?!$)|$)){4}$/.test(at)
    if (!valid) return ipv4Fault(at)
    this.#bytes += 4
    this.#rest = ''
    return undefined
  }

  #colon(): Fault | undefined {
    const at = this.#rest
    if (!at.startsWith(':')) return { why: 'unexpected character, want colon', at }
    if (at.length === 1) return { why: 'colon must be followed by more characters', at }
    this.#rest = at.slice(1)
    if (!this.#rest.startsWith(':')) return undefined
    if (this.#ellipsis) return { why: 'multiple :: in address', at: this.#rest }
    this.#ellipsis = true
    this.#rest = this.#rest.slice(1)
    return undefined
  }
}
