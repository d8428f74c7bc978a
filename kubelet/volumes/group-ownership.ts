/** Gives a volume to the pod's fsGroup: the group owns everything, may read and write it, and new files belong to it as well. */
import { chmodSync, lchownSync, lstatSync, readdirSync } from 'node:fs'
import { join } from 'node:path'

const readWrite = 0o660
const setGroupId = 0o2000

/** With `OnRootMismatch` the volume's own directory decides whether the rest is looked at. */
export function applyFsGroup(directory: string, gid: number, policy: string): void {
  if (policy === 'OnRootMismatch') {
    const root = lstatSync(directory)
    if (root.gid === gid && (root.mode & readWrite) === readWrite && (root.mode & setGroupId) !== 0) return
  }
  own(directory, gid)
}

function own(path: string, gid: number): void {
  const stats = lstatSync(path)
  lchownSync(path, stats.uid, gid)
  if (stats.isSymbolicLink()) return
  if (!stats.isDirectory()) {
    chmodSync(path, (stats.mode & 0o7777) | readWrite)
    return
  }
  for (const name of readdirSync(path)) own(join(path, name), gid)
  chmodSync(path, (stats.mode & 0o7777) | readWrite | 0o110 | setGroupId)
}
