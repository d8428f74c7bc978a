/** Reads texts in HPACK's Huffman code (RFC 7541, appendix B), four bits at a time. The code is canonical: the lengths say all (pure). */

/** Bits of the code of each byte, 0 to 255, as digits of base 36. */
const lengths =
  'dnsssssssoussussssssssusssssssss6aacd68baa8b8666555666666678f6ca' +
  'd67777777777777777777777878djde6f56565666577666567655677777fbeds' +
  'kmkkmmmnmnnnnnonoomnonnnnlmnmnnomlkmmnnlnmmolmnnllmlnmnnkmmmnmmn' +
  'qqkjmnmpqqqrrqopjlqrrqrollqqsrrrkoklmllnmmppooqnqrqqrrrrrsrrrrrq'

const maxBits = 30
/** Stands for a way that no text takes: the code of the end of a string, 30 ones. */
const NOWHERE = -1

/**
 * The code as a tree, walked by half bytes. A step holds the node where it leads, times 512, plus the byte that it completes and 256, if it does: no
 * code is shorter than five bits, so that one step completes at most one.
 */
const steps: Int32Array = stepsOf(childrenOf())
/** Nodes at which a text may end: not more than seven ones away from the last byte. */
const ends: ReadonlySet<number> = endsOf()

const completes = 256

/** Of every node, where the bits 0 and 1 lead: to a node, or to a byte, which is written as -2 - byte. */
function childrenOf(): [number, number][] {
  const children: [number, number][] = [[NOWHERE, NOWHERE]]
  let code = 0
  for (let bits = 1; bits <= maxBits; bits++) {
    code *= 2
    for (let byte = 0; byte < lengths.length; byte++) {
      if (Number.parseInt(lengths[byte] as string, 36) === bits) plant(children, { code: code++, bits, byte })
    }
  }
  return children
}

function plant(children: [number, number][], { code, bits, byte }: { code: number; bits: number; byte: number }): void {
  let node = 0
  for (let left = bits - 1; left >= 0; left--) {
    const branch = children[node] as [number, number]
    const bit = (code >>> left) & 1
    if (left === 0) branch[bit] = -2 - byte
    else {
      if (branch[bit] === NOWHERE) branch[bit] = children.push([NOWHERE, NOWHERE]) - 1
      node = branch[bit] as number
    }
  }
}

function stepsOf(children: readonly [number, number][]): Int32Array {
  const all = new Int32Array(children.length * 16)
  for (let at = 0; at < all.length; at++) {
    let node = at >> 4
    let completed = 0
    for (let left = 3; left >= 0 && node !== NOWHERE; left--) {
      const next = (children[node] as [number, number])[(at >> left) & 1] as number
      if (next < NOWHERE) completed = 256 - 2 - next
      node = next < NOWHERE ? 0 : next
    }
    all[at] = node === NOWHERE ? NOWHERE : node * 512 + completed
  }
  return all
}

function endsOf(): Set<number> {
  const children = childrenOf()
  const found = new Set([0])
  let node = 0
  for (let ones = 1; ones < 8; ones++) {
    node = (children[node] as [number, number])[1]
    found.add(node)
  }
  return found
}

let scratch = Buffer.allocUnsafe(1024)

/** Undefined where the bytes are no code, or end with more than the padding of ones. */
export function huffmanText(bytes: Buffer, start: number, end: number): string | undefined {
  const most = (end - start) * 2
  if (scratch.length < most) scratch = Buffer.allocUnsafe(most)
  let node = 0
  let length = 0
  for (let at = start; at < end; at++) {
    const byte = bytes[at] as number
    const first = steps[node * 16 + (byte >> 4)] as number
    if (first < 0) return undefined
    if ((first & completes) !== 0) scratch[length++] = first & 255
    const second = steps[(first >> 9) * 16 + (byte & 15)] as number
    if (second < 0) return undefined
    if ((second & completes) !== 0) scratch[length++] = second & 255
    node = second >> 9
  }
  return ends.has(node) ? scratch.toString('latin1', 0, length) : undefined
}
