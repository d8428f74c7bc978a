/** Wires what keeps the node itself well: the source of usage figures and what is shown of it, eviction, and the collection of what nobody needs. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Pod } from '#api/core/pod.ts'
import { quantityValue } from '#api/meta/quantity.ts'
import { gitVersion } from '#api/version.ts'
import type { EventRecorder } from '#client/events.ts'
import type { Runnable } from '#component/daemon.ts'
import type { Logger } from '#component/logging.ts'
import type { AdmissionCheck } from './admission/admission.ts'
import { logRotation, type Settings } from './config/config.ts'
import { observeTopology } from './cpus/topology.ts'
import { EvictionManager } from './eviction/eviction-manager.ts'
import { evicted } from './eviction/messages.ts'
import { parseThresholds } from './eviction/thresholds.ts'
import { claimedImages } from './garbage/claimed-images.ts'
import { deadContainerCollector, removeEnded } from './garbage/ended-containers.ts'
import { ImageCollector } from './garbage/image-collector.ts'
import type { PullRecords } from './images/pull-records.ts'
import { LogTranslator } from './logs/log-translator.ts'
import type { MachineFacts } from './node/machine.ts'
import { nodeEvents } from './node/node-events.ts'
import { isStatic, isTerminalPhase, isTerminating, runningContainers } from './pods/pod-state.ts'
import type { PodWork } from './pods/pod-work.ts'
import type { Pods } from './pods/pods.ts'
import type { ContainerRuntime, Container as RuntimeContainer } from './runtime/runtime.ts'
import { type StatsPages, statsPages } from './server/stats.ts'
import { nodeShutdown } from './shutdown/node-shutdown.ts'
import { shutdownText } from './shutdown/plan.ts'
import type { CadvisorFacts } from './stats/cadvisor-metrics.ts'
import { detailV1, detailV2 } from './stats/cgroup-detail.ts'
import { type ActedCgroups, type CgroupTree, cgroupReader } from './stats/cgroup-files.ts'
import { diskOf } from './stats/disk-io.ts'
import type { CountedPod, KubeletFacts } from './stats/kubelet-metrics.ts'
import { processUsage } from './stats/process-usage.ts'
import { UsageSource } from './stats/usage-source.ts'
import type { VolumeManager } from './volumes/volume-manager.ts'

export interface NodeCareParts {
  settings: Settings
  machine: MachineFacts
  runtime: ContainerRuntime
  pods: Pods
  volumes: VolumeManager
  cgroups?: ActedCgroups | undefined
  recorder: Pick<EventRecorder, 'event'>
  pulls: Pick<PullRecords, 'prune'>
  /** The node's conditions have changed. */
  changed(): void
  now(): Date
  log: Logger
}

export interface NodeCare {
  stats: StatsPages
  admit: AdmissionCheck
  /** Conditions of pressure that are true. */
  conditions(): readonly string[]
  /** What else keeps the node from being ready. */
  problems(): readonly string[]
  runnables: readonly Runnable[]
}

const mount = '/sys/fs/cgroup'

const soon = (): AbortSignal => AbortSignal.timeout(30_000)

export function nodeCare(parts: NodeCareParts): NodeCare {
  const { settings, runtime, pods } = parts
  const acted = parts.cgroups ? { acted: parts.cgroups } : {}
  const tree: CgroupTree = { mount, version: existsSync(join(mount, 'cgroup.controllers')) ? 2 : 1, ...acted }
  const source = sourceOf(parts, tree)
  const images = collectorOf(parts, source)
  const shutdown = nodeShutdown(parts)
  const eviction = evictionOf(parts, source, [() => removeEnded(pods.list(), runtime), () => images.removeUnused()])
  return {
    stats: statsPages({
      nodeName: settings.nodeName,
      source,
      imageBytes: async () => (await runtime.listImages(soon())).reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
      cadvisor: cadvisorFacts(parts, tree),
      kubelet: () => kubeletFacts(parts, tree),
      filesMaxAgeMs: settings.config.volumeStatsAggPeriod,
    }),
    admit: (...asked) => eviction.admit(...asked) ?? shutdown.admit(...asked),
    problems: () => (shutdown.goesDown ? [shutdownText] : []),
    conditions: () => eviction.conditions(),
    // A hollow node does not run out of what its machine has, and there may be a thousand in a process.
    runnables: settings.runtime === 'fake' ? [] : [eviction, images, ...deadContainersOf(parts), ...translatorOf(parts), shutdown],
  }
}

function sourceOf({ settings, machine, runtime, pods, volumes, now }: NodeCareParts, tree: CgroupTree): UsageSource {
  const stated = settings.capacity.get('memory')
  return new UsageSource({
    rootDir: settings.rootDir,
    tree,
    rootPlace: settings.config.cgroupRoot,
    podsPlace: () => podsPlace(tree, settings.config.cgroupRoot),
    memoryCapacityBytes: stated === undefined ? machine.memoryBytes : quantityValue(stated),
    pods: () => pods.list(),
    volumePath: (uid, volume) => volumes.path(uid, volume),
    podDir: (uid) => volumes.podDir(uid),
    imageRoot: () => runtime.imageRoot(soon()),
    now,
  })
}

function cadvisorFacts({ machine, settings }: NodeCareParts, tree: CgroupTree): CadvisorFacts {
  const topology = observeTopology()
  const cores = new Set(topology.map(({ core }) => core)).size
  const sockets = new Set(topology.map(({ socket }) => socket)).size
  return {
    machine: { ...machine, cores, sockets },
    disk: () => diskOf(settings.rootDir),
    versions: {
      cadvisorRevision: '',
      cadvisorVersion: '',
      dockerVersion: '',
      kernelVersion: machine.kernelVersion,
      osVersion: machine.osImage,
    },
    detail: (place) => (tree.version === 1 ? detailV1 : detailV2)(cgroupReader(tree, place)),
  }
}

function kubeletFacts({ pods, machine, volumes }: NodeCareParts, tree: CgroupTree): KubeletFacts {
  const buildInfo = {
    git_version: gitVersion,
    major: '1',
    minor: '35',
    platform: `linux/${machine.architecture}`,
    compiler: process.version,
  }
  const wanted = pods.list().filter(({ desired, status }) => !desired.removed && !isTerminalPhase(status.phase))
  return {
    pods: pods.list().map(countedPod),
    cgroupVersion: tree.version,
    buildInfo,
    process: processUsage(),
    volumes: volumes.counts(wanted.map(({ pod }) => pod)),
  }
}

function countedPod(work: PodWork): CountedPod {
  const { pod, status, desired } = work
  const over = isTerminalPhase(status.phase) && runningContainers(work).length === 0
  return {
    isStatic: isStatic(pod),
    isMirror: isStatic(pod) && !desired.removed,
    wanted: !desired.removed,
    lifecycle: over ? 'terminated' : isTerminating(desired) ? 'terminating' : 'sync',
    ephemeralContainers: pod.spec?.ephemeralContainers?.length ?? 0,
    hasSandbox: work.sandboxes.some(({ ready }) => ready),
    containerStates: work.containers.map(({ state }) => state),
  }
}

const deadContainersOf = ({ settings, pods, runtime, now, log }: NodeCareParts): Runnable[] =>
  deadContainerCollector({ limits: settings.deadContainers, pods: () => pods.list(), runtime, now, log })

function translatorOf({ settings, runtime, pods, now, log }: NodeCareParts): LogTranslator[] {
  if (settings.containerLogFormat !== 'cri') return []
  const { maxSize, maxFiles } = logRotation(settings.config)
  const target = ({ name, attempt }: RuntimeContainer, { metadata }: Pod): string =>
    join('/var/log/pods', `${metadata.namespace}_${metadata.name}_${metadata.uid}`, name, `${attempt}.log`)
  const containers = () =>
    pods
      .list()
      .flatMap(({ pod, containers: all }) =>
        all
          .filter(({ state }) => state === 'running' || state === 'exited')
          .map((container) => ({ id: container.id, target: target(container, pod), running: container.state === 'running' })),
      )
  return [new LogTranslator({ containers, logFile: (id) => runtime.logFile(id), maxBytes: Number(maxSize), maxFiles, now, log })]
}

function nodeWarnings({ settings, recorder }: NodeCareParts): (reason: string, message: string) => void {
  const event = nodeEvents(recorder, settings.nodeName)
  return (reason, message) => event({ type: 'Warning', reason, message })
}

function collectorOf(parts: NodeCareParts, source: UsageSource): ImageCollector {
  const { settings, runtime, pods, pulls, now, log } = parts
  const { config } = settings
  return new ImageCollector({
    runtime,
    policy: {
      highPercent: config.imageGCHighThresholdPercent,
      lowPercent: config.imageGCLowThresholdPercent,
      minAgeMs: config.imageMinimumGCAge,
      maxAgeMs: config.imageMaximumGCAge,
    },
    imageFs: async () => (await source.node()).imageFs,
    claimed: (images) => claimedImages(pods.list(), images),
    listed: (ids, at) => pulls.prune(ids, at),
    nodeEvent: nodeWarnings(parts),
    now,
    log,
  })
}

function evictionOf(parts: NodeCareParts, source: UsageSource, reclaim: readonly (() => Promise<void>)[]): EvictionManager {
  const { settings, pods, recorder, changed, now, log } = parts
  const { config } = settings
  return new EvictionManager({
    source,
    thresholds: parseThresholds(config),
    transitionMs: config.evictionPressureTransitionPeriod,
    maxPodGraceSeconds: config.evictionMaxPodGracePeriod,
    limitsStorage: config.localStorageCapacityIsolation,
    pods,
    reclaim,
    podEvent: ({ metadata }, message, annotations) =>
      recorder.event({ apiVersion: 'v1', kind: 'Pod', metadata }, { type: 'Warning', reason: evicted, message, annotations }),
    nodeEvent: nodeWarnings(parts),
    changed,
    now,
    log,
  })
}

/** Under the systemd driver it is a slice. */
function podsPlace({ mount: at, version }: CgroupTree, root: string): string {
  const slice = join(root, 'kubepods.slice')
  return existsSync(version === 1 ? join(at, 'memory', slice) : join(at, slice)) ? slice : join(root, 'kubepods')
}
