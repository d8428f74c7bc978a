/** HTTP requests as upstream's probes and lifecycle hooks make them: no certificate is verified, redirects stay on the host. */
import { request as plainRequest } from 'node:http'
import { request as tlsRequest } from 'node:https'
import type { HTTPGetAction } from '#api/core/probe.ts'
import type { AnyContainer } from '#kubelet/pods/pod-containers.ts'
import { type CheckResult, type CheckTarget, hostText, portNumber, socketText } from './target.ts'

const maxBodyBytes = 10 * 1024
/** As Go's client. */
const maxRedirects = 10
const userAgent = 'kube-probe/1.35'
export const lifecycleUserAgent = 'kube-lifecycle/1.35'
/** What a TLS client is told that hears plain HTTP; lifecycle hooks try again without TLS then. */
export const plainAnswerText = 'http: server gave HTTP response to HTTPS client'

export type Headers = Readonly<Record<string, string | string[]>>
export type HttpAnswer = { status: number; location: string | undefined; body: string } | { error: string }

/** The address of an httpGet action. Throws for a port that has no number. */
export function urlOf(action: HTTPGetAction, container: AnyContainer, podIp: string): URL {
  const scheme = (action.scheme ?? 'HTTP').toLowerCase()
  const url = new URL(`${scheme}://${hostText(action.host || podIp)}:${portNumber(action.port, container)}`)
  // By its parts: a path of two slashes must not become a host.
  const [path = '', ...query] = (action.path ?? '/').split('?')
  url.pathname = path
  url.search = query.join('?')
  return url
}

/** What the action asks for, several values under one name included; User-Agent and Accept where it does not say. */
export function headersOf(action: HTTPGetAction, agent = userAgent): Headers {
  const headers: Record<string, string | string[]> = {}
  for (const { name, value } of action.httpHeaders ?? []) {
    const known = Object.keys(headers).find((key) => key.toLowerCase() === name.toLowerCase()) ?? name
    const before = headers[known]
    headers[known] = before === undefined || known.toLowerCase() === 'host' ? (before ?? value) : [...[before].flat(), value]
  }
  const has = (name: string): string | undefined => Object.keys(headers).find((key) => key.toLowerCase() === name)
  if (!has('user-agent')) headers['User-Agent'] = agent
  const accept = has('accept')
  // An empty Accept means none at all.
  if (accept === undefined) headers['Accept'] = '*/*'
  else if (headers[accept] === '') delete headers[accept]
  return headers
}

export async function checkHttp(action: HTTPGetAction, target: CheckTarget, timeoutMs: number): Promise<CheckResult> {
  const url = urlOf(action, target.container, target.podIp)
  const answer = await httpFollow(url, headersOf(action), AbortSignal.timeout(timeoutMs))
  if ('error' in answer) return { ok: false, output: `Get "${url.href}": ${answer.error}` }
  const { status, body } = answer
  if (status < 200 || status >= 400) return { ok: false, output: `HTTP probe failed with statuscode: ${status}` }
  return status < 300
    ? { ok: true, output: body }
    : { ok: true, warning: true, output: `Probe terminated redirects, Response body: ${body}` }
}

const redirects: ReadonlySet<number> = new Set([301, 302, 303, 307, 308])

/** Follows redirects to the same host; one to elsewhere is the answer itself. */
export async function httpFollow(first: URL, headers: Headers, signal: AbortSignal): Promise<HttpAnswer> {
  let url = first
  for (let hops = 0; hops < maxRedirects; hops++) {
    const answer = await httpGet(url, headers, signal)
    if ('error' in answer || !redirects.has(answer.status) || !answer.location) return answer
    const next = URL.canParse(answer.location, url.href) ? new URL(answer.location, url) : undefined
    if (!next) return { error: `failed to parse Location header "${answer.location}"` }
    if (next.hostname !== first.hostname) return answer
    url = next
  }
  return { error: `stopped after ${maxRedirects} redirects` }
}

/** One request on its own connection: a kept one could hide a server that takes no new ones. */
export function httpGet(url: URL, headers: Headers, signal: AbortSignal): Promise<HttpAnswer> {
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
          chunks.push(chunk)
          if (size > maxBodyBytes) request.destroy()
        })
        response.on('end', done)
        response.on('close', done)
      },
    )
    request.on('error', (error: NodeJS.ErrnoException) => resolve({ error: signal.aborted ? deadlineText : requestText(error, url) }))
    request.end()
  })
}

const deadlineText = 'context deadline exceeded (Client.Timeout exceeded while awaiting headers)'

function requestText(error: NodeJS.ErrnoException, url: URL): string {
  const isTls = url.protocol === 'https:'
  if (isTls && /wrong version number|http request|packet length too long/i.test(error.message)) return plainAnswerText
  return socketText(error, `${url.hostname}:${url.port || (isTls ? '443' : '80')}`)
}
