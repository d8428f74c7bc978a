/** The kubelet's API for a running kubelet: joins the server to the pods, the configuration and the certificates of this node. */
import type { Pod } from '#api/core/pod.ts'
import type { Client } from '#client/rest.ts'
import type { Runnable } from '#component/daemon.ts'
import type { Logger } from '#component/logging.ts'
import { selfSigned } from '#component/self-signed.ts'
import { readCertificates, readPair } from '#component/tls-files.ts'
import type { Settings } from '#kubelet/config/config.ts'
import type { KubeletConfig } from '#kubelet/config/config-file.ts'
import type { ContainerRuntime } from '#kubelet/runtime/runtime.ts'
import { Access, type AccessPolicy } from './access.ts'
import { apiReviews } from './reviews.ts'
import { kubeletServer } from './server.ts'
import type { StatsPages } from './stats.ts'

export interface NodeApiParts {
  client: Client
  settings: Settings
  runtime: ContainerRuntime
  /** Desired pods with the newest status of each. */
  pods(): readonly Pod[]
  stats: StatsPages
  log: Logger
}

/** Throws StartupError for certificate files that cannot be used. Without a serving certificate one is made, as upstream does. */
export function nodeApi({ client, settings, runtime, pods, stats, log }: NodeApiParts): Runnable {
  const { config, nodeName } = settings
  const pair = readPair({ name: 'tlsCertFile', path: config.tlsCertFile }, { name: 'tlsPrivateKeyFile', path: config.tlsPrivateKeyFile })
  const clientCa = readCertificates({ name: 'authentication.x509.clientCAFile', path: config.authentication.x509.clientCAFile })
  if (clientCa === undefined) log.warn({}, 'no authentication.x509.clientCAFile: certificates of clients are not taken')
  return kubeletServer({
    host: { nodeName, runtime, pods, stats, config: () => config, healthy: () => undefined, log },
    access: new Access(accessPolicy(config), apiReviews(client, nodeName), { log, now: () => new Date() }),
    bindAddress: config.address,
    port: config.port,
    tls: async () => ({ ...(pair ?? (await selfSigned(nodeName))), clientCa }),
  })
}

function accessPolicy({ authentication, authorization }: KubeletConfig): AccessPolicy {
  const { webhook, anonymous } = authentication
  const { cacheAuthorizedTTL, cacheUnauthorizedTTL } = authorization.webhook
  return {
    anonymous: anonymous.enabled,
    tokenTtlMs: webhook.enabled ? webhook.cacheTTL : undefined,
    verdictTtlMs: authorization.mode === 'Webhook' ? { allowed: cacheAuthorizedTTL, denied: cacheUnauthorizedTTL } : undefined,
  }
}
