/**
 * The way from a packet's address to its service's chain, as a tree, so that neither a packet nor a change pays for all services:
 * KUBE-SERVICES → a /24 → a /26 → the rule; node ports in groups of 64. Pure.
 */

import type { ChainKey, Entry, Table } from './render.ts'
import { addressNumber } from './resolve.ts'

const hex = (n: number): string => (n >>> 0).toString(16).toUpperCase().padStart(8, '0')
const dotted = (n: number): string => [24, 16, 8, 0].map((shift) => (n >>> shift) & 255).join('.')
const network = (ip: string, bits: number): number => (addressNumber(ip) & (bits === 0 ? 0 : -1 << (32 - bits))) >>> 0

export const nodePortGroupSize = 64

/** Chains on the way to an entry, from the root down; each names the rule that leads to the next. */
export function pathOf(entry: Entry): readonly { chain: string; rule: string }[] {
  if (entry.ip === undefined) {
    const first = entry.port - (entry.port % nodePortGroupSize)
    const group = `KUBE-NPT-${entry.protocol.toUpperCase()}-${first}`
    const range = `-p ${entry.protocol} -m ${entry.protocol} --dport ${first}:${first + nodePortGroupSize - 1} -j ${group}`
    return [
      { chain: 'KUBE-NODEPORTS', rule: range },
      { chain: group, rule: leafRule(entry) },
    ]
  }
  const [wide, narrow] = [network(entry.ip, 24), network(entry.ip, 26)]
  const [wideChain, narrowChain] = [`KUBE-DST-${hex(wide)}-24`, `KUBE-DST-${hex(narrow)}-26`]
  return [
    { chain: 'KUBE-SERVICES', rule: `-d ${dotted(wide)}/24 -j ${wideChain}` },
    { chain: wideChain, rule: `-d ${dotted(narrow)}/26 -j ${narrowChain}` },
    { chain: narrowChain, rule: leafRule(entry) },
  ]
}

function leafRule(entry: Entry): string {
  const to = entry.ip === undefined ? '' : `-d ${entry.ip}/32 `
  return `${to}-p ${entry.protocol} -m comment --comment "${entry.comment}" -m ${entry.protocol} --dport ${entry.port} ${entry.tail}`
}

/** Rules that stand in a root chain beside the tree's own. */
const rootTails: Readonly<Record<string, string>> = {
  // Loopback is not a node port address: other hosts must not reach 127.0.0.1 through it.
  'nat KUBE-SERVICES':
    '-A KUBE-SERVICES ! -d 127.0.0.0/8 -m comment --comment "node ports; must be the last rule" -m addrtype --dst-type LOCAL -j KUBE-NODEPORTS',
}

/** Counts who needs each rule of each dispatch chain; tells the text of a chain. */
export class DispatchTree {
  readonly #rules = new Map<ChainKey, Map<string, number>>()

  /** Adds (+1) or takes away (-1) an entry; returns the chains whose text may differ now. */
  change(entry: Entry, by: 1 | -1): readonly ChainKey[] {
    const touched: ChainKey[] = []
    for (const { chain, rule } of pathOf(entry)) {
      const key: ChainKey = `${entry.table} ${chain}`
      const rules = this.#rules.get(key) ?? new Map<string, number>()
      this.#rules.set(key, rules)
      const count = (rules.get(rule) ?? 0) + by
      if (count > 0) rules.set(rule, count)
      else rules.delete(rule)
      if (rules.size === 0) this.#rules.delete(key)
      if (count === 0 || (by === 1 && count === 1)) touched.push(key)
    }
    return touched
  }

  /** The dispatch chains that lead to an entry. */
  keysOf(entry: Entry): readonly ChainKey[] {
    return pathOf(entry).map(({ chain }): ChainKey => `${entry.table} ${chain}`)
  }

  /** Undefined where nothing needs the chain. */
  text(key: ChainKey): string | undefined {
    const [, chain] = key.split(' ') as [Table, string]
    const rules = this.#rules.get(key)
    const tail = rootTails[key]
    if (!rules && tail === undefined) return undefined
    const own = [...(rules?.keys() ?? [])].sort().map((rule) => `-A ${chain} ${rule}`)
    return [...own, ...(tail === undefined ? [] : [tail])].join('\n')
  }
}
