/** A reporter of node:test that writes only the counts of a run, as one JSON line, so that several runs can be added up. */
export interface Counts {
  tests: number
  suites: number
  passed: number
  failed: number
  cancelled: number
  skipped: number
  todo: number
}

interface ReporterEvent {
  type: string
  data: { file?: string; counts?: Partial<Counts> & { topLevel?: number } }
}

export default async function* totals(events: AsyncIterable<ReporterEvent>): AsyncGenerator<string> {
  for await (const event of events) {
    // A summary without a file is that of the whole run.
    if (event.type === 'test:summary' && event.data.file === undefined) yield `${JSON.stringify(event.data.counts)}\n`
  }
}
