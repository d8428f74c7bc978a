/** What strangers may send to a health port: none of it ends the daemon. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect } from 'node:net'
import { test } from 'node:test'
import { healthServer } from './serving.ts'

async function firstLine(port: number, head: string): Promise<string> {
  const socket = connect(port, '127.0.0.1')
  socket.end(head)
  let text = ''
  socket.on('data', (chunk) => (text += chunk))
  await once(socket, 'close')
  return text.split('\r\n')[0] ?? ''
}

test('targets that are no URLs are answered', async () => {
  const server = healthServer({ bindAddress: '127.0.0.1', port: 0, livez: { ping: () => undefined }, readyz: {} })
  const stop = new AbortController()
  const ended = server.run(stop.signal)
  await server.started
  for (const target of ['//', '///', 'http://[', '/%', '/__proto__', '*', '/livez/__proto__', '/?'])
    assert.match(await firstLine(server.port(), `OPTIONS ${target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`), / 40\d /, target)
  assert.match(await firstLine(server.port(), 'GET /livez?verbose HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n'), / 200 /)
  stop.abort()
  await ended
})

test('metrics stay off a port that strangers reach', async () => {
  const server = healthServer({ bindAddress: '127.0.0.1', port: 0, livez: { ping: () => undefined }, readyz: {}, metrics: false })
  const stop = new AbortController()
  const ended = server.run(stop.signal)
  await server.started
  const line = (path: string) => firstLine(server.port(), `GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`)
  assert.match(await line('/metrics'), / 404 /)
  assert.match(await line('/healthz'), / 200 /)
  stop.abort()
  await ended
})
