/** How long a new node took to come up, told once each, by the clock of this process. */
import { uptime } from 'node:os'
import { nodeStartup } from '#kubelet/metrics.ts'

const told = new Set<string>()

/** Seconds from the start of the machine to that of this process. */
const beforeThis = (): number => Math.max(0, uptime() - performance.now() / 1000)

/** Milliseconds of `performance.now()`. */
export function tellRegistration(attemptedAtMs: number, registeredAtMs: number): void {
  if (told.has('registered')) return
  told.add('registered')
  nodeStartup.beforeKubelet.set(beforeThis())
  nodeStartup.beforeRegistration.set(attemptedAtMs / 1000)
  nodeStartup.registration.set((registeredAtMs - attemptedAtMs) / 1000)
}

export function tellReady(registeredAtMs: number): void {
  if (told.has('ready')) return
  told.add('ready')
  nodeStartup.afterRegistration.set((performance.now() - registeredAtMs) / 1000)
  nodeStartup.whole.set(beforeThis() + performance.now() / 1000)
}
