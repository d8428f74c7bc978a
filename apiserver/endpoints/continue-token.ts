/** Continue tokens, encoded as upstream's so that a page can be fetched from another server (pure). */
import { badRequest } from '#api/meta/status.ts'

export interface ContinueToken {
  /** Revision of the first page; -1: go on at the newest state. */
  revision: number
  /** First key of the next page, whole. */
  from: string
}

const VERSION = 'meta.k8s.io/v1'

/** `lastKey`: of the page's last item. Keys in tokens are relative to `prefix`. */
export function encodeContinue(lastKey: string, prefix: string, revision: number): string {
  return encoded(`${lastKey.slice(prefix.length)}\0`, revision)
}

/** The token that goes on with the newest state where another one expired. */
export const encodeInconsistentContinue = (from: string, prefix: string): string => encoded(from.slice(prefix.length), -1)

const encoded = (start: string, revision: number): string =>
  Buffer.from(JSON.stringify({ v: VERSION, rv: revision, start })).toString('base64url')

/** Throws upstream's 400. */
export function decodeContinue(token: string, prefix: string): ContinueToken {
  const bad = (why: string): Error => badRequest(`invalid continue token: continue key is not valid${why}`)
  let parsed: unknown
  try {
    parsed = JSON.parse(Buffer.from(token, 'base64url').toString())
  } catch {
    throw bad(': it is not JSON')
  }
  const { v, rv, start } = (typeof parsed === 'object' && parsed !== null ? parsed : {}) as Record<string, unknown>
  if (v !== VERSION) throw bad(`: server does not recognize this encoded version ${typeof v === 'string' ? v : ''}`)
  if (!Number.isSafeInteger(rv) || rv === 0) throw bad(': incorrect encoded start resourceVersion (version meta.k8s.io/v1)')
  if (typeof start !== 'string' || start === '') throw bad(': encoded start key empty (version meta.k8s.io/v1)')
  const relative = start.startsWith('/') ? start.slice(1) : start
  // Dots could lead out of the prefix.
  if (relative.split('/').some((part) => part === '' || part === '.' || part === '..')) throw bad(`: ${start}`)
  return { revision: rv as number, from: prefix + relative }
}
