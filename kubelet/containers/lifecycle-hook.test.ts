import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, test } from 'node:test'
import { app, pod } from '#kubelet/pods/pod-fixtures.ts'
import { runHook } from './lifecycle-hook.ts'

const seen: string[] = []
const server = createServer((request, response) => {
  seen.push(`${request.url} ${request.headers['user-agent']}`)
  response.writeHead(500).end()
})
before(() => new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve)))
after(() => server.close())

const told: string[] = []
const target = {
  pod: pod(),
  container: app('main'),
  containerId: 'c',
  podIp: '127.0.0.1',
  event: (_pod: unknown, { reason, message }: { reason: string; message: string }) => void told.push(`${reason}: ${message}`),
}
const runtime = { execSync: async () => ({ exitCode: 2, output: 'no', timedOut: false }) }

test('an HTTP hook is content with any answer', async () => {
  const { port } = server.address() as AddressInfo
  await runHook({ httpGet: { port, path: '/bye?x=1' } }, target, runtime, AbortSignal.timeout(5000))
  assert.deepEqual(seen, ['/bye?x=1 kube-lifecycle/1.35'])
})

test('a command must succeed', async () => {
  const hook = runHook({ exec: { command: ['stop', 'it'] } }, target, runtime, AbortSignal.timeout(5000))
  await assert.rejects(hook, {
    message: `Exec lifecycle hook ([stop it]) for Container "main" in Pod "web_default(uid-1)" failed - error: command 'stop it' exited with 2: no, message: "no"`,
  })
})

test('a server without TLS where TLS was meant is asked again without, and that is told', async () => {
  const { port } = server.address() as AddressInfo
  seen.length = 0
  const httpHeaders = [
    { name: 'Authorization', value: 'secret' },
    { name: 'User-Agent', value: 'mine' },
  ]
  await runHook({ httpGet: { port, path: '/tls', scheme: 'HTTPS', httpHeaders } }, target, runtime, AbortSignal.timeout(5000))
  assert.deepEqual(seen, ['/tls mine'])
  assert.deepEqual(told, [
    `LifecycleHTTPFallback: request to HTTPS lifecycle hook 127.0.0.1:${port} got HTTP response, retry with HTTP succeeded`,
  ])
})

test('a hook that is none of the known ones fails', async () => {
  await assert.rejects(runHook({ tcpSocket: { port: 1 } }, target, runtime, AbortSignal.timeout(5000)), {
    message:
      'Cannot run handler: invalid handler: &LifecycleHandler{Exec:nil,HTTPGet:nil,TCPSocket:&TCPSocketAction{Port:{0 1 },Host:,},Sleep:nil,}',
  })
})
