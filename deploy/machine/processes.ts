/** Processes by id, safe against ids that the kernel has given to another process since. */
import { readdir, readFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'

/** A process id with the time at which it started (clock ticks since boot): together they name one process for ever. */
export interface ProcessIdentity {
  pid: number
  startTicks: string
}

/** Fields of /proc/PID/stat after the command name, which may itself hold spaces and brackets. */
async function statFields(pid: number): Promise<readonly string[] | undefined> {
  try {
    const text = await readFile(`/proc/${pid}/stat`, 'utf8')
    return text.slice(text.lastIndexOf(')') + 2).split(' ')
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code
    if (code === 'ENOENT' || code === 'ESRCH') return undefined
    throw error
  }
}

/** Undefined if the process is gone or a zombie. */
export async function identify(pid: number): Promise<ProcessIdentity | undefined> {
  const fields = await statFields(pid)
  if (!fields || fields[0] === 'Z' || fields[0] === 'X') return undefined
  return { pid, startTicks: fields[19] ?? '' }
}

export async function isAlive(identity: ProcessIdentity): Promise<boolean> {
  return (await identify(identity.pid))?.startTicks === identity.startTicks
}

/** Answers false if the process was gone already. */
export async function signalProcess(identity: ProcessIdentity, signal: NodeJS.Signals): Promise<boolean> {
  if (!(await isAlive(identity))) return false
  try {
    process.kill(identity.pid, signal)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false
    throw error
  }
}

export async function waitForEnd(identity: ProcessIdentity, timeoutMs: number): Promise<boolean> {
  const deadline = Date.now() + timeoutMs
  while (await isAlive(identity)) {
    if (Date.now() > deadline) return false
    await sleep(20)
  }
  return true
}

/** SIGTERM, and SIGKILL when that takes longer than `graceMs`. */
export async function endProcess(identity: ProcessIdentity, graceMs: number): Promise<void> {
  await signalProcess(identity, 'SIGTERM')
  if (await waitForEnd(identity, graceMs)) return
  await signalProcess(identity, 'SIGKILL')
  await waitForEnd(identity, 5000)
}

export async function commandLine(pid: number): Promise<string> {
  const text = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')
  return text.replaceAll('\0', ' ').trim()
}

export async function childrenOf(pid: number): Promise<readonly number[]> {
  const text = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8').catch(() => '')
  return text.split(' ').filter(Boolean).map(Number)
}

export async function allPids(): Promise<readonly number[]> {
  return (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number)
}
