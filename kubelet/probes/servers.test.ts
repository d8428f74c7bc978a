// Checks against real servers: gRPC's health service over HTTP/2, HTTPS with a certificate that nobody vouches for, and sockets.
import assert from 'node:assert/strict'
import { createServer as createHttp2, type ServerHttp2Stream } from 'node:http2'
import { createServer as createHttps } from 'node:https'
import { type AddressInfo, createServer as createTcp, type Server } from 'node:net'
import { after, test } from 'node:test'
import { selfSigned } from '#component/self-signed.ts'
import { app } from '#kubelet/pods/pod-fixtures.ts'
import { runCheck } from './handlers.ts'
import { lifecycleUserAgent } from './http-check.ts'

const target = { container: app('main', { ports: [{ name: 'web', containerPort: 1 }] }), containerId: 'c', podIp: '127.0.0.1' }
const runtime = { execSync: () => Promise.reject(new Error('not asked')) }
const servers: { close(): void }[] = []
after(() => {
  for (const server of servers) server.close()
})

async function listening(server: Server | ReturnType<typeof createHttp2> | ReturnType<typeof createHttps>): Promise<number> {
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return (server.address() as AddressInfo).port
}

/** A health service of gRPC that says SERVING of the empty service and of `known`. */
async function grpcServer(): Promise<number> {
  const server = createHttp2()
  server.on('stream', (stream: ServerHttp2Stream, headers) => {
    const chunks: Buffer[] = []
    stream.on('data', (chunk: Buffer) => chunks.push(chunk))
    stream.on('end', () => {
      const service = Buffer.concat(chunks).subarray(7).toString('utf8')
      const fine = headers[':path'] === '/grpc.health.v1.Health/Check' && (service === '' || service === 'known')
      if (service === 'silent') return
      if (!fine) {
        stream.respond(
          { ':status': 200, 'content-type': 'application/grpc', 'grpc-status': '5', 'grpc-message': 'unknown%20service' },
          { endStream: true },
        )
        return
      }
      stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true })
      stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }))
      stream.end(Buffer.from([0, 0, 0, 0, 2, 8, 1]))
    })
  })
  return listening(server)
}

test('gRPC health', async () => {
  const port = await grpcServer()
  const check = (service = '', timeoutMs = 5000) => runCheck({ grpc: { port, service } }, target, timeoutMs, runtime)
  assert.deepEqual(await check(), { ok: true, output: 'service healthy' })
  assert.deepEqual(await check('known'), { ok: true, output: 'service healthy' })
  assert.deepEqual(await check('other'), {
    ok: false,
    output: 'error: health rpc probe failed: rpc error: code = NotFound desc = unknown service',
  })
  assert.deepEqual(await check('silent', 1000), { ok: false, output: 'timeout: health rpc did not complete within 1s' })
})

test('gRPC where nobody listens, or somebody else', async () => {
  const tcp = createTcp((socket) => socket.on('error', () => socket.destroy()).resume())
  const port = await listening(tcp)
  const check = () => runCheck({ grpc: { port, service: '' } }, target, 1000, runtime)
  const late = {
    ok: false,
    output: `timeout: failed to connect service "127.0.0.1:${port}" within 1s: context deadline exceeded`,
  }
  assert.deepEqual(await check(), late)
  await new Promise((resolve) => tcp.close(resolve))
  assert.deepEqual(await check(), late)
})

test('HTTPS: the certificate is not looked at', async () => {
  const asked: string[] = []
  const server = createHttps(await selfSigned('nobody'), (request, response) => {
    asked.push(`${request.headers.host} ${request.headers['user-agent']}`)
    response.end('fine')
  })
  const port = await listening(server)
  const httpGet = { port, scheme: 'HTTPS', httpHeaders: [{ name: 'Host', value: 'web.example' }] }
  assert.deepEqual(await runCheck({ httpGet }, target, 5000, runtime), { ok: true, output: 'fine' })
  assert.deepEqual(asked, ['web.example kube-probe/1.35'])
  assert.notEqual(lifecycleUserAgent, 'kube-probe/1.35')
  // Its peer speaks plain HTTP, which Go's server refuses with 400 as well.
  const plain = await runCheck({ httpGet: { port } }, target, 5000, runtime)
  assert.equal(plain.ok, false)
})

test('a socket', async () => {
  const port = await listening(createTcp((socket) => socket.end()))
  assert.deepEqual(await runCheck({ tcpSocket: { port } }, target, 5000, runtime), { ok: true, output: '' })
  await assert.rejects(runCheck({ tcpSocket: { port: 'nosuch' } }, target, 5000, runtime), {
    message: 'strconv.Atoi: parsing "nosuch": invalid syntax',
  })
  const refused = await runCheck({ tcpSocket: { port: 'web' } }, target, 5000, runtime)
  assert.deepEqual(refused, { ok: false, output: 'dial tcp 127.0.0.1:1: connect: connection refused' })
})
