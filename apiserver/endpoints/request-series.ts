/**
 * How often and how long requests were, as plain numbers for each set of labels. The metrics library validates, sorts and joins labels anew for every
 * count, which cost a request more than its authorization; here it is told when its page is read.
 */
import { Counter, type Metric, type Registry } from 'prom-client'

const bucketBounds = [0.005, 0.025, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1, 1.25, 1.5, 2, 3, 4, 5, 6, 8, 10, 15, 20, 30, 45, 60]
const durationName = 'apiserver_request_duration_seconds'

type Labels = Readonly<Record<string, string>>

export class RequestSeries {
  readonly labels: Labels
  readonly duration: DurationSeries
  count = 0

  constructor(labels: Labels, duration: DurationSeries) {
    this.labels = labels
    this.duration = duration
  }
}

/** Of all codes together. */
export class DurationSeries {
  readonly labels: Labels
  readonly #buckets = new Array<number>(bucketBounds.length + 1).fill(0)
  #sum = 0

  constructor(labels: Labels) {
    this.labels = labels
  }

  observe(seconds: number): void {
    let i = 0
    while (i < bucketBounds.length && seconds > (bucketBounds[i] as number)) i++
    this.#buckets[i] = (this.#buckets[i] ?? 0) + 1
    this.#sum += seconds
  }

  get isEmpty(): boolean {
    return this.#buckets.every((count) => count === 0)
  }

  values(): { metricName: string; labels: Record<string, string | number>; value: number }[] {
    let count = 0
    const values = this.#buckets.map((inBucket, i) => {
      count += inBucket
      return { metricName: `${durationName}_bucket`, labels: { le: bucketBounds[i] ?? '+Inf', ...this.labels }, value: count }
    })
    const labels = { ...this.labels }
    return [
      ...values,
      { metricName: `${durationName}_sum`, labels, value: this.#sum },
      { metricName: `${durationName}_count`, labels, value: count },
    ]
  }
}

/** Puts both on the page. */
export function registerSeries(
  registry: Registry,
  totals: ReadonlyMap<string, RequestSeries>,
  durations: ReadonlyMap<string, DurationSeries>,
): void {
  new Counter({
    name: 'apiserver_request_total',
    help: 'Requests by verb, resource and code.',
    labelNames: ['verb', 'group', 'version', 'resource', 'subresource', 'scope', 'code'],
    registers: [registry],
    collect() {
      this.reset()
      for (const { labels, count } of totals.values()) this.inc(labels, count)
    },
  })
  const get = async () => ({
    name: durationName,
    help: 'Time to answer by verb and resource.',
    type: 'histogram',
    aggregator: 'sum',
    values: [...durations.values()].filter(({ isEmpty }) => !isEmpty).flatMap((series) => series.values()),
  })
  registry.registerMetric({ name: durationName, get, reset: () => undefined } as unknown as Metric)
}
