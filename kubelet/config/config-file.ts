/** The KubeletConfiguration file (kubelet.config.k8s.io/v1beta1): which keys there are, their defaults, and what is refused and why. */
import * as z from 'zod'
import { isQuantity } from '#api/meta/quantity.ts'
import { StartupError } from '#component/daemon.ts'
import { checkedBy, durationKey as duration, parseGiven } from '#component/given-files.ts'
import { evictionHardOf, evictionProblem } from '#kubelet/eviction/eviction-config.ts'
import { resourceConfigProblem, resourceKeys, withReservedCpus } from '#kubelet/node/resource-config.ts'
import { shutdownProblem } from '#kubelet/shutdown/plan.ts'

const quantity = z.union([z.string(), z.number()]).transform(String).refine(isQuantity, 'is not a quantity')
const quantities = z.record(z.string(), quantity)
const anything = z.unknown().optional()
/** Nothing is upstream's word for the default. */
const orDefault = (defaultMs: number) => (ms: number) => (ms === 0 ? defaultMs : ms)

/** Only this value is possible yet; any other would be a promise that is not kept. */
const only = <T extends string | boolean | number>(...values: T[]) =>
  z
    .custom<T>((value) => values.includes(value as T), {
      error: `only ${values.map((value) => JSON.stringify(value)).join(' or ')} is supported`,
    })
    .optional()

const used = {
  apiVersion: z.literal('kubelet.config.k8s.io/v1beta1'),
  kind: z.literal('KubeletConfiguration'),
  address: z.string().default('0.0.0.0'),
  port: z.int().min(0).max(65_535).default(10_250),
  healthzBindAddress: z.string().default('127.0.0.1'),
  healthzPort: z.int().min(0).max(65_535).default(10_248),
  tlsCertFile: z.string().default(''),
  tlsPrivateKeyFile: z.string().default(''),
  authentication: z
    .strictObject({
      x509: z.strictObject({ clientCAFile: z.string().default('') }).prefault({}),
      webhook: z.strictObject({ enabled: z.boolean().default(true), cacheTTL: duration.default(120_000) }).prefault({}),
      anonymous: z.strictObject({ enabled: z.boolean().default(false) }).prefault({}),
    })
    .prefault({}),
  authorization: z
    .strictObject({
      mode: z.enum(['AlwaysAllow', 'Webhook']).default('Webhook'),
      webhook: z
        .strictObject({ cacheAuthorizedTTL: duration.default(300_000), cacheUnauthorizedTTL: duration.default(30_000) })
        .prefault({}),
    })
    .prefault({}),
  clusterDNS: z.array(z.string()).default([]),
  clusterDomain: z.string().default(''),
  resolvConf: z.string().default('/etc/resolv.conf'),
  maxPods: z.int().min(0).default(110),
  podPidsLimit: z.int().default(-1),
  allowedUnsafeSysctls: z.array(z.string()).default([]),
  seccompDefault: z.boolean().default(false),
  podCIDR: z.string().default(''),
  cgroupRoot: z.string().default('/'),
  cpuCFSQuota: z.boolean().default(true),
  ...resourceKeys,
  containerRuntimeEndpoint: z.string().default(''),
  nodeStatusUpdateFrequency: duration.default(10_000),
  nodeStatusReportFrequency: duration.default(300_000),
  nodeLeaseDurationSeconds: z.int().min(1).default(40),
  nodeStatusMaxImages: z.int().min(-1).default(50),
  singleProcessOOMKill: z.boolean().optional(),
  registerNode: z.boolean().default(true),
  registerWithTaints: z
    .array(
      z.strictObject({
        key: z.string(),
        value: z.string().optional(),
        effect: z.enum(['NoSchedule', 'PreferNoSchedule', 'NoExecute']),
        timeAdded: anything,
      }),
    )
    .default([]),
  providerID: z.string().default(''),
  systemReserved: quantities.default({}),
  kubeReserved: quantities.default({}),
  evictionHard: z.record(z.string(), z.string()).default({}),
  evictionSoft: z.record(z.string(), z.string()).default({}),
  evictionSoftGracePeriod: z.record(z.string(), z.string()).default({}),
  evictionMinimumReclaim: z.record(z.string(), z.string()).default({}),
  evictionMaxPodGracePeriod: z.int().default(0),
  evictionPressureTransitionPeriod: duration.default(300_000).transform(orDefault(300_000)),
  mergeDefaultEvictionSettings: z.boolean().default(false),
  localStorageCapacityIsolation: z.boolean().default(true),
  imageMinimumGCAge: duration.default(120_000),
  imageMaximumGCAge: duration.default(0),
  imageGCHighThresholdPercent: z.int().min(0).max(100).default(85),
  imageGCLowThresholdPercent: z.int().min(0).max(100).default(80),
  volumeStatsAggPeriod: duration.default(60_000),
  containerLogMaxSize: quantity.default('10Mi'),
  containerLogMaxFiles: z.int().min(2).default(5),
  staticPodPath: z.string().default(''),
  staticPodURL: z.string().default(''),
  staticPodURLHeader: z.record(z.string(), z.array(z.string())).default({}),
  fileCheckFrequency: duration.default(20_000).transform(orDefault(20_000)),
  httpCheckFrequency: duration.default(20_000).transform(orDefault(20_000)),
  crashLoopBackOff: z.strictObject({ maxContainerRestartPeriod: duration.default(300_000) }).prefault({}),
  shutdownGracePeriod: duration.default(0),
  shutdownGracePeriodCriticalPods: duration.default(0),
  shutdownGracePeriodByPodPriority: z.array(z.strictObject({ priority: z.int(), shutdownGracePeriodSeconds: z.int().min(0) })).default([]),
  serializeImagePulls: z.boolean().optional(),
  maxParallelImagePulls: z.int().min(1).optional(),
  registryPullQPS: z.int().min(0).default(5),
  registryBurst: z.int().min(0).default(10),
  imagePullCredentialsVerificationPolicy: z
    .enum(['NeverVerify', 'NeverVerifyPreloadedImages', 'NeverVerifyAllowlistedImages', 'AlwaysVerify'])
    .default('NeverVerifyPreloadedImages'),
  preloadedImagesVerificationAllowlist: z.array(z.string()).default([]),
}

/** Keys that only tune what works here another way (events in place of polls, no client-side limits); any value is fine. */
const tuning = [
  'syncFrequency',
  'eventRecordQPS',
  'eventBurst',
  'kubeAPIQPS',
  'kubeAPIBurst',
  'runtimeRequestTimeout',
  'streamingConnectionIdleTimeout',
  'maxOpenFiles',
  'contentType',
  'oomScoreAdj',
  'logging',
  'configMapAndSecretChangeDetectionStrategy',
  'failSwapOn',
  'failCgroupV1',
  'containerLogMaxWorkers',
  'containerLogMonitorInterval',
  'hairpinMode',
  'makeIPTablesUtilChains',
  'iptablesMasqueradeBit',
  'iptablesDropBit',
  'enableControllerAttachDetach',
  'enableContentionProfiling',
  'enableProfilingHandler',
  'enableDebugFlagsHandler',
  'enableDebuggingHandlers',
  'enableSystemLogHandler',
  'enableSystemLogQuery',
  'tlsMinVersion',
  'tlsCipherSuites',
  'volumePluginDir',
  'imageServiceEndpoint',
  'featureGates',
  'showHiddenMetricsForVersion',
  'podLogsDir',
  'nodeLeaseRenewIntervalFraction',
  'kernelMemcgNotification',
  'protectKernelDefaults',
  'systemCgroups',
  'kubeletCgroups',
] as const

/** Keys of things that are not there yet: their defaults are accepted, so that generated files work. */
const fixed = {
  enableServer: only(true),
  readOnlyPort: only(0),
  rotateCertificates: only(false),
  serverTLSBootstrap: only(false),
  cgroupsPerQOS: only(true),
  cpuCFSQuotaPeriod: only<string | number>('100ms', '0.1s'),
  qosReserved: z.strictObject({}, { error: 'is behind a feature gate that is off' }).optional(),
  memoryManagerPolicy: only('None', ''),
  podsPerCore: only(0),
  reservedMemory: anything,
  memorySwap: anything,
  memoryThrottlingFactor: anything,
  registerWithTaintsPolicy: anything,
  tracing: anything,
  userNamespaces: anything,
} as const

const schema = z.strictObject({ ...used, ...fixed, ...Object.fromEntries(tuning.map((key) => [key, anything])) })
export type KubeletConfig = z.output<z.ZodObject<typeof used>>

/** Reads the text of a configuration file; an empty one gives the defaults. Throws StartupError with one line that names the key. */
export function parseConfig(text: string, file: string, overrides: Readonly<Record<string, unknown>> = {}): KubeletConfig {
  const raw = parseGiven(text, file) ?? {}
  const empty = typeof raw === 'object' && raw !== null && Object.keys(raw).length === 0
  const head = { apiVersion: 'kubelet.config.k8s.io/v1beta1', kind: 'KubeletConfiguration' }
  const given = typeof raw === 'object' ? { ...(empty ? head : raw), ...overrides } : raw
  const config = checkedBy(schema, given, file) as unknown as KubeletConfig
  if (config.serializeImagePulls && (config.maxParallelImagePulls ?? 1) > 1)
    throw new StartupError(`${file}: maxParallelImagePulls cannot be larger than 1 unless serializeImagePulls is false`)
  if (
    config.preloadedImagesVerificationAllowlist.length > 0 &&
    config.imagePullCredentialsVerificationPolicy !== 'NeverVerifyAllowlistedImages'
  )
    throw new StartupError(
      `${file}: preloadedImagesVerificationAllowlist needs imagePullCredentialsVerificationPolicy to be NeverVerifyAllowlistedImages`,
    )
  const problem = evictionProblem(config) ?? resourceConfigProblem(config) ?? shutdownProblem(config) ?? restartPeriodProblem(config)
  if (problem !== undefined) throw new StartupError(`${file}: ${problem}`)
  return { ...withReservedCpus(config), evictionHard: evictionHardOf(config.evictionHard, config.mergeDefaultEvictionSettings) }
}

function restartPeriodProblem({ crashLoopBackOff: { maxContainerRestartPeriod: ms } }: KubeletConfig): string | undefined {
  if (ms >= 1000 && ms <= 300_000) return undefined
  return `CrashLoopBackOff.MaxContainerRestartPeriod (got: ${ms / 1000} seconds) must be set between 1s and 300s`
}
