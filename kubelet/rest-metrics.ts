/** Counts and times the kubelet's own requests to the API server, under the names of upstream's clients. */
import { Counter, Histogram } from 'prom-client'
import type { Transport, TransportRequest } from '#client/transport.ts'

const requests = new Counter({
  name: 'rest_client_requests_total',
  help: 'Requests by code, method and host; where no answer came the code is <error>.',
  labelNames: ['code', 'method', 'host'],
})
const duration = new Histogram({
  name: 'rest_client_request_duration_seconds',
  help: 'How long requests take, by verb and host; of what streams, until it begins.',
  labelNames: ['verb', 'host'],
  buckets: [0.005, 0.025, 0.1, 0.25, 0.5, 1, 2, 4, 8, 15, 30, 60],
})

/** `server` is the URL of the API server. */
export function measured(transport: Transport, server: string): Transport {
  const { host } = new URL(server.includes('://') ? server : `https://${server}`)
  const timed = async <T extends { status: number }>({ method }: TransportRequest, work: Promise<T>): Promise<T> => {
    const began = performance.now()
    let code = '<error>'
    try {
      const answer = await work
      code = String(answer.status)
      return answer
    } finally {
      requests.inc({ code, method, host })
      duration.observe({ verb: method, host }, (performance.now() - began) / 1000)
    }
  }
  return {
    request: (request) => timed(request, transport.request(request)),
    stream: (request) => timed(request, transport.stream(request)),
    close: () => transport.close(),
  }
}
