/** grpc.health.v1.Health/Check by hand: one short message each way, over one connection. */
import { connect } from 'node:http2'
import { framedMessage } from '#streams/grpc-messages.ts'
import { type CheckResult, hostText } from './target.ts'

const method = '/grpc.health.v1.Health/Check'
const servingStatus: readonly string[] = ['UNKNOWN', 'SERVING', 'NOT_SERVING', 'SERVICE_UNKNOWN']
/** The codes of gRPC that this check meets, as Go writes them. */
const codeNames: Readonly<Record<string, string>> = {
  '1': 'Canceled',
  '2': 'Unknown',
  '4': 'DeadlineExceeded',
  '5': 'NotFound',
  '7': 'PermissionDenied',
  '8': 'ResourceExhausted',
  '12': 'Unimplemented',
  '13': 'Internal',
  '14': 'Unavailable',
  '16': 'Unauthenticated',
}

export interface GrpcAnswer {
  code: string
  message: string
  body: Buffer
}

export function checkGrpc(
  host: string,
  action: { port: number; service?: string | undefined },
  timeoutMs: number,
  userAgent: string,
): Promise<CheckResult> {
  const address = `${hostText(host)}:${action.port}`
  const within = `${timeoutMs / 1000}s`
  return new Promise((resolve) => {
    const session = connect(`http://${address}`)
    let connected = false
    const finish = (result: CheckResult): void => {
      clearTimeout(timer)
      session.destroy()
      resolve(result)
    }
    const fail = (output: string): void => finish({ ok: false, output })
    // Upstream dials again and again, so that a refused connection is a time-out too.
    const unreachable = (): void => fail(`timeout: failed to connect service "${address}" within ${within}: context deadline exceeded`)
    const late = (): void => (connected ? fail(`timeout: health rpc did not complete within ${within}`) : unreachable())
    const timer = setTimeout(late, timeoutMs)
    const answer = { code: '', message: '' }
    const read = (headers: Record<string, unknown>): void => {
      answer.code = String(headers['grpc-status'] ?? answer.code)
      answer.message = decodeURIComponent(String(headers['grpc-message'] ?? answer.message))
    }
    session.once('error', unreachable)
    session.once('remoteSettings', () => (connected = true))
    const stream = session.request({
      ':method': 'POST',
      ':path': method,
      'content-type': 'application/grpc',
      te: 'trailers',
      'user-agent': userAgent,
    })
    const chunks: Buffer[] = []
    stream.on('data', (chunk: Buffer) => chunks.push(chunk))
    stream.on('trailers', read)
    stream.on('response', read)
    stream.on('error', (error) => (connected ? fail(rpcError('14', error.message)) : unreachable()))
    stream.on('close', () => finish(grpcResult({ ...answer, body: Buffer.concat(chunks) })))
    stream.end(request(action.service ?? ''))
  })
}

/** HealthCheckRequest has one string field. */
function request(service: string): Buffer {
  const text = Buffer.from(service, 'utf8')
  const message = text.length === 0 ? text : Buffer.concat([Buffer.from([0x0a, ...varint(text.length)]), text])
  return framedMessage(message)
}

function varint(value: number): number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...varint(value >>> 7)]
}

const rpcError = (code: string, message: string): string =>
  `error: health rpc probe failed: rpc error: code = ${codeNames[code] ?? `Code(${code || 'missing'})`} desc = ${message}`

/** Pure. HealthCheckResponse has one enum field; an empty message is its zero. */
export function grpcResult({ code, message, body }: GrpcAnswer): CheckResult {
  if (code === '12')
    return {
      ok: false,
      output: `error: this server does not implement the grpc health protocol (grpc.health.v1.Health): ${message}`,
    }
  if (code !== '0') return { ok: false, output: rpcError(code, message) }
  const value = body.length >= 7 && body[5] === 0x08 ? (body[6] ?? 0) : 0
  if (value === 1) return { ok: true, output: 'service healthy' }
  return { ok: false, output: `service unhealthy (responded with "${servingStatus[value] ?? value}")` }
}
