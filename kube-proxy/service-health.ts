/**
 * Answers for services with externalTrafficPolicy Local on their healthCheckNodePort, so that load balancers send traffic only to nodes that
 * have an endpoint: 200 with endpoints on this node, 503 without.
 */
import { createServer, type Server } from 'node:http'
import type { Service } from '#api/core/service.ts'
import type { Logger } from '#component/logging.ts'

export class ServiceHealth {
  readonly #log: Logger
  readonly #servers = new Map<string, { port: number; server: Server }>()
  readonly #counts = new Map<string, number>()

  constructor(log: Logger) {
    this.#log = log
  }

  /** Opens, moves or closes the port of one service; `localEndpoints` is what its answer says. */
  set(name: string, service: Service | undefined, localEndpoints: number): void {
    const wanted = service?.spec.externalTrafficPolicy === 'Local' ? service.spec.healthCheckNodePort : undefined
    const open = this.#servers.get(name)
    if (open && open.port !== wanted) {
      open.server.close()
      this.#servers.delete(name)
    }
    this.#counts.set(name, localEndpoints)
    if (wanted && open?.port !== wanted) this.#open(name, wanted)
    if (!wanted) this.#counts.delete(name)
  }

  #open(name: string, port: number): void {
    const [namespace = '', service = ''] = name.split('/')
    const server = createServer((_, response) => {
      const localEndpoints = this.#counts.get(name) ?? 0
      response.writeHead(localEndpoints > 0 ? 200 : 503, {
        'content-type': 'application/json',
        'x-load-balancing-endpoint-weight': String(localEndpoints),
      })
      response.end(JSON.stringify({ service: { namespace, name: service }, localEndpoints, serviceProxyHealthy: true }))
    })
    server.on('error', (error) => this.#log.error({ service: name, port, error }, 'cannot serve the health check node port'))
    server.listen(port)
    this.#servers.set(name, { port, server })
  }

  close(): void {
    for (const { server } of this.#servers.values()) server.close()
    this.#servers.clear()
  }
}
