/**
 * Brings rules into the kernel: one iptables-restore of the chains whose text changed, a cold load in chunks. The only file that runs iptables
 * and conntrack.
 */
import { type exec as Exec, ExecError } from '#component/exec.ts'
import type { ChainKey, Table } from './render.ts'
import type { Change, Jump } from './ruleset.ts'

/**
 * Chains per transaction of a cold load. On the nft backend the cost of one transaction grows with the square of its chains: measured best
 * at about 250 services of two endpoints, a thousand chains.
 */
const chunkSize = 1000

/** A chain may only be jumped to once it exists, so what is jumped to comes first. */
const levels: readonly RegExp[] = [
  /^KUBE-(MARK-|POSTROUTING|FORWARD|FIREWALL|PROXY-CANARY)/,
  /^KUBE-SEP-/,
  /^KUBE-SV[CL]-/,
  /^KUBE-EXT-/,
  /^KUBE-FW-/,
  /^KUBE-(DST-.*-26|NPT-)/,
  /^KUBE-DST-.*-24/,
  /^KUBE-NODEPORTS/,
]

function level(key: ChainKey): number {
  const chain = key.slice(key.indexOf(' ') + 1)
  const at = levels.findIndex((pattern) => pattern.test(chain))
  return at < 0 ? levels.length : at
}

/** The inputs for iptables-restore, in order. Exported for golden tests. */
export function restoreInputs(change: Change): readonly string[] {
  const keys = [...change.write.keys()].sort((a, b) => level(a) - level(b) || a.localeCompare(b))
  const removed = [...change.remove].sort((a, b) => level(b) - level(a) || a.localeCompare(b))
  if (keys.length + removed.length === 0) return []
  if (keys.length <= chunkSize) return [restoreInput(change.write, keys, removed)]
  const inputs: string[] = []
  for (let i = 0; i < keys.length; i += chunkSize) inputs.push(restoreInput(change.write, keys.slice(i, i + chunkSize), []))
  if (removed.length > 0) inputs.push(restoreInput(change.write, [], removed))
  return inputs
}

function restoreInput(texts: ReadonlyMap<ChainKey, string>, written: readonly ChainKey[], removed: readonly ChainKey[]): string {
  const blocks: string[] = []
  for (const table of ['filter', 'nat'] satisfies Table[]) {
    const inTable = (key: ChainKey): boolean => key.startsWith(`${table} `)
    const name = (key: ChainKey): string => key.slice(table.length + 1)
    const mine = written.filter(inTable)
    const gone = removed.filter(inTable)
    if (mine.length + gone.length === 0) continue
    blocks.push(
      [
        `*${table}`,
        ...[...mine, ...gone].map((key) => `:${name(key)} - [0:0]`),
        ...mine.map((key) => texts.get(key) ?? '').filter((text) => text !== ''),
        ...gone.map((key) => `-X ${name(key)}`),
        'COMMIT',
      ].join('\n'),
    )
  }
  return `${blocks.join('\n')}\n`
}

export interface Kernel {
  /** All or nothing per table; throws ExecError. */
  restore(change: Change, signal: AbortSignal): Promise<void>
  /** Puts our jumps at the head of the kernel's chains where they are missing. */
  ensureJumps(jumps: readonly Jump[], signal: AbortSignal): Promise<void>
  /** Names of our chains as the kernel has them. */
  chains(signal: AbortSignal): Promise<readonly ChainKey[]>
  /** Our mark that nobody flushed the table: false when the chain is gone. */
  has(key: ChainKey, signal: AbortSignal): Promise<boolean>
  /** Runs the conntrack tool with these words; nothing to delete is no error. */
  deleteFlows(argv: readonly string[], signal: AbortSignal): Promise<void>
}

const wait = ['-w', '5']

export function kernel(exec: typeof Exec): Kernel {
  const succeeds = async (argv: readonly string[], signal: AbortSignal): Promise<boolean> => {
    try {
      await exec(argv, { signal })
      return true
    } catch (error) {
      if ((error as { exitCode?: number }).exitCode === undefined) throw error
      return false // iptables answers "not there" by its exit code only
    }
  }
  return {
    async restore(change, signal) {
      for (const input of restoreInputs(change))
        await exec(['iptables-restore', ...wait, '--noflush'], { input, timeoutMs: 60_000, signal })
    },
    async ensureJumps(jumps, signal) {
      for (const { table, from, rule } of [...jumps].reverse()) {
        const words = splitRule(rule)
        if (await succeeds(['iptables', ...wait, '-t', table, '-C', from, ...words], signal)) continue
        await exec(['iptables', ...wait, '-t', table, '-I', from, ...words], { signal })
      }
    },
    async chains(signal) {
      const { stdout } = await exec(['iptables-save'], { timeoutMs: 60_000, signal })
      return ownChains(stdout)
    },
    has: async (key, signal) => {
      const [table = '', chain = ''] = key.split(' ')
      return succeeds(['iptables', ...wait, '-t', table, '-n', '-L', chain], signal)
    },
    async deleteFlows(argv, signal) {
      try {
        await exec(['conntrack', ...argv], { signal })
      } catch (error) {
        if (!(error instanceof ExecError && error.stderr.includes('0 flow entries'))) throw error
      }
    },
  }
}

/** Words of a rule; quotes hold a comment together. */
function splitRule(rule: string): readonly string[] {
  return [...rule.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? '')
}

/** Our chains in the text of iptables-save. */
export function ownChains(saved: string): readonly ChainKey[] {
  const found: ChainKey[] = []
  let table: string | undefined
  for (const line of saved.split('\n')) {
    if (line.startsWith('*')) table = line.slice(1)
    const chain = /^:(KUBE-[\w-]+) /.exec(line)?.[1]
    if (chain !== undefined && (table === 'nat' || table === 'filter') && isOurs(chain)) found.push(`${table} ${chain}`)
  }
  return found
}

/** Other programs (kubelets of upstream) own KUBE- chains too; only those that this program writes count. */
function isOurs(chain: string): boolean {
  return /^KUBE-(SEP|SVC|SVL|EXT|FW|DST|NPT)-/.test(chain) || ['KUBE-SERVICES', 'KUBE-NODEPORTS', 'KUBE-FORWARD'].includes(chain)
}
