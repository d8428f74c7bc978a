/** Reads texts in HPACK's Huffman code (RFC 7541, appendix B). It is canonical: the lengths of the codes say all (pure). */

/** Bits of the code of each byte, 0 to 255, as digits of base 36. */
const lengths =
  'dnsssssssoussussssssssusssssssss6aacd68baa8b8666555666666678f6ca' +
  'd67777777777777777777777878djde6f56565666577666567655677777fbeds' +
  'kmkkmmmnmnnnnnonoomnonnnnlmnmnnomlkmmnnlnmmolmnnllmlnmnnkmmmnmmn' +
  'qqkjmnmpqqqrrqopjlqrrqrollqqsrrrkoklmllnmmppooqnqrqqrrrrrsrrrrrq'

const maxBits = 30

interface Codes {
  /** The code that comes after the last one of so many bits. */
  readonly end: number
  /** Where the bytes of this length begin in `bytesInOrder`, less the first code. */
  readonly offset: number
}

const bitsOf = Array.from(lengths, (digit) => Number.parseInt(digit, 36))
const bytesInOrder = bitsOf.map((_, byte) => byte).sort((a, b) => (bitsOf[a] ?? 0) - (bitsOf[b] ?? 0) || a - b)
const codesByBits = codesOf()

function codesOf(): readonly Codes[] {
  const codes: Codes[] = []
  let next = 0
  let place = 0
  for (let bits = 0; bits <= maxBits; bits++) {
    next *= 2
    const count = bitsOf.filter((length) => length === bits).length
    codes.push({ end: next + count, offset: place - next })
    next += count
    place += count
  }
  return codes
}

/** Undefined where the bytes are no code, or end with more than the padding of ones. */
export function huffmanText(bytes: Buffer): string | undefined {
  let text = ''
  let code = 0
  let bits = 0
  for (const byte of bytes) {
    for (let at = 7; at >= 0; at--) {
      code = code * 2 + ((byte >> at) & 1)
      if (++bits > maxBits) return undefined
      const { end, offset } = codesByBits[bits] as Codes
      if (code >= end) continue
      text += String.fromCharCode(bytesInOrder[code + offset] as number)
      code = 0
      bits = 0
    }
  }
  return bits < 8 && code === 2 ** bits - 1 ? text : undefined
}
