/** Numbered things to give away: dynamic picks come from the upper band first, the lower one is left to those who ask by name (pure). */

/** Upstream's sizes of the lower band: a sixteenth of an address range (16 to 256), a thirty-second of a port range (16 to 128). */
export function staticBand(size: number, kind: 'addresses' | 'ports'): number {
  const [least, most, part] = kind === 'addresses' ? [16, 256, 16] : [16, 128, 32]
  if (size <= least) return 0
  return Math.min(Math.max(least, Math.floor(size / part)), most)
}

export interface Pick {
  size: number
  band: number
  isFree(index: number): boolean
  random(): number
}

const randomTries = 64

/** An index that is free, or undefined if there is none. */
export function pickFree(pick: Pick): number | undefined {
  return pickBetween(pick, pick.band, pick.size) ?? pickBetween(pick, 0, pick.band)
}

function pickBetween({ isFree, random }: Pick, from: number, to: number): number | undefined {
  const count = to - from
  if (count <= 0) return undefined
  for (let i = 0; i < randomTries; i++) {
    const index = from + Math.floor(random() * count)
    if (isFree(index)) return index
  }
  const start = Math.floor(random() * count)
  for (let i = 0; i < Math.min(count, 1 << 20); i++) {
    const index = from + ((start + i) % count)
    if (isFree(index)) return index
  }
  return undefined
}
