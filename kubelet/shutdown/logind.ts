/**
 * systemd-logind as a shutdown sees it: a lock that delays it, and the word that it is coming. Spoken through systemd's own programs, which are there
 * wherever logind is: a lock is a descriptor that D-Bus passes, which this runtime cannot take.
 */
import { spawn } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { sleep } from '#component/clock.ts'
import { exec } from '#component/exec.ts'

const manager = ['org.freedesktop.login1', '/org/freedesktop/login1', 'org.freedesktop.login1.Manager'] as const
const match = "type='signal',interface='org.freedesktop.login1.Manager',member='PrepareForShutdown'"
const programs = { bus: 'busctl', inhibitor: 'systemd-inhibit', units: 'systemctl' } as const
const why = 'Kubelet needs time to handle node shutdown'

/** Held until released, or until this process is gone. */
export interface InhibitLock {
  release(): void
}

export interface Logind {
  /** Brings the longest delay that logind grants to at least this; rejects where there is no logind, or it does not follow. */
  allow(seconds: number): Promise<void>
  inhibit(): Promise<InhibitLock>
  /** True when a shutdown begins, false when it is cancelled; ends when the bus does. */
  shutdowns(signal: AbortSignal): AsyncIterable<boolean>
}

/** `configDir`: where logind reads additions to its configuration. */
export function logind(configDir = '/etc/systemd/logind.conf.d'): Logind {
  return {
    async allow(seconds) {
      if ((await delaySeconds()) >= seconds) return
      mkdirSync(configDir, { recursive: true, mode: 0o755 })
      writeFileSync(join(configDir, '99-kubelet.conf'), `# Kubelet logind override\n[Login]\nInhibitDelayMaxSec=${seconds}\n`, {
        mode: 0o644,
      })
      await exec([programs.units, 'kill', '--signal=SIGHUP', 'systemd-logind.service'])
      for (let waitMs = 100; waitMs <= 1600; waitMs *= 2) {
        if ((await delaySeconds()) >= seconds) return
        await sleep(waitMs)
      }
      throw new Error(`logind does not grant a delay of ${seconds} s (InhibitDelayMaxSec), only ${await delaySeconds()} s`)
    },
    inhibit,
    shutdowns,
  }
}

async function delaySeconds(): Promise<number> {
  const { stdout } = await exec([programs.bus, 'get-property', ...manager, 'InhibitDelayMaxUSec'])
  return Number(/^t (\d+)/.exec(stdout)?.[1] ?? Number.NaN) / 1e6
}

function inhibit(): Promise<InhibitLock> {
  const words = ['--what=shutdown', '--who=kubelet', `--why=${why}`, '--mode=delay', 'sh', '-c', 'echo held; exec cat']
  return new Promise((resolve, reject) => {
    const holder = spawn(programs.inhibitor, words, { stdio: ['pipe', 'pipe', 'ignore'] })
    holder.once('error', reject)
    holder.once('exit', (code) => reject(new Error(`systemd-inhibit ended with ${code}`)))
    holder.stdin.on('error', () => holder.kill())
    holder.stdout.once('data', () => resolve({ release: () => holder.stdin.end() }))
  })
}

async function* shutdowns(signal: AbortSignal): AsyncIterable<boolean> {
  const monitor = spawn(programs.bus, ['--system', '--json=short', `--match=${match}`, 'monitor'], {
    stdio: ['ignore', 'pipe', 'ignore'],
    signal,
  })
  const lines = createInterface({ input: monitor.stdout })
  // Also when it is told to end: lines of a stream that was cut off do not end by themselves.
  monitor.once('error', () => lines.close())
  for await (const line of lines) {
    const begins = preparing(line)
    if (begins !== undefined) yield begins
  }
}

/** Pure. What a line of the monitor says of a shutdown; undefined for all else. */
export function preparing(line: string): boolean | undefined {
  if (!line.startsWith('{')) return undefined
  const { member, payload } = JSON.parse(line) as { member?: string; payload?: { data?: unknown[] } }
  const [begins] = payload?.data ?? []
  return member === 'PrepareForShutdown' && typeof begins === 'boolean' ? begins : undefined
}
