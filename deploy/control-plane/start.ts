/** Starts the control plane's processes and waits until each says that it is ready. */
import { get as httpGet } from 'node:http'
import { get as httpsGet } from 'node:https'
import type { ClusterApi } from '#deploy/cluster/api.ts'
import type { Layout } from '#deploy/cluster/layout.ts'
import { placeOf } from '#deploy/cluster/store.ts'
import type { Journal } from '#deploy/machine/journal.ts'
import { startProgram, waitFor } from '#deploy/machine/programs.ts'
import { controlPlane } from './commands.ts'
import { fullArgv, type ProgramCommand } from './program.ts'

/** The control plane's programs on this machine. */
export const controlPlaneNames = (layout: Layout): readonly string[] => [
  ...(placeOf(layout.options) === 'etcd' ? ['etcd'] : []),
  'kube-apiserver',
  'kube-controller-manager',
  'kube-scheduler',
]

const readyMs = 60_000

/** Is the body's first word a success? Health end points answer `ok`, etcd a JSON text. */
function answers(url: string, ca?: Buffer): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>()
  const request = url.startsWith('https:')
    ? httpsGet(url, ca ? { ca, timeout: 2000 } : { rejectUnauthorized: false, timeout: 2000 }, (reply) =>
        resolve(reply.resume().statusCode === 200),
      )
    : httpGet(url, { timeout: 2000 }, (reply) => resolve(reply.resume().statusCode === 200))
  request.on('timeout', () => request.destroy())
  request.on('error', () => resolve(false))
  return promise
}

/** Answers the names of the processes that had to be started. */
async function start(layout: Layout, journal: Journal, commands: readonly ProgramCommand[]): Promise<readonly string[]> {
  const started: string[] = []
  for (const command of commands) {
    if (await startProgram(layout, journal, command.name, fullArgv(layout, command))) started.push(command.name)
  }
  return started
}

export function startServer(layout: Layout, journal: Journal): Promise<readonly string[]> {
  return start(layout, journal, [
    ...(placeOf(layout.options) === 'etcd' ? [controlPlane.etcd(layout)] : []),
    controlPlane.apiserver(layout),
  ])
}

/** They want an API server that answers: started before, they would wait out a back-off. */
export function startControllers(layout: Layout, journal: Journal): Promise<readonly string[]> {
  return start(layout, journal, [controlPlane.controllerManager(layout), controlPlane.scheduler(layout)])
}

export async function waitEtcd(layout: Layout): Promise<void> {
  if (placeOf(layout.options) !== 'etcd') return
  await waitFor(layout, 'etcd', readyMs, () => answers(`http://127.0.0.1:${layout.ports.etcdMetrics}/health`))
}

export async function waitApiserver(layout: Layout, api: ClusterApi): Promise<void> {
  await waitFor(layout, 'kube-apiserver', readyMs, () => api.isReady())
}

/** Controller manager and scheduler serve health with a certificate that they made for themselves: only their own words are asked for here. */
export async function waitControllers(layout: Layout): Promise<void> {
  await Promise.all([
    waitFor(layout, 'kube-controller-manager', readyMs, () => answers(`https://127.0.0.1:${layout.ports.controllerManager}/healthz`)),
    waitFor(layout, 'kube-scheduler', readyMs, () => answers(`https://127.0.0.1:${layout.ports.scheduler}/healthz`)),
  ])
}
