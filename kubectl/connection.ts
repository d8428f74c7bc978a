/** How to open a WebSocket to the cluster that a session talks to: the same address, certificates and token as its requests. */
import { readFileSync } from 'node:fs'
import type { RestConfig } from '#client/kubeconfig.ts'
import { errorOf } from '#client/rest.ts'
import { identityHeaders } from '#client/transport.ts'
import { type ConnectOptions, UpgradeRefused } from '#streams/websocket-client.ts'

export interface Connection {
  /** wss://host:port/prefix, to which a path is added. */
  base: string
  options: ConnectOptions
}

export function connectionOf(config: RestConfig, signal: AbortSignal): Connection {
  const url = config.server.includes('://') ? config.server : `https://${config.server}`
  const token = config.tokenFile ? readFileSync(config.tokenFile, 'utf8').trim() : config.token
  return {
    base: url.replace(/^http/, 'ws').replace(/\/$/, ''),
    options: {
      headers: identityHeaders(config, token),
      ...(config.ca === undefined ? {} : { ca: config.ca }),
      ...(config.cert === undefined ? {} : { cert: config.cert }),
      ...(config.key === undefined ? {} : { key: config.key }),
      ...(config.insecureSkipTlsVerify ? { rejectUnauthorized: false } : {}),
      ...(config.tlsServerName === undefined ? {} : { servername: config.tlsServerName }),
      signal,
    },
  }
}

/** A refused upgrade says why as every other answer does: with a Status. */
export function asApiError(error: unknown): unknown {
  return error instanceof UpgradeRefused ? errorOf(error.code, Buffer.from(error.body)) : error
}
