/** What a cluster makes on the host for its nodes, each thing written into the journal first, and how each is undone. */
import { mkdir, readFile, rmdir, writeFile } from 'node:fs/promises'
import { StartFailure } from '#deploy/cluster/failure.ts'
import type { Layout } from '#deploy/cluster/layout.ts'
import { attempt, run } from '#deploy/machine/exec.ts'
import type { Journal, JournalEntry } from '#deploy/machine/journal.ts'
import { endProcess } from '#deploy/machine/processes.ts'
import { cgroupHost, removeCgroup } from './cgroups.ts'
import { privateFolders } from './config.ts'
import { bridgeCommands, jumpCommand, jumps, overlappingRoute, removeChainCommands, routeCommand, rulesText } from './network.ts'
import { standingBridge } from './standing.ts'

const sysctlPath = (name: string): string => `/proc/sys/${name.replaceAll('.', '/')}`

async function checkRoutes(layout: Layout): Promise<void> {
  const routes = JSON.parse(await run(['ip', '-j', '-4', 'route'])) as { dst: string; dev?: string }[]
  const clash = overlappingRoute(layout, routes)
  if (!clash) return
  throw new StartFailure(
    'the network of the nodes is not free',
    `${clash.network} overlaps the route ${clash.route} of this machine`,
    'npm start -- --node-cidr 10.97.0.0/24 --pod-cidr 10.98.0.0/16   (any free /24 and /16)',
  )
}

async function makeBridge(layout: Layout, journal: Journal): Promise<void> {
  if (await standingBridge(layout)) return
  await journal.record({ what: 'link', name: layout.bridge })
  for (const argv of bridgeCommands(layout)) await run(argv)
}

/** The machine has to pass packets between the nodes' bridge and its own network; down puts the old value back. */
async function enableForwarding(journal: Journal): Promise<void> {
  const name = 'net.ipv4.ip_forward'
  const before = (await readFile(sysctlPath(name), 'utf8')).trim()
  if (before === '1') return
  await journal.record({ what: 'sysctl', name, before, set: '1' })
  await writeFile(sysctlPath(name), '1')
}

async function makeRules(layout: Layout, journal: Journal): Promise<void> {
  for (const jump of jumps(layout)) await journal.record({ what: 'chain', ...jump })
  await run(['iptables-restore', '-w', '10', '--noflush'], { input: rulesText(layout) }).catch((error: Error) => {
    throw new StartFailure(
      'iptables does not take the rules of the nodes’ network',
      error.message,
      'iptables -t nat -S   (does it work at all?)\nupdate-alternatives --config iptables   (a kernel without nf_tables wants iptables-legacy)',
    )
  })
  for (const jump of jumps(layout)) {
    if ((await attempt(jumpCommand('-C', jump))) === undefined) await run(jumpCommand('-I', jump))
  }
}

/** The nodes mount their own folders over these; on the host they only have to exist. */
async function makeMountPoints(journal: Journal): Promise<void> {
  for (const { target } of privateFolders) {
    const parts = target.split('/')
    for (let depth = 2; depth <= parts.length; depth += 1) {
      const path = parts.slice(0, depth).join('/')
      const present = await readFile(path).catch((error: NodeJS.ErrnoException) => error.code)
      if (present !== 'ENOENT') continue
      await journal.record({ what: 'directory', path })
      await mkdir(path)
    }
  }
}

/** Without bridge-nf-call-iptables a pod cannot reach a service whose endpoint sits on its own bridge. The module may be built in. */
async function loadModules(): Promise<void> {
  await attempt(['modprobe', '-a', 'br_netfilter', 'overlay', 'veth'])
}

export async function prepareHost(layout: Layout, journal: Journal): Promise<void> {
  await checkRoutes(layout)
  await loadModules()
  await makeBridge(layout, journal)
  await enableForwarding(journal)
  await makeRules(layout, journal)
  await makeMountPoints(journal)
}

/** Routes from the host to the pods of each node: the API server dials pods by address. */
export async function routePods(layout: Layout, podCidrs: ReadonlyMap<string, string>, journal: Journal): Promise<void> {
  for (const node of layout.nodes) {
    const network = podCidrs.get(node.name)
    if (!network) continue
    await journal.record({ what: 'route', network, via: node.address })
    await run(routeCommand(layout, network, node.address))
  }
}

/** Takes one entry back. What is gone already is no error; what cannot be taken back is thrown. */
export async function undo(entry: JournalEntry): Promise<void> {
  switch (entry.what) {
    case 'process':
      await endProcess(entry, 5000)
      break
    case 'link':
      await attempt(['ip', 'link', 'delete', entry.name])
      break
    case 'route':
      await attempt(['ip', 'route', 'delete', entry.network, 'via', entry.via])
      break
    case 'chain':
      for (const argv of removeChainCommands(entry)) await attempt(argv)
      break
    case 'cgroup': {
      const busy = await removeCgroup(await cgroupHost(), entry.path)
      if (busy.length > 0) throw new Error(`cgroup ${busy[0]} still holds processes`)
      break
    }
    case 'sysctl': {
      const now = (await readFile(sysctlPath(entry.name), 'utf8')).trim()
      if (now === entry.set) await writeFile(sysctlPath(entry.name), entry.before)
      break
    }
    case 'directory':
      await rmdir(entry.path).catch((error: NodeJS.ErrnoException) => {
        if (error.code !== 'ENOENT' && error.code !== 'ENOTEMPTY') throw error
      })
      break
  }
}
