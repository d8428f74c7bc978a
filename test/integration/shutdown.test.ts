/** The apiserver's end: what is under way is answered, what idles is closed at once. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { Agent, request } from 'node:https'
import { test } from 'node:test'
import { startTestApiServer } from '#test/harness/apiserver.ts'

test('requests under way are answered, idle connections do not hold up the end', { timeout: 60_000 }, async () => {
  const server = await startTestApiServer()
  const { certificate: cert, key } = await server.identity('admin', 'system:masters')
  const agent = new Agent({ keepAlive: true, cert, key, ca: server.caPem })
  const ask = async (path: string): Promise<IncomingMessage> => {
    const sent = request({ host: '127.0.0.1', port: server.port, path, agent })
    sent.end()
    const [response] = (await once(sent, 'response')) as [IncomingMessage]
    return response
  }
  const idle = await ask('/version')
  idle.resume()
  await once(idle, 'end')
  const watch = await ask('/api/v1/configmaps?watch=1')
  watch.resume()
  const watchEnded = once(watch, 'end')
  const arrived = once(server.parts.app.server, 'request')
  // Waits three seconds for a revision that does not come.
  const slow = ask('/api/v1/configmaps?resourceVersion=999999')
  await arrived
  const began = performance.now()
  const [answer] = await Promise.all([slow, watchEnded, server[Symbol.asyncDispose]()])
  assert.equal(answer.statusCode, 504)
  assert.equal(answer.headers.connection, 'close')
  assert.ok(performance.now() - began < 10_000)
  agent.destroy()
})
