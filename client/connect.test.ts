import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { connect, openClient } from './connect.ts'

const folder = mkdtempSync(join(tmpdir(), 'connect-'))
after(() => rmSync(folder, { recursive: true }))

/** A kubeconfig file for `server` with what the user's entry is. */
function kubeconfigFor(server: string, user: object = {}, cluster: object = {}): string {
  const file = join(folder, 'kubeconfig')
  const config = {
    'current-context': 'c',
    contexts: [{ name: 'c', context: { cluster: 's', user: 'u' } }],
    clusters: [{ name: 's', cluster: { server, ...cluster } }],
    users: [{ name: 'u', user }],
  }
  writeFileSync(file, JSON.stringify(config))
  return file
}

const userAgent = 'tester/1'

test('a client of the kubeconfig’s server, or of the one that is given in its place', () => {
  const kubeconfig = kubeconfigFor('https://a:6443', { token: 't' })
  assert.deepEqual(openClient({ kubeconfig, userAgent }).rest, { server: 'https://a:6443', token: 't', userAgent })
  assert.deepEqual(openClient({ kubeconfig, userAgent, server: '' }).rest.server, 'https://a:6443')
  assert.deepEqual(openClient({ kubeconfig, userAgent, server: 'https://b' }).rest.server, 'https://b')
})

test('a kubeconfig that cannot be used is told of by name', () => {
  const missing = join(folder, 'none')
  assert.throws(() => openClient({ kubeconfig: missing, userAgent }), {
    name: 'KubeconfigError',
    message: `cannot use kubeconfig ${missing}: stat ${missing}: no such file or directory`,
  })
  const data = Buffer.from('no PEM').toString('base64')
  const kubeconfig = kubeconfigFor('https://a', { 'client-certificate-data': data, 'client-key-data': data })
  assert.throws(() => openClient({ kubeconfig, userAgent }), {
    name: 'KubeconfigError',
    message: /^cannot use kubeconfig .*: certificate, key or CA cannot be used: /,
  })
  delete process.env['KUBERNETES_SERVICE_HOST']
  assert.throws(() => openClient({ kubeconfig: '', userAgent }), {
    message: /^cannot use kubeconfig: unable to load in-cluster configuration/,
  })
})

test('a server that refuses the credentials ends the start, one that is away or answers otherwise does not', async (t) => {
  let status = 200
  const asked: (string | undefined)[] = []
  const server = createServer((request, response) => {
    asked.push(`${request.url} ${request.headers['user-agent']}`)
    response.writeHead(status, { 'Content-Type': 'application/json' }).end('{}')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.after(() => server.close())
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const access = { kubeconfig: kubeconfigFor(origin, { token: 't' }), userAgent }
  assert.equal((await connect(access)).rest.server, origin)
  assert.deepEqual(asked, ['/version tester/1'])
  status = 500
  await connect(access)
  status = 401
  await assert.rejects(connect(access), { name: 'KubeconfigError', message: /401 Unauthorized/ })
  // Whoever speaks no TLS there never will.
  const tls = { kubeconfig: kubeconfigFor(origin.replace('http:', 'https:'), { token: 't' }), userAgent }
  await assert.rejects(connect(tls), { name: 'KubeconfigError', message: /see certificate-authority/ })
  server.close()
  server.closeAllConnections()
  await connect(access)
})
