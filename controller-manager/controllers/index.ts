/** All controllers, in the order in which they start. Adding one is a file and an entry here. */
import { systemClock } from '#client/clock.ts'
import type { Client } from '#client/rest.ts'
import type { Controller } from '#client/runner/controller.ts'
import { StartupError } from '#component/daemon.ts'
import type { Config } from '#controller-manager/flags.ts'
import { parseCidr } from './cidr.ts'
import { clusterRoleAggregationController } from './cluster-role-aggregation.ts'
import { deploymentController } from './deployment/deployment.ts'
import { endpointSliceController } from './endpoints/endpoint-slice.ts'
import { endpointSliceMirroringController } from './endpoints/endpoint-slice-mirroring.ts'
import { endpointsController } from './endpoints/endpoints.ts'
import { namespaceController } from './namespace.ts'
import { namespaceContentReader, type ReadDiscovery } from './namespace-content.ts'
import { nodeIpamController } from './node-ipam.ts'
import { NodeMonitor } from './node-lifecycle/monitor.ts'
import { nodeLifecycleController } from './node-lifecycle/node-lifecycle.ts'
import { nodeTtlController } from './node-ttl.ts'
import { podGcController } from './pod-gc.ts'
import { replicaSetController } from './replica-set.ts'
import { objectCounter } from './resource-quota/count-objects.ts'
import { resourceQuotaController } from './resource-quota/resource-quota.ts'
import { rootCaController } from './root-ca.ts'
import { serviceAccountController } from './service-account.ts'
import { taintEvictionController } from './taint-eviction.ts'
import { attributesClassProtectionController } from './volume-protection/attributes-class-protection.ts'
import { claimProtectionController } from './volume-protection/claim-protection.ts'
import { volumeProtectionController } from './volume-protection/volume-protection.ts'

export interface ControllerContext {
  client: Client
  /** The controller manager itself, whatever account the controller acts as: it may list everything. */
  reader: Client
  config: Config
  /** PEM text that is published to pods. */
  rootCa: string | undefined
  discovery: ReadDiscovery
}

export interface ControllerEntry {
  /** Upstream's name, as in --controllers. */
  name: string
  /** The service account it acts as with --use-service-account-credentials: the role `system:controller:<account>` is bound to it. */
  account: string
  workers(config: Config): number
  /** Undefined where the configuration leaves nothing to do. */
  make(context: ControllerContext): Controller<never> | undefined
}

/** Where the account has another name than the controller (upstream: kube-controller-manager, ClientOrDie). */
const accounts: Readonly<Record<string, string>> = {
  'serviceaccount-controller': 'service-account-controller',
  'root-ca-certificate-publisher-controller': 'root-ca-cert-publisher',
  'endpoints-controller': 'endpoint-controller',
  'endpointslice-mirroring-controller': 'endpointslicemirroring-controller',
  'node-ipam-controller': 'node-controller',
  'node-lifecycle-controller': 'node-controller',
  'taint-eviction-controller': 'node-controller',
  'pod-garbage-collector-controller': 'pod-garbage-collector',
  'garbage-collector-controller': 'generic-garbage-collector',
  'replicationcontroller-controller': 'replication-controller',
  'daemonset-controller': 'daemon-set-controller',
  'horizontal-pod-autoscaler-controller': 'horizontal-pod-autoscaler',
  'persistentvolume-binder-controller': 'persistent-volume-binder',
  'persistentvolume-attach-detach-controller': 'attachdetach-controller',
  'persistentvolume-expander-controller': 'expand-controller',
  'persistentvolumeclaim-protection-controller': 'pvc-protection-controller',
  'persistentvolume-protection-controller': 'pv-protection-controller',
  'certificatesigningrequest-signing-controller': 'certificate-controller',
  'certificatesigningrequest-approving-controller': 'certificate-controller',
  'certificatesigningrequest-cleaner-controller': 'certificate-controller',
  'resourceclaim-controller': 'resource-claim-controller',
  'service-cidr-controller': 'service-cidrs-controller',
  'legacy-serviceaccount-token-cleaner-controller': 'legacy-service-account-token-cleaner',
}

/** The one cast that lets controllers with different `Seen` stand in one list. */
function entry<Seen>(
  name: string,
  make: (context: ControllerContext) => Controller<Seen> | undefined,
  workers: (config: Config) => number = () => 1,
): ControllerEntry {
  return { name, account: accounts[name] ?? name, workers, make: make as ControllerEntry['make'] }
}

export const controllers: readonly ControllerEntry[] = [
  entry('clusterrole-aggregation-controller', () => clusterRoleAggregationController),
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
    'endpointslice-controller',
    ({ config }) => endpointSliceController(config['max-endpoints-per-slice']),
    (config) => config['concurrent-service-endpoint-syncs'],
  ),
  entry(
    'endpoints-controller',
    () => endpointsController,
    (config) => config['concurrent-endpoint-syncs'],
  ),
  entry(
    'endpointslice-mirroring-controller',
    () => endpointSliceMirroringController,
    (config) => config['mirroring-concurrent-service-endpoint-syncs'],
  ),
  entry('node-ipam-controller', ({ config }) => (config['allocate-node-cidrs'] ? nodeIpamController(nodeRanges(config)) : undefined)),
  entry('ttl-controller', () => nodeTtlController),
  entry(
    'resourcequota-controller',
    ({ client, discovery }) => resourceQuotaController(objectCounter(client, discovery)),
    (config) => config['concurrent-resource-quota-syncs'],
  ),
  entry('persistentvolumeclaim-protection-controller', () => claimProtectionController),
  entry('persistentvolume-protection-controller', () => volumeProtectionController),
  entry('volumeattributesclass-protection-controller', () => attributesClassProtectionController),
  entry('node-lifecycle-controller', nodeLifecycle, () => 8),
  entry(
    'taint-eviction-controller',
    () => taintEvictionController(systemClock.now),
    () => 8,
  ),
  entry('pod-garbage-collector-controller', ({ client, config }) =>
    podGcController(client, {
      terminatedThreshold: config['terminated-pod-gc-threshold'],
      periodMs: config['pod-gc-period'],
      monotonicMs: systemClock.monotonicMs,
    }),
  ),
  entry(
    'namespace-controller',
    ({ client, discovery }) => namespaceController(namespaceContentReader(client, discovery)),
    (config) => config['concurrent-namespace-syncs'],
  ),
]

function nodeLifecycle({ reader, config }: ControllerContext) {
  const monitor = new NodeMonitor(reader, {
    graceMs: config['node-monitor-grace-period'],
    startupGraceMs: config['node-startup-grace-period'],
    evictionRate: numberOf(config, 'node-eviction-rate'),
    secondaryRate: numberOf(config, 'secondary-node-eviction-rate'),
    largeThreshold: config['large-cluster-size-threshold'],
    unhealthyThreshold: numberOf(config, 'unhealthy-zone-threshold'),
    clock: systemClock,
  })
  return nodeLifecycleController(monitor, config['node-monitor-period'])
}

function numberOf(config: Config, flag: 'node-eviction-rate' | 'secondary-node-eviction-rate' | 'unhealthy-zone-threshold'): number {
  const value = Number(config[flag])
  if (config[flag] === '' || !(value >= 0)) throw new StartupError(`--${flag}: ${JSON.stringify(config[flag])} is not a number`)
  return value
}

/** One range per family, at most two, as --cluster-cidr lists them. */
function nodeRanges(config: Config) {
  if (config['cluster-cidr'].length === 0) throw new StartupError('--cluster-cidr must be set where --allocate-node-cidrs is')
  return config['cluster-cidr'].map((text) => {
    const range = parseCidr(text)
    if (!range) throw new StartupError(`--cluster-cidr: ${JSON.stringify(text)} is not a CIDR`)
    const own = range.family === 4 ? config['node-cidr-mask-size-ipv4'] : config['node-cidr-mask-size-ipv6']
    const nodePrefix = own || config['node-cidr-mask-size'] || (range.family === 4 ? 24 : 64)
    if (nodePrefix < range.prefix) throw new StartupError(`--node-cidr-mask-size: /${nodePrefix} does not fit into --cluster-cidr ${text}`)
    return { range, nodePrefix }
  })
}

/** Short names that upstream used before 1.27 and still takes. */
const aliases: Readonly<Record<string, string>> = {
  'clusterrole-aggregation': 'clusterrole-aggregation-controller',
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
  resourcequota: 'resourcequota-controller',
  'pvc-protection': 'persistentvolumeclaim-protection-controller',
  'pv-protection': 'persistentvolume-protection-controller',
  podgc: 'pod-garbage-collector-controller',
  ttl: 'ttl-controller',
}

/** Whether --controllers lets `name` run: its own entry counts more than `*`, the first one counts. */
export function isEnabled(name: string, list: readonly string[]): boolean {
  const canonical = list.map((item) => ({ off: item.startsWith('-'), name: canonicalName(item) }))
  const own = canonical.find((item) => item.name === name)
  return own ? !own.off : canonical.some((item) => item.name === '*' && !item.off)
}

/** Items of --controllers that name none of `known`. */
export function unknownNames(list: readonly string[], known: readonly string[]): string[] {
  return list.filter((item) => item !== '*' && !known.includes(canonicalName(item)))
}

function canonicalName(item: string): string {
  const bare = item.replace(/^[+-]/, '')
  return aliases[bare] ?? bare
}
