/** Requests with an Upgrade header: the same layers as all others, then a raw stream; a refused one is answered and closed, no tunnel remains. */
import { type IncomingMessage, type Server, STATUS_CODES } from 'node:http'
import type { Duplex } from 'node:stream'
import type { ApiError } from '#api/meta/status.ts'
import type { User } from '#apiserver/authentication/user.ts'
import type { Logger } from '#component/logging.ts'
import { endWith } from '#streams/upgrade.ts'
import { apiErrorOf } from './errors.ts'
import { type RequestInfo, requestInfoOf } from './request-info.ts'

export interface UpgradeRequest {
  info: RequestInfo
  user: User
  raw: IncomingMessage
  socket: Duplex
  /** What came behind the request's head. */
  head: Buffer
}

/** Takes the socket over. A rejection before anything was written is answered with a Status. */
export type Upgrade = (request: UpgradeRequest) => Promise<void>

interface Deps {
  upgrade(info: RequestInfo): Upgrade | undefined
  log: Logger
}

type Admit = (raw: IncomingMessage, socket: Duplex) => Promise<{ info: RequestInfo; user: User }>

export function serveUpgrades(server: Server & { shouldUpgradeCallback?: unknown }, deps: Deps, admit: Admit): void {
  // An Upgrade header on any other path is ignored, as HTTP allows.
  server.shouldUpgradeCallback = (raw: IncomingMessage) => isUpgradePath(deps, raw)
  server.on('upgrade', (raw: IncomingMessage, socket: Duplex, head: Buffer) => {
    socket.on('error', (error) => deps.log.debug({ error, path: raw.url }, 'upgraded connection failed'))
    serve(deps, admit, { raw, socket, head }).catch((error: unknown) => {
      const answer = apiErrorOf(error, (cause) => deps.log.error({ path: raw.url, error: cause }, 'upgrade failed'))
      refuseUpgrade(socket, answer)
    })
  })
}

function isUpgradePath(deps: Deps, raw: IncomingMessage): boolean {
  try {
    return deps.upgrade(requestInfoOf(raw.method ?? 'GET', raw.url ?? '/')) !== undefined
  } catch {
    return false
  }
}

async function serve(deps: Deps, admit: Admit, at: { raw: IncomingMessage; socket: Duplex; head: Buffer }): Promise<void> {
  const { info, user } = await admit(at.raw, at.socket)
  await deps.upgrade(info)?.({ info, user, ...at })
}

/** A plain HTTP answer on the raw socket, which is then closed. */
export function refuseUpgrade(socket: Duplex, error: ApiError): void {
  const body = JSON.stringify(error.toStatus())
  const lines = [
    `HTTP/1.1 ${error.code} ${STATUS_CODES[error.code] ?? 'Error'}`,
    'Content-Type: application/json',
    'Cache-Control: no-cache, private',
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Connection: close',
  ]
  endWith(socket, `${lines.join('\r\n')}\r\n\r\n${body}`)
}
