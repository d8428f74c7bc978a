import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { layoutOf } from '#deploy/cluster/layout.ts'
import { parseOptions } from '#deploy/cluster/options.ts'
import { ensureCertificates } from './files.ts'

const state = await mkdtemp(join(tmpdir(), 'typernetes-certificates-'))
after(() => rm(state, { recursive: true }))
const layout = (...flags: string[]) => layoutOf(parseOptions(['--store', 'etcd', ...flags], state).options, '/checkout')
const certificate = async (file: string) => new X509Certificate(await readFile(join(state, 'pki', `${file}.crt`)))

test('certificates are issued once, with upstream subjects, and chain to their authority', async () => {
  assert.ok((await ensureCertificates(layout())) > 10)
  const ca = await certificate('ca')
  assert.equal(ca.ca, true)
  for (const [file, subject, issuer] of [
    ['admin', 'O=system:masters\nCN=kubernetes-admin', 'ca'],
    ['scheduler', 'CN=system:kube-scheduler', 'ca'],
    ['nodes/node-2/kubelet-client', 'O=system:nodes\nCN=system:node:node-2', 'ca'],
    ['apiserver-etcd-client', 'CN=kube-apiserver-etcd-client', 'etcd/ca'],
    ['front-proxy-client', 'CN=front-proxy-client', 'front-proxy-ca'],
  ] as const) {
    const leaf = await certificate(file)
    assert.equal(leaf.subject, subject)
    assert.ok(leaf.verify((await certificate(issuer)).publicKey), file)
  }
  const apiserver = await certificate('apiserver')
  assert.ok(apiserver.checkHost('kubernetes.default.svc'))
  assert.ok(apiserver.checkIP('10.96.0.1'))
  assert.equal((await stat(join(state, 'admin.conf'))).mode & 0o777, 0o600)
  assert.equal((await stat(join(state, 'pki/ca.key'))).mode & 0o777, 0o600)
})

test('a second start makes nothing, one more node makes only its own two', async () => {
  assert.equal(await ensureCertificates(layout()), 0)
  assert.equal(await ensureCertificates(layout('--nodes', '3')), 2)
})

test('a certificate from another authority is replaced', async () => {
  await rm(join(state, 'pki/front-proxy-ca.crt'))
  assert.equal(await ensureCertificates(layout()), 2)
})
