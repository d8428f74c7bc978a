/** A failpoint around what a commit does to its own key: make it, change it, delete it. */
import { type Failpoint, withFailpoint } from '#component/failpoint.ts'
import type { CommitOp, Storage } from './storage.ts'

type Doing = 'create' | 'update' | 'delete'

/** The record that the failpoint goes around; tests enumerate it. */
export function commits(commit: Storage['commit']): Record<Doing, Storage['commit']> {
  return { create: commit, update: commit, delete: commit }
}

/** The server's own upkeep writes whatever stands there: that is none of these. */
function doingOf([own]: readonly CommitOp[]): Doing | undefined {
  if (own?.verb === 'delete') return 'delete'
  if (own?.verb !== 'put' || own.expect === 'any') return undefined
  return own.expect === 'absent' ? 'create' : 'update'
}

/** Puts the failpoint, if there is one, around the commits of `storage`. */
export function dieAtCommit(storage: Storage, failpoint: Failpoint | undefined): void {
  if (!failpoint) return
  const plain = storage.commit.bind(storage)
  const record = withFailpoint(commits(plain), failpoint)
  storage.commit = (ops) => {
    const doing = doingOf(ops)
    return doing ? record[doing](ops) : plain(ops)
  }
}
