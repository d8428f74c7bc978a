/**
 * The systemd cgroup driver: cgroups above containers are slices, which systemd makes, limits and stops when it is told so over its bus. Pure: names, and
 * the command lines of busctl that say it.
 */
import type { CgroupLimits } from './cgroup-plan.ts'
import { cpuWeight } from './cgroup-plan.ts'
import { cpuPeriodMicros } from './qos.ts'

/** `/kubepods/burstable/pod<uid>` → `kubepods-burstable-pod<uid>.slice`; dashes of a part are underscores there. */
export function sliceName(path: string): string {
  const parts = path.split('/').filter((part) => part !== '')
  return `${parts.map((part) => part.replaceAll('-', '_')).join('-')}.slice`
}

/** Where a slice is in the cgroup file system: below all slices whose names its own begins with. */
export function slicePath(path: string): string {
  const parts = path.split('/').filter((part) => part !== '')
  return `/${parts.map((_, i) => sliceName(parts.slice(0, i + 1).join('/'))).join('/')}`
}

/** The pod's uid from the last part of a slice's path; undefined for another slice. */
export function podOfSlice(name: string): string | undefined {
  return /^kubepods(?:-burstable|-besteffort)?-pod([0-9a-f_]{8,})\.slice$/.exec(name)?.[1]?.replaceAll('_', '-')
}

/** systemd's quotas are per second, in steps of 10 ms. */
function quotaPerSecond(quotaMicros: number): number {
  return Math.ceil((quotaMicros * 1_000_000) / cpuPeriodMicros / 10_000) * 10_000
}

/** Name, D-Bus type and value of each property. */
function properties(version: 1 | 2, limits: CgroupLimits): [name: string, type: string, value: string][] {
  const { cpuShares: shares, cpuQuotaMicros: quota, memoryBytes, pids } = limits
  return [
    ...(shares === undefined ? [] : [version === 1 ? of('CPUShares', shares) : of('CPUWeight', cpuWeight(shares))]),
    ...(quota === undefined ? [] : [of('CPUQuotaPerSecUSec', quotaPerSecond(quota))]),
    ...(memoryBytes === undefined ? [] : [of(version === 1 ? 'MemoryLimit' : 'MemoryMax', memoryBytes)]),
    ...(pids === undefined ? [] : [of('TasksMax', pids)]),
  ]
}

const of = (name: string, value: number): [string, string, string] => [name, 't', String(value)]

const manager = ['org.freedesktop.systemd1', '/org/freedesktop/systemd1', 'org.freedesktop.systemd1.Manager']
const call = ['busctl', '--system', 'call', ...manager]
const listed = (all: readonly (readonly string[])[]): string[] => [String(all.length), ...all.flat()]

/** Makes a slice with its limits. */
export function startSlice(version: 1 | 2, path: string, limits: CgroupLimits): string[] {
  const accounting = ['MemoryAccounting', 'CPUAccounting', 'TasksAccounting'].map((name) => [name, 'b', 'true'])
  const all = [
    ['Description', 's', `kubelet ${sliceName(path)}`],
    ['DefaultDependencies', 'b', 'false'],
    ...accounting,
    ...properties(version, limits),
  ]
  return [...call, 'StartTransientUnit', 'ssa(sv)a(sa(sv))', sliceName(path), 'replace', ...listed(all), '0']
}

/** Changes limits of a slice that is there; undefined where none of them is systemd's business. */
export function limitSlice(version: 1 | 2, path: string, limits: CgroupLimits): string[] | undefined {
  const all = properties(version, limits)
  return all.length === 0 ? undefined : [...call, 'SetUnitProperties', 'sba(sv)', sliceName(path), 'true', ...listed(all)]
}

export const stopSlice = (name: string): string[] => [...call, 'StopUnit', 'ss', name, 'replace']
