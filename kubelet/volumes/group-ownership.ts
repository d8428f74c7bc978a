/** Gives a volume to the pod's fsGroup: the group owns everything, may use it as far as the volume allows, and new files belong to it as well. */
import { chmodSync, chownSync, closeSync, constants, fstatSync, lchownSync, openSync, readdirSync, type Stats, statSync } from 'node:fs'
import { setImmediate } from 'node:timers/promises'
import { pathOnly } from './sub-path.ts'

const setGroupId = 0o2000
const search = 0o110
/** Files of a large volume between two looks at everything else that the kubelet does. */
const batch = 200

/** Owner and group may read, and write where the volume can be written: upstream's masks. */
const maskOf = (readOnly: boolean): number => (readOnly ? 0o440 : 0o660)

/** Of what the kubelet itself wrote: a few files that nobody else can change. */
export function ownWritten(directory: string, gid: number): void {
  for (const _ of own(directory, gid, maskOf(true)));
}

/** Of a volume that others may be writing to. With `OnRootMismatch` its own directory decides whether the rest is looked at. */
export async function applyFsGroup(directory: string, gid: number, policy: string, signal: AbortSignal): Promise<void> {
  if (policy === 'OnRootMismatch' && isOwned(statSync(directory), gid, false)) return
  let count = 0
  for (const _ of own(directory, gid, maskOf(false))) {
    if (++count % batch !== 0) continue
    await setImmediate()
    signal.throwIfAborted()
  }
}

/** Whether a volume's root says that its group was applied before. Pure. */
export function isOwned(root: Pick<Stats, 'gid' | 'mode' | 'isDirectory'>, gid: number, readOnly: boolean): boolean {
  const wanted = maskOf(readOnly) | search | setGroupId
  return root.isDirectory() && root.gid === gid && (root.mode & wanted) === wanted
}

/**
 * Yields after each file. Folders come after what is in them, so that the root's mode tells that all was done. Everything is touched through a
 * handle to it: a name could lead elsewhere a moment later, into the host's own files.
 */
function* own(path: string, gid: number, mask: number): Generator<void> {
  const handle = opened(path)
  if (handle === undefined) return
  try {
    const stats = fstatSync(handle)
    const self = `/proc/self/fd/${handle}`
    if (stats.isSymbolicLink()) lchownSync(path, stats.uid, gid)
    else {
      if (stats.isDirectory()) for (const name of readdirSync(self)) yield* own(`${self}/${name}`, gid, mask)
      chownSync(self, stats.uid, gid)
      chmodSync(self, (stats.mode & 0o7777) | mask | (stats.isDirectory() ? search | setGroupId : 0))
    }
  } finally {
    closeSync(handle)
  }
  yield
}

/** Undefined for what was deleted meanwhile. */
function opened(path: string): number | undefined {
  try {
    return openSync(path, pathOnly | constants.O_NOFOLLOW)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}
