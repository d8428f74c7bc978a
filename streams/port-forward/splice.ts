/** Joins two duplex connections until both directions have ended; the end of one direction is passed on by itself. */
import type { Duplex } from 'node:stream'

/** Resolves when both are done. An error on either side ends both, without rejecting: a broken connection is a way to end. */
export async function splice(a: Duplex, b: Duplex): Promise<void> {
  const closed = (stream: Duplex) =>
    new Promise<void>((resolve) => {
      if (stream.destroyed) resolve()
      stream.once('close', resolve)
    })
  for (const [from, to] of [
    [a, b],
    [b, a],
  ] as const) {
    from.on('error', () => from.destroy())
    from.on('close', () => {
      // A side that is gone without an end leaves nobody to answer.
      if (!from.readableEnded) to.destroy()
    })
    from.pipe(to)
  }
  await Promise.all([closed(a), closed(b)])
}
