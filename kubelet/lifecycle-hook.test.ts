import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, test } from 'node:test'
import { runHook } from './lifecycle-hook.ts'
import { app } from './pod-fixtures.ts'

const seen: string[] = []
const server = createServer((request, response) => {
  seen.push(`${request.url} ${request.headers['user-agent']}`)
  response.writeHead(500).end()
})
before(() => new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve)))
after(() => server.close())

const target = { container: app('main'), containerId: 'c', podIp: '127.0.0.1' }
const runtime = { execSync: async () => ({ exitCode: 2, output: 'no', timedOut: false }) }

test('an HTTP hook is content with any answer', async () => {
  const { port } = server.address() as AddressInfo
  await runHook({ httpGet: { port, path: '/bye?x=1' } }, target, runtime, AbortSignal.timeout(5000))
  assert.deepEqual(seen, ['/bye?x=1 kube-lifecycle/1.35'])
})

test('a command must succeed', async () => {
  const hook = runHook({ exec: { command: ['stop', 'it'] } }, target, runtime, AbortSignal.timeout(5000))
  await assert.rejects(hook, { message: "command 'stop it' exited with 2: no" })
})
