/** What a node keeps from its pods: reserved amounts, as absolute figures. Pure. */
import { parseQuantity } from '#api/meta/quantity.ts'

/** Capacity less what is reserved, never negative; what eviction keeps free is not counted. Thousandths of cores, and bytes. */
export function absoluteAllocatable(
  capacity: Readonly<Record<string, string>>,
  reserved: readonly Readonly<Record<string, string>>[],
): { cpu: bigint; memory: bigint } {
  const left = (name: string, unit: bigint): bigint => {
    const kept = reserved.reduce((sum, each) => sum + parseQuantity(each[name] ?? '0').nano, 0n)
    const nano = parseQuantity(capacity[name] ?? '0').nano - kept
    return nano < 0n ? 0n : nano / unit
  }
  return { cpu: left('cpu', 1_000_000n), memory: left('memory', 1_000_000_000n) }
}
