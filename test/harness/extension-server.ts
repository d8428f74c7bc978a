/** A server that extends the API, as metrics-server does: HTTPS, believes the front proxy of one CA, tells what it was asked. */
import { once } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer, type Server } from 'node:https'
import type { AddressInfo } from 'node:net'
import { networkInterfaces } from 'node:os'
import type { TLSSocket } from 'node:tls'
import type { KeyPairPem } from '#deploy/certificates/authority.ts'

export interface Asked {
  method: string
  url: string
  headers: IncomingMessage['headers']
  rawHeaders: readonly string[]
  /** Common name of the caller's certificate, if the front-proxy CA signed it. */
  caller: string | undefined
  body: string
}

export interface ExtensionServer extends AsyncDisposable {
  port: number
  /** In the order in which they came; questions of the aggregator for the list of resources are left out. */
  asked: Asked[]
  /** Answers of the next requests for the list of resources. */
  listStatus: number
}

/** An address of this machine that is not a loopback one; undefined where it has none. */
export const ownAddress = (): string | undefined =>
  Object.values(networkInterfaces())
    .flatMap((list) => list ?? [])
    .find(({ internal, family }) => !internal && family === 'IPv4')?.address

const group = '/apis/metrics.k8s.io/v1beta1'
const resources = {
  kind: 'APIResourceList',
  apiVersion: 'v1',
  groupVersion: 'metrics.k8s.io/v1beta1',
  resources: [
    { name: 'nodes', singularName: '', namespaced: false, kind: 'NodeMetrics', verbs: ['get', 'list'] },
    { name: 'pods', singularName: '', namespaced: true, kind: 'PodMetrics', verbs: ['get', 'list'] },
  ],
}

export async function startExtensionServer(serving: KeyPairPem, frontProxyCa: string): Promise<ExtensionServer> {
  const tls = { cert: serving.certificate, key: serving.key, ca: frontProxyCa, requestCert: true, rejectUnauthorized: false }
  const state = { asked: [] as Asked[], listStatus: 200 }
  const server = createServer(tls, (request, response) => void answer(state, request, response))
  server.on('upgrade', (request, socket) => {
    state.asked.push(askedOf(request, ''))
    socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n')
    socket.pipe(socket)
  })
  server.listen(0, '0.0.0.0')
  await once(server, 'listening')
  return {
    get asked() {
      return state.asked
    },
    get listStatus() {
      return state.listStatus
    },
    set listStatus(status: number) {
      state.listStatus = status
    },
    port: (server.address() as AddressInfo).port,
    [Symbol.asyncDispose]: () => closed(server),
  }
}

async function closed(server: Server): Promise<void> {
  server.closeAllConnections()
  server.close()
  await once(server, 'close')
}

function askedOf(request: IncomingMessage, body: string): Asked {
  const socket = request.socket as TLSSocket
  const caller = socket.authorized ? String(socket.getPeerCertificate().subject.CN) : undefined
  return { method: request.method ?? '', url: request.url ?? '', headers: request.headers, rawHeaders: request.rawHeaders, caller, body }
}

async function answer(state: { asked: Asked[]; listStatus: number }, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  const { pathname: path, searchParams } = new URL(request.url ?? '/', 'https://x')
  const json = (status: number, object: object): void =>
    void response.writeHead(status, { 'content-type': 'application/json', 'x-extension': 'yes' }).end(JSON.stringify(object))
  if (path === group) return json(state.listStatus, state.listStatus === 200 ? resources : {})
  if (path === '/openapi/v3') return json(200, { paths: { [group.slice(1)]: { serverRelativeURL: `/openapi/v3${group}?hash=1` } } })
  state.asked.push(askedOf(request, Buffer.concat(chunks).toString()))
  if (path === `/openapi/v3${group}`) json(200, { openapi: '3.0.0', info: { title: 'metrics' } })
  else if (path.endsWith('/redirect')) response.writeHead(302, { location: 'https://192.0.2.1/elsewhere' }).end()
  else if (searchParams.has('watch')) {
    response.writeHead(200, { 'content-type': 'application/json' })
    response.write('{"type":"ADDED"}\n')
    const timer = setInterval(() => response.write('{"type":"MODIFIED"}\n'), 20)
    response.on('close', () => clearInterval(timer))
  } else json(200, { kind: 'NodeMetricsList', apiVersion: 'metrics.k8s.io/v1beta1', metadata: {}, items: [] })
}
