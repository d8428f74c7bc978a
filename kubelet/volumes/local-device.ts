/** File systems on block devices of the node: made where there is none, as upstream does for local volumes. */
import { ExecError, exec } from '#component/exec.ts'
import { VolumeError } from './volume.ts'

const defaultType = 'ext4'
/** Large disks take their time. */
const formatTimeoutMs = 600_000

export interface DeviceMount {
  device: string
  path: string
  fsType: string | undefined
  readOnly: boolean
  options: readonly string[]
  signal: AbortSignal
}

/** Mounts the device; an empty one is formatted first. Throws VolumeError. */
export async function mountDevice({ device, path, fsType, readOnly, options, signal }: DeviceMount): Promise<void> {
  const type = fsType || defaultType
  try {
    const found = await typeOn(device, signal)
    if (found === undefined) {
      if (readOnly) throw new VolumeError(`cannot mount unformatted disk ${device} as we are manipulating it in read-only mode`)
      await exec(formatArgv(type, device), { signal, timeoutMs: formatTimeoutMs })
    }
    const all = [...new Set([...(readOnly ? ['ro'] : []), ...options])]
    await exec(['mount', '-t', type, ...(all.length > 0 ? ['-o', all.join(',')] : []), device, path], { signal })
  } catch (error) {
    signal.throwIfAborted()
    throw new VolumeError(`local: failed to mount device ${device} at ${path} (fstype: ${type}), error ${(error as Error).message}`)
  }
}

/** Undefined for a device on which there is nothing at all. */
async function typeOn(device: string, signal: AbortSignal): Promise<string | undefined> {
  try {
    const { stdout } = await exec(['blkid', '-p', '-s', 'TYPE', '-s', 'PTTYPE', '-o', 'export', device], { signal })
    // A partition table is something too: nobody's partitions are formatted away.
    return stdout.trim() || 'unknown'
  } catch (error) {
    if (error instanceof ExecError && error.exitCode === 2) return undefined
    throw error
  }
}

/** No space kept for root, as upstream. Pure. */
export function formatArgv(type: string, device: string): string[] {
  return /^ext[34]$/.test(type) ? [`mkfs.${type}`, '-F', '-m0', device] : [`mkfs.${type}`, device]
}
