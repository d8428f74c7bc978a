/** The dockerd of a test node: ended, and started again with the same folders. */
import { execFileSync, spawn } from 'node:child_process'
import { openSync, readFileSync, rmSync } from 'node:fs'
import path from 'node:path'
import { nodeDir } from '#test/integration/runtime/node-with-docker.ts'
import { docker, eventually } from './kubelet-rig.ts'

const pidFile = '/run/docker/pid'
const containerdPidFile = '/run/docker/exec/containerd/containerd.pid'

export const dockerdPid = (): number => Number(readFileSync(pidFile, 'utf8'))
export const containerdPid = (): number => Number(readFileSync(containerdPidFile, 'utf8'))

/** What the running one was started with. */
export const dockerdCommand = (): string[] => readFileSync(`/proc/${dockerdPid()}/cmdline`, 'utf8').split('\0').filter(Boolean)

/** Once the one before has ended. */
export async function runDockerd([program = '', ...words]: readonly string[]): Promise<void> {
  // Nobody here reaps the containerd that died along: by its process id it seems to live.
  for (const file of [pidFile, containerdPidFile]) rmSync(file, { force: true })
  const log = openSync(path.join(nodeDir, 'dockerd.log'), 'a')
  spawn(program, words, { stdio: ['ignore', log, log], detached: true }).unref()
  await eventually('dockerd', () => docker('info') !== '').catch((error: unknown) => {
    throw new Error(readFileSync(path.join(nodeDir, 'dockerd.log'), 'utf8').slice(-1500), { cause: error })
  })
}

/** As a child of this process that it does not know, it stays behind as a zombie. */
export async function endDockerd(signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
  process.kill(dockerdPid(), signal)
  const living = (): string => execFileSync('sh', ['-c', 'ps -o stat= -C dockerd || true'], { encoding: 'utf8' })
  await eventually('the end of dockerd', () => !/^[^Z\s]/m.test(living()))
}

/** As many shims as Docker has running containers: nothing runs that it does not know of. */
export async function asManyAsDockerKnows(): Promise<void> {
  const count = 'ps -eo args | grep "[c]ontainerd-shim" | grep -vc defunct || true'
  await eventually('as many shims as Docker has running containers', () => {
    const shims = Number(execFileSync('sh', ['-c', count], { encoding: 'utf8' }))
    const known = docker('ps', '-q').split('\n').filter(Boolean).length
    if (shims !== known) throw new Error(`${shims} shims, ${known} containers`)
    return true
  })
}
