/** Lays out the controller manager: client, informers, health port, leader election and the controllers behind it. */
import { randomUUID } from 'node:crypto'
import { hostname } from 'node:os'
import { systemClock } from '#client/clock.ts'
import { connect } from '#client/connect.ts'
import { type Discovery, discover } from '#client/discovery.ts'
import { EventRecorder } from '#client/events.ts'
import { LeaderElector } from '#client/leader-election.ts'
import type { ResourceType } from '#client/resource-path.ts'
import type { Client } from '#client/rest.ts'
import { executors } from '#client/runner/apply.ts'
import { InformerSet } from '#client/runner/informers.ts'
import { ControllerRunner } from '#client/runner/runner.ts'
import { ConnectionError } from '#client/transport.ts'
import { type Runnable, StartupError } from '#component/daemon.ts'
import { failpointOfProcess, withFailpoint } from '#component/failpoint.ts'
import type { Logger } from '#component/logging.ts'
import { healthServer } from '#component/serving.ts'
import { readCertificates, readServingFiles } from '#component/tls-files.ts'
import { accountClients } from './account-client.ts'
import { GarbageCollector } from './controllers/garbage-collector/collector.ts'
import { type ControllerContext, controllers, isEnabled, unknownNames } from './controllers/index.ts'
import type { ReadDiscovery } from './controllers/namespace-content.ts'
import type { Config } from './flags.ts'
import { runnerMetrics } from './metrics.ts'

const component = 'kube-controller-manager'
const discoveryTtlMs = 10_000
const unreachableLogMs = 10_000
/** What a burst of writes tells of waits for its end. */
const eventDelayMs = 500

export async function build(config: Config, log: Logger): Promise<readonly Runnable[]> {
  const { client, rest } = await connect({ kubeconfig: config.kubeconfig, server: config.master, userAgent: component })
  const onError = watchFailures(log)
  const informers = new InformerSet(client, { onError })
  const rootCa = readCertificates({ name: '--root-ca-file', path: config['root-ca-file'] }) ?? rest.ca
  const context = { client, reader: client, config, rootCa, discovery: cachedDiscovery(client) }
  const clientFor = config['use-service-account-credentials'] ? accountClients(client, rest, systemClock.monotonicMs) : () => client
  const runners = makeRunners(context, { informers, log, onError, clientFor })
  const identity = `${hostname()}_${randomUUID()}`
  let holder = ''
  const elector = config['leader-elect'] ? makeElector(client, config, log, { identity, onHolder: (who) => (holder = who) }) : undefined
  const health = {
    leaderElection: () => {
      if (holder === identity && elector && !elector.mayWrite()) throw new Error('the lease was not renewed in time')
    },
  }
  const lead = async (signal: AbortSignal): Promise<void> => {
    log.info({ controllers: runners.map(({ name }) => name) }, 'starting controllers')
    const guard = elector && (() => elector.guard())
    await Promise.all(runners.map(({ start }) => start(guard).run(signal)))
  }
  return [
    ...(config['secure-port'] > 0 ? [healthServer({ ...servingOf(config), livez: health, readyz: health })] : []),
    { name: 'informers', run: (signal) => informers.run(signal) },
    { name: 'controllers', run: (signal) => (elector ? elector.run(signal, lead) : lead(signal)) },
  ]
}

interface Around {
  informers: InformerSet
  log: Logger
  onError: (type: ResourceType, error: unknown) => void
  /** The client that acts as a service account. */
  clientFor: (account: string) => Client
}

function makeRunners(context: ControllerContext, { informers, log, onError, clientFor }: Around) {
  const { config } = context
  const common = { informers, log, metrics: runnerMetrics(), executors: withFailpoint(executors, failpointOfProcess()) }
  const collector = 'garbage-collector-controller'
  const known = [...controllers.map(({ name }) => name), collector]
  const unknown = unknownNames(config.controllers, known)
  // Upstream refuses them; but the flags of its own clusters name controllers that are not here.
  if (unknown.length > 0) log.warn({ unknown, known }, '--controllers names some that are not here')
  const collects = config['enable-garbage-collector'] && isEnabled(collector, config.controllers)
  const own = controllers.flatMap(({ name, account, make, workers }) => {
    const client = clientFor(account)
    const controller = isEnabled(name, config.controllers) ? make({ ...context, client }) : undefined
    if (!controller) return []
    informers.want(controller.watches)
    const events = new EventRecorder(client, {
      component: controller.eventSource ?? name,
      delayMs: eventDelayMs,
      onError: (error, event) => log.warn({ controller: name, reason: event.reason, error }, 'event dropped'),
    })
    const options = { ...common, client, events, workers: workers(config) }
    const start = (guard: (() => void) | undefined) => new ControllerRunner(controller, { ...options, ...(guard ? { guard } : {}) })
    return [{ name, start }]
  })
  if (!collects) return own
  const client = clientFor('generic-garbage-collector')
  const events = new EventRecorder(client, { component: collector })
  const options = { ...common, client, events, onError, discovery: context.discovery, workers: config['concurrent-gc-syncs'] }
  const start = (guard: (() => void) | undefined) =>
    new GarbageCollector({ ...options, syncPeriodMs: config['garbage-collector-sync-period'], ...(guard ? { guard } : {}) })
  return [...own, { name: collector, start }]
}

interface Elected {
  identity: string
  onHolder: (who: string) => void
}

function makeElector(client: Client, config: Config, log: Logger, { identity, onHolder }: Elected): LeaderElector {
  if (config['leader-elect-resource-lock'] !== 'leases') throw new StartupError('--leader-elect-resource-lock: only leases are supported')
  try {
    return new LeaderElector(client, {
      namespace: config['leader-elect-resource-namespace'],
      name: config['leader-elect-resource-name'],
      identity,
      leaseDurationMs: config['leader-elect-lease-duration'],
      renewDeadlineMs: config['leader-elect-renew-deadline'],
      retryPeriodMs: config['leader-elect-retry-period'],
      events: new EventRecorder(client, { component }),
      onError: (error) => log.warn({ error }, 'lease not renewed'),
      onHolder: (who) => {
        onHolder(who)
        log.info({ holder: who }, 'leader')
      },
    })
  } catch (error) {
    throw new StartupError((error as Error).message, { cause: error })
  }
}

const servingOf = (config: Config) => ({ bindAddress: config['bind-address'], port: config['secure-port'], tls: readServingFiles(config) })

/** Dozens of watches fail together when the server goes: one line says it, and again while it lasts. */
function watchFailures(log: Logger): (type: ResourceType, error: unknown) => void {
  let toldAtMs = Number.NEGATIVE_INFINITY
  return (type, error) => {
    if (!(error instanceof ConnectionError)) {
      log.warn({ resource: type.plural, error }, 'list and watch failed, will try again')
      return
    }
    if (performance.now() - toldAtMs < unreachableLogMs) return
    toldAtMs = performance.now()
    log.warn({ error }, 'server cannot be reached, will try again')
  }
}

/** New kinds appear rarely: one read serves all askers for a while. */
function cachedDiscovery(client: Client): ReadDiscovery {
  let cached: { at: number; answer: Promise<Discovery> } | undefined
  return (signal, maxAgeMs = discoveryTtlMs) => {
    const now = performance.now()
    if (!cached || now - cached.at > maxAgeMs) {
      const answer = discover(client, { signal })
      answer.catch(() => (cached = undefined))
      cached = { at: now, answer }
    }
    return cached.answer
  }
}
