import assert from 'node:assert/strict'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { test } from 'node:test'
import { app } from '#kubelet/pod-fixtures.ts'
import { httpGet, runCheck, urlOf } from './handlers.ts'

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
