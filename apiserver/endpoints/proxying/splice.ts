/** Joins an upgraded client connection with one to a backend; what the backend refuses is told to the client and both are closed. */
import { type IncomingMessage, type OutgoingHttpHeaders, request as plainRequest } from 'node:http'
import { request as tlsRequest } from 'node:https'
import type { Duplex } from 'node:stream'
import { ApiError } from '#api/meta/status.ts'
import { refuseUpgrade, type UpgradeRequest } from '#apiserver/filters/upgrades.ts'
import { hostPort, type Target } from './kubelet-connection.ts'

/** What the backend may say in a refusal. */
const maxRefusalBytes = 50_000
/** A backend that has not answered the upgrade by then is given up. */
const answerMs = 30_000

/** Never sent to a backend: the client's credentials for this server, and what belongs to its own connection. Cookies are the backend's. */
const notForwarded: ReadonlySet<string> = new Set(['authorization', 'host', 'content-length', 'transfer-encoding'])
const bearerProtocol = 'base64url.bearer.authorization.k8s.io.'

export function forwardedHeaders(given: IncomingMessage['headers']): OutgoingHttpHeaders {
  const headers: OutgoingHttpHeaders = {}
  for (const [name, value] of Object.entries(given)) {
    if (notForwarded.has(name) || name.startsWith(':') || name.startsWith('impersonate-') || name.startsWith('x-remote-')) continue
    headers[name] = name === 'sec-websocket-protocol' ? withoutBearer(String(value)) : value
  }
  return headers
}

const withoutBearer = (protocols: string): string =>
  protocols
    .split(',')
    .map((p) => p.trim())
    .filter((p) => !p.startsWith(bearerProtocol))
    .join(', ')

/** `more` are headers beside the client's. Resolves when both are joined (or the refusal is sent). Throws 503 if the backend cannot be reached. */
export function splice(request: UpgradeRequest, target: Target, path: string, more: OutgoingHttpHeaders = {}): Promise<void> {
  const { raw, socket, head } = request
  const options = {
    host: target.host,
    port: target.port,
    path,
    method: raw.method ?? 'GET',
    headers: { ...forwardedHeaders(raw.headers), ...more, host: hostPort(target) },
    agent: false,
    ...target.tls,
  }
  return new Promise((resolve, reject) => {
    const call = target.secure ? tlsRequest(options) : plainRequest(options)
    const late = setTimeout(() => call.destroy(new Error('the backend does not answer')), answerMs)
    const left = (): void => void call.destroy()
    socket.once('close', left)
    const settled = (): void => {
      clearTimeout(late)
      socket.off('close', left)
    }
    call.on('upgrade', (response, backend, early) => {
      settled()
      join({ socket, head }, { response, backend, early })
      resolve()
    })
    call.on('response', (response) => {
      settled()
      refusal(response).then((error) => {
        response.destroy()
        refuseUpgrade(socket, error)
        resolve()
      }, reject)
    })
    call.on('error', (error) => {
      settled()
      reject(new ApiError(503, 'ServiceUnavailable', `error dialing backend: ${error.message}`))
    })
    call.end()
  })
}

interface Client {
  socket: Duplex
  head: Buffer
}

interface Backend {
  response: IncomingMessage
  backend: Duplex
  early: Buffer
}

function join({ socket, head }: Client, { response, backend, early }: Backend): void {
  const lines = [`HTTP/1.1 101 ${response.statusMessage ?? 'Switching Protocols'}`]
  for (let i = 0; i + 1 < response.rawHeaders.length; i += 2) lines.push(`${response.rawHeaders[i]}: ${response.rawHeaders[i + 1]}`)
  socket.write(`${lines.join('\r\n')}\r\n\r\n`)
  if (early.length > 0) socket.write(early)
  if (head.length > 0) backend.write(head)
  for (const stream of [socket, backend])
    if ('setNoDelay' in stream) (stream as unknown as { setNoDelay(on: boolean): void }).setNoDelay(true)
  socket.pipe(backend)
  backend.pipe(socket)
  const both = (): void => {
    socket.destroy()
    backend.destroy()
  }
  backend.on('error', both)
  backend.on('close', both)
  socket.on('close', both)
}

async function refusal(response: IncomingMessage): Promise<ApiError> {
  const chunks: Buffer[] = []
  let size = 0
  const late = setTimeout(() => response.destroy(), answerMs)
  try {
    for await (const chunk of response) {
      chunks.push(chunk as Buffer)
      size += (chunk as Buffer).length
      if (size >= maxRefusalBytes) break
    }
  } catch {
    chunks.push(Buffer.from(' (the backend broke off)'))
  }
  clearTimeout(late)
  const text = Buffer.concat(chunks).subarray(0, maxRefusalBytes).toString()
  const code = response.statusCode ?? 502
  if (code >= 300 && code < 400) return new ApiError(502, 'InternalError', 'the backend answered with a redirect, which is not followed')
  if (code < 300) return new ApiError(502, 'InternalError', 'the backend did not upgrade the connection')
  return asStatus(text) ?? new ApiError(code, reasonOf(code), text)
}

const reasonOf = (code: number): string => ({ 400: 'BadRequest', 403: 'Forbidden', 404: 'NotFound', 500: 'InternalError' })[code] ?? ''

/** A kubelet may answer with a Status of its own. */
function asStatus(text: string): ApiError | undefined {
  try {
    const status = JSON.parse(text) as { kind?: string }
    return status.kind === 'Status' ? ApiError.fromStatus(status as never) : undefined
  } catch {
    return undefined
  }
}
