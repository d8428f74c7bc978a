/** What an error of etcd or of the connection to it says about the call that failed (pure). */

export type FailureKind =
  /** Certainly nothing was done: never sent, or refused. */
  | 'not applied'
  /** The answer was lost: it may have been done, or may still be. */
  | 'unknown'
  | 'too large'
  | 'compacted'
  | 'lease gone'
  /** Refused, and trying again does not help. */
  | 'refused'

const kinds: readonly [RegExp, FailureKind][] = [
  [/required revision has been compacted/, 'compacted'],
  [/request is too large|message larger than max|message with a size larger than/, 'too large'],
  [/requested lease not found/, 'lease gone'],
  [
    /No connection established|Call not processed by the server|Channel closed before call started|no leader|not capable|too many requests/,
    'not applied',
  ],
  [
    /database space exceeded|permission denied|invalid auth|UNAUTHENTICATED|certificate|self.signed|duplicate key given|INVALID_ARGUMENT/i,
    'refused',
  ],
]

export function kindOfFailure(error: unknown): FailureKind {
  const text = error instanceof Error ? `${error.constructor.name} ${error.message}` : String(error)
  return kinds.find(([pattern]) => pattern.test(text))?.[1] ?? 'unknown'
}
