/** What stands on this machine under the names that a cluster's port leads to, whoever made it: found by name, where no journal tells. */
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import type { Layout } from '#deploy/cluster/layout.ts'
import { attempt } from '#deploy/machine/exec.ts'
import type { JournalEntry } from '#deploy/machine/journal.ts'
import { allPids } from '#deploy/machine/processes.ts'
import { cgroupFolders, cgroupHost } from './cgroups.ts'
import { jumps } from './network.ts'

export interface Link {
  ifname: string
  ifalias?: string
}

export async function links(): Promise<readonly Link[]> {
  return JSON.parse((await attempt(['ip', '-j', 'link'])) ?? '[]') as Link[]
}

/** In the order in which they can be taken away. */
export async function standing(layout: Layout): Promise<readonly JournalEntry[]> {
  const cables = layout.bridge.replace('typernetes', 'tn')
  const named = (await links()).filter(({ ifname }) => ifname === layout.bridge || ifname.startsWith(`${cables}-`))
  const rules = (await attempt(['iptables-save'])) ?? ''
  const chains = jumps(layout).filter(({ name }) => rules.includes(`\n:${name} `))
  const cgroup = cgroupFolders(await cgroupHost(), layout.cgroup).some((folder) => existsSync(folder))
  return [
    ...named.map(({ ifname }) => ({ what: 'link', name: ifname }) as const),
    ...chains.map((jump) => ({ what: 'chain', ...jump }) as const),
    ...(cgroup ? [{ what: 'cgroup', path: layout.cgroup } as const] : []),
  ]
}

export interface Bridge {
  /** State directory of the cluster that made it; undefined if it does not say. */
  owner: string | undefined
}

export async function standingBridge(layout: Layout): Promise<Bridge | undefined> {
  const bridge = (await links()).find(({ ifname }) => ifname === layout.bridge)
  return bridge && { owner: bridge.ifalias }
}

/** Does a node live in the cgroups of these names? */
export async function nodesRun(layout: Layout): Promise<boolean> {
  const texts = await Promise.all((await allPids()).map((pid) => readFile(`/proc/${pid}/cgroup`, 'utf8').catch(() => '')))
  return texts.some((text) => text.includes(`/${layout.cgroup}/`))
}
