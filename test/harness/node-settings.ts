/** A lab node that differs from the others: on a small disk of its own, or with other settings of its kubelet. */
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parse, stringify } from 'yaml'
import { attempt, run } from '#deploy/machine/exec.ts'
import { signalProcess } from '#deploy/machine/processes.ts'
import { eventually, type TestCluster } from './cluster.ts'

/** Puts all that a node writes on a file system in a file, before the cluster is started. False where this machine has no loop devices. */
export async function smallDisk(cluster: TestCluster, node: string, megabytes: number): Promise<boolean> {
  const { folder } = cluster.node(node)
  const file = `${cluster.layout.state}.disk`
  await mkdir(folder, { recursive: true })
  await run(['truncate', '-s', `${megabytes}M`, file])
  if ((await attempt(['mkfs.ext4', '-q', '-m', '0', file])) === undefined) return false
  return (await attempt(['mount', '-o', 'loop', file, folder])) !== undefined
}

/** After the cluster has stopped: what is on the disk goes with it. */
export async function removeDisk(cluster: TestCluster, node: string): Promise<void> {
  await attempt(['umount', '-l', cluster.node(node).folder])
  await rm(`${cluster.layout.state}.disk`, { force: true })
}

/** Sets keys in the configuration of a node's kubelet and starts it again with them. */
export async function configureKubelet(cluster: TestCluster, node: string, settings: Readonly<Record<string, unknown>>): Promise<void> {
  const file = join(cluster.node(node).folder, 'kubelet.yaml')
  await writeFile(file, stringify({ ...(parse(await readFile(file, 'utf8')) as object), ...settings }))
  const before = await cluster.ends('kubelet', node)
  await signalProcess(await cluster.program('kubelet', node), 'SIGTERM')
  await eventually('the kubelet with its new settings', 60_000, async () => {
    if ((await cluster.ends('kubelet', node)) === before) return false
    return (await cluster.api.send({ path: `/api/v1/nodes/${node}/proxy/healthz` })).text === 'ok'
  })
}
