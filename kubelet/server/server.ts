/** The kubelet's API on port 10250: logs, exec, attach, port-forward, pods, stats and metrics, for the API server and administrators. */

import type { IncomingMessage } from 'node:http'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify'
import { register } from 'prom-client'
import type { Runnable } from '#component/daemon.ts'
import { listenError } from '#component/serving.ts'
import { refuse, UpgradeError, type UpgradeRequest } from '#streams/upgrade.ts'
import { type Access, pathOf } from './access.ts'
import { configz } from './configz.ts'
import { serveContainerLogs } from './container-logs.ts'
import { type ContainerPath, containerNames, findPod, findRunning, ServerError, type ServerHost } from './host.ts'
import { refusalOf } from './refusals.ts'
import { observeRequests } from './request-metrics.ts'
import { type SessionVerb, sessions } from './sessions.ts'
import { serveSystemLogs, systemLogDir } from './system-logs.ts'

export interface KubeletServerOptions {
  host: ServerHost
  bindAddress: string
  /** 0 takes a free port. */
  port: number
  tls: () => Promise<ServerTls>
  access: Pick<Access, 'refusal'>
}

/** PEM texts. Without the CA of its clients no certificate is taken. */
export interface ServerTls {
  cert: string
  key: string
  clientCa: string | undefined
}

const pod = ':namespace/:pod'
/** Upstream's. Shorter than what clients keep connections for, a request could meet the end of the connection that it comes on. */
const idleMs = 90_000
const anyMethod = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']
const probeMetrics = ['prober_probe_total', 'prober_probe_duration_seconds']

/** The server as a runnable; `port()` tells the port once `started` settles. */
export function kubeletServer(options: KubeletServerOptions): Runnable & { started: Promise<void>; port(): number } {
  const { promise: started, resolve, reject } = Promise.withResolvers<void>()
  let bound = options.port
  return {
    name: `kubelet API on ${options.bindAddress}:${options.port}`,
    started,
    port: () => bound,
    async run(signal) {
      const app = buildKubeletServer(options, await options.tls())
      const sessions = switchedConnections(app)
      try {
        await app.listen({ port: options.port, host: options.bindAddress })
      } catch (error) {
        const known = listenError(error as NodeJS.ErrnoException, options)
        reject(known)
        throw known
      }
      bound = (app.server.address() as AddressInfo).port
      resolve()
      await new Promise<void>((stop) => signal.addEventListener('abort', () => stop(), { once: true }))
      app.server.closeAllConnections()
      for (const socket of sessions) socket.destroy()
      await app.close()
    },
  }
}

/** Connections that speak HTTP no more: the server does not know them, but its end would wait for theirs. */
function switchedConnections(app: FastifyInstance): ReadonlySet<Duplex> {
  const open = new Set<Duplex>()
  app.server.prependListener('upgrade', (_request: IncomingMessage, socket: Duplex) => {
    open.add(socket)
    socket.once('close', () => open.delete(socket))
  })
  return open
}

function buildKubeletServer({ host, access }: KubeletServerOptions, tls: ServerTls): FastifyInstance {
  const app = fastify({
    forceCloseConnections: true,
    exposeHeadRoutes: false,
    serverFactory: (handler) =>
      createServer(
        {
          cert: tls.cert,
          key: tls.key,
          ...(tls.clientCa === undefined ? {} : { ca: tls.clientCa }),
          requestCert: true,
          rejectUnauthorized: false,
          minVersion: 'TLSv1.2',
          keepAliveTimeout: idleMs,
        },
        handler,
      ),
  }) as unknown as FastifyInstance
  // Nothing here takes a body; one that comes all the same is passed over, whatever it is.
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', { parseAs: 'string' }, (_request, _body, done) => done(null))
  // Those that are refused count as well.
  observeRequests(app)
  app.addHook('onRequest', async (request, reply) => {
    const refused = await access.refusal(request.raw)
    if (refused !== undefined) await reply.code(refused.code).type('text/plain; charset=utf-8').send(refused.body)
  })
  app.setErrorHandler((error, _request, reply) => {
    if (error instanceof ServerError) return reply.code(error.code).type('text/plain; charset=utf-8').send(error.message)
    host.log.error({ error }, 'a request failed')
    return reply
      .code(500)
      .type('text/plain; charset=utf-8')
      .send((error as Error).message)
  })
  app.setNotFoundHandler((request, reply) => {
    const refusal = refusalOf(pathOf(request.raw))
    if ('redirect' in refusal) return reply.redirect(refusal.redirect, 307)
    if (refusal.allow !== undefined) reply.header('allow', refusal.allow)
    if (refusal.nosniff) reply.header('x-content-type-options', 'nosniff')
    return reply.code(refusal.code).type('text/plain; charset=utf-8').send(refusal.body)
  })
  observing(app, host)
  streaming(app, host)
  app.server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => upgrade({ host, access }, { request, socket, head }))
  return app
}

function observing(app: FastifyInstance, host: ServerHost): void {
  const healthz = async (_request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    try {
      host.healthy()
      return await reply.header('x-content-type-options', 'nosniff').send('ok')
    } catch (error) {
      return await reply.code(500).send(`${(error as Error).message}\n`)
    }
  }
  const any = (url: string, handler: (request: FastifyRequest, reply: FastifyReply) => unknown): unknown =>
    app.route({ method: anyMethod, url, handler })
  any('/healthz', healthz)
  for (const name of ['ping', 'log', 'syncloop']) any(`/healthz/${name}`, (_request, reply) => reply.send('ok'))
  any('/configz', async () => configz(host.config()))
  for (const path of ['/pods', '/pods/'])
    app.get(path, async () => ({ kind: 'PodList', apiVersion: 'v1', metadata: {}, items: host.pods() }))
  app.get('/runningpods/', (request) => runningPods(host, request))
  for (const path of ['/stats/summary', '/stats/summary/']) {
    const summary = (request: FastifyRequest): Promise<object> =>
      host.stats.summary((request.query as Record<string, unknown>)['only_cpu_and_memory'] === 'true')
    app.route({ method: ['GET', 'POST'], url: path, handler: summary })
  }
  any('/metrics', async (_request, reply) => {
    const [counted, looked] = await Promise.all([register.metrics(), host.stats.kubelet()])
    return await reply.type(register.contentType).send(`${counted.trimEnd()}\n${looked}`)
  })
  any('/metrics/probes', async (_request, reply) => {
    const texts = await Promise.all(
      probeMetrics.filter((name) => register.getSingleMetric(name)).map((name) => register.getSingleMetricAsString(name)),
    )
    return await reply.type(register.contentType).send(`${texts.join('\n')}\n`)
  })
  any('/metrics/resource', async (_request, reply) => reply.type(register.contentType).send(await host.stats.resource()))
  any('/metrics/cadvisor', async (_request, reply) => reply.type(register.contentType).send(await host.stats.cadvisor()))
}

function streaming(app: FastifyInstance, host: ServerHost): void {
  app.get(`/containerLogs/${pod}/:container`, async (request, reply) => {
    const path = request.params as ContainerPath & { container: string }
    await hijacked(reply, () => serveContainerLogs(host, path, request.raw, reply.raw))
  })
  for (const path of [`/run/${pod}/:container`, `/run/${pod}/:uid/:container`])
    app.post(path, (request, reply) => run(host, request, reply))
  app.get('/logs/*', (request, reply) => serveSystemLogs(systemLogDir, (request.params as { '*': string })['*'], reply))
  app.post(`/checkpoint/${pod}/:container`, async (request) => await checkpoint(host, request.params as ContainerPath))
  for (const path of [`/exec/${pod}`, `/attach/${pod}`]) {
    for (const url of [`${path}/:container`, `${path}/:uid/:container`])
      app.route({ method: ['GET', 'POST'], url, handler: (request, reply) => refuseWithoutUpgrade(host, request, reply) })
  }
  for (const url of [`/portForward/${pod}`, `/portForward/${pod}/:uid`])
    app.route({ method: ['GET', 'POST'], url, handler: (request, reply) => refuseWithoutUpgrade(host, request, reply) })
}

/** Reached without the headers that ask for a switch of protocols. What else is wrong with the request is told first, as upstream does. */
async function refuseWithoutUpgrade(host: ServerHost, { raw }: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const path = sessionPath(pathOf(raw))
  // A name that is no text at all.
  if (path === undefined) throw new ServerError(404, '404 page not found\n')
  await sessions[path.verb](host, path, queryOf(raw))
  const plain = reply.code(500).type('text/plain; charset=utf-8').header('x-content-type-options', 'nosniff')
  return await plain.send('Upgrade request required\n')
}

const queryOf = ({ url = '' }: IncomingMessage): URLSearchParams => new URLSearchParams(url.split('?').slice(1).join('?'))

/** Errors before the first byte are answered as others are; after it the connection is all there is to cut. */
async function hijacked(reply: FastifyReply, work: () => Promise<void>): Promise<void> {
  try {
    await work()
    reply.hijack()
  } catch (error) {
    if (!reply.raw.headersSent) throw error
    reply.hijack()
    reply.raw.destroy()
  }
}

async function run(host: ServerHost, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const { id } = await findRunning(host, request.params as ContainerPath)
  const cmd = queryOf(request.raw).get('cmd') ?? ''
  const { exitCode, output, stderr = output } = await host.runtime.execSync(id, cmd.split(' '), 120_000)
  if (exitCode !== 0) throw new ServerError(500, `command '${cmd}' exited with ${exitCode}: ${stderr}`)
  // As bytes: to text the framework would add a charset, which upstream does not tell.
  return await reply.header('content-type', 'application/json').send(Buffer.from(output))
}

/** No runtime of ours can; upstream answers so where its own cannot. */
async function checkpoint(host: ServerHost, path: ContainerPath): Promise<never> {
  const found = findPod(host, path)
  if (found === undefined) throw new ServerError(404, 'pod does not exist')
  if (!containerNames(found).includes(path.container ?? '')) throw new ServerError(404, `container ${path.container} does not exist`)
  const { namespace, pod: name, container } = path
  throw new ServerError(404, `checkpointing of ${namespace}/${name}/${container} failed (the runtime does not support it)`)
}

async function runningPods(host: ServerHost, _request: FastifyRequest): Promise<object> {
  const signal = AbortSignal.timeout(30_000)
  const [sandboxes, containers] = await Promise.all([host.runtime.listSandboxes(signal), host.runtime.listContainers({}, signal)])
  const items = sandboxes
    .filter(({ ready }) => ready)
    .map(({ podUid, name, namespace }) => ({
      metadata: { name, namespace, uid: podUid, creationTimestamp: null },
      spec: {
        containers: containers
          .filter((container) => container.podUid === podUid && container.state === 'running')
          .map((container) => ({ name: container.name, image: container.image, resources: {} })),
      },
      status: {},
    }))
  return { kind: 'PodList', apiVersion: 'v1', metadata: {}, items }
}

function decodedParts(path: string): string[] {
  try {
    return path.split('/').map(decodeURIComponent)
  } catch {
    return [] // no path of ours has such escapes
  }
}

/** The container or pod that an upgrade request names. Undefined for any other path. Pure. */
export function sessionPath(path: string): (ContainerPath & { verb: SessionVerb }) | undefined {
  const [, verb, namespace = '', name = '', third, fourth, ...more] = decodedParts(path)
  if (namespace === '' || name === '' || more.length > 0) return undefined
  if (verb === 'portForward') {
    if (fourth !== undefined) return undefined
    return { verb, namespace, pod: name, ...(third === undefined || third === '' ? {} : { uid: third }) }
  }
  if ((verb !== 'exec' && verb !== 'attach') || third === undefined || third === '') return undefined
  return { verb, namespace, pod: name, ...(fourth === undefined ? { container: third } : { uid: third, container: fourth }) }
}

function upgrade({ host, access }: Pick<KubeletServerOptions, 'host' | 'access'>, request: UpgradeRequest): void {
  const serve = async () => {
    const refused = await access.refusal(request.request)
    if (refused !== undefined) throw new ServerError(refused.code, refused.body)
    const path = sessionPath(pathOf(request.request))
    if (path === undefined) throw new ServerError(404, '404 page not found\n')
    const serveSession = await sessions[path.verb](host, path, queryOf(request.request))
    await serveSession(request)
  }
  request.socket.on('error', () => request.socket.destroy())
  serve().catch((error: unknown) => {
    const known = error instanceof ServerError || error instanceof UpgradeError
    if (!known) host.log.error({ error }, 'a session failed')
    if (request.accepted === true) request.socket.destroy()
    else refuse(request.socket, known ? error.code : 500, error instanceof Error ? error.message : String(error))
  })
}
