/** kube-proxy: makes the addresses of services lead to their pods, by kernel rules on this node. */
import { Histogram } from 'prom-client'
import { type Service, Services } from '#api/core/service.ts'
import { type EndpointSlice, EndpointSlices } from '#api/discovery/endpoint-slice.ts'
import { gitVersion } from '#api/version.ts'
import { connect } from '#client/connect.ts'
import { Informer } from '#client/informer.ts'
import { KubeconfigError } from '#client/kubeconfig-file.ts'
import { type Runnable, runDaemon, StartupError } from '#component/daemon.ts'
import { exec } from '#component/exec.ts'
import { failpointOfProcess, withFailpoint } from '#component/failpoint.ts'
import type { Logger } from '#component/logging.ts'
import { healthServer } from '#component/serving.ts'
import { kernel } from './apply.ts'
import { flags, loadConfig, type ProxyConfig } from './config.ts'
import { ProxyLoop, serviceIndex, serviceOf } from './loop.ts'
import { ServiceHealth } from './service-health.ts'

const syncSeconds = new Histogram({
  name: 'kubeproxy_sync_proxy_rules_duration_seconds',
  help: 'Time from a change to its rules standing in the kernel, without waiting.',
  buckets: [0.001, 0.002, 0.004, 0.008, 0.016, 0.032, 0.064, 0.128, 0.256, 0.512, 1.024, 2.048, 4.096, 8.192, 16.384],
})

await runDaemon({
  name: 'kube-proxy',
  version: gitVersion,
  flags,
  startupErrors: [KubeconfigError],
  async build(values, log) {
    const config = loadConfig(values)
    await requireTools()
    return runnables(config, log)
  },
})

async function requireTools(): Promise<void> {
  for (const tool of ['iptables-restore', 'iptables']) {
    try {
      await exec([tool, '--version'])
    } catch {
      throw new StartupError(`${tool} does not run here: install the iptables package`)
    }
  }
}

async function runnables(config: ProxyConfig, log: Logger): Promise<readonly Runnable[]> {
  const { client } = await connect({ kubeconfig: config.kubeconfig, userAgent: 'kube-proxy' })
  const services = new Informer<Service>(client, Services)
  const slices = new Informer<EndpointSlice>(client, EndpointSlices, {
    indexes: { [serviceIndex]: (slice) => [serviceOf(slice)].filter((name) => name !== undefined) },
  })
  const health = new ServiceHealth(log)
  const loop = new ProxyLoop({
    ...config,
    services,
    slices,
    kernel: withFailpoint(kernel(exec), failpointOfProcess()),
    log,
    observe: { synced: (durationMs) => syncSeconds.observe(durationMs / 1000) },
  })
  const touch = (name: string): void => loop.touch(name)
  services.onChange((now, was) => {
    const service = now ?? was
    if (service) touch(`${service.metadata.namespace}/${service.metadata.name}`)
  })
  slices.onChange((now, was) => {
    for (const name of new Set([now && serviceOf(now), was && serviceOf(was)])) if (name !== undefined) touch(name)
  })
  const ready = (): void => {
    if (loop.lastSyncMs === 0) throw new Error('no rules have been written yet')
  }
  return [
    healthServer({ ...config.metrics, livez: {}, readyz: {}, pages: { '/proxyMode': () => ({ status: 200, body: 'iptables' }) } }),
    healthServer({ ...config.healthz, livez: { rules: ready }, readyz: { rules: ready }, metrics: false }),
    { name: 'services', run: (signal) => services.run(signal) },
    { name: 'endpoint slices', run: (signal) => slices.run(signal) },
    { name: 'rules', run: (signal) => syncForever({ services, slices, loop, health }, signal) },
  ]
}

interface Parts {
  services: Informer<Service>
  slices: Informer<EndpointSlice>
  loop: ProxyLoop
  health: ServiceHealth
}

async function syncForever({ services, slices, loop, health }: Parts, signal: AbortSignal): Promise<void> {
  const stopped = new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()))
  await Promise.race([Promise.all([services.synced, slices.synced]), stopped])
  if (signal.aborted) return
  const refresh = (name: string): void => {
    const local = new Set((loop.resolved().get(name) ?? []).flatMap((port) => port.local.map((b) => b.ip)))
    health.set(name, services.get(name), local.size)
  }
  loop.onResolved(refresh)
  await loop.run(signal)
  health.close()
}
