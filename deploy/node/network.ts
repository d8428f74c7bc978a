/** The nodes' network on the host: a bridge, one cable per node, the way out, and nothing that is not in these lists. Pure: argv and rules as text. */
import type { Layout, NodeLayout } from '#deploy/cluster/layout.ts'

type Argv = readonly string[]

export function bridgeCommands(layout: Layout): readonly Argv[] {
  return [
    ['ip', 'link', 'add', layout.bridge, 'type', 'bridge'],
    // Whoever finds it left over learns from it whose it was. The kernel takes 255 characters.
    ['ip', 'link', 'set', layout.bridge, 'alias', layout.state.slice(0, 255)],
    ['ip', 'address', 'add', `${layout.hostAddress}/24`, 'dev', layout.bridge],
    ['ip', 'link', 'set', layout.bridge, 'up'],
  ]
}

/** `pid` is the node's first process: the far end appears in its network namespace as eth0. */
export function cableCommands(layout: Layout, node: NodeLayout, pid: number): readonly Argv[] {
  return [
    ['ip', 'link', 'add', node.link, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', String(pid)],
    ['ip', 'link', 'set', node.link, 'master', layout.bridge, 'up'],
  ]
}

/**
 * Rules in chains of our own, loaded with --noflush: pods and nodes reach the outside behind the machine's address, and each other as they
 * are; from outside come only answers. The API server is open to the nodes even where the host's firewall refuses by default.
 */
export function rulesText(layout: Layout): string {
  const { nat, forward, input } = layout.chains
  const inside = [layout.nodeNetwork, layout.podNetwork]
  return [
    '*nat',
    `:${nat} - [0:0]`,
    ...inside.map((network) => `-A ${nat} -d ${network} -j RETURN`),
    ...inside.map((network) => `-A ${nat} -s ${network} ! -o ${layout.bridge} -j MASQUERADE`),
    'COMMIT',
    '*filter',
    `:${forward} - [0:0]`,
    `-A ${forward} -i ${layout.bridge} -j ACCEPT`,
    `-A ${forward} -o ${layout.bridge} -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT`,
    `:${input} - [0:0]`,
    `-A ${input} -i ${layout.bridge} -p tcp --dport ${layout.ports.apiserver} -j ACCEPT`,
    `-A ${input} -i ${layout.bridge} -p icmp -j ACCEPT`,
    'COMMIT',
    '',
  ].join('\n')
}

export interface Jump {
  table: 'nat' | 'filter'
  from: string
  name: string
}

export function jumps(layout: Layout): readonly Jump[] {
  return [
    { table: 'nat', from: 'POSTROUTING', name: layout.chains.nat },
    { table: 'filter', from: 'FORWARD', name: layout.chains.forward },
    { table: 'filter', from: 'INPUT', name: layout.chains.input },
  ]
}

const iptables = (table: string, ...words: string[]): Argv => ['iptables', '-w', '10', '-t', table, ...words]

export function jumpCommand(verb: '-C' | '-I' | '-D', jump: Jump): Argv {
  return iptables(jump.table, verb, jump.from, '-m', 'comment', '--comment', 'typernetes', '-j', jump.name)
}

export function removeChainCommands(jump: Jump): readonly Argv[] {
  return [jumpCommand('-D', jump), iptables(jump.table, '-F', jump.name), iptables(jump.table, '-X', jump.name)]
}

export function routeCommand(layout: Layout, podCidr: string, via: string): Argv {
  return ['ip', 'route', 'replace', podCidr, 'via', via, 'dev', layout.bridge]
}

/** Does a network of ours overlap a route that the machine has already? `routes` is the output of `ip -j route`. */
export function overlappingRoute(
  layout: Layout,
  routes: readonly { dst: string; dev?: string }[],
): { network: string; route: string } | undefined {
  for (const network of [layout.nodeNetwork, layout.podNetwork]) {
    const clash = routes.find((route) => route.dst !== 'default' && route.dev !== layout.bridge && overlap(network, route.dst))
    if (clash) return { network, route: `${clash.dst}${clash.dev ? ` dev ${clash.dev}` : ''}` }
  }
  return undefined
}

function range(cidr: string): { first: number; last: number } {
  const [address = '', bits = '32'] = cidr.split('/')
  const size = 2 ** (32 - Number(bits))
  const value = address.split('.').reduce((sum, octet) => sum * 256 + Number(octet), 0)
  const first = value - (value % size)
  return { first, last: first + size - 1 }
}

export function overlap(one: string, other: string): boolean {
  const a = range(one)
  const b = range(other)
  return a.first <= b.last && b.first <= a.last
}
