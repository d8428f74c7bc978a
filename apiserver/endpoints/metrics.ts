/** What the server counts about its requests, under upstream's names, and the page that shows it. */
import { collectDefaultMetrics, Gauge, Registry as PromRegistry, register } from 'prom-client'
import type { RequestInfo } from '#apiserver/filters/request-info.ts'
import { DurationSeries, RequestSeries, registerSeries } from './request-series.ts'

const mutating: ReadonlySet<string> = new Set(['create', 'update', 'patch', 'delete', 'deletecollection'])

export class Metrics {
  /** Other parts of this server add theirs. */
  readonly registry = new PromRegistry()
  readonly #inflight = { mutating: 0, readOnly: 0 }
  readonly #longRunning: Gauge
  /** Resources that somebody was let to. Others are not named: anybody could make series without end by asking for what does not exist. */
  readonly #served = new Set<string>()
  /** How a request that lasts was counted when it began. */
  readonly #lasting = new WeakMap<RequestInfo, { verb: string; resource: string }>()
  /** By verb, resource, scope and code. */
  readonly #totals = new Map<string, RequestSeries>()
  /** By the same but the code. */
  readonly #durations = new Map<string, DurationSeries>()

  constructor() {
    const registers = [this.registry]
    registerSeries(this.registry, this.#totals, this.#durations)
    const inflight = this.#inflight
    new Gauge({
      name: 'apiserver_current_inflight_requests',
      help: 'Requests that are being answered.',
      labelNames: ['request_kind'],
      registers,
      collect() {
        for (const [kind, count] of Object.entries(inflight)) this.set({ request_kind: kind }, count)
      },
    })
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
    } else this.#inflight[kindOf(info)]++
  }

  end(info: RequestInfo, code: number, seconds: number): void {
    const known = info.isResource && !denied.has(code)
    if (known) this.#served.add(info.resource)
    const series = this.#seriesOf(info, code, known)
    series.count++
    const lasting = isLongRunning(info) ? this.#lasting.get(info) : undefined
    if (lasting) this.#longRunning.dec(lasting)
    else {
      this.#inflight[kindOf(info)]--
      series.duration.observe(seconds)
    }
  }

  #seriesOf(info: RequestInfo, code: number, isNamed: boolean): RequestSeries {
    const scope = info.name !== '' ? 'resource' : info.namespace !== '' ? 'namespace' : info.isResource ? 'cluster' : ''
    const of = isNamed ? `${info.group} ${info.version} ${info.resource} ${info.subresource}` : '   '
    const id = `${info.verb} ${of} ${scope}`
    const known = this.#totals.get(`${id} ${code}`)
    if (known) return known
    const { group, version, resource, subresource } = isNamed ? info : nothing
    const labels = { verb: info.verb.toUpperCase(), group, version, resource, subresource, scope }
    const duration = this.#durations.get(id) ?? new DurationSeries(labels)
    const made = new RequestSeries({ ...labels, code: String(code) }, duration)
    this.#totals.set(`${id} ${code}`, made)
    this.#durations.set(id, duration)
    return made
  }

  /** The page in Prometheus' text form, with what other parts counted in the default registry. */
  async page(): Promise<{ body: string; contentType: string }> {
    const merged = PromRegistry.merge([this.registry, register])
    return { body: await merged.metrics(), contentType: merged.contentType }
  }
}

const nothing = { group: '', version: '', resource: '', subresource: '' }
/** Answers to what nobody was let to, or what is not there. */
const denied: ReadonlySet<number> = new Set([401, 403, 404])
const streams: ReadonlySet<string> = new Set(['exec', 'attach', 'portforward', 'proxy', 'log'])
const isLongRunning = (info: RequestInfo): boolean => info.verb === 'watch' || streams.has(info.subresource)
const kindOf = (info: RequestInfo): 'mutating' | 'readOnly' => (mutating.has(info.verb) ? 'mutating' : 'readOnly')
