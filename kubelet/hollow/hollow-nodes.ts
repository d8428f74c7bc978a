/** Several hollow nodes in one process: each a whole kubelet with its own name, credentials and port, that only pretends to run containers. */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { openClient } from '#client/connect.ts'
import type { Runnable } from '#component/daemon.ts'
import type { Logger } from '#component/logging.ts'
import type { Settings } from '#kubelet/config/config.ts'
import { accessOf, buildKubelet, servicesOf } from '#kubelet/kubelet.ts'
import { nodeApi } from '#kubelet/server/node-api.ts'
import { HollowRuntime } from './hollow-runtime.ts'

/** `count` nodes, named after the one that the settings name where there are several. */
export function hollowNodes(settings: Settings, count: number, log: Logger): Runnable[] {
  const all = Array.from({ length: count }, (_, i) => settingsOfNode(settings, i, count))
  const [first = settings] = all
  // The same for all, and the largest thing that each would keep for itself.
  const services = servicesOf(openClient(accessOf(first)).client)
  const watching: Runnable = { name: 'watch of services', run: (signal) => services.run(signal) }
  return [watching, ...all.flatMap((own) => hollowNode(own, services, log))]
}

function hollowNode(settings: Settings, services: ReturnType<typeof servicesOf>, log: Logger): Runnable[] {
  mkdirSync(settings.rootDir, { recursive: true, mode: 0o750 })
  const runtime = new HollowRuntime({
    rootDir: join(settings.rootDir, 'logs'),
    podCidr: () => kubelet.agent.node()?.spec?.podCIDR,
    now: () => new Date(),
  })
  const kubelet = buildKubelet({ settings, runtime, services, cgroups: runtime, log })
  const pods = () => kubelet.pods.list().map(({ pod, status }) => ({ ...pod, status }))
  const { client } = openClient(accessOf(settings))
  return [nodeApi({ client, settings, runtime, pods, stats: kubelet.care.stats, log }), ...kubelet.runnables]
}

/** `%n` in the name of the kubeconfig is the node's name; a port of 0 is one that the kernel chooses. */
export function settingsOfNode(settings: Settings, index: number, count: number): Settings {
  const nodeName = count === 1 ? settings.nodeName : `${settings.nodeName}-${index}`
  const { port } = settings.config
  return {
    ...settings,
    nodeName,
    kubeconfig: settings.kubeconfig.replaceAll('%n', nodeName),
    rootDir: join(settings.rootDir, nodeName),
    staticPodPath: '',
    config: { ...settings.config, port: port === 0 ? 0 : port + index, healthzPort: index === 0 ? settings.config.healthzPort : 0 },
  }
}
