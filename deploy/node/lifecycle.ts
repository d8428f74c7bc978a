/** Switching a lab node on and off. */
import { type ChildProcess, spawn } from 'node:child_process'
import { type FileHandle, mkdir, open, readFile, rm, writeFile } from 'node:fs/promises'
import { cpus, totalmem } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { StartFailure } from '#deploy/cluster/failure.ts'
import type { Layout, NodeLayout } from '#deploy/cluster/layout.ts'
import { docker, dockerOk } from '#deploy/machine/docker-socket.ts'
import { attempt, run } from '#deploy/machine/exec.ts'
import type { Journal } from '#deploy/machine/journal.ts'
import {
  allPids,
  childrenOf,
  commandLine,
  endProcess,
  identify,
  type ProcessIdentity,
  signalProcess,
  waitForEnd,
} from '#deploy/machine/processes.ts'
import { lastLines, programEnvironment, waitReady } from '#deploy/machine/programs.ts'
import { type CgroupHost, makeCgroup } from './cgroups.ts'
import { nodeFiles, privateFolders, releaseFiles } from './config.ts'
import { cableCommands } from './network.ts'

export interface RunningNode {
  node: NodeLayout
  first: ProcessIdentity
  /** False if it ran already. */
  started: boolean
  /** Lets kubelet and kube-proxy start, from this layout's bundles; a node whose starter goes away before that switches itself off. */
  release(layout: Layout): Promise<void>
}

/** The first process of a node: the one whose command line names its environment file. */
export async function findFirstProcess(node: NodeLayout): Promise<ProcessIdentity | undefined> {
  const words = `/first-process.sh ${join(node.folder, 'node.env')}`
  for (const pid of await allPids()) {
    const line = await commandLine(pid)
    // unshare carries the same words until its child has taken over.
    if (line.startsWith('sh ') && line.endsWith(words)) return identify(pid)
  }
  return undefined
}

export function dockerSocket(first: ProcessIdentity): string {
  return `/proc/${first.pid}/root/run/docker.sock`
}

/** Name servers that the nodes can reach: a stub on the host's loopback is no use to them. */
async function resolvConf(): Promise<string> {
  const own = await readFile('/etc/resolv.conf', 'utf8').catch(() => '')
  if (!/^nameserver\s+127\./m.test(own)) return own
  return (await readFile('/run/systemd/resolve/resolv.conf', 'utf8').catch(() => undefined)) ?? own
}

async function prepareFolder(layout: Layout, node: NodeLayout, cgroups: CgroupHost): Promise<void> {
  for (const { name } of privateFolders) await mkdir(join(node.folder, name), { recursive: true })
  await mkdir(node.logs, { recursive: true })
  await mkdir(join(layout.run, node.name), { recursive: true })
  const size = { cpus: cpus().length, memoryBytes: totalmem() }
  await writeFiles(node, nodeFiles(layout, node, { cgroups, size, resolvConf: await resolvConf() }))
}

async function writeFiles(node: NodeLayout, files: Readonly<Record<string, string>>): Promise<void> {
  for (const [name, text] of Object.entries(files)) await writeFile(join(node.folder, name), text, { mode: 0o600 })
}

/**
 * The pipe on which the node hears from its starter. A named one, opened on both ends here: it must outlive the process that leads into the
 * node, and end with this one.
 */
async function openOrders(path: string): Promise<{ reader: FileHandle; writer: FileHandle }> {
  await rm(path, { force: true })
  await run(['mkfifo', '-m', '600', path])
  const writer = await open(path, 'r+')
  const reader = await open(path, 'r')
  await rm(path)
  return { reader, writer }
}

async function childOf(entering: ChildProcess, log: string): Promise<ProcessIdentity> {
  const deadline = Date.now() + 10_000
  while (Date.now() < deadline && entering.exitCode === null) {
    const [child] = await childrenOf(entering.pid ?? 0)
    const identity = child === undefined ? undefined : await identify(child)
    if (identity) return identity
    await sleep(5)
  }
  throw new StartFailure('a node could not enter its namespaces', await lastLines(log), `less ${log}`)
}

/** Starts a node up to its dockerd; kubelet and kube-proxy wait for `release`. */
export async function startNode(layout: Layout, node: NodeLayout, journal: Journal, cgroups: CgroupHost): Promise<RunningNode> {
  const running = await findFirstProcess(node)
  if (running) return { node, first: running, started: false, release: async () => undefined }
  await prepareFolder(layout, node, cgroups)
  await journal.record({ what: 'cgroup', path: node.cgroup })
  await makeCgroup(cgroups, node.cgroup)
  await journal.record({ what: 'link', name: node.link })
  const log = join(node.logs, 'node.log')
  const handle = await open(log, 'a')
  const orders = await openOrders(join(layout.run, node.name, 'orders'))
  journal.assertOpen()
  const entering = spawn('sh', [join(layout.checkout, 'deploy/node/enter.sh'), join(node.folder, 'node.env')], {
    detached: true,
    stdio: [orders.reader.fd, handle.fd, handle.fd],
    env: programEnvironment(layout),
    cwd: '/',
  })
  await new Promise((resolve, reject) => entering.once('spawn', resolve).once('error', reject))
  await handle.close()
  await orders.reader.close()
  const first = await childOf(entering, log)
  await journal.record({ what: 'process', name: node.name, ...first })
  // The way in is no longer needed, and the node's first process is to have nothing of the host above it.
  entering.kill('SIGKILL')
  entering.unref()
  // The kernel takes the cable of a node that has ended away some time after it, and the name is needed now.
  await attempt(['ip', 'link', 'delete', node.link])
  for (const argv of cableCommands(layout, node, first.pid)) await run(argv)
  await orders.writer.write('network\n')
  return {
    node,
    first,
    started: true,
    release: async (layout) => {
      await writeFiles(node, releaseFiles(layout, node))
      await orders.writer.write('kubelet\n')
      await orders.writer.close()
    },
  }
}

export async function waitDocker(layout: Layout, { node, first }: RunningNode): Promise<void> {
  await waitReady({
    name: `dockerd of ${node.name}`,
    log: join(node.logs, 'dockerd.log'),
    exits: join(layout.run, node.name, 'dockerd.exits'),
    deadlineMs: 60_000,
    ready: async () => {
      const reply = await docker(dockerSocket(first), { method: 'GET', path: '/_ping', timeoutMs: 5000 }).catch(() => undefined)
      return reply?.status === 200
    },
  })
}

async function supervisorsIn(first: ProcessIdentity): Promise<ReadonlyMap<string, ProcessIdentity>> {
  const found = new Map<string, ProcessIdentity>()
  for (const pid of await childrenOf(first.pid)) {
    const name = /supervise\.sh (\S+)/.exec(await commandLine(pid))?.[1]
    const identity = await identify(pid)
    if (name && identity) found.set(name, identity)
  }
  return found
}

async function stopContainers(socketPath: string, graceSeconds: number): Promise<void> {
  // Containers of a Docker that does not answer end with the node.
  const text = await dockerOk(socketPath, { method: 'GET', path: '/containers/json', timeoutMs: 5000 }).catch(() => undefined)
  if (!text) return
  const containers = JSON.parse(text.toString()) as { Id: string }[]
  await Promise.allSettled(
    containers.map(({ Id }) => docker(socketPath, { method: 'POST', path: `/containers/${Id}/stop?t=${graceSeconds}` })),
  )
}

/** In order: kubelet and proxy, then the containers with a short grace, then dockerd, then the power. */
export async function stopNode(node: NodeLayout): Promise<boolean> {
  const first = await findFirstProcess(node)
  if (!first) return false
  const supervisors = await supervisorsIn(first)
  const end = async (name: string) => {
    const supervisor = supervisors.get(name)
    if (supervisor) await endProcess(supervisor, 5000)
  }
  await Promise.all([end('kubelet'), end('kube-proxy')])
  await stopContainers(dockerSocket(first), 2)
  await end('dockerd')
  await cutPower(first)
  return true
}

/** SIGKILL to the node's first process: the kernel ends the rest. */
export async function cutPower(first: ProcessIdentity): Promise<void> {
  await signalProcess(first, 'SIGKILL')
  await waitForEnd(first, 10_000)
}
