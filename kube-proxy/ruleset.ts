/** All rules of this node as text, kept service by service: a change costs what the changed service costs, whatever else there is. Pure, no I/O. */
import { DispatchTree } from './dispatch.ts'
import { type ChainKey, type NodeView, type RenderedService, renderService } from './render.ts'
import type { ServicePort } from './resolve.ts'

/** The chains that exist before any service, with their rules; `jumps` lead into them from the kernel's own chains. */
export const staticChains: ReadonlyMap<ChainKey, string> = new Map<ChainKey, string>([
  ['nat KUBE-MARK-MASQ', '-A KUBE-MARK-MASQ -j MARK --or-mark 0x4000'],
  ['nat KUBE-MARK-DROP', '-A KUBE-MARK-DROP -j MARK --or-mark 0x8000'],
  [
    'nat KUBE-POSTROUTING',
    [
      '-A KUBE-POSTROUTING -m mark ! --mark 0x4000/0x4000 -j RETURN',
      '-A KUBE-POSTROUTING -j MARK --xor-mark 0x4000',
      '-A KUBE-POSTROUTING -m comment --comment "kubernetes service traffic requiring SNAT" -j MASQUERADE --random-fully',
    ].join('\n'),
  ],
  ['nat KUBE-NODEPORTS', ''],
  ['nat KUBE-SERVICES', new DispatchTree().text('nat KUBE-SERVICES') ?? ''],
  ['filter KUBE-SERVICES', ''],
  ['filter KUBE-NODEPORTS', ''],
  ['filter KUBE-FIREWALL', '-A KUBE-FIREWALL -m mark --mark 0x8000/0x8000 -j DROP'],
  [
    'filter KUBE-FORWARD',
    ['-A KUBE-FORWARD -m mark --mark 0x4000/0x4000 -j ACCEPT', '-A KUBE-FORWARD -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT'].join(
      '\n',
    ),
  ],
  ['nat KUBE-PROXY-CANARY', ''],
])

export interface Jump {
  table: 'nat' | 'filter'
  from: string
  rule: string
}

export const jumps: readonly Jump[] = [
  { table: 'nat', from: 'PREROUTING', rule: '-m comment --comment "kubernetes service portals" -j KUBE-SERVICES' },
  { table: 'nat', from: 'OUTPUT', rule: '-m comment --comment "kubernetes service portals" -j KUBE-SERVICES' },
  { table: 'nat', from: 'POSTROUTING', rule: '-m comment --comment "kubernetes postrouting rules" -j KUBE-POSTROUTING' },
  ...['INPUT', 'FORWARD', 'OUTPUT'].flatMap((from): Jump[] => [
    { table: 'filter', from, rule: '-m conntrack --ctstate NEW -m comment --comment "kubernetes service portals" -j KUBE-SERVICES' },
    { table: 'filter', from, rule: '-m comment --comment "kubernetes firewall" -j KUBE-FIREWALL' },
  ]),
  {
    table: 'filter',
    from: 'INPUT',
    rule: '-m conntrack --ctstate NEW -m addrtype --dst-type LOCAL -m comment --comment "kubernetes node ports" -j KUBE-NODEPORTS',
  },
  { table: 'filter', from: 'FORWARD', rule: '-m comment --comment "kubernetes forwarding rules" -j KUBE-FORWARD' },
]

/** Chains to write (with their rules) and chains to remove, by table and name. */
export interface Change {
  write: ReadonlyMap<ChainKey, string>
  remove: readonly ChainKey[]
}

export class Ruleset {
  readonly #view: NodeView
  readonly #services = new Map<string, RenderedService>()
  readonly #tree = new DispatchTree()
  /** What the kernel holds; undefined where that is not known. */
  readonly #applied = new Map<ChainKey, string | undefined>()
  readonly #touched = new Set<ChainKey>()

  constructor(view: NodeView) {
    this.#view = view
    for (const key of staticChains.keys()) this.#touched.add(key)
  }

  /** Replaces the rules of one service; an empty list removes them. */
  set(service: string, ports: readonly ServicePort[]): void {
    const was = this.#services.get(service)
    const now = renderService(ports, this.#view)
    for (const entry of now.entries) for (const key of this.#tree.change(entry, 1)) this.#touched.add(key)
    for (const entry of was?.entries ?? []) for (const key of this.#tree.change(entry, -1)) this.#touched.add(key)
    for (const key of [...(was?.chains.keys() ?? []), ...now.chains.keys()]) this.#touched.add(key)
    if (ports.length > 0) this.#services.set(service, now)
    else this.#services.delete(service)
    this.#owners(was, now, service)
  }

  readonly #owner = new Map<ChainKey, string>()

  #owners(was: RenderedService | undefined, now: RenderedService, service: string): void {
    for (const key of was?.chains.keys() ?? []) if (!now.chains.has(key)) this.#owner.delete(key)
    for (const key of now.chains.keys()) this.#owner.set(key, service)
  }

  /** What must be written so that the kernel holds this set; nothing where only untouched text remains. */
  pending(): Change {
    const write = new Map<ChainKey, string>()
    const remove: ChainKey[] = []
    for (const key of this.#touched) {
      const text = this.text(key)
      if (text === undefined) {
        if (this.#applied.has(key)) remove.push(key)
      } else if (this.#applied.get(key) !== text) write.set(key, text)
    }
    return { write, remove }
  }

  /** The change stands in the kernel now. */
  applied(change: Change): void {
    for (const [key, text] of change.write) this.#applied.set(key, text)
    for (const key of change.remove) this.#applied.delete(key)
    for (const key of [...this.#touched]) {
      const text = this.text(key)
      if (text === this.#applied.get(key) && (text !== undefined || !this.#applied.has(key))) this.#touched.delete(key)
    }
  }

  /** The kernel's state is not known any more: everything is written again. */
  forget(): void {
    for (const key of this.#applied.keys()) {
      this.#applied.set(key, undefined)
      this.#touched.add(key)
    }
    for (const key of this.keys()) this.#touched.add(key)
  }

  /** Every chain that this set holds. */
  *keys(): Iterable<ChainKey> {
    yield* staticChains.keys()
    for (const { chains, entries } of this.#services.values()) {
      yield* chains.keys()
      for (const entry of entries) yield* this.#tree.keysOf(entry)
    }
  }

  text(key: ChainKey): string | undefined {
    const service = this.#owner.get(key)
    if (service !== undefined) return this.#services.get(service)?.chains.get(key)
    return this.#tree.text(key) ?? staticChains.get(key)
  }
}
