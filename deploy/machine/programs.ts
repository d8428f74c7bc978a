/** Programs under deploy/supervise.sh on this machine: starting, finding, watching and ending them. */
import { spawn } from 'node:child_process'
import { mkdir, open, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { StartFailure } from '#deploy/cluster/failure.ts'
import type { Layout } from '#deploy/cluster/layout.ts'
import type { Journal } from './journal.ts'
import { allPids, commandLine, identify, type ProcessIdentity } from './processes.ts'

/** Environment that programs get: paths and trust, nothing else of the user's session. */
export function programEnvironment(layout: Layout): NodeJS.ProcessEnv {
  const passed = Object.entries(process.env).filter(([name]) => name === 'NODE_EXTRA_CA_CERTS')
  return {
    ...Object.fromEntries(passed),
    PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
    HOME: '/root',
    LANG: 'C.UTF-8',
    // Compiled code is kept between starts, for all clusters of this checkout: a good part of a program's start is reading its own source.
    NODE_COMPILE_CACHE: join(layout.checkout, 'node_modules/.cache/compile'),
  }
}

/** The last lines of a log, for a failure's `why`. */
export async function lastLines(path: string, count = 8): Promise<string> {
  const text = await readFile(path, 'utf8').catch(() => '')
  return text.trimEnd().split('\n').slice(-count).join('\n')
}

async function exitCount(path: string): Promise<number> {
  const text = await readFile(path, 'utf8').catch(() => '')
  return text.split('\n').filter(Boolean).length
}

/** The supervisor of a program of this cluster, found among all processes of the machine. */
export async function findSupervisor(layout: Layout, name: string): Promise<ProcessIdentity | undefined> {
  const start = `sh ${join(layout.checkout, 'deploy/supervise.sh')} ${name} ${layout.run} `
  for (const pid of await allPids()) if (`${await commandLine(pid)} `.startsWith(start)) return identify(pid)
  return undefined
}

/** Answers false if it ran already. */
export async function startProgram(layout: Layout, journal: Journal, name: string, argv: readonly string[]): Promise<boolean> {
  if (await findSupervisor(layout, name)) return false
  await mkdir(layout.run, { recursive: true })
  await mkdir(layout.logs, { recursive: true })
  const log = join(layout.logs, `${name}.log`)
  const handle = await open(log, 'a')
  const words = [join(layout.checkout, 'deploy/supervise.sh'), name, layout.run, log, ...argv]
  journal.assertOpen()
  const child = spawn('sh', words, { detached: true, stdio: ['ignore', handle.fd, handle.fd], env: programEnvironment(layout), cwd: '/' })
  await new Promise((resolve, reject) => child.once('spawn', resolve).once('error', reject))
  child.unref()
  await handle.close()
  const identity = await identify(child.pid ?? 0)
  if (identity) await journal.record({ what: 'process', name, ...identity })
  return true
}

export interface ReadyWait {
  name: string
  log: string
  /** File in which the supervisor notes unasked ends. */
  exits: string
  deadlineMs: number
  ready(): Promise<boolean>
}

/** A program may end once or twice because what it needs is not there yet. */
const endsToGiveUp = 4

/** Polls until ready; a program that ends meanwhile, or takes too long, is a StartFailure with its last log lines. */
export async function waitReady(wait: ReadyWait): Promise<void> {
  const deadline = Date.now() + wait.deadlineMs
  let pauseMs = 25
  while (!(await wait.ready())) {
    const ended = (await exitCount(wait.exits)) >= endsToGiveUp
    if (ended || Date.now() > deadline) {
      const why = ended ? 'it ended again and again' : `it was not ready after ${Math.round(wait.deadlineMs / 1000)} s`
      throw new StartFailure(`${wait.name} did not start`, `${why}; its last lines:\n${await lastLines(wait.log)}`, `less ${wait.log}`)
    }
    await sleep(pauseMs)
    pauseMs = Math.min(pauseMs * 1.3, 200)
  }
}

export function waitFor(layout: Layout, name: string, deadlineMs: number, ready: () => Promise<boolean>): Promise<void> {
  return waitReady({ name, log: join(layout.logs, `${name}.log`), exits: join(layout.run, `${name}.exits`), deadlineMs, ready })
}
