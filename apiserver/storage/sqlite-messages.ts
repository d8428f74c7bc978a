/** What the embedded store and its thread say to each other, and how many values travel as one block of bytes. */

import type { Change, RowsPage, Verdict } from './sqlite-database.ts'
import type { CallFailure } from './sqlite-errors.ts'
import type { CommitOp } from './storage.ts'

/** Half-open range of keys. */
export interface KeyRange {
  from: string
  end: string
}

export type Call =
  | { do: 'commit'; commits: PackedCommit[]; bytes: ArrayBuffer }
  | { do: 'get'; key: string }
  | { do: 'page'; range: KeyRange & { isAfter: boolean }; revision: number }
  | { do: 'changes'; range: KeyRange; after: number }
  | { do: 'compact'; revision: number }
  | { do: 'check' }
  | { do: 'close' }

export interface Replies {
  commit: { verdicts: readonly Verdict[]; size: number }
  get: { item: Change | undefined; revision: number }
  page: RowsPage
  changes: RowsPage
  compact: undefined
  check: undefined
  close: undefined
}

export type ToThread = { id: number; call: Call }

export type FromThread =
  | { what: 'opened'; revision: number; compacted: number; size: number }
  | { what: 'unusable'; message: string }
  | { what: 'reply'; id: number; reply: Replies[Call['do']] }
  | { what: 'failure'; id: number; failure: CallFailure }
  /** History before this revision is no longer held. */
  | { what: 'compacted'; id: number; revision: number }
  | { what: 'expired'; changes: readonly Change[] }

/** An op whose value stands in the block: its length, in the order of the ops. */
type PackedOp = Exclude<CommitOp, { verb: 'put' }> | (Omit<CommitOp & { verb: 'put' }, 'value'> & { length: number })
export type PackedCommit = PackedOp[]

/** One block instead of many values: it is handed over, where each value would be copied twice with all of the pool it stands in. */
export function pack(commits: readonly (readonly CommitOp[])[]): { commits: PackedCommit[]; bytes: ArrayBuffer } {
  let total = 0
  for (const ops of commits) for (const op of ops) if (op.verb === 'put') total += op.value.length
  const bytes = new Uint8Array(total)
  let at = 0
  const packed = commits.map((ops) =>
    ops.map((op): PackedOp => {
      if (op.verb !== 'put') return op
      const { value, ...rest } = op
      bytes.set(value, at)
      at += value.length
      return { ...rest, length: value.length }
    }),
  )
  return { commits: packed, bytes: bytes.buffer }
}

export function unpack(commits: readonly PackedCommit[], bytes: ArrayBuffer): CommitOp[][] {
  let at = 0
  return commits.map((ops) =>
    ops.map((op): CommitOp => {
      if (op.verb !== 'put') return op
      const { length, ...rest } = op
      const value = Buffer.from(bytes, at, length)
      at += length
      return { ...rest, value }
    }),
  )
}
