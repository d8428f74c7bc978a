/** Sets of processors, and their text as the kernel writes it (`0-3,8`). Pure. */

export type CpuSet = ReadonlySet<number>

/** Throws for what is no such list. */
export function parseCpuSet(text: string): CpuSet {
  const set = new Set<number>()
  if (text.trim() === '') return set
  for (const part of text.trim().split(',')) {
    const match = /^(\d+)(?:-(\d+))?$/.exec(part.trim())
    if (!match) throw new Error(`"${text}" is not a list of processors`)
    const [first, last] = [Number(match[1]), Number(match[2] ?? match[1])]
    if (last < first) throw new Error(`"${text}" is not a list of processors`)
    for (let cpu = first; cpu <= last; cpu++) set.add(cpu)
  }
  return set
}

export function cpuSetText(set: CpuSet): string {
  const sorted = [...set].sort((a, b) => a - b)
  const parts: string[] = []
  for (let i = 0; i < sorted.length; ) {
    let end = i
    while (sorted[end + 1] === (sorted[end] ?? 0) + 1) end++
    parts.push(end === i ? String(sorted[i]) : `${sorted[i]}-${sorted[end]}`)
    i = end + 1
  }
  return parts.join(',')
}

export const union = (a: CpuSet, b: CpuSet): CpuSet => new Set([...a, ...b])
export const difference = (a: CpuSet, b: CpuSet): CpuSet => new Set([...a].filter((cpu) => !b.has(cpu)))
export const intersection = (a: CpuSet, b: CpuSet): CpuSet => new Set([...a].filter((cpu) => b.has(cpu)))
export const same = (a: CpuSet, b: CpuSet): boolean => a.size === b.size && difference(a, b).size === 0
