/** API servers side by side, with the same flags, identities and objects: ours on each store, and upstream's where its binaries are. */
import { spawn } from 'node:child_process'
import { createPublicKey } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Authority, createAuthority } from '#deploy/certificates/authority.ts'
import { nodeFlags } from '#deploy/control-plane/program.ts'
import { bundlePrograms } from '#deploy/programs/bundle.ts'
import { checkout } from '#test/harness/cluster.ts'
import { freePorts, startEtcd } from '#test/harness/etcd.ts'
import { drive, type Target } from './load.ts'

export const namespace = 'bench'
const roleBindings = 1000

export type Make = 'ours on etcd' | 'ours on SQLite' | 'kube-apiserver on etcd'

export interface Served extends AsyncDisposable {
  make: Make
  target: Target & { token: string }
  pid: number
  /** Of its etcd, where it has one. */
  endpoint: string
  /** The store's own process, where it has one. */
  storePid: number | undefined
  readyMs: number
  certificates: Certificates
}

/** Paths of PEM files that all servers share. */
export interface Certificates extends AsyncDisposable {
  folder: string
  ca: Buffer
  admin: { cert: Buffer; key: Buffer }
}

export async function makeCertificates(): Promise<Certificates> {
  const folder = await mkdtemp(join(tmpdir(), 'typernetes-bench-'))
  const authority = await createAuthority('bench-ca', 1)
  const ca = await Authority.load(authority)
  const names = [{ type: 'ip' as const, value: '127.0.0.1' }]
  const serving = await ca.issue({ commonName: 'kube-apiserver', usages: ['server'], names, days: 1 })
  const admin = await ca.issue({ commonName: 'admin', organization: 'system:masters', usages: ['client'], names: [], days: 1 })
  const signing = await ca.issue({ commonName: 'tokens', usages: ['client'], names: [], days: 1 })
  const texts = {
    'ca.crt': authority.certificate,
    'server.crt': serving.certificate,
    'server.key': serving.key,
    'sa.key': signing.key,
    'sa.pub': publicKeyOf(signing.key),
  }
  for (const [name, text] of Object.entries(texts)) await writeFile(join(folder, name), text, { mode: 0o600 })
  return {
    folder,
    ca: Buffer.from(authority.certificate),
    admin: { cert: Buffer.from(admin.certificate), key: Buffer.from(admin.key) },
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  }
}

const publicKeyOf = (pem: string): string => createPublicKey(pem).export({ type: 'spki', format: 'pem' }).toString()

const commandOf = async (make: Make): Promise<readonly string[]> =>
  make === 'kube-apiserver on etcd'
    ? [join(process.env['TYPERNETES_ORACLE'] ?? '', 'kube-apiserver')]
    : [process.execPath, ...nodeFlags('kube-apiserver'), await ourServer()]

/** As `npm start` runs it. */
async function ourServer(): Promise<string> {
  const bundles = await bundlePrograms(checkout).server
  return bundles === undefined ? join(checkout, 'apiserver/main.ts') : join(bundles, 'kube-apiserver.mjs')
}

/** Ready, with a token of a service account that may do everything, and a thousand role bindings that concern others. */
export async function startServed(make: Make, certificates: Certificates): Promise<Served> {
  const [port = 0] = await freePorts(1)
  const state = await mkdtemp(join(tmpdir(), 'typernetes-bench-'))
  const etcd = make === 'ours on SQLite' ? undefined : await startEtcd()
  const store = etcd ? [`--etcd-servers=${etcd.endpoint}`] : ['--storage-backend=sqlite', `--sqlite-file=${join(state, 'store.db')}`]
  const [command = '', ...argv] = [...(await commandOf(make)), ...store, ...flagsOf(certificates.folder, port)]
  const started = performance.now()
  const child = spawn(command, argv, {
    stdio: 'ignore',
    cwd: state,
    env: { ...process.env, NODE_COMPILE_CACHE: join(checkout, 'node_modules/.cache/compile') },
  })
  const dispose = async (): Promise<void> => {
    if (child.exitCode === null) {
      const ended = once(child, 'exit')
      child.kill('SIGKILL')
      await ended
    }
    await etcd?.[Symbol.asyncDispose]()
    await rm(state, { recursive: true, force: true })
  }
  const admin: Target = { port, ca: certificates.ca, ...certificates.admin }
  try {
    await answering(admin, make)
    const readyMs = performance.now() - started
    const token = await furnish(admin)
    return {
      make,
      target: { port, ca: certificates.ca, token },
      pid: child.pid ?? 0,
      storePid: etcd?.pid,
      endpoint: etcd?.endpoint ?? '',
      readyMs,
      certificates,
      [Symbol.asyncDispose]: dispose,
    }
  } catch (error) {
    await dispose()
    throw error
  }
}

function flagsOf(folder: string, port: number): readonly string[] {
  const files = {
    'client-ca-file': 'ca.crt',
    'tls-cert-file': 'server.crt',
    'tls-private-key-file': 'server.key',
    'service-account-signing-key-file': 'sa.key',
    'service-account-key-file': 'sa.pub',
  }
  return [
    ...Object.entries(files).map(([flag, name]) => `--${flag}=${join(folder, name)}`),
    ...['--bind-address=127.0.0.1', `--secure-port=${port}`, '--advertise-address=192.0.2.1', '--authorization-mode=Node,RBAC'],
    ...['--service-account-issuer=https://bench', '--service-cluster-ip-range=10.96.0.0/16'],
  ]
}

async function answering(target: Target, make: Make): Promise<void> {
  const deadline = Date.now() + 60_000
  while (Date.now() < deadline) {
    const isReady = await drive(target, { connections: 1, requests: 1 }, () => ({ method: 'GET', path: '/readyz' })).then(
      () => true,
      () => false,
    )
    if (isReady) return
    await sleep(10)
  }
  throw new Error(`${make} did not get ready`)
}

const inNamespace = (rest: string): string => `/api/v1/namespaces/${namespace}/${rest}`
const rbac = '/apis/rbac.authorization.k8s.io/v1'

async function furnish(admin: Target): Promise<string> {
  const post = (path: string, ...bodies: readonly object[]) =>
    drive(admin, { connections: Math.min(16, bodies.length), requests: bodies.length }, (i) => ({
      method: 'POST',
      path,
      contentType: 'application/json',
      body: JSON.stringify(bodies[i]),
    }))
  await post('/api/v1/namespaces', { metadata: { name: namespace } })
  await post(inNamespace('serviceaccounts'), { metadata: { name: 'default' } }, { metadata: { name: 'load' } })
  const group = 'rbac.authorization.k8s.io'
  const subject = (name: string) => ({ kind: 'ServiceAccount', name, namespace })
  const roleRef = (name: string) => ({ apiGroup: group, kind: 'ClusterRole', name })
  await post(`${rbac}/clusterrolebindings`, { metadata: { name: 'load' }, roleRef: roleRef('cluster-admin'), subjects: [subject('load')] })
  const others = Array.from({ length: roleBindings }, (_, i) => ({
    metadata: { name: `other-${i}` },
    roleRef: roleRef('view'),
    subjects: [subject(`other-${i}`)],
  }))
  await post(`${rbac}/namespaces/${namespace}/rolebindings`, ...others)
  return await tokenOf(admin)
}

async function tokenOf(admin: Target): Promise<string> {
  const { request } = await import('node:https')
  const body = JSON.stringify({ apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: { expirationSeconds: 7200 } })
  const { promise, resolve, reject } = Promise.withResolvers<string>()
  const options = {
    ...admin,
    host: '127.0.0.1',
    method: 'POST',
    path: inNamespace('serviceaccounts/load/token'),
    headers: { 'content-type': 'application/json' },
  }
  request(options, (response) => {
    let text = ''
    response.setEncoding('utf8').on('data', (part: string) => (text += part))
    response.on('end', () => resolve(text))
  })
    .on('error', reject)
    .end(body)
  const { status } = JSON.parse(await promise) as { status?: { token?: string } }
  if (status?.token === undefined) throw new Error('no token')
  return status.token
}
