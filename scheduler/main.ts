/** kube-scheduler: gives every pod that has none a node. */
import { randomUUID } from 'node:crypto'
import { hostname } from 'node:os'
import { Counter, Gauge, Histogram } from 'prom-client'
import { type Node, Nodes } from '#api/core/node.ts'
import { type Pod, Pods } from '#api/core/pod.ts'
import { gitVersion } from '#api/version.ts'
import { connect } from '#client/connect.ts'
import { EventRecorder } from '#client/events.ts'
import { Informer } from '#client/informer.ts'
import { KubeconfigError } from '#client/kubeconfig-file.ts'
import { LeaderElector } from '#client/leader-election.ts'
import type { Client } from '#client/rest.ts'
import { type Runnable, runDaemon, StartupError } from '#component/daemon.ts'
import { failpointOfProcess, withFailpoint } from '#component/failpoint.ts'
import type { Logger } from '#component/logging.ts'
import { healthServer } from '#component/serving.ts'
import { binder } from './bind.ts'
import { flags, loadConfig, type SchedulerConfig } from './config.ts'
import { SchedulingLoop, type SchedulingMetrics } from './loop.ts'
import { plugins } from './plugins/index.ts'
import { Scheduler } from './schedule.ts'

/** A burst of pods is placed before its events are written: the requests would compete with the starts that they tell of. */
const eventDelayMs = 500

await runDaemon({
  name: 'kube-scheduler',
  version: gitVersion,
  flags,
  startupErrors: [KubeconfigError],
  build: async (values, log) => runnables(loadConfig(values), log),
})

function metrics(): SchedulingMetrics {
  const attempts = new Counter({
    name: 'scheduler_schedule_attempts_total',
    help: 'Tries to place a pod.',
    labelNames: ['result', 'profile'],
  })
  const seconds = new Histogram({
    name: 'scheduler_scheduling_algorithm_duration_seconds',
    help: 'Time of one decision.',
    buckets: [0.0001, 0.0002, 0.0005, 0.001, 0.002, 0.004, 0.008, 0.016, 0.032, 0.064, 0.128],
  })
  const sli = new Histogram({
    name: 'scheduler_pod_scheduling_sli_duration_seconds',
    help: 'Time from a pod’s creation to its binding.',
    buckets: [0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92],
  })
  const pending = new Gauge({ name: 'scheduler_pending_pods', help: 'Pods without a node.' })
  return {
    attempted(result, durationMs) {
      attempts.inc({ result, profile: 'default-scheduler' })
      seconds.observe(durationMs / 1000)
    },
    scheduled: (ms) => sli.observe(ms / 1000),
    pending: (count) => pending.set(count),
  }
}

function electorOf(client: Client, config: SchedulerConfig, events: EventRecorder, log: Logger): LeaderElector {
  try {
    return new LeaderElector(client, {
      ...config.election,
      identity: `${hostname()}_${randomUUID()}`,
      events,
      onHolder: (holder) => log.info({ holder }, 'leader election'),
      onError: (error) => log.warn({ error }, 'leader election failed'),
    })
  } catch (error) {
    throw new StartupError(`leader election: ${(error as Error).message}`)
  }
}

async function runnables(config: SchedulerConfig, log: Logger): Promise<readonly Runnable[]> {
  const { client } = await connect({ kubeconfig: config.kubeconfig, userAgent: 'kube-scheduler' })
  const events = new EventRecorder(client, {
    component: config.schedulerName,
    delayMs: eventDelayMs,
    onError: (error) => log.warn({ error }, 'gave up an event'),
  })
  const elector = electorOf(client, config, events, log)
  const pods = new Informer<Pod>(client, Pods, { fieldSelector: 'status.phase!=Succeeded,status.phase!=Failed' })
  const nodes = new Informer<Node>(client, Nodes)
  const loop = new SchedulingLoop({
    scheduler: new Scheduler(plugins),
    binder: withFailpoint(binder(client, events), failpointOfProcess()),
    schedulerName: config.schedulerName,
    guard: () => (config.election.enabled ? elector.guard() : undefined),
    log,
    observe: metrics(),
  })
  nodes.onChange((now, was) => loop.nodeChanged(now, was))
  pods.onChange((now, was) => loop.podChanged(now, was))
  const synced = (): void => {
    if (!pods.isSynced || !nodes.isSynced) throw new Error('pods and nodes have not been listed yet')
  }
  const schedule = async (signal: AbortSignal): Promise<void> => {
    const stopped = new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()))
    await Promise.race([Promise.all([pods.synced, nodes.synced]), stopped])
    if (!signal.aborted) await loop.run(signal)
    await events.flushed()
  }
  return [
    healthServer({ ...config.serving, livez: { ping: () => undefined }, readyz: { 'sched-handler-sync': synced } }),
    { name: 'nodes', run: (signal) => nodes.run(signal) },
    { name: 'pods', run: (signal) => pods.run(signal) },
    { name: 'scheduling', run: (signal) => (config.election.enabled ? elector.run(signal, schedule) : schedule(signal)) },
  ]
}
