/** Warning headers (RFC 7234): each text once, quoted, and not too many of them (pure). */

const maxTotal = 4096
const maxOne = 256

export class Warnings {
  readonly #texts = new Set<string>()

  add(text: string): void {
    if (text !== '') this.#texts.add(text)
  }

  /** Header values, `299 - "text"`. */
  headers(): string[] {
    const total = [...this.#texts].reduce((sum, text) => sum + text.length, 0)
    const limit = total > maxTotal ? maxOne : Number.POSITIVE_INFINITY
    const values: string[] = []
    let used = 0
    for (const text of this.#texts) {
      const value = `299 - "${escaped(text.slice(0, limit))}"`
      if (used + value.length > maxTotal * 2) break
      used += value.length
      values.push(value)
    }
    return values
  }
}

/** Quoted-string form; control characters and what is not Latin text cannot stand in a header. */
const escaped = (text: string): string => text.replace(/[^\x20-\x7e]/g, ' ').replace(/[\\"]/g, '\\$&')
