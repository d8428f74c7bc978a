/** How large a commit may be, the same on all stores (pure). */
import { type CommitOp, ValueTooLarge } from './storage.ts'

/** etcd's default --max-request-bytes. */
export const MAX_COMMIT_BYTES = 1.5 * 1024 * 1024

/** Throws ValueTooLarge for what etcd would refuse. */
export function atStorageLimit(ops: readonly CommitOp[]): void {
  let bytes = 0
  for (const op of ops) bytes += op.key.length + (op.verb === 'put' ? op.value.length : 0)
  if (bytes > MAX_COMMIT_BYTES) throw new ValueTooLarge(`${bytes} bytes, the limit is ${MAX_COMMIT_BYTES}`)
}
