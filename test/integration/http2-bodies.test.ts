/** Bodies over HTTP/2: what client-go programs send beside the usual headers. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect } from 'node:http2'
import { test } from 'node:test'
import { startTestApiServer } from '#test/harness/apiserver.ts'

test('a body over HTTP/2 needs neither length nor type', async () => {
  await using server = await startTestApiServer()
  const { certificate: cert, key } = await server.identity('kubernetes-admin', 'system:masters')
  const session = connect(server.url, { ca: server.caPem, cert, key })
  try {
    const path = '/api/v1/namespaces/default/configmaps'
    const request = session.request({ ':method': 'POST', ':path': path })
    request.write('{"metadata":{')
    request.end('"name":"unnamed"}}')
    const [headers] = (await once(request, 'response')) as [Record<string, unknown>]
    assert.equal(headers[':status'], 201)
    request.resume()
    const bare = session.request({ ':method': 'DELETE', ':path': `${path}/unnamed` })
    const [deleted] = (await once(bare, 'response')) as [Record<string, unknown>]
    assert.equal(deleted[':status'], 200)
    bare.resume()
  } finally {
    session.destroy()
  }
})
