/** Requests to a dockerd over its unix socket: deploy needs a handful of calls and no client library. */
import { request } from 'node:http'
import type { Readable } from 'node:stream'

export interface DockerReply {
  status: number
  body: Buffer
}

export interface DockerRequest {
  method: 'GET' | 'POST' | 'DELETE'
  path: string
  body?: Readable | Buffer
  contentType?: string
  timeoutMs?: number
}

/** Resolves with any status; rejects when the daemon cannot be reached in time. */
export function docker(socketPath: string, call: DockerRequest): Promise<DockerReply> {
  const { promise, resolve, reject } = Promise.withResolvers<DockerReply>()
  const headers = call.body ? { 'content-type': call.contentType ?? 'application/json' } : {}
  const outgoing = request({ socketPath, method: call.method, path: call.path, headers, timeout: call.timeoutMs ?? 60_000 }, (incoming) => {
    const chunks: Buffer[] = []
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk))
    incoming.on('end', () => resolve({ status: incoming.statusCode ?? 0, body: Buffer.concat(chunks) }))
    incoming.on('error', reject)
  })
  outgoing.on('timeout', () => outgoing.destroy(new Error(`dockerd at ${socketPath} did not answer in time`)))
  outgoing.on('error', reject)
  if (call.body === undefined || Buffer.isBuffer(call.body)) outgoing.end(call.body)
  else call.body.on('error', (error) => outgoing.destroy(error)).pipe(outgoing)
  return promise
}

/** As `docker`, for calls of which only success is of use: throws with the daemon's message. */
export async function dockerOk(socketPath: string, call: DockerRequest): Promise<Buffer> {
  const reply = await docker(socketPath, call)
  if (reply.status < 300 || reply.status === 304) return reply.body
  throw new Error(`docker: ${call.method} ${call.path}: ${reply.status} ${reply.body.toString().trim().slice(0, 500)}`)
}
