/** A reporter of node:test beside the usual one: says which file has ended and how long it took, where that is worth a line. */
import { relative } from 'node:path'
import type { ReporterEvent } from './totals-reporter.ts'

const worthALineMs = 5000

export default async function* files(events: AsyncIterable<ReporterEvent>): AsyncGenerator<string> {
  for await (const { type, data } of events) {
    const { file, counts, duration_ms: ms = 0 } = data
    if (type !== 'test:summary' || file === undefined || ms < worthALineMs) continue
    yield `── ${relative(process.cwd(), file)}: ${counts?.tests} tests, ${(ms / 1000).toFixed(1)} s\n`
  }
}
