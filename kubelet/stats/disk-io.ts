/** What a block device has read and written, from the kernel's table of disks. */
import { statSync } from 'node:fs'
import { kernelFile } from './cgroup-files.ts'

export interface DiskIo {
  /** `/dev/vda` */
  device: string
  reads: number
  readsMerged: number
  sectorsRead: number
  readSeconds: number
  writes: number
  writesMerged: number
  sectorsWritten: number
  writeSeconds: number
  inFlight: number
  ioSeconds: number
  weightedIoSeconds: number
}

/** Of the device that a folder lies on; undefined where the file system has none of its own. */
export function diskOf(folder: string): DiskIo | undefined {
  const found = statSync(folder, { throwIfNoEntry: false, bigint: true })
  return found === undefined ? undefined : parseDiskstats(kernelFile('/proc/diskstats') ?? '', numbersOf(found.dev))
}

/** The major and minor number in a device's number, as the C library puts them together. Pure. */
export function numbersOf(dev: bigint): string {
  const major = ((dev >> 8n) & 0xfffn) | ((dev >> 32n) & ~0xfffn)
  const minor = (dev & 0xffn) | ((dev >> 12n) & 0xffffff00n)
  return `${major}:${minor}`
}

/** The line of a device, by `major:minor`. Times are in milliseconds there. Pure. */
export function parseDiskstats(text: string, device: string): DiskIo | undefined {
  const fields = text
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .find(([major, minor]) => `${major}:${minor}` === device)
  if (fields === undefined) return undefined
  const number = (index: number): number => Number(fields[index] ?? '0')
  return {
    device: `/dev/${fields[2]}`,
    reads: number(3),
    readsMerged: number(4),
    sectorsRead: number(5),
    readSeconds: number(6) / 1000,
    writes: number(7),
    writesMerged: number(8),
    sectorsWritten: number(9),
    writeSeconds: number(10) / 1000,
    inFlight: number(11),
    ioSeconds: number(12) / 1000,
    weightedIoSeconds: number(13) / 1000,
  }
}
