/** PEM blocks, read as Go reads them: text around the blocks is skipped, headers inside are kept apart (pure). */

export interface PemBlock {
  /** Such as `CERTIFICATE REQUEST`. */
  type: string
  headers: readonly string[]
  der: Buffer
}

const block = /-----BEGIN ([^\n]*?)-----[ \t]*\r?\n([\s\S]*?)-----END \1-----/g
const base64 = /^[A-Za-z0-9+/=\s]*$/

/** All blocks of a text, in order; what is no right block is passed over. */
export function pemBlocks(text: string): PemBlock[] {
  return [...text.matchAll(block)].flatMap(([, type = '', body = '']) => {
    const lines = body.split(/\r?\n/)
    const headers = lines.filter((line) => line.includes(':'))
    const content = lines.filter((line) => !line.includes(':')).join('\n')
    return base64.test(content) ? [{ type, headers, der: Buffer.from(content, 'base64') }] : []
  })
}
