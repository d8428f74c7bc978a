/** Collects the lines of a description; levels are two spaces, columns are laid out at the end. */
import { tabbed } from '#kubectl/print/tabwriter.ts'

export class Lines {
  #text = ''

  /** One line at a level; tabs part its columns. */
  add(level: number, line: string): this {
    this.#text += `${'  '.repeat(level)}${line}\n`
    return this
  }

  /** `Labels:` with one pair a line, the first beside the title. */
  pairs(title: string, pairs: Readonly<Record<string, string>> | undefined, join = '='): this {
    const entries = Object.entries(pairs ?? {}).sort(([a], [b]) => (a < b ? -1 : 1))
    if (entries.length === 0) return this.add(0, `${title}:\t<none>`)
    entries.forEach(([key, value], i) => {
      this.add(0, `${i === 0 ? `${title}:` : ''}\t${key}${join}${value}`)
    })
    return this
  }

  toString(): string {
    return tabbed(this.#text)
  }
}

/** `Mon, 02 Jan 2006 15:04:05 +0000`, as Go's RFC1123Z. */
export function longTime(text: string | undefined): string {
  if (!text) return '<unset>'
  return new Date(text).toUTCString().replace('GMT', '+0000')
}
