/** Counts the requests to the kubelet's API, by the first part of their path as upstream does. */
import type { FastifyInstance } from 'fastify'
import { httpDuration, httpInFlight, httpRequests } from '#kubelet/metrics.ts'

const whole: ReadonlySet<string> = new Set(['metrics/cadvisor', 'metrics/probes', 'metrics/resource'])
const known: ReadonlySet<string> = new Set([
  'attach',
  'checkpoint',
  'configz',
  'containerLogs',
  'exec',
  'healthz',
  'logs',
  'metrics',
  'pods',
  'portForward',
  'run',
  'runningpods',
  'stats',
])
const long: ReadonlySet<string> = new Set(['exec', 'attach', 'portForward'])

/** Pure. */
export function pathBucket(url: string): string {
  const path = (url.split('?', 1)[0] ?? '').replace(/^\/+|\/+$/g, '')
  if (whole.has(path)) return path
  const first = path.split('/', 1)[0] ?? ''
  return known.has(first) ? first : 'other'
}

export function observeRequests(app: FastifyInstance): void {
  const labelsOf = (method: string, url: string) => {
    const path = pathBucket(url)
    const follows = path === 'containerLogs' && /[?&]follow=(true|1)/.test(url)
    return { method, path, server_type: 'readwrite', long_running: String(long.has(path) || follows) }
  }
  app.addHook('onRequest', async ({ method, url }) => {
    httpRequests.inc(labelsOf(method, url))
    httpInFlight.inc(labelsOf(method, url))
  })
  app.addHook('onResponse', async ({ method, url }, reply) => {
    httpInFlight.dec(labelsOf(method, url))
    httpDuration.observe(labelsOf(method, url), reply.elapsedTime / 1000)
  })
}
