/** What the server counts about its requests, under upstream's names, and the page that shows it. */
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry as PromRegistry, register } from 'prom-client'
import type { RequestInfo } from '#apiserver/filters/request-info.ts'

const durationBuckets = [0.005, 0.025, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1, 1.25, 1.5, 2, 3, 4, 5, 6, 8, 10, 15, 20, 30, 45, 60]
const mutating: ReadonlySet<string> = new Set(['create', 'update', 'patch', 'delete', 'deletecollection'])

export class Metrics {
  /** Other parts of this server add theirs. */
  readonly registry = new PromRegistry()
  readonly #total: Counter
  readonly #duration: Histogram
  readonly #inflightOf: Readonly<Record<'mutating' | 'readOnly', Gauge.Internal<'request_kind'>>>
  readonly #longRunning: Gauge
  /** Resources that somebody was let to. Others are not named: anybody could make series without end by asking for what does not exist. */
  readonly #served = new Set<string>()
  /** How a request that lasts was counted when it began. */
  readonly #lasting = new WeakMap<RequestInfo, { verb: string; resource: string }>()
  /** The series of a request, found by its labels once. */
  readonly #series = new Map<string, { total: Counter.Internal; duration: Histogram.Internal<string> }>()

  constructor() {
    const registers = [this.registry]
    this.#total = new Counter({
      name: 'apiserver_request_total',
      help: 'Requests by verb, resource and code.',
      labelNames: ['verb', 'group', 'version', 'resource', 'subresource', 'scope', 'code'],
      registers,
    })
    this.#duration = new Histogram({
      name: 'apiserver_request_duration_seconds',
      help: 'Time to answer by verb and resource.',
      labelNames: ['verb', 'group', 'version', 'resource', 'subresource', 'scope'],
      buckets: durationBuckets,
      registers,
    })
    const inflight = new Gauge({
      name: 'apiserver_current_inflight_requests',
      help: 'Requests that are being answered.',
      labelNames: ['request_kind'],
      registers,
    })
    this.#inflightOf = { mutating: inflight.labels('mutating'), readOnly: inflight.labels('readOnly') }
    this.#longRunning = new Gauge({
      name: 'apiserver_longrunning_requests',
      help: 'Watches and streams that are open.',
      labelNames: ['verb', 'resource'],
      registers,
    })
    collectDefaultMetrics({ register: this.registry })
  }

  begin(info: RequestInfo): void {
    if (isLongRunning(info)) {
      const labels = { verb: info.verb.toUpperCase(), resource: this.#served.has(info.resource) ? info.resource : '' }
      this.#lasting.set(info, labels)
      this.#longRunning.inc(labels)
    } else this.#inflightOf[kindOf(info)].inc()
  }

  end(info: RequestInfo, code: number, seconds: number): void {
    const known = info.isResource && !denied.has(code)
    if (known) this.#served.add(info.resource)
    const series = this.#seriesOf(info, code, known)
    series.total.inc()
    const lasting = this.#lasting.get(info)
    if (lasting) this.#longRunning.dec(lasting)
    else {
      this.#inflightOf[kindOf(info)].dec()
      series.duration.observe(seconds)
    }
  }

  /** The library sorts and joins labels anew for every count. */
  #seriesOf(info: RequestInfo, code: number, isNamed: boolean): { total: Counter.Internal; duration: Histogram.Internal<string> } {
    const scope = info.name !== '' ? 'resource' : info.namespace !== '' ? 'namespace' : info.isResource ? 'cluster' : ''
    const of = isNamed ? `${info.group} ${info.version} ${info.resource} ${info.subresource}` : '   '
    const id = `${info.verb} ${of} ${scope} ${code}`
    const known = this.#series.get(id)
    if (known) return known
    const values = [
      info.verb.toUpperCase(),
      ...(isNamed ? [info.group, info.version, info.resource, info.subresource] : ['', '', '', '']),
      scope,
    ]
    const made = { total: this.#total.labels(...values, String(code)), duration: this.#duration.labels(...values) }
    this.#series.set(id, made)
    return made
  }

  /** The page in Prometheus' text form, with what other parts counted in the default registry. */
  async page(): Promise<{ body: string; contentType: string }> {
    const merged = PromRegistry.merge([this.registry, register])
    return { body: await merged.metrics(), contentType: merged.contentType }
  }
}

/** Answers to what nobody was let to, or what is not there. */
const denied: ReadonlySet<number> = new Set([401, 403, 404])
const streams: ReadonlySet<string> = new Set(['exec', 'attach', 'portforward', 'proxy', 'log'])
const isLongRunning = (info: RequestInfo): boolean => info.verb === 'watch' || streams.has(info.subresource)
const kindOf = (info: RequestInfo): 'mutating' | 'readOnly' => (mutating.has(info.verb) ? 'mutating' : 'readOnly')
