/** The image puller of a kubelet, by its configuration. */
import type { Logger } from '#component/logging.ts'
import type { KubeletConfig } from '#kubelet/config/config-file.ts'
import type { ObjectCache } from '#kubelet/object-cache.ts'
import type { ContainerRuntime } from '#kubelet/runtime/runtime.ts'
import { credentialPlugins } from './credential-plugins.ts'
import { ImagePuller } from './image-puller.ts'
import { nodeAuths } from './node-auths.ts'
import { PullQueue } from './pull-queue.ts'
import type { PullRecords } from './pull-records.ts'

export interface ImagePullerParts {
  runtime: ContainerRuntime
  config: KubeletConfig
  credentialProviders: { config: string; binDir: string }
  rootDir: string
  pulls: PullRecords
  objects: Pick<ObjectCache, 'secret'>
  now(): Date
  log: Logger
}

export function imagePuller(parts: ImagePullerParts): ImagePuller {
  const { runtime, config, rootDir, pulls, objects, now, log } = parts
  const plugins = credentialPlugins(parts.credentialProviders, { now, log })
  const { maxParallelImagePulls, registryPullQPS, registryBurst } = config
  // As upstream: one at a time unless the file says otherwise, in either of two ways.
  const serializeImagePulls = config.serializeImagePulls ?? (maxParallelImagePulls ?? 1) <= 1
  return new ImagePuller({
    runtime,
    secret: (namespace, name) => objects.secret(namespace, name),
    nodeAuths: () => nodeAuths(rootDir),
    pluginAuths: async (repository) => (await plugins?.auths(repository)) ?? [],
    queue: new PullQueue({ serializeImagePulls, maxParallelImagePulls, registryPullQPS, registryBurst }, now),
    records: pulls,
    verification: { policy: config.imagePullCredentialsVerificationPolicy, allowlist: config.preloadedImagesVerificationAllowlist },
    now,
    failed: (error) => log.warn({ error }, 'cannot write down what was pulled'),
  })
}
