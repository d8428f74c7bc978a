/** Runs one check: an HTTP request, a connection, a command in the container or a gRPC health call. */
import { request as plainRequest } from 'node:http'
import { connect as http2Connect } from 'node:http2'
import { request as tlsRequest } from 'node:https'
import { connect } from 'node:net'
import type { HTTPGetAction, ProbeHandler } from '#api/core/probe.ts'
import type { AnyContainer } from '#kubelet/pod-containers.ts'
import type { ContainerRuntime } from '#kubelet/runtime/runtime.ts'

export interface CheckTarget {
  container: AnyContainer
  containerId: string
  podIp: string
}
export interface CheckResult {
  ok: boolean
  /** For the Unhealthy event. */
  output: string
  /** It worked, but the user should know of something. */
  warning?: true
}

const maxBodyBytes = 10 * 1024
const userAgent = 'kube-probe/1.35'
export const lifecycleUserAgent = 'kube-lifecycle/1.35'

export async function runCheck(
  handler: ProbeHandler,
  target: CheckTarget,
  timeoutMs: number,
  runtime: Pick<ContainerRuntime, 'execSync'>,
): Promise<CheckResult> {
  if (handler.exec) return checkExec(handler.exec.command ?? [], target, timeoutMs, runtime)
  if (handler.httpGet) return checkHttp(handler.httpGet, target, timeoutMs)
  if (handler.tcpSocket) {
    const { host, port } = handler.tcpSocket
    return checkTcp(host || target.podIp, portNumber(port, target.container), timeoutMs)
  }
  if (handler.grpc) return checkGrpc(target.podIp, handler.grpc, timeoutMs)
  return { ok: false, output: `missing probe handler for ${target.container.name}` }
}

/** Throws for a name that no port of the container has. */
export function portNumber(port: number | string, container: AnyContainer): number {
  if (typeof port === 'number') return port
  const named = container.ports?.find((each) => each.name === port)?.containerPort
  const found = named ?? (/^\d+$/.test(port) ? Number(port) : undefined)
  if (found === undefined || found <= 0 || found > 65_535)
    throw new Error(`couldn't find port: ${JSON.stringify(port)} in ${container.name}`)
  return found
}

async function checkExec(
  command: readonly string[],
  target: CheckTarget,
  timeoutMs: number,
  runtime: Pick<ContainerRuntime, 'execSync'>,
): Promise<CheckResult> {
  const { exitCode, output, timedOut } = await runtime.execSync(target.containerId, command, timeoutMs)
  if (timedOut) return { ok: false, output: `command timed out: "${command.join(' ')}" timed out after ${timeoutMs / 1000}s` }
  return { ok: exitCode === 0, output }
}

const hostText = (host: string): string => (host.includes(':') && !host.startsWith('[') ? `[${host}]` : host)

/** The address of an httpGet action; also used by lifecycle hooks. */
export function urlOf(action: HTTPGetAction, container: AnyContainer, podIp: string): URL {
  const path = action.path ?? '/'
  const scheme = (action.scheme ?? 'HTTP').toLowerCase()
  return new URL(
    path.startsWith('/') ? path : `/${path}`,
    `${scheme}://${hostText(action.host || podIp)}:${portNumber(action.port, container)}`,
  )
}

export function headersOf(action: HTTPGetAction, agent = userAgent): Record<string, string> {
  const headers: Record<string, string> = { 'User-Agent': agent, Accept: '*/*' }
  for (const { name, value } of action.httpHeaders ?? []) {
    const known = Object.keys(headers).find((key) => key.toLowerCase() === name.toLowerCase())
    if (known) delete headers[known]
    // An empty Accept means none at all.
    if (!(value === '' && name.toLowerCase() === 'accept')) headers[name] = value
  }
  return headers
}

async function checkHttp(action: HTTPGetAction, target: CheckTarget, timeoutMs: number): Promise<CheckResult> {
  let url = urlOf(action, target.container, target.podIp)
  const first = url
  const late = AbortSignal.timeout(timeoutMs)
  for (let hops = 0; hops <= 10; hops++) {
    const answer = await httpGet(url, headersOf(action), late)
    if ('error' in answer) return { ok: false, output: `Get "${first.href}": ${answer.error}` }
    const { status, location, body } = answer
    const next = status >= 301 && status <= 308 && location ? new URL(location, url) : undefined
    if (next && next.hostname === url.hostname) {
      url = next
      continue
    }
    if (next) return { ok: true, warning: true, output: `Probe terminated redirects, Response body: ${body}` }
    return status >= 200 && status < 400
      ? { ok: true, output: body }
      : { ok: false, output: `HTTP probe failed with statuscode: ${status}` }
  }
  return { ok: false, output: `Get "${first.href}": stopped after 10 redirects` }
}

type HttpAnswer = { status: number; location: string | undefined; body: string } | { error: string }

/** One request on its own connection, like upstream's probes: a kept one could hide a server that takes no new ones. */
export function httpGet(url: URL, headers: Record<string, string>, signal: AbortSignal): Promise<HttpAnswer> {
  return new Promise((resolve) => {
    const send = url.protocol === 'https:' ? tlsRequest : plainRequest
    const request = send(
      url,
      // As forgiving as Go's client: many a small server ends its lines without a carriage return.
      { agent: false, headers: { ...headers, Connection: 'close' }, rejectUnauthorized: false, insecureHTTPParser: true, signal },
      (response) => {
        const chunks: Buffer[] = []
        let size = 0
        const done = (): void =>
          resolve({
            status: response.statusCode ?? 0,
            location: response.headers.location,
            body: Buffer.concat(chunks).toString('utf8', 0, maxBodyBytes),
          })
        response.on('data', (chunk: Buffer) => {
          size += chunk.length
          if (size <= maxBodyBytes) chunks.push(chunk)
          else request.destroy()
        })
        response.on('end', done)
        response.on('close', done)
      },
    )
    request.on('error', (error: NodeJS.ErrnoException) => resolve({ error: signal.aborted ? deadlineText : dialText(error, url) }))
    request.end()
  })
}

const deadlineText = 'context deadline exceeded (Client.Timeout exceeded while awaiting headers)'

function dialText(error: NodeJS.ErrnoException, url: URL): string {
  const port = url.port || (url.protocol === 'https:' ? '443' : '80')
  return socketText(error, `${url.hostname}:${port}`)
}

const socketWords: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connect: connection refused',
  EHOSTUNREACH: 'connect: no route to host',
  ENETUNREACH: 'connect: network is unreachable',
  ETIMEDOUT: 'i/o timeout',
}

function socketText(error: NodeJS.ErrnoException, address: string): string {
  if (error.code?.startsWith('HPE_')) return 'net/http: HTTP/1.x transport connection broken: malformed HTTP response'
  if (error.code === 'ECONNRESET' || error.message === 'socket hang up') return 'EOF'
  return `dial tcp ${address}: ${socketWords[error.code ?? ''] ?? error.message}`
}

function checkTcp(host: string, port: number, timeoutMs: number): Promise<CheckResult> {
  const address = `${hostText(host)}:${port}`
  return new Promise((resolve) => {
    const socket = connect({ host, port })
    const finish = (result: CheckResult): void => {
      clearTimeout(timer)
      socket.destroy()
      resolve(result)
    }
    const timer = setTimeout(() => finish({ ok: false, output: `dial tcp ${address}: i/o timeout` }), timeoutMs)
    socket.once('connect', () => finish({ ok: true, output: '' }))
    socket.once('error', (error: NodeJS.ErrnoException) => finish({ ok: false, output: socketText(error, address) }))
  })
}

/** grpc.health.v1.Health/Check by hand: one short message each way. */
function checkGrpc(host: string, action: { port: number; service?: string | undefined }, timeoutMs: number): Promise<CheckResult> {
  const address = `${hostText(host)}:${action.port}`
  return new Promise((resolve) => {
    const session = http2Connect(`http://${address}`)
    const finish = (result: CheckResult): void => {
      clearTimeout(timer)
      session.destroy()
      resolve(result)
    }
    const failed = (why: string): void =>
      finish({ ok: false, output: `timeout: failed to connect service "${address}" within ${timeoutMs / 1000}s: ${why}` })
    const timer = setTimeout(() => failed('context deadline exceeded'), timeoutMs)
    session.once('error', (error) => failed(error.message))
    const stream = session.request({
      ':method': 'POST',
      ':path': '/grpc.health.v1.Health/Check',
      'content-type': 'application/grpc',
      te: 'trailers',
      'user-agent': userAgent,
    })
    const chunks: Buffer[] = []
    let status = ''
    stream.on('data', (chunk: Buffer) => chunks.push(chunk))
    stream.on('trailers', (trailers) => (status = String(trailers['grpc-status'] ?? '')))
    stream.on('response', (headers) => (status = String(headers['grpc-status'] ?? status)))
    stream.on('error', (error) => failed(error.message))
    stream.on('close', () => finish(grpcResult(Buffer.concat(chunks), status)))
    const service = Buffer.from(action.service ?? '', 'utf8')
    const message = service.length === 0 ? service : Buffer.concat([Buffer.from([0x0a, service.length]), service])
    stream.end(Buffer.concat([Buffer.from([0, 0, 0, 0, message.length]), message]))
  })
}

/** HealthCheckResponse has one enum field: 1 is SERVING. */
function grpcResult(body: Buffer, status: string): CheckResult {
  if (status !== '0') return { ok: false, output: `error: health rpc probe failed: grpc status ${status || 'missing'}` }
  const serving = body.length >= 7 && body[5] === 0x08 && body[6] === 1
  return { ok: serving, output: serving ? 'service healthy' : 'service unhealthy (responded with "NOT_SERVING")' }
}
