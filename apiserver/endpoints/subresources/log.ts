/** pods/log: checks what is asked for, then hands the kubelet's stream through as it comes. */
import { type IncomingMessage, request as plainRequest } from 'node:http'
import { request as tlsRequest } from 'node:https'
import type { Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { type Pod, Pods } from '#api/core/pod.ts'
import { type FieldError, forbidden, invalid, notSupported } from '#api/meta/field-error.ts'
import { ApiError, badRequest, internalError, invalidError, notFoundError } from '#api/meta/status.ts'
import type { Answer, ApiRequest, RawResponse, Streamed } from '#apiserver/endpoints/exchange.ts'
import { containerOf } from '#apiserver/endpoints/proxying/container-choice.ts'
import { hostPort, type KubeletOptions, kubeletTarget, type Target } from '#apiserver/endpoints/proxying/kubelet-connection.ts'
import { isTrue, type RequestInfo } from '#apiserver/filters/request-info.ts'

export interface LogDeps {
  kubelets: KubeletOptions
  pod(namespace: string, name: string): Promise<Pod | undefined>
}

const maxErrorBytes = 50_000

function startText(response: RawResponse): void {
  response.statusCode = 200
  response.setHeader('content-type', 'text/plain')
  if ('flushHeaders' in response) response.flushHeaders()
}

export async function podLog(deps: LogDeps, request: ApiRequest): Promise<Answer | Streamed> {
  const response = await openLog(deps, request.info, request.signal)
  if (response === undefined) return { status: 204 }
  return {
    stream: async (out) => {
      startText(out)
      // Either side may leave at any time.
      await pipeline(response, out as Writable).catch(() => out.destroy())
    },
  }
}

/** The kubelet's stream; undefined for a pod that is on no node yet. Throws ApiError for what the kubelet refuses. */
export async function openLog(deps: LogDeps, info: RequestInfo, signal: AbortSignal): Promise<IncomingMessage | undefined> {
  const { name, namespace, query } = info
  const parameters = logParameters(query, name)
  const pod = await deps.pod(namespace, name)
  if (!pod) throw notFoundError(Pods, name)
  const container = containerOf(pod, query.get('container') ?? '')
  if (!pod.spec.nodeName) return undefined
  const target = await kubeletTarget(deps.kubelets, pod.spec.nodeName)
  if (isTrue(query.get('insecureSkipTLSVerifyBackend'))) target.tls.rejectUnauthorized = false
  const path = `/containerLogs/${namespace}/${name}/${container}?${parameters}`
  const response = await ask(target, path, signal)
  if ((response.statusCode ?? 500) >= 300) throw await kubeletError(response, name)
  return response
}

async function ask(target: Target, path: string, signal: AbortSignal): Promise<IncomingMessage> {
  const options = { host: target.host, port: target.port, path, method: 'GET', signal, ...target.tls, headers: { accept: '*/*' } }
  const once = (more: { agent?: false }): Promise<IncomingMessage> =>
    new Promise((resolve, reject) => {
      const call = target.secure ? tlsRequest({ ...options, ...more }, resolve) : plainRequest({ ...options, ...more }, resolve)
      call.on('error', (error) => reject(call.reusedSocket ? new ReusedConnectionError(error.message) : error))
      call.end()
    })
  try {
    return await once({}).catch((error: unknown) => {
      // The kubelet has let go of a connection that was kept, as when it was started anew: that says nothing of it now.
      if (error instanceof ReusedConnectionError && !signal.aborted) return once({ agent: false })
      throw error
    })
  } catch (error) {
    throw new ApiError(500, '', `Get "https://${hostPort(target)}${path}": ${(error as Error).message}`)
  }
}

class ReusedConnectionError extends Error {}

/** What a kubelet's refusal becomes (upstream: rest.GenericHttpResponseChecker). */
export async function kubeletError(response: IncomingMessage, name: string): Promise<ApiError> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of response) {
    chunks.push(chunk as Buffer)
    size += (chunk as Buffer).length
    if (size > maxErrorBytes) break
  }
  response.destroy()
  const text = Buffer.concat(chunks).subarray(0, maxErrorBytes).toString()
  const code = response.statusCode ?? 500
  if (code === 400) return badRequest(text)
  if (code === 404)
    return new ApiError(404, 'NotFound', `the server could not find the requested resource ( pods/log ${name})`, { name, kind: 'pods/log' })
  if (code >= 300 && code < 400) return internalError('the kubelet answered with a redirect, which is not followed')
  return internalError(text)
}

/** The query for the kubelet. Throws 400 for numbers that are none and 422 for values that make no sense. */
export function logParameters(query: URLSearchParams, podName: string): URLSearchParams {
  const out = new URLSearchParams()
  const errors: FieldError[] = []
  for (const flag of ['follow', 'previous', 'timestamps']) if (isTrue(query.get(flag))) out.set(flag, 'true')
  const tail = integer(query, 'tailLines')
  const limit = integer(query, 'limitBytes')
  const since = integer(query, 'sinceSeconds')
  const time = query.get('sinceTime') || undefined
  const stream = query.get('stream') || 'All'
  if (tail !== undefined && tail < 0) errors.push(invalid('tailLines', tail, 'must be greater than or equal to 0'))
  if (limit !== undefined && limit < 1) errors.push(invalid('limitBytes', limit, 'must be greater than 0'))
  if (since !== undefined && time !== undefined) errors.push(forbidden('', 'at most one of `sinceTime` or `sinceSeconds` may be specified'))
  else if (since !== undefined && since < 1) errors.push(invalid('sinceSeconds', since, 'must be greater than 0'))
  if (!['All', 'Stdout', 'Stderr'].includes(stream)) errors.push(notSupported('stream', stream, ['All', 'Stderr', 'Stdout']))
  if (stream !== 'All' && tail !== undefined) errors.push(forbidden('', '`tailLines` and specific `stream` are mutually exclusive for now'))
  if (time !== undefined && Number.isNaN(Date.parse(time)))
    throw badRequest(`parsing time ${JSON.stringify(time)} as "2006-01-02T15:04:05Z07:00": cannot parse ${JSON.stringify(time)} as "2006"`)
  if (errors.length > 0) throw invalidError({ group: '', plural: 'podlogoptions', kind: 'PodLogOptions' }, podName, errors)
  if (tail !== undefined) out.set('tailLines', String(tail))
  if (limit !== undefined) out.set('limitBytes', String(limit))
  if (since !== undefined) out.set('sinceSeconds', String(since))
  if (time !== undefined) out.set('sinceTime', time)
  if (stream !== 'All') out.set('stream', stream)
  return out
}

function integer(query: URLSearchParams, name: string): number | undefined {
  const text = query.get(name)
  if (text === null || text === '') return undefined
  if (/^[+-]?\d+$/.test(text)) return Number(text)
  throw badRequest(`strconv.ParseInt: parsing ${JSON.stringify(text)}: invalid syntax`)
}
