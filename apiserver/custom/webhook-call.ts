/** One call of a webhook of the cluster: by URL, or by service whose ready endpoints are dialled directly. */
import { request as httpsRequest } from 'node:https'
import { rootCertificates } from 'node:tls'
import type { CustomResourceDefinitionSpec } from '#api/apiextensions/custom-resource-definition.ts'
import type { Address } from '#apiserver/aggregation/service-endpoints.ts'

type Conversion = NonNullable<CustomResourceDefinitionSpec['conversion']>
export type ClientConfig = NonNullable<NonNullable<Conversion['webhook']>['clientConfig']>

export interface WebhookDeps {
  /** Ready endpoints of a service. Throws with upstream's words where there is none. */
  endpointOf(namespace: string, name: string, port: number): Address
}

const TIMEOUT_MS = 30_000
/** Answers may hold a whole list. */
const MAX_ANSWER_BYTES = 128 * 1024 * 1024

interface Destination {
  /** As it stands in messages. */
  url: string
  host: string
  port: number
  path: string
  serverName: string
}

function destinationOf({ url, service }: ClientConfig, deps: WebhookDeps): Destination {
  if (url !== undefined) {
    const parsed = new URL(url)
    const host = parsed.hostname.replace(/^\[|\]$/g, '')
    const path = `${parsed.pathname}?timeout=30s`
    return { url: `${url}?timeout=30s`, host, port: Number(parsed.port || 443), path, serverName: host }
  }
  const { name = '', namespace = '', path: given = '', port = 443 } = service ?? {}
  const serverName = `${name}.${namespace}.svc`
  const path = `${given.startsWith('/') ? '' : '/'}${given}?timeout=30s`
  const shown = `https://${serverName}:${port}${path}`
  try {
    return { url: shown, ...deps.endpointOf(namespace, name, port), path, serverName }
  } catch (error) {
    throw new Error(`Post "${shown}": ${error instanceof Error ? error.message : String(error)}`, { cause: error })
  }
}

/** Posts JSON and reads JSON. Throws with a message that names the URL. */
export async function callWebhook(client: ClientConfig, body: Buffer, deps: WebhookDeps): Promise<unknown> {
  const to = destinationOf(client, deps)
  const { status, text } = await posted(client, body, to).catch((error: NodeJS.ErrnoException) => {
    throw new Error(`Post "${to.url}": ${wordsOf(error, to)}`, { cause: error })
  })
  if (status < 200 || status > 206) throw new Error('an error on the server ("unknown") has prevented the request from succeeding')
  return JSON.parse(text) as unknown
}

function wordsOf(error: NodeJS.ErrnoException, { host, port }: Destination): string {
  const address = host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
  if (error.code === 'ECONNREFUSED') return `dial tcp ${address}: connect: connection refused`
  if (error.code === 'EHOSTUNREACH') return `dial tcp ${address}: connect: no route to host`
  if (error.code === 'ETIMEDOUT') return 'context deadline exceeded (Client.Timeout exceeded while awaiting headers)'
  if (error.code?.startsWith('ERR_TLS') || /certificate/.test(error.message))
    return `tls: failed to verify certificate: x509: ${error.message}`
  return error.message
}

function posted(client: ClientConfig, body: Buffer, to: Destination): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const ca = client.caBundle ? Buffer.from(client.caBundle, 'base64').toString() : [...rootCertificates]
    const request = httpsRequest({
      method: 'POST',
      host: to.host,
      port: to.port,
      path: to.path,
      servername: /^[\d.]+$|:/.test(to.serverName) ? '' : to.serverName,
      ca,
      headers: { 'content-type': 'application/json', accept: 'application/json', 'content-length': body.length },
      timeout: TIMEOUT_MS,
    })
    request.on('timeout', () => request.destroy(Object.assign(new Error('timeout'), { code: 'ETIMEDOUT' })))
    request.on('error', reject)
    request.on('response', (response) => {
      const chunks: Buffer[] = []
      let size = 0
      response.on('data', (chunk: Buffer) => {
        size += chunk.length
        if (size > MAX_ANSWER_BYTES) response.destroy(new Error('the answer is too large'))
        else chunks.push(chunk)
      })
      response.on('error', reject)
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString() }))
    })
    request.end(body)
  })
}
