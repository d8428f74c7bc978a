/** What a test run leaves on the machine: files, processes, mounts, links, chains, network namespaces, cgroups. Tests clean up; this is who looks. */
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { attempt } from '#deploy/machine/exec.ts'
import { allPids, commandLine } from '#deploy/machine/processes.ts'
import { cgroupFolders, cgroupHost } from '#deploy/node/cgroups.ts'
import { links } from '#deploy/node/standing.ts'

/** Node's cache, kept on purpose where nobody names another place; and what runc leaves where its caller is killed, as tests do. */
const notOurs = /^(node-compile-cache$|runc-process)/

const names = (folder: string): Promise<readonly string[]> =>
  readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return []
    throw error
  })

/** Names of a cluster that stands on this machine for somebody else than this run: its bridge says whose it is. */
async function isOfOthers(folder: string): Promise<(name: string) => boolean> {
  const bridges = (await links()).filter(({ ifname, ifalias }) => /^typernetes\d+$/.test(ifname) && ifalias && !ifalias.startsWith(folder))
  const slots = bridges.map(({ ifname }) => ifname.slice('typernetes'.length)).join('|')
  const pattern = new RegExp(`^(link (typernetes|tn)|chain TYPERNETES-|cgroup typernetes/)(${slots})($|-)`)
  return (name) => slots !== '' && pattern.test(name)
}

/** Names that clusters, nodes and network plug-ins give; what the kernel and the machine's own services make meanwhile is theirs. */
const ours = /^(link (typernetes|tn\d|veth|cni)|chain (TYPERNETES|KUBE|CNI)-|network namespace |cgroup typernetes)/

/** What programs make of the kernel's things, by name; `folder` is the run's own for temporary files. */
export async function kernelThings(folder: string): Promise<readonly string[]> {
  const chains = [...((await attempt(['iptables-save'])) ?? '').matchAll(/^:(\S+) - /gm)].map(([, name]) => name)
  const host = await cgroupHost()
  const below = async (path: string) => (await Promise.all(cgroupFolders(host, path).map(names))).flat().map((name) => join(path, name))
  const found = [
    ...(await links()).map(({ ifname }) => `link ${ifname}`),
    ...chains.map((name) => `chain ${name}`),
    ...(await names('/run/netns')).map((name) => `network namespace ${name}`),
    ...(await below('')).map((path) => `cgroup ${path}`),
    ...(await below('typernetes')).filter((path) => /\/\d+$/.test(path)).map((path) => `cgroup ${path}`),
  ]
  const foreign = await isOfOthers(folder)
  return [...new Set(found)].filter((name) => ours.test(name) && !foreign(name))
}

/** Processes that were started with this folder for temporary files, or that work in it. */
async function processesOf(folder: string): Promise<readonly string[]> {
  const lines = (await allPids()).map(async (pid) => {
    const environment = await readFile(`/proc/${pid}/environ`, 'utf8').catch(() => '')
    const command = await commandLine(pid)
    return pid !== process.pid && `${environment} ${command}`.includes(folder) ? [`process ${pid}: ${command.slice(0, 150)}`] : []
  })
  return (await Promise.all(lines)).flat()
}

/** The kernel takes links, namespaces and cgroups away some time after those whose they were. */
const kernelsTimeMs = 10_000

/** `before`: `kernelThings` before the run. Empty when the tests cleaned up. */
export async function leftovers(folder: string, before: readonly string[]): Promise<readonly string[]> {
  for (const deadline = Date.now() + kernelsTimeMs; ; await sleep(200)) {
    const left = await seenNow(folder, before)
    if (left.length === 0 || Date.now() > deadline) return left
  }
}

async function seenNow(folder: string, before: readonly string[]): Promise<readonly string[]> {
  const mounts = (await readFile('/proc/self/mounts', 'utf8')).split('\n').filter((line) => line.includes(folder))
  return [
    ...(await names(folder)).filter((name) => !notOurs.test(name)).map((name) => `file ${join(folder, name)}`),
    ...(await processesOf(folder)),
    ...mounts.map((line) => `mount ${line}`),
    ...(await kernelThings(folder)).filter((name) => !before.includes(name)),
  ]
}
