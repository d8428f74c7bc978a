import assert from 'node:assert/strict'
import { test } from 'node:test'
import { answerHeaders, insideProxy } from './answer-headers.ts'

const as = { prefix: '/api/v1/namespaces/n/pods/p:80/proxy', backend: '10.1.2.3:80', client: 'localhost:8001' }

test('redirects of the backend to itself stay in the proxy', () => {
  const rows: readonly [location: string, seen: string][] = [
    ['/foo', `${as.prefix}/foo`],
    ['/foo/?a=b#c', `${as.prefix}/foo/?a=b#c`],
    ['rel/x', 'rel/x'],
    ['../up', '../up'],
    ['?only=query', '?only=query'],
    ['http://10.1.2.3:80/same?q=1', `${as.prefix}/same?q=1`],
    ['https://10.1.2.3:80/tls', `${as.prefix}/tls`],
    ['//10.1.2.3:80/same', `${as.prefix}/same`],
    ['http://10.1.2.3:80', 'http://10.1.2.3:80'],
    ['http://localhost:8001/x', `http://localhost:8001${as.prefix}/x`],
    [`http://localhost:8001${as.prefix}/x`, `http://localhost:8001${as.prefix}/x`],
    [`${as.prefix}/x`, `${as.prefix}/x`],
    ['http://other.example.com/z', 'http://other.example.com/z'],
    ['//other.example.com/z', '//other.example.com/z'],
    ['mailto:/a@b', 'mailto:/a@b'],
  ]
  for (const [location, seen] of rows) assert.equal(insideProxy(location, as), seen, location)
})

test('what belongs to the connection or to other origins is not passed on', () => {
  const given = {
    connection: 'X-Hop, close',
    'x-hop': '1',
    'keep-alive': 'timeout=3',
    'access-control-allow-origin': '*',
    'set-cookie': ['a=b'],
    'content-type': 'text/plain',
  }
  assert.deepEqual(answerHeaders(given, as), { 'set-cookie': ['a=b'], 'content-type': 'text/plain' })
})
