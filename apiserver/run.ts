/** The runnables of the daemon: the store's follower, the listener, the built-in objects, upkeep. */
import { setTimeout as later } from 'node:timers/promises'
import { apiVersionOf, type Resource } from '#api/resource.ts'
import { resources } from '#api/scheme.ts'
import { sleep } from '#component/clock.ts'
import { type Runnable, StartupError } from '#component/daemon.ts'
import { failpointOfProcess } from '#component/failpoint.ts'
import type { Logger } from '#component/logging.ts'
import { listenError } from '#component/serving.ts'
import { whyUntimely } from '#component/tls-files.ts'
import type { Admission } from './admission/admission.ts'
import { Bootstrap } from './bootstrap/bootstrap.ts'
import { followFlowControl } from './bootstrap/flow-control.ts'
import { type ApiServer, buildApiServer } from './build.ts'
import { follow } from './cache/follow.ts'
import { upkeep } from './cache/upkeep.ts'
import { configOf, ineffectiveFlags, type ServerConfig, type Values } from './config.ts'
import { postOnly } from './endpoints/catalog.ts'
import { ServiceRepair } from './registry/allocators/repair.ts'
import { enabledKinds, servingGates } from './runtime-config.ts'
import { dieAtCommit } from './storage/commit-failpoint.ts'
import type { Storage } from './storage/storage.ts'
import { openStorage } from './storage-backend.ts'

const auditMs = 300_000
/** How long requests under way may take once the server is asked to stop. */
const drainMs = 5_000

export async function build(values: Values, log: Logger): Promise<readonly Runnable[]> {
  const config = configOf(values)
  warnOfFlags(values, config, log)
  const untimely = whyUntimely(config.tls.cert, new Date())
  if (untimely !== undefined) log.warn({ file: values['tls-cert-file'], why: untimely }, 'clients will not trust the serving certificate')
  const stopping = new AbortController()
  const { storage, runnables } = await openStorage(config.storage, log)
  dieAtCommit(storage, failpointOfProcess())
  const address = config.advertise.includes(':') ? `[${config.advertise}]` : config.advertise
  let bootstrap: Bootstrap | undefined
  const bootstrapped = async (): Promise<void> => {
    if (!bootstrap?.isDone) throw new Error('not finished')
  }
  const rolesMade = async (): Promise<void> => {
    if (!bootstrap?.hasRoles) throw new Error('not finished')
  }
  const registered = async (): Promise<void> => {
    if (!server.aggregation.registration.isDone) throw new Error('not finished')
  }
  const server: ApiServer = buildApiServer({
    storage,
    tls: config.tls,
    serverAddress: `${address}:${config.listen.port}`,
    serviceRanges: config.ranges,
    nodePorts: config.nodePorts,
    tokenKeys: config.keys,
    issuers: config.issuers,
    audiences: config.audiences,
    allowAnonymous: config.anonymous,
    tokenLimits: config.tokenLimits,
    authorizationModes: config.modes,
    bootstrapTokens: values['enable-bootstrap-token-auth'],
    ...(config.frontProxy ? { frontProxy: config.frontProxy } : {}),
    ...(config.staticTokens === undefined ? {} : { staticTokens: config.staticTokens }),
    kubelet: config.kubelet,
    kinds: await kindsOf(config),
    proxyIdentity: config.proxyIdentity,
    disabledAdmission: values['disable-admission-plugins'],
    eventTtlSeconds: Math.round(values['event-ttl'] / 1000),
    health: {
      readyz: new Map([
        ['poststarthook/rbac/bootstrap-roles', rolesMade],
        ['poststarthook/bootstrap-controller', bootstrapped],
        ['poststarthook/kube-apiserver-autoregistration', registered],
      ]),
    },
    stopping: stopping.signal,
    log,
  })
  warnOfPlugins(values, server.admission, log)
  bootstrap = new Bootstrap({
    registry: server.registry,
    serviceRanges: config.ranges,
    advertise: { address: config.advertise, port: config.listen.port },
    authentication: { clientCa: config.tls.clientCa, frontProxy: config.frontProxy },
    log,
  })
  return [
    ...runnables,
    follower(server, storage, log),
    listener({ server, config, stopping, log }),
    { name: 'built-in objects', run: (signal) => bootstrap.run(signal) },
    { name: 'levels of flow schemas', run: (signal) => followFlowControl({ ...server, log }, signal) },
    { name: 'local API services', run: (signal) => server.aggregation.registration.run(signal) },
    { name: 'availability of API services', run: (signal) => server.aggregation.availability.run(signal) },
    { name: 'secrets with tokens', run: (signal) => server.tokenSecrets.run(signal) },
    { name: 'custom resource definitions', run: (signal) => server.definitions.run(signal) },
    { name: 'repair of service addresses', run: (signal) => new ServiceRepair({ ...server, log }).run(signal) },
    {
      name: 'upkeep',
      run: (signal) =>
        upkeep(
          { cache: server.cache, storage, log, sleep, random: Math.random, compactionMs: values['etcd-compaction-interval'], auditMs },
          signal,
        ),
    },
  ]
}

function warnOfFlags(values: Values, { gates }: ServerConfig, log: Logger): void {
  for (const flag of ineffectiveFlags(values)) log.warn({ flag: `--${flag}` }, 'flag has no effect yet')
  for (const gate of gates.changed()) if (!servingGates.has(gate)) log.warn({ gate }, 'the feature gate is known and has no effect yet')
}

/** Whoever asks for a plug-in relies on it. */
function warnOfPlugins(values: Values, { plugins }: Admission, log: Logger): void {
  const absent = values['enable-admission-plugins'].filter((asked) => !plugins.some(({ name }) => name === asked))
  if (absent.length > 0) log.warn({ absent }, '--enable-admission-plugins names some that are not here, or are disabled')
}

/** Kinds that are off by default are loaded where something is asked for at all. */
async function kindsOf({ runtimeConfig, gates }: ServerConfig): Promise<readonly Resource[]> {
  if (runtimeConfig.size === 0) return resources
  const { optionalResources } = await import('#api/optional-kinds.ts')
  const others = postOnly.map(apiVersionOf)
  try {
    return enabledKinds([...resources, ...optionalResources()], others, runtimeConfig, gates)
  } catch (error) {
    throw new StartupError((error as Error).message)
  }
}

/** Does not wait for etcd: the listener answers 429 and /readyz says no until it is there. */
function follower(server: ApiServer, storage: Storage, log: Logger): Runnable {
  return {
    name: 'watch cache',
    async run(signal) {
      const { promise: stopped, resolve } = Promise.withResolvers<void>()
      signal.addEventListener('abort', () => resolve(), { once: true })
      await Promise.race([follow({ cache: server.cache, storage, log, sleep, now: Date.now, random: Math.random }, signal), stopped])
      await storage.close()
    },
  }
}

interface Listening {
  server: ApiServer
  config: ServerConfig
  stopping: AbortController
  log: Logger
}

function listener({ server, config, stopping, log }: Listening): Runnable & { started: Promise<void> } {
  const { promise: started, resolve, reject } = Promise.withResolvers<void>()
  const { host, port } = config.listen
  return {
    name: `listener on ${host}:${port}`,
    started,
    async run(signal) {
      const closed = new Promise<void>((done) => signal.addEventListener('abort', () => done(), { once: true }))
      await server.app.listen({ host, port }).catch((error: NodeJS.ErrnoException) => {
        const why = listenError(error, { bindAddress: host, port })
        reject(why)
        throw why
      })
      log.info({ address: host, port }, 'serving')
      resolve()
      await closed
      stopping.abort()
      server.cache.endWatches()
      await Promise.race([server.app.close(), later(drainMs, undefined, { ref: false })])
    },
  }
}
