/** The order in which pods are evicted for a starved resource: who uses more than it asked for, then by priority, then by how much more. Pure. */
import type { Pod } from '#api/core/pod.ts'
import type { Volume } from '#api/core/volume.ts'
import { podRequests } from '#kubelet/admission/admission.ts'
import type { DiskUsage } from '#kubelet/stats/disk-usage.ts'
import type { PodUsage } from '#kubelet/stats/usage.ts'
import type { Signal, StarvedResource } from './signals.ts'
import { signals } from './signals.ts'

export interface Candidate {
  pod: Pod
  /** Undefined: nothing could be measured, which makes it the first to go. */
  usage: PodUsage | undefined
}

/** What of a pod's files lies where the resource is starved. */
export type FilePart = 'rootfs' | 'logs' | 'volumes'

/** With images on a file system of their own, writable layers count there and all else on the node's. */
export function partsOf(signal: Signal, hasImageFs: boolean): readonly FilePart[] {
  if (!hasImageFs) return ['rootfs', 'logs', 'volumes']
  return signal.startsWith('nodefs') ? ['logs', 'volumes'] : ['rootfs']
}

/** First to go first. */
export function rank(candidates: readonly Candidate[], signal: Signal, hasImageFs: boolean): Candidate[] {
  const { resource } = signals[signal]
  const parts = partsOf(signal, hasImageFs)
  const rows = candidates.map((candidate) => {
    const used = candidate.usage && usedOf(candidate.usage, resource, parts)
    const priority = candidate.pod.spec?.priority ?? 0
    return { candidate, used, priority, ...askedFor(candidate.pod, resource, used ?? 0) }
  })
  const known = (row: (typeof rows)[number]): number => Number(row.used !== undefined)
  const exceeds = (row: (typeof rows)[number]): number => (resource === 'pids' ? 0 : Number(row.exceeds))
  return rows
    .sort((a, b) => known(a) - known(b) || exceeds(b) - exceeds(a) || a.priority - b.priority || b.beyond - a.beyond)
    .map(({ candidate }) => candidate)
}

/** Inodes and processes are not asked for; inodes are set off against the request for storage, as upstream does. */
function askedFor(pod: Pod, resource: StarvedResource, used: number): { exceeds: boolean; beyond: number } {
  const requests = podRequests(pod)
  const of = (name: string): number => Number(requests.get(name) ?? 0n)
  if (resource === 'pids') return { exceeds: false, beyond: used }
  if (resource === 'inodes') return { exceeds: used > 0, beyond: used - of('ephemeral-storage') }
  return { exceeds: used > of(resource), beyond: used - of(resource) }
}

function usedOf(usage: PodUsage, resource: StarvedResource, parts: readonly FilePart[]): number {
  if (resource === 'memory') return usage.cgroup?.workingSetBytes ?? 0
  if (resource === 'pids') return usage.processes
  const files = filesOf(usage, parts)
  return files.reduce((sum, each) => sum + (resource === 'inodes' ? each.inodesUsed : each.usedBytes), 0)
}

function filesOf({ pod, containers, volumes = [] }: PodUsage, parts: readonly FilePart[]): DiskUsage[] {
  const local = new Set((pod.spec?.volumes ?? []).filter(isLocal).map(({ name }) => name))
  const found: (DiskUsage | undefined)[] = [
    ...(parts.includes('rootfs') ? containers.map(({ rootfs }) => rootfs) : []),
    ...(parts.includes('logs') ? containers.map(({ logs }) => logs) : []),
    ...(parts.includes('volumes') ? volumes.filter(({ name }) => local.has(name)).map(({ used }) => used) : []),
  ]
  return found.filter((each) => each !== undefined)
}

const isLocal = (volume: Volume): boolean =>
  volume.hostPath !== undefined ||
  volume.configMap !== undefined ||
  (volume.emptyDir !== undefined && (volume.emptyDir.medium ?? '') === '')
