import assert from 'node:assert/strict'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { test } from 'node:test'
import { app } from '#kubelet/pods/pod-fixtures.ts'
import { grpcResult } from './grpc-check.ts'
import { runCheck } from './handlers.ts'
import { headersOf, httpGet, urlOf } from './http-check.ts'

/** A server that answers every request with these bytes. */
async function answering(bytes: string): Promise<{ port: number; close(): void }> {
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => socket.destroy())
    socket.once('data', () => socket.end(bytes))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    port: (server.address() as AddressInfo).port,
    close() {
      for (const socket of sockets) socket.destroy()
      server.close()
    },
  }
}

const runtime = { execSync: () => Promise.reject(new Error('not asked')) }
async function check(bytes: string) {
  const server = await answering(bytes)
  const target = { container: app('main'), containerId: 'c', podIp: '127.0.0.1' }
  const result = await runCheck({ httpGet: { port: server.port, path: '/x' } }, target, 5000, runtime)
  server.close()
  return { ...result, output: result.output.replaceAll(String(server.port), 'PORT') }
}

test('what an HTTP server answers', async () => {
  assert.deepEqual(await check('HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nfine'), { ok: true, output: 'fine' })
  assert.deepEqual(await check('HTTP/1.1 503 No\r\nConnection: close\r\n\r\n'), {
    ok: false,
    output: 'HTTP probe failed with statuscode: 503',
  })
})

test('lines may end without a carriage return', async () => {
  assert.deepEqual(await check('HTTP/1.1 200 OK\r\nContent-Type: text/plain\n\nok'), { ok: true, output: 'ok' })
})

test('what is no HTTP says so', async () => {
  assert.deepEqual(await check('hello\n'), {
    ok: false,
    output: 'Get "http://127.0.0.1:PORT/x": net/http: HTTP/1.x transport connection broken: malformed HTTP response',
  })
})

test('nobody there', async () => {
  const server = await answering('')
  server.close()
  const url = urlOf({ port: server.port }, app('main'), '127.0.0.1')
  assert.deepEqual(await httpGet(url, {}, AbortSignal.timeout(5000)), {
    error: `dial tcp 127.0.0.1:${server.port}: connect: connection refused`,
  })
})

test('addresses: the path keeps its query and never becomes a host', () => {
  const of = (path: string) => urlOf({ port: 80, path }, app('main'), '10.0.0.1').href
  assert.equal(of('/healthz?a=b?c'), 'http://10.0.0.1/healthz?a=b?c')
  assert.equal(of('//evil.example/x'), 'http://10.0.0.1//evil.example/x')
  assert.equal(of('noslash'), 'http://10.0.0.1/noslash')
  const named = app('main', { ports: [{ name: 'web', containerPort: 8080 }] })
  assert.equal(urlOf({ port: 'web', scheme: 'HTTPS' }, named, 'fd00::1').href, 'https://[fd00::1]:8080/')
})

test('headers: several values under one name, none for an empty Accept', () => {
  const httpHeaders = [
    { name: 'X-A', value: '1' },
    { name: 'x-a', value: '2' },
    { name: 'Accept', value: '' },
    { name: 'Host', value: 'web.example' },
  ]
  assert.deepEqual(headersOf({ port: 80, httpHeaders }), { 'X-A': ['1', '2'], Host: 'web.example', 'User-Agent': 'kube-probe/1.35' })
})

test('redirects stay on the host; elsewhere they are a warning', async () => {
  assert.deepEqual(await check('HTTP/1.1 302 Found\r\nLocation: http://elsewhere.example/\r\nConnection: close\r\n\r\nthere'), {
    ok: true,
    warning: true,
    output: 'Probe terminated redirects, Response body: there',
  })
  assert.deepEqual(await check('HTTP/1.1 302 Found\r\nLocation: /again\r\nConnection: close\r\n\r\n'), {
    ok: false,
    output: 'Get "http://127.0.0.1:PORT/x": stopped after 10 redirects',
  })
  assert.deepEqual(await check('HTTP/1.1 304 Not Modified\r\nConnection: close\r\n\r\n'), {
    ok: true,
    warning: true,
    output: 'Probe terminated redirects, Response body: ',
  })
})

test('a command: variables with plain values are known, a time-out is a failure, a command that cannot run no verdict', async () => {
  const asked: string[][] = []
  const container = app('main', { env: [{ name: 'A', value: 'b' }] })
  const target = { container, containerId: 'c', podIp: '' }
  const answering = (result: { exitCode: number; output: string; timedOut: boolean }) => ({
    execSync: async (_id: string, command: readonly string[]) => {
      asked.push([...command])
      return result
    },
  })
  const exec = { exec: { command: ['cat', '$(A)', '$(MISSING)'] } }
  const fine = await runCheck(exec, target, 1000, answering({ exitCode: 0, output: 'ok', timedOut: false }))
  assert.deepEqual(fine, { ok: true, output: 'ok' })
  assert.deepEqual(asked, [['cat', 'b', '$(MISSING)']])
  const late = await runCheck(exec, target, 1000, answering({ exitCode: -1, output: '', timedOut: true }))
  assert.deepEqual(late, { ok: false, output: 'command timed out: "cat b $(MISSING)" timed out after 1s' })
  await assert.rejects(runCheck(exec, target, 1000, runtime), { message: 'not asked' })
})

test('answers of gRPC health', () => {
  const answer = (code: string, body: number[], message = '') => grpcResult({ code, message, body: Buffer.from(body) }).output
  assert.equal(answer('0', [0, 0, 0, 0, 2, 8, 1]), 'service healthy')
  assert.equal(answer('0', [0, 0, 0, 0, 2, 8, 2]), 'service unhealthy (responded with "NOT_SERVING")')
  assert.equal(answer('0', [0, 0, 0, 0, 0]), 'service unhealthy (responded with "UNKNOWN")')
  assert.equal(answer('5', [], 'unknown service'), 'error: health rpc probe failed: rpc error: code = NotFound desc = unknown service')
  assert.equal(
    answer('12', [], 'no such method'),
    'error: this server does not implement the grpc health protocol (grpc.health.v1.Health): no such method',
  )
})
