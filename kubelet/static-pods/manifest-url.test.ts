import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import { ManifestUrl } from './manifest-url.ts'

test('what a URL said last stays while it does not answer', async (context) => {
  let answer: [number, string] = [503, 'not yet']
  let seen: string | undefined
  const server = createServer((request, response) => {
    seen = request.headers['x-node'] as string
    response.writeHead(answer[0]).end(answer[1])
  }).listen(0, '127.0.0.1')
  context.after(() => server.close())
  await once(server, 'listening')
  let warnings = 0
  const log = { info: () => undefined, warn: () => void warnings++ } as never
  const url = new ManifestUrl({
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/m`,
    headers: { 'X-Node': ['a', 'b'] },
    log,
  })
  const after = async (status: number, text: string): Promise<string | undefined> => {
    answer = [status, text]
    await url.fetch(new AbortController().signal)
    return url.text
  }
  assert.equal(await after(503, 'not yet'), undefined)
  assert.equal(await after(200, ''), '', 'it is there, and has nothing')
  assert.equal(await after(200, 'one'), 'one')
  assert.equal(seen, 'a, b')
  assert.equal(await after(500, 'broken'), 'one')
  assert.equal(await after(200, ''), 'one')
  assert.equal(await after(200, 'two'), 'two')
  for (let i = 0; i < 9; i++) await after(500, '')
  assert.equal(warnings, 2 + 2 + 3, 'of failures in a row only the first are told')
})
