/** Wires what keeps the node itself well: the source of usage figures and what is shown of it. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { quantityValue } from '#api/meta/quantity.ts'
import { gitVersion } from '#api/version.ts'
import type { Settings } from './config.ts'
import type { MachineFacts } from './node/machine.ts'
import type { Pods } from './pods.ts'
import type { ContainerRuntime } from './runtime/runtime.ts'
import { type StatsPages, statsPages } from './server/stats.ts'
import { detailV1, detailV2 } from './stats/cgroup-detail.ts'
import { type CgroupTree, cgroupReader } from './stats/cgroup-usage.ts'
import { UsageSource } from './stats/usage-source.ts'
import type { VolumeManager } from './volumes/volume-manager.ts'

export interface NodeCareParts {
  settings: Settings
  machine: MachineFacts
  runtime: ContainerRuntime
  pods: Pods
  volumes: VolumeManager
  now(): Date
}

export interface NodeCare {
  stats: StatsPages
}

const mount = '/sys/fs/cgroup'

export function nodeCare(parts: NodeCareParts): NodeCare {
  const { settings, machine, runtime, pods, volumes, now } = parts
  const tree: CgroupTree = { mount, version: existsSync(join(mount, 'cgroup.controllers')) ? 2 : 1 }
  const stated = settings.capacity.get('memory')
  const soon = (): AbortSignal => AbortSignal.timeout(30_000)
  const source = new UsageSource({
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
  const stats = statsPages({
    nodeName: settings.nodeName,
    source,
    imageBytes: async () => (await runtime.listImages(soon())).reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
    cadvisor: {
      machine,
      versions: {
        cadvisorRevision: '',
        cadvisorVersion: '',
        dockerVersion: '',
        kernelVersion: machine.kernelVersion,
        osVersion: machine.osImage,
        kubeletVersion: gitVersion,
      },
      detail: (place) => (tree.version === 1 ? detailV1 : detailV2)(cgroupReader(tree, place)),
    },
    filesMaxAgeMs: 60_000,
  })
  return { stats }
}

/** Under the systemd driver it is a slice. */
function podsPlace({ mount: at, version }: CgroupTree, root: string): string {
  const slice = join(root, 'kubepods.slice')
  return existsSync(version === 1 ? join(at, 'memory', slice) : join(at, slice)) ? slice : join(root, 'kubepods')
}
