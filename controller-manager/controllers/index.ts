/** All controllers, in the order in which they start. Adding one is a file and an entry here. */
import type { Discovery } from '#client/discovery.ts'
import type { Client } from '#client/rest.ts'
import type { Controller } from '#client/runner/controller.ts'
import type { Config } from '#controller-manager/flags.ts'
import { deploymentController } from './deployment/deployment.ts'
import { namespaceController } from './namespace.ts'
import { namespaceContentReader } from './namespace-content.ts'
import { replicaSetController } from './replica-set.ts'
import { rootCaController } from './root-ca.ts'
import { serviceAccountController } from './service-account.ts'

export interface ControllerContext {
  client: Client
  config: Config
  /** PEM text that is published to pods. */
  rootCa: string | undefined
  discovery: (signal: AbortSignal) => Promise<Discovery>
}

export interface ControllerEntry {
  /** Upstream's name, as in --controllers. */
  name: string
  workers(config: Config): number
  /** Undefined where the configuration leaves nothing to do. */
  make(context: ControllerContext): Controller<never> | undefined
}

/** The one cast that lets controllers with different `Seen` stand in one list. */
function entry<Seen>(
  name: string,
  make: (context: ControllerContext) => Controller<Seen> | undefined,
  workers: (config: Config) => number = () => 1,
): ControllerEntry {
  return { name, workers, make: make as ControllerEntry['make'] }
}

export const controllers: readonly ControllerEntry[] = [
  entry('serviceaccount-controller', () => serviceAccountController),
  entry('root-ca-certificate-publisher-controller', ({ rootCa }) => (rootCa ? rootCaController(rootCa) : undefined)),
  entry(
    'deployment-controller',
    ({ client }) => deploymentController(client),
    (config) => config['concurrent-deployment-syncs'],
  ),
  entry(
    'replicaset-controller',
    ({ client }) => replicaSetController(client),
    (config) => config['concurrent-replicaset-syncs'],
  ),
  entry(
    'namespace-controller',
    ({ client, discovery }) => namespaceController(namespaceContentReader(client, discovery)),
    (config) => config['concurrent-namespace-syncs'],
  ),
]

/** Short names that upstream used before 1.27 and still takes. */
const aliases: Readonly<Record<string, string>> = {
  deployment: 'deployment-controller',
  replicaset: 'replicaset-controller',
  endpoint: 'endpoints-controller',
  endpointslice: 'endpointslice-controller',
  endpointslicemirroring: 'endpointslice-mirroring-controller',
  namespace: 'namespace-controller',
  serviceaccount: 'serviceaccount-controller',
  'root-ca-cert-publisher': 'root-ca-certificate-publisher-controller',
  garbagecollector: 'garbage-collector-controller',
  nodelifecycle: 'node-lifecycle-controller',
  nodeipam: 'node-ipam-controller',
  podgc: 'pod-garbage-collector-controller',
  ttl: 'ttl-controller',
}

/** Whether --controllers lets `name` run: its own entry counts more than `*`, the first one counts. */
export function isEnabled(name: string, list: readonly string[]): boolean {
  const canonical = list.map((item) => {
    const bare = item.replace(/^[+-]/, '')
    return { off: item.startsWith('-'), name: aliases[bare] ?? bare }
  })
  const own = canonical.find((item) => item.name === name)
  return own ? !own.off : canonical.some((item) => item.name === '*' && !item.off)
}
