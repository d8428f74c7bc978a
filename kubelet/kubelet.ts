/** Lays out a kubelet: its parts, and the runnables that make it live, in the order of their start. */
import { existsSync, readFileSync, rmSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { type Node, Nodes } from '#api/core/node.ts'
import { type Pod, Pods as PodsResource } from '#api/core/pod.ts'
import { type Service, Services } from '#api/core/service.ts'
import { quantityValue } from '#api/meta/quantity.ts'
import type { KubeObject } from '#api/resource.ts'
import { type Access, openClient } from '#client/connect.ts'
import { EventRecorder } from '#client/events.ts'
import { Informer } from '#client/informer.ts'
import { keyOf } from '#client/resource-path.ts'
import { Client } from '#client/rest.ts'
import { sleep } from '#component/clock.ts'
import { type Runnable, StartupError } from '#component/daemon.ts'
import type { Failpoint } from '#component/failpoint.ts'
import type { Logger } from '#component/logging.ts'
import { healthServer } from '#component/serving.ts'
import type { AdmissionCheck } from './admission/admission.ts'
import { admissionChecks, preemptor } from './admission/admission-checks.ts'
import type { Settings } from './config/config.ts'
import { parseResolvConf } from './containers/dns.ts'
import type { ImageUsers } from './containers/image-users.ts'
import { logTail } from './containers/log-tail.ts'
import { runtimeHandlers } from './containers/runtime-class.ts'
import { podExecutors } from './executors.ts'
import { ImageUsersReader } from './images/image-users.ts'
import { PullRecords } from './images/pull-records.ts'
import { imagePuller } from './images/setup.ts'
import { nodeName as nodeNameMetric } from './metrics.ts'
import { nodeLease } from './node/lease.ts'
import { defaultAddress, type MachineFacts, observeMachine } from './node/machine.ts'
import { NodeAgent } from './node/node-agent.ts'
import { nodeEvents, seldom } from './node/node-events.ts'
import { ensurePodNetwork } from './node/pod-network.ts'
import { nodeRoutes } from './node/routes.ts'
import { type NodeCare, nodeCare } from './node-care.ts'
import { type NodeResources, nodeResources } from './node-resources.ts'
import { ObjectCache } from './object-cache.ts'
import { podEvents, type RecordEvent } from './pods/pod-events.ts'
import { PodObserver } from './pods/pod-observer.ts'
import { fromApi } from './pods/pod-source.ts'
import { isStatic } from './pods/pod-state.ts'
import type { PodWork } from './pods/pod-work.ts'
import { Pods } from './pods/pods.ts'
import { type Liveness, podsRunnable } from './pods/pods-runnable.ts'
import { Prober } from './probes/prober.ts'
import { measured } from './rest-metrics.ts'
import type { ContainerRuntime } from './runtime/runtime.ts'
import { ManifestUrl } from './static-pods/manifest-url.ts'
import { StaticPodSource, type StaticPodsDeps } from './static-pods/static-pods.ts'
import type { ActedCgroups } from './stats/cgroup-files.ts'
import { StatusWriter } from './status/status-writer.ts'
import { claimReader } from './volumes/claim-reader.ts'
import { TokenManager } from './volumes/tokens.ts'
import { VolumeManager } from './volumes/volume-manager.ts'

export interface KubeletOptions {
  settings: Settings
  runtime: ContainerRuntime
  failpoint?: Failpoint
  /** Services that somebody else keeps up to date: of several kubelets in one process. */
  services?: Informer<Service>
  /** What containers use that do not run. */
  cgroups?: ActedCgroups
  log: Logger
  now?: () => Date
}

/** What stands behind the node's own API, beside the runnables. */
export interface Kubelet {
  runnables: Runnable[]
  pods: Pods
  runtime: ContainerRuntime
  agent: NodeAgent
  care: NodeCare
}

const auditMs = 60_000
/** A pod's start is told of once it is over, mostly. */
const eventDelayMs = 500
const tokenCheckMs = 60_000
/** In upstream's words, which it has of every host with that version. */
const cgroupV1Fault = {
  reason: 'CgroupV1',
  message:
    'cgroup v1 detected. cgroup v1 support is deprecated and will be removed in a future release. Please migrate to cgroup v2. More information at https://git.k8s.io/enhancements/keps/sig-node/5573-remove-cgroup-v1',
}

export function buildKubelet(options: KubeletOptions): Kubelet {
  const { settings, runtime, log } = options
  const now = options.now ?? (() => new Date())
  const client = measuredClient(settings)
  const machine = observeMachine(settings.rootDir)
  const addresses = addressesOf(settings)
  const recorder = recorderOf(client, settings, now, log)
  nodeNameMetric.set({ node: settings.nodeName }, 1)
  const { ownNode, nodes, services: ownServices, informer } = informersOf(client, settings.nodeName, now)
  const services = options.services ?? ownServices
  const isHollow = settings.runtime === 'fake'
  const shared = { client, runtime, recorder, settings, machine, pulls: new PullRecords(settings.rootDir), now, log }
  const agent = new NodeAgent({
    ...shared,
    addresses,
    port: () => settings.config.port,
    devices: () => pods.resources.devices(),
    faults: isHollow || existsSync('/sys/fs/cgroup/cgroup.controllers') ? [] : [cgroupV1Fault],
    pressure: () => care.conditions(),
    problems: () => care.problems(),
  })
  const node = (): Node | undefined => ownNode.get(settings.nodeName) ?? agent.node()
  const tokens = new TokenManager(client, now)
  const statics = staticsOf(settings, { client, node, ...staticsInto(() => pods.set), now, log })
  const pressure: AdmissionCheck = (...asked) => care.admit(...asked)
  const pods = podsOf({
    ...options,
    ...shared,
    isHollow,
    services,
    tokens,
    node,
    statics,
    pressure,
    offersChanged: () => agent.poke(),
    hostIps: hostIpsOf(addresses),
  })
  const care = nodeCare({ ...shared, cgroups: options.cgroups, pods: pods.set, volumes: pods.volumes, changed: () => agent.poke() })
  const runnables: Runnable[] = [
    healthOf(settings, pods.parts),
    informerRunnable('own node', ownNode),
    ...(options.services ? [] : [informerRunnable('services', services)]),
    agent,
    nodeLease({ client, nodeName: settings.nodeName, durationSeconds: settings.config.nodeLeaseDurationSeconds, node, now, log }),
    ...(isHollow
      ? []
      : [
          informerRunnable('nodes', nodes),
          podNetwork(settings, ownNode, agent, log),
          nodeRoutes({ nodes, nodeName: settings.nodeName, log }),
        ]),
    podsRunnable({ pods: pods.set, informer, services, statics, volumes: pods.volumes, isHollow, runtime, agent, log, parts: pods.parts }),
    ...(statics ? [statics] : []),
    ...pods.resources.runnables,
    ...care.runnables,
    // Before all pods are known, what runs would be taken for orphans.
    every('audit of the runtime', auditMs, log, async (signal) => {
      if (pods.parts.podsBegun) await pods.set.audit(signal)
    }),
    every('renewal of tokens', tokenCheckMs, log, async () => pods.set.refresh(tokens.due())),
  ]
  return { runnables, pods: pods.set, runtime, agent, care }
}

function recorderOf(client: Client, { nodeName: host }: Settings, now: () => Date, log: Logger): EventRecorder {
  const onError = (error: unknown): void => log.debug({ error }, 'an event was given up')
  return new EventRecorder(client, { component: 'kubelet', host, delayMs: eventDelayMs, now, onError })
}

/** Its own node is what every kubelet may read; the others it reads for the routes to them, where a role lets it. */
function informersOf(client: Client, nodeName: string, now: () => Date) {
  const plain = { transform: withoutManagedFields }
  const noted = (pod: Pod): Pod => fromApi(withoutManagedFields(pod), informer.get(keyOf(pod)), now())
  const informer: Informer<Pod> = new Informer(client, PodsResource, { transform: noted, fieldSelector: `spec.nodeName=${nodeName}` })
  return {
    ownNode: new Informer<Node>(client, Nodes, { ...plain, fieldSelector: `metadata.name=${nodeName}` }),
    nodes: new Informer<Node>(client, Nodes, plain),
    services: servicesOf(client),
    informer,
  }
}

export const servicesOf = (client: Client): Informer<Service> =>
  new Informer<Service>(client, Services, { transform: withoutManagedFields })

/** They are the larger half of many objects, and nobody here reads them. */
function withoutManagedFields<T extends KubeObject>(object: T): T {
  const { managedFields: _, ...metadata } = object.metadata
  return { ...object, metadata }
}

export const accessOf = ({ kubeconfig }: Settings): Access => ({ kubeconfig, userAgent: 'kubelet/v1.35 (linux) typernetes' })

function measuredClient(settings: Settings): Client {
  const { client, rest } = openClient(accessOf(settings))
  return new Client(measured(client.transport, rest.server))
}

function addressesOf(settings: Settings): { type: string; address: string }[] {
  const ip = settings.nodeIp || defaultAddress()
  if (!ip) throw new StartupError('this host has no default route to find its address by: give --node-ip')
  return [
    { type: 'InternalIP', address: ip },
    { type: 'Hostname', address: settings.nodeName },
  ]
}

const hostIpsOf = (addresses: readonly { type: string; address: string }[]): string[] =>
  addresses.filter(({ type }) => type === 'InternalIP').map(({ address }) => address)

interface PodParts extends KubeletOptions {
  isHollow: boolean
  now: () => Date
  client: Client
  machine: MachineFacts
  recorder: EventRecorder
  services: Informer<Service>
  tokens: TokenManager
  node(): Node | undefined
  statics: StaticPodSource | undefined
  pulls: PullRecords
  offersChanged(): void
  pressure: AdmissionCheck
  hostIps: readonly string[]
}

function staticsOf(
  settings: Settings,
  deps: Pick<StaticPodsDeps, 'client' | 'changed' | 'begin' | 'now' | 'log'> & { node(): Node | undefined },
): StaticPodSource | undefined {
  const { nodeName, staticPodPath: directory, config } = settings
  const { staticPodURL: url, staticPodURLHeader: headers, fileCheckFrequency, httpCheckFrequency } = config
  if (directory === '' && url === '') return undefined
  const fetched = url === '' ? {} : { url: new ManifestUrl({ url, headers, log: deps.log }) }
  const rescanMs = url === '' ? fileCheckFrequency : Math.min(fileCheckFrequency, httpCheckFrequency)
  return new StaticPodSource({ ...deps, ...fetched, directory, rescanMs, nodeName, nodeUid: () => deps.node()?.metadata.uid })
}

const staticsInto = (pods: () => Pods): Pick<StaticPodsDeps, 'changed' | 'begin'> => ({
  changed: (...change) => pods().changed(...change),
  begin: (...known) => pods().begin(...known),
})

/** The status of a static pod is written to its mirror. */
function shownStatuses(statuses: StatusWriter, statics: StaticPodSource | undefined): Pick<StatusWriter, 'publish' | 'observe' | 'forget'> {
  return {
    publish: (pod, status) => {
      const target = isStatic(pod) ? statics?.mirrorFor(pod) : pod
      if (target) statuses.publish(target, status)
    },
    observe: (pod) => statuses.observe(pod),
    forget: (uid) => statuses.forget(uid),
  }
}

function podsOf(parts: PodParts): { set: Pods; resources: NodeResources; volumes: VolumeManager; parts: Liveness } {
  const { settings, runtime, log, now, client, machine, hostIps, node } = parts
  const { config, rootDir } = settings
  const memory = settings.capacity.get('memory')
  const nodeMemoryBytes = memory === undefined ? machine.memoryBytes : quantityValue(memory)
  const objects = new ObjectCache(client, (ref) => pods.objectChanged(ref))
  const volumes = new VolumeManager({ ...parts, rootDir, objects, claims: claimReader(client), nodeMemoryBytes, mounts: !parts.isHollow })
  const statuses = new StatusWriter(client, log)
  const event = podEvents(parts.recorder)
  const resources = nodeResources({ ...parts, event, pods: () => pods.active(), end: (uid, failure) => pods.end(uid, failure) })
  const podDir = (uid: string): string => volumes.podDir(uid)
  const prober = proberOf(parts, event, (uid) => pods.wake(uid))
  const observer = new PodObserver({ runtime, prober, podDir, logTail: logTail(runtime) })
  const resolv = resolvOf(config.resolvConf)
  const dns = () => ({ clusterDns: config.clusterDNS, clusterDomain: config.clusterDomain, node: resolv })
  const facts = () => ({ hostIps, nodeName: settings.nodeName, allocatable: node()?.status?.allocatable ?? {} })
  const downward = (work: PodWork) => ({ ...facts(), podIps: work.podIps })
  const executors = podExecutors(
    {
      runtime,
      ...resources,
      now,
      volumes,
      objects,
      statuses,
      client,
      event,
      nodeEvent: seldom(nodeEvents(parts.recorder, settings.nodeName), now),
      podDir,
      wake: (uid) => pods.wake(uid),
      downward,
      nodeMemoryBytes,
      services: () => parts.services.list(),
      runtimeHandler: runtimeHandlers(client),
      ...imagesOf(parts, objects),
      node: { hostname: hostname(), dns, ...(config.podPidsLimit > 0 ? { podPidsLimit: config.podPidsLimit } : {}) },
      seccomp: { directory: join(rootDir, 'seccomp'), isDefault: config.seccompDefault },
      removeLogs,
    },
    parts.failpoint,
  )
  const pods = new Pods({
    ...resources,
    executors,
    observer,
    statuses: shownStatuses(statuses, parts.statics),
    hostIps: () => hostIps,
    now,
    log,
    runtime,
    volumes,
    objects,
    event,
    admission: admissionChecks({
      ...resources,
      node,
      allowedUnsafeSysctls: config.allowedUnsafeSysctls,
      security: machine,
      pressure: parts.pressure,
      preempt: preemptor(event, (uid, failure) => pods.preempt(uid, failure)),
    }),
    allKnown: () => parts.statics?.complete ?? true,
    ...keptOf(settings),
  })
  return { set: pods, resources, volumes, parts: { podsBegun: false } }
}

/** A hollow node has no images to look into. */
function imagesOf({ isHollow, runtime, settings, pulls, now, log }: PodParts, objects: ObjectCache) {
  const reader = isHollow ? undefined : new ImageUsersReader({ runtime, folder: join(settings.rootDir, 'image-users'), log })
  return {
    images: imagePuller({ ...settings, runtime, pulls, objects, now, log }),
    imageUsers: async (id: string): Promise<ImageUsers> => (await reader?.of(id)) ?? { passwd: '', group: '' },
  }
}

const keptOf = ({ rootDir, deadContainers, config }: Settings) => ({
  rootDir,
  deadContainers,
  longestBackoffSeconds: config.crashLoopBackOff.maxContainerRestartPeriod / 1000,
})

function proberOf({ runtime, now, log }: PodParts, event: RecordEvent, changed: (uid: string) => void): Prober {
  return new Prober({ runtime, event: (pod, container, words) => event(pod, words, container), changed, now, log })
}

async function removeLogs({ namespace, name, uid }: { namespace: string; name: string; uid: string }): Promise<void> {
  if (name !== '') rmSync(join('/var/log/pods', `${namespace}_${name}_${uid}`), { recursive: true, force: true })
}

function resolvOf(path: string): ReturnType<typeof parseResolvConf> | undefined {
  return path === '' ? undefined : parseResolvConf(existsSync(path) ? readFileSync(path, 'utf8') : '')
}

function healthOf(settings: Settings, parts: Liveness): Runnable {
  const { healthzBindAddress: bindAddress, healthzPort: port } = settings.config
  const ping = { ping: () => undefined }
  const ready = {
    ...ping,
    pods: () => {
      if (!parts.podsBegun) throw new Error('the pods of this node are not known yet')
    },
  }
  return port === 0 ? idle('health') : healthServer({ bindAddress, port, livez: ping, readyz: ready, metrics: false })
}

function idle(name: string): Runnable {
  return { name, run: (signal) => new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true })) }
}

function informerRunnable<T extends Node | Service>(name: string, informer: Informer<T>): Runnable {
  return { name: `watch of ${name}`, run: (signal) => informer.run(signal) }
}

/** Runs `work` every so often; a failure is told and forgotten. */
function every(name: string, ms: number, log: Logger, work: (signal: AbortSignal) => Promise<void>): Runnable {
  return {
    name,
    async run(signal) {
      for (;;) {
        await sleep(ms, signal)
        if (signal.aborted) return
        await work(signal).catch((error: unknown) => log.warn({ error, task: name }, 'a periodic task failed'))
      }
    },
  }
}

function podNetwork(settings: Settings, nodes: Informer<Node>, agent: NodeAgent, log: Logger): Runnable {
  return {
    name: 'pod network',
    async run(signal) {
      const look = (): void => {
        const cidr = nodes.get(settings.nodeName)?.spec?.podCIDR ?? settings.config.podCIDR
        if (cidr && ensurePodNetwork(settings.cniConfDir, cidr, log)) agent.poke()
      }
      nodes.onChange((now) => {
        if (now?.metadata.name === settings.nodeName) look()
      })
      await idle('').run(signal)
    },
  }
}
