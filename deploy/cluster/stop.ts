/** `npm run stop`: ends every process of a cluster; its state stays. And `npm run down`: removes everything that start made. */
import { rm } from 'node:fs/promises'
import { Journal, type JournalEntry } from '#deploy/machine/journal.ts'
import { allPids, commandLine, endProcess, identify } from '#deploy/machine/processes.ts'
import { undo } from '#deploy/node/host.ts'
import { stopNode } from '#deploy/node/lifecycle.ts'
import { nodesRun, standing, standingBridge } from '#deploy/node/standing.ts'
import type { Layout } from './layout.ts'
import { readRecord } from './record.ts'

/** Supervisors of this cluster on the host, whatever the journal says. */
async function supervisors(layout: Layout): Promise<readonly { name: string; pid: number }[]> {
  const found: { name: string; pid: number }[] = []
  for (const pid of await allPids()) {
    // The cluster may have been started from another checkout.
    const [, name, rest] = /^sh .*\/deploy\/supervise\.sh (\S+) (.*)/.exec(await commandLine(pid)) ?? []
    if (name && rest?.startsWith(`${layout.run} `)) found.push({ name, pid })
  }
  return found
}

/** Controllers first, so that nobody reacts to nodes that go; etcd last, so that everybody can still write. */
const stopOrder = [['kube-controller-manager', 'kube-scheduler'], ['kube-apiserver'], ['etcd']]

/** Answers the names of what was ended. */
export async function stopCluster(layout: Layout, say: (text: string) => void): Promise<readonly string[]> {
  const ended: string[] = []
  const running = await supervisors(layout)
  const endAll = async (names: readonly string[]) => {
    const mine = running.filter(({ name }) => names.includes(name))
    await Promise.all(
      mine.map(async ({ name, pid }) => {
        const identity = await identify(pid)
        if (identity) await endProcess(identity, 10_000)
        ended.push(name)
      }),
    )
  }
  say('controllers')
  await endAll(stopOrder[0] ?? [])
  say(layout.nodes.map((node) => node.name).join(', '))
  await Promise.all(
    layout.nodes.map(async (node) => {
      if (await stopNode(node)) ended.push(node.name)
    }),
  )
  for (const names of stopOrder.slice(1)) {
    say(names.join(', '))
    await endAll(names)
  }
  return ended
}

const kindsOfStop = new Set<JournalEntry['what']>(['process', 'link', 'route', 'chain', 'cgroup'])

export interface Outcome {
  /** Names of the programs and nodes that ran. */
  ended: readonly string[]
  /** Names of what was found although no journal told of it. */
  swept: readonly string[]
  /** What could not be taken away, and why. */
  left: readonly string[]
}

/** Answers what could not be undone. */
async function undoAll(entries: readonly JournalEntry[]): Promise<readonly string[]> {
  const left: string[] = []
  for (const entry of entries) await undo(entry).catch((error: Error) => left.push(error.message))
  return left
}

/** Processes, network and cgroups go; the state directory, mount points and sysctls stay for the next start. */
export async function stop(layout: Layout, say: (text: string) => void): Promise<Outcome> {
  const ended = await stopCluster(layout, say)
  say('network, cgroups')
  const journal = await Journal.open(layout.journal)
  const left = await undoAll([...journal.entries].reverse().filter(({ what }) => kindsOfStop.has(what)))
  return { ended, swept: [], left }
}

/** Takes away what stands under this cluster's names without an entry in its journal: it was started once from a state directory that is gone. */
async function sweep(layout: Layout, owner: string | undefined): Promise<Pick<Outcome, 'swept' | 'left'>> {
  if ((owner !== undefined && owner !== layout.state) || (await nodesRun(layout))) return { swept: [], left: [] }
  const found = await standing(layout)
  return { swept: found.map((entry) => ('name' in entry ? entry.name : layout.cgroup)), left: await undoAll(found) }
}

/**
 * Everything goes, the state directory last. If something could not be undone the journal stays, so that a second try can. A state directory that
 * never held this cluster is left alone.
 */
export async function down(layout: Layout, say: (text: string) => void): Promise<Outcome> {
  const bridge = await standingBridge(layout)
  const known = (await readRecord(layout.state)) !== undefined
  const ended = await stopCluster(layout, say)
  say('network, cgroups, mount points')
  const journal = await Journal.open(layout.journal)
  const undone = await undoAll([...journal.entries].reverse())
  const { swept, left } = await sweep(layout, bridge?.owner)
  const outcome = { ended, swept, left: [...undone, ...left] }
  if (outcome.left.length > 0 || !(known || ended.length > 0)) return outcome
  say(layout.state)
  await rm(layout.state, { recursive: true, force: true })
  return outcome
}
