/** What this process takes of its host, from the kernel's files about it. */
import { readdirSync } from 'node:fs'
import { kernelFile } from './cgroup-files.ts'
import { parseNetDev } from './network-usage.ts'

export interface ProcessUsage {
  openFiles: number
  /** Undefined without a limit. */
  maxFiles: number | undefined
  virtualBytes: number | undefined
  maxVirtualBytes: number | undefined
  receivedBytes: number
  sentBytes: number
}

export function processUsage(): ProcessUsage {
  const limits = kernelFile('/proc/self/limits') ?? ''
  const interfaces = parseNetDev(kernelFile('/proc/self/net/dev') ?? '')
  return {
    // One is the folder itself, open for as long as it is read.
    openFiles: readdirSync('/proc/self/fd').length - 1,
    maxFiles: softLimit(limits, 'Max open files'),
    virtualBytes: virtualBytes(kernelFile('/proc/self/stat') ?? ''),
    maxVirtualBytes: softLimit(limits, 'Max address space'),
    receivedBytes: interfaces.reduce((sum, { rxBytes }) => sum + rxBytes, 0),
    sentBytes: interfaces.reduce((sum, { txBytes }) => sum + txBytes, 0),
  }
}

/** Of /proc/PID/limits. Pure. */
export function softLimit(text: string, name: string): number | undefined {
  const found = new RegExp(`^${name}\\s+(\\d+)`, 'm').exec(text)?.[1]
  return found === undefined ? undefined : Number(found)
}

/** Of /proc/PID/stat, whose second field is a name that may hold anything. Pure. */
export function virtualBytes(text: string): number | undefined {
  const value = text.slice(text.lastIndexOf(')') + 2).split(' ')[20]
  return value === undefined || value === '' ? undefined : Number(value)
}
