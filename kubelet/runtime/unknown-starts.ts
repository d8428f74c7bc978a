/**
 * Ends what runs of a container that Docker takes for one that never ran. A dockerd that is killed while it starts a container does not know, when it is
 * there again, how far containerd and its shim had come: it would neither tell of the container's process nor end it when the container is removed,
 * and the one that is started in its place would be a second one.
 */
import { readdir, readFile } from 'node:fs/promises'
import type { Logger } from '#component/logging.ts'
import { killTree } from './helper-shell.ts'

/** Reads of every process what it was started with: for containers that did not start as they should, not for each. */
export async function endUnknown(containerId: string, log: Pick<Logger, 'warn'>): Promise<void> {
  for (const pid of (await readdir('/proc')).filter((name) => /^\d+$/.test(name))) {
    const words = (await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')).split('\0')
    if (!isShimOf(containerId, words)) continue
    log.warn({ container: containerId, pid }, 'a container runs of which Docker does not know, ending it')
    // containerd cleans up after a shim that has ended.
    killTree(Number(pid))
  }
}

/** Pure. */
export function isShimOf(containerId: string, commandLine: readonly string[]): boolean {
  const [program = ''] = commandLine
  return /(^|\/)containerd-shim[^/]*$/.test(program) && commandLine.includes('-id') && commandLine.includes(containerId)
}
