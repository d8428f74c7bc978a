/** `npm run stop`: ends every process of a cluster; its state stays. And `npm run down`: removes everything that start made. */
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { Journal, type JournalEntry } from '#deploy/machine/journal.ts'
import { allPids, commandLine, endProcess, identify } from '#deploy/machine/processes.ts'
import { undo } from '#deploy/node/host.ts'
import { stopNode } from '#deploy/node/lifecycle.ts'
import type { Layout } from './layout.ts'

/** Supervisors of this cluster on the host, whatever the journal says. */
async function supervisors(layout: Layout): Promise<readonly { name: string; pid: number }[]> {
  const start = `sh ${join(layout.checkout, 'deploy/supervise.sh')} `
  const found: { name: string; pid: number }[] = []
  for (const pid of await allPids()) {
    const line = await commandLine(pid)
    if (!line.startsWith(start)) continue
    const [name = '', run] = line.slice(start.length).split(' ')
    if (run === layout.run) found.push({ name, pid })
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

/** Undoes what the journal holds, last first. Answers what could not be undone. */
async function undoJournal(journal: Journal, only?: ReadonlySet<JournalEntry['what']>): Promise<readonly string[]> {
  const left: string[] = []
  for (const entry of [...journal.entries].reverse()) {
    if (only && !only.has(entry.what)) continue
    await undo(entry).catch((error: Error) => left.push(error.message))
  }
  return left
}

/** Processes, network and cgroups go; the state directory, mount points and sysctls stay for the next start. */
export async function stop(layout: Layout, say: (text: string) => void): Promise<{ ended: readonly string[]; left: readonly string[] }> {
  const ended = await stopCluster(layout, say)
  say('network, cgroups')
  const left = await undoJournal(await Journal.open(layout.journal), kindsOfStop)
  return { ended, left }
}

/** Everything goes, the state directory last. If something could not be undone the journal stays, so that a second try can. */
export async function down(layout: Layout, say: (text: string) => void): Promise<{ ended: readonly string[]; left: readonly string[] }> {
  const ended = await stopCluster(layout, say)
  say('network, cgroups, mount points')
  const journal = await Journal.open(layout.journal)
  const left = await undoJournal(journal)
  if (left.length > 0) return { ended, left }
  say(layout.state)
  await rm(layout.state, { recursive: true, force: true })
  return { ended, left }
}
