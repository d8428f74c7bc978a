/** Limits of ephemeral storage: of an emptyDir, of a whole pod, of one container. Whoever is over one is evicted. Pure. */
import type { Pod } from '#api/core/pod.ts'
import { addQuantities, formatQuantity, parseQuantity, type Quantity, quantityValue } from '#api/meta/quantity.ts'
import type { PodUsage } from '#kubelet/stats/usage.ts'
import { containerStorageMessage, emptyDirMessage, podStorageMessage } from './messages.ts'

export interface Overrun {
  signal: 'emptydirfs.limit' | 'ephemeralpodfs.limit' | 'ephemeralcontainerfs.limit'
  message: string
}

const storage = 'ephemeral-storage'

/** Only these pods have their files counted while the node is well. */
export function hasStorageLimit(pod: Pod): boolean {
  const { volumes = [], containers = [], initContainers = [] } = pod.spec ?? {}
  return (
    volumes.some(({ emptyDir }) => emptyDir?.sizeLimit !== undefined) ||
    [...containers, ...initContainers].some(({ resources }) => resources?.limits?.[storage] !== undefined)
  )
}

/** The first limit that the pod is over, in upstream's order. Writable layers count to a container only where they share the node's file system. */
export function storageOverrun(usage: PodUsage, hasImageFs: boolean): Overrun | undefined {
  return emptyDirOverrun(usage) ?? podOverrun(usage) ?? containerOverrun(usage, hasImageFs)
}

function emptyDirOverrun({ pod, volumes = [] }: PodUsage): Overrun | undefined {
  for (const { name, emptyDir } of pod.spec?.volumes ?? []) {
    const limit = emptyDir?.sizeLimit
    const used = volumes.find((each) => each.name === name)?.used.usedBytes
    if (limit === undefined || used === undefined || quantityValue(limit) <= 0 || used <= quantityValue(limit)) continue
    return { signal: 'emptydirfs.limit', message: emptyDirMessage(name, limit) }
  }
  return undefined
}

/** The sum of the containers' limits (or the largest init container's), whoever has one, and the overhead. */
function podLimit(pod: Pod): Quantity | undefined {
  const { containers = [], initContainers = [], overhead } = pod.spec ?? {}
  const of = (all: readonly { resources?: { limits?: Record<string, string> | undefined } | undefined }[]): Quantity[] =>
    all.flatMap(({ resources }) => (resources?.limits?.[storage] === undefined ? [] : [parseQuantity(resources.limits[storage])]))
  const sidecars = initContainers.filter((each) => each.restartPolicy === 'Always')
  const together = of([...containers, ...sidecars])
  const before = of(initContainers.filter((each) => each.restartPolicy !== 'Always'))
  if (together.length + before.length === 0) return undefined
  const sum = together.reduce(addQuantities, { nano: 0n, format: 'BinarySI' } as Quantity)
  const largest = before.reduce((most, each) => (each.nano > most.nano ? each : most), sum)
  const extra = overhead?.[storage]
  return extra === undefined ? largest : addQuantities(largest, parseQuantity(extra))
}

function podOverrun({ pod, ephemeralStorage }: PodUsage): Overrun | undefined {
  const limit = podLimit(pod)
  if (limit === undefined || BigInt(ephemeralStorage?.usedBytes ?? 0) * 1_000_000_000n <= limit.nano) return undefined
  return { signal: 'ephemeralpodfs.limit', message: podStorageMessage(formatQuantity(limit)) }
}

function containerOverrun({ pod, containers }: PodUsage, hasImageFs: boolean): Overrun | undefined {
  for (const { name, rootfs, logs } of containers) {
    const limit = pod.spec?.containers.find((each) => each.name === name)?.resources?.limits?.[storage]
    if (limit === undefined || quantityValue(limit) === 0) continue
    const used = (logs?.usedBytes ?? 0) + (hasImageFs ? 0 : (rootfs?.usedBytes ?? 0))
    if (used > quantityValue(limit)) return { signal: 'ephemeralcontainerfs.limit', message: containerStorageMessage(name, limit) }
  }
  return undefined
}
