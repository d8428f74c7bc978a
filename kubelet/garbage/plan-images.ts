/** Decides which images go: those that nobody uses, the longest unused first; none that was just pulled, none that the runtime needs. Pure. */
import type { Image } from '#kubelet/runtime/runtime.ts'
import type { FileSystemUsage } from '#kubelet/stats/disk-usage.ts'

export interface ImagePolicy {
  highPercent: number
  lowPercent: number
  minAgeMs: number
  /** 0: images do not grow too old. */
  maxAgeMs: number
}

export interface ImageRecord {
  firstSeen: Date
  /** Undefined: never seen in use. */
  lastUsed: Date | undefined
}

export type ImageRecords = ReadonlyMap<string, ImageRecord>

/** What is known after another look; images that are gone are forgotten. */
export function noteImages(records: ImageRecords, images: readonly Image[], inUse: ReadonlySet<string>, now: Date): ImageRecords {
  return new Map(
    images.map(({ id }) => {
      const before = records.get(id)
      return [id, { firstSeen: before?.firstSeen ?? now, lastUsed: inUse.has(id) ? now : before?.lastUsed }]
    }),
  )
}

/** Those that may go, the first to go first. */
export function unusedImages(records: ImageRecords, images: readonly Image[], inUse: ReadonlySet<string>): Image[] {
  const used = (image: Image): number => records.get(image.id)?.lastUsed?.getTime() ?? 0
  const seen = (image: Image): number => records.get(image.id)?.firstSeen.getTime() ?? 0
  return images.filter((image) => !inUse.has(image.id) && image.pinned !== true).sort((a, b) => used(a) - used(b) || seen(a) - seen(b))
}

/** Unused for longer than images may be; nothing is known of what was before `beganAt`. */
export function oldImages(unused: readonly Image[], records: ImageRecords, maxAgeMs: number, times: { beganAt: Date; now: Date }): Image[] {
  const { beganAt, now } = times
  if (maxAgeMs === 0 || now.getTime() - beganAt.getTime() <= maxAgeMs) return []
  return unused.filter(({ id }) => now.getTime() - (records.get(id)?.lastUsed?.getTime() ?? 0) > maxAgeMs)
}

/** Of the unused the ones that are old enough to be known as such. */
export function ripeImages(unused: readonly Image[], records: ImageRecords, minAgeMs: number, now: Date): Image[] {
  return unused.filter(({ id }) => now.getTime() - (records.get(id)?.firstSeen.getTime() ?? 0) >= minAgeMs)
}

/** Undefined while the file system is below the high mark. Down to the low mark is what has to be freed. */
export function toFree(fs: FileSystemUsage, policy: ImagePolicy): { usedPercent: number; bytes: number } | undefined {
  const available = Math.min(fs.availableBytes, fs.capacityBytes)
  const usedPercent = 100 - Math.floor((available * 100) / fs.capacityBytes)
  if (usedPercent < policy.highPercent) return undefined
  return { usedPercent, bytes: Math.floor((fs.capacityBytes * (100 - policy.lowPercent)) / 100) - available }
}

export function notEnoughText(usedPercent: number, capacityBytes: number, freedBytes: number): string {
  return (
    `Insufficient free disk space on the node's image filesystem (${usedPercent}% of ${sizeText(capacityBytes)} used). ` +
    `Failed to free sufficient space by deleting unused images (freed ${freedBytes} bytes). ` +
    'Investigate disk usage, as it could be used by active images, logs, volumes, or other data.'
  )
}

/** `9.5 GiB` */
export function sizeText(bytes: number): string {
  const units = ['KiB', 'MiB', 'GiB', 'TiB']
  if (bytes < 1024) return `${bytes} B`
  let size = bytes / 1024
  let unit = 0
  while (size >= 1024 && unit < units.length - 1) {
    size /= 1024
    unit += 1
  }
  return `${size.toFixed(1)} ${units[unit]}`
}
