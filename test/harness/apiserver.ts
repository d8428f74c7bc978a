/** An apiserver of the test's own: in this process, on a free port, with a throw-away CA; memory storage unless another is given. */
import { generateKeyPairSync } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { tokenKeysOf } from '#apiserver/authentication/token-keys.ts'
import { Bootstrap } from '#apiserver/bootstrap/bootstrap.ts'
import { followFlowControl } from '#apiserver/bootstrap/flow-control.ts'
import { type ApiServer, type ApiServerOptions, buildApiServer } from '#apiserver/build.ts'
import { follow } from '#apiserver/cache/follow.ts'
import { serviceRange } from '#apiserver/registry/allocators/service-range.ts'
import { MemoryStorage } from '#apiserver/storage/memory.ts'
import type { Storage } from '#apiserver/storage/storage.ts'
import { sleep } from '#component/clock.ts'
import { createLogger, type Logger } from '#component/logging.ts'
import { Authority, createAuthority, type KeyPairPem } from '#deploy/certificates/authority.ts'
import { kubeconfigText } from '#deploy/certificates/kubeconfig.ts'

export interface TestApiServerOptions {
  storage?: Storage
  port?: number
  log?: Logger
  /** Makes the service account `default` in the built-in namespaces, so that pods can be created without a controller-manager. Default true. */
  defaultServiceAccounts?: boolean
  /** Beside what the harness chooses: ways to prove an identity, aggregation. */
  more?: Pick<
    Partial<ApiServerOptions>,
    'frontProxy' | 'staticTokens' | 'bootstrapTokens' | 'proxyIdentity' | 'allowAnonymous' | 'eventTtlSeconds'
  >
}

export interface TestApiServer extends AsyncDisposable {
  url: string
  port: number
  caPem: string
  ca: Authority
  parts: ApiServer
  storage: Storage
  /** Text of a kubeconfig for any identity; system:masters by default. */
  kubeconfig(user?: string, group?: string): Promise<string>
  /** Path of the administrator's kubeconfig, removed with the server. */
  kubeconfigFile: string
  /** Certificate and key of an identity of this CA. */
  identity(user: string, group?: string): Promise<KeyPairPem>
}

const nothing = { write: () => undefined }

/** Ready (bootstrapped) when it resolves. */
export async function startTestApiServer(options: TestApiServerOptions = {}): Promise<TestApiServer> {
  const authority = await createAuthority('test-ca', 1)
  const ca = await Authority.load(authority)
  const serving = await ca.issue({
    commonName: 'kube-apiserver',
    usages: ['server'],
    names: [
      { type: 'ip', value: '127.0.0.1' },
      { type: 'dns', value: 'localhost' },
    ],
    days: 1,
  })
  const identity = (user: string, group?: string): Promise<KeyPairPem> =>
    ca.issue({ commonName: user, usages: ['client'], names: [], days: 1, ...(group === undefined ? {} : { organization: group }) })
  const stop = new AbortController()
  const storage = options.storage ?? new MemoryStorage()
  const log =
    options.log ??
    createLogger({ name: 'apiserver', verbosity: 0, format: 'text', destination: process.env['TEST_LOG'] ? process.stderr : nothing })
  const range = serviceRange('10.96.0.0/16')
  const kubelet = await identity('kube-apiserver-kubelet-client', 'system:masters')
  const parts = buildApiServer({
    storage,
    tls: { cert: serving.certificate, key: serving.key, clientCa: authority.certificate },
    serverAddress: '127.0.0.1',
    serviceRanges: [range],
    nodePorts: { from: 30000, to: 32767 },
    tokenKeys: tokenKeysOf(
      generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
      [],
    ),
    issuers: ['https://kubernetes.default.svc.cluster.local'],
    audiences: ['https://kubernetes.default.svc.cluster.local'],
    allowAnonymous: true,
    kubelet: { tls: { cert: kubelet.certificate, key: kubelet.key }, addressTypes: ['InternalIP', 'Hostname'] },
    disabledAdmission: [],
    stopping: stop.signal,
    log,
    ...options.more,
  })
  const { registration, availability } = parts.aggregation
  const working = [parts.definitions, registration, availability, parts.tokenSecrets].map((part) => part.run(stop.signal))
  working.push(followFlowControl({ ...parts, log }, stop.signal))
  const following = follow({ cache: parts.cache, storage, log, sleep, now: Date.now, random: Math.random }, stop.signal)
  await parts.app.listen({ host: '127.0.0.1', port: options.port ?? 0 })
  const { port } = parts.app.server.address() as AddressInfo
  const url = `https://127.0.0.1:${port}`
  await until(() => parts.cache.isReady)
  await new Bootstrap({ registry: parts.registry, serviceRanges: [range], advertise: { address: '192.0.2.1', port }, log }).once()
  if (options.defaultServiceAccounts !== false) await makeDefaultAccounts(parts)
  const kubeconfig = async (user = 'kubernetes-admin', group = 'system:masters'): Promise<string> => {
    const pair = await identity(user, group)
    return kubeconfigText({ server: url, caPem: authority.certificate, certificatePem: pair.certificate, keyPem: pair.key, user })
  }
  const folder = await mkdtemp(join(tmpdir(), 'apiserver-'))
  const kubeconfigFile = join(folder, 'admin.conf')
  await writeFile(kubeconfigFile, await kubeconfig(), { mode: 0o600 })
  return {
    url,
    port,
    caPem: authority.certificate,
    ca,
    parts,
    storage,
    kubeconfig,
    kubeconfigFile,
    identity,
    async [Symbol.asyncDispose]() {
      stop.abort()
      parts.cache.endWatches()
      await parts.app.close()
      await following
      await Promise.all(working)
      await storage.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

async function until(condition: () => boolean): Promise<void> {
  const deadline = Date.now() + 60_000
  while (!condition()) {
    if (Date.now() > deadline) throw new Error('the test apiserver did not get ready in time')
    await delay(10)
  }
}

async function makeDefaultAccounts(parts: ApiServer): Promise<void> {
  const { ServiceAccounts } = await import('#api/core/service-account.ts')
  for (const namespace of ['default', 'kube-system']) {
    const account = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'default', namespace } }
    const writer = { user: { name: 'test', groups: ['system:masters'] }, dryRun: false, namespace, warn: () => undefined }
    await parts.registry.create(ServiceAccounts as never, account as never, writer)
  }
}
