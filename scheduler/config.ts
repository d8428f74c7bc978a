/** Settings of kube-scheduler: upstream's flags and its configuration file (kubescheduler.config.k8s.io/v1). */
import * as z from 'zod'
import { StartupError } from '#component/daemon.ts'
import { boolFlag, durationFlag, type FlagValues, portFlag, stringFlag } from '#component/flags.ts'
import { durationKey, readGivenYaml } from '#component/given-files.ts'
import { readServingFiles, servingFlags } from '#component/tls-files.ts'

export const flags = {
  config: stringFlag('Configuration file; what it says wins over the other flags.'),
  kubeconfig: stringFlag('Kubeconfig that tells where the API server is and who this program is.'),
  'authentication-kubeconfig': stringFlag('Accepted for upstream’s units; client certificates decide who reads the metrics.'),
  'authorization-kubeconfig': stringFlag('Accepted for upstream’s units; client certificates decide who reads the metrics.'),
  'leader-elect': boolFlag('Take turns with other schedulers by a Lease.', true),
  'leader-elect-lease-duration': durationFlag('How long a leader that fell silent is waited for.', 15_000),
  'leader-elect-renew-deadline': durationFlag('How long a leader tries to renew before it gives up.', 10_000),
  'leader-elect-retry-period': durationFlag('How often the lease is tried.', 2_000),
  'leader-elect-resource-name': stringFlag('Name of the Lease.', 'kube-scheduler'),
  'leader-elect-resource-namespace': stringFlag('Namespace of the Lease.', 'kube-system'),
  'bind-address': stringFlag('Address of the health and metrics port.', '0.0.0.0'),
  'secure-port': portFlag('Port of health and metrics, HTTPS.', 10259),
  ...servingFlags,
}

const fileSchema = z.strictObject({
  apiVersion: z.literal('kubescheduler.config.k8s.io/v1'),
  kind: z.literal('KubeSchedulerConfiguration'),
  clientConnection: z.strictObject({ kubeconfig: z.string().optional() }).optional(),
  leaderElection: z
    .strictObject({
      leaderElect: z.boolean().optional(),
      leaseDuration: durationKey.optional(),
      renewDeadline: durationKey.optional(),
      retryPeriod: durationKey.optional(),
      resourceName: z.string().optional(),
      resourceNamespace: z.string().optional(),
    })
    .optional(),
  profiles: z
    .array(z.strictObject({ schedulerName: z.string().optional() }))
    .max(1, 'one profile is supported')
    .optional(),
})

export interface SchedulerConfig {
  kubeconfig: string
  schedulerName: string
  election: { enabled: boolean; leaseDurationMs: number; renewDeadlineMs: number; retryPeriodMs: number; namespace: string; name: string }
  serving: { bindAddress: string; port: number; tls: { cert?: string; key?: string; clientCa?: string } }
}

/** Throws StartupError with one line that names the file or flag at fault. */
export function loadConfig(values: FlagValues<typeof flags>): SchedulerConfig {
  const file = values.config === '' ? undefined : readGivenYaml({ name: '--config', path: values.config }, fileSchema)
  const kubeconfig = file?.clientConnection?.kubeconfig || values.kubeconfig
  if (kubeconfig === '') throw new StartupError('no kubeconfig: pass --kubeconfig FILE or clientConnection.kubeconfig in --config')
  const election = file?.leaderElection
  return {
    kubeconfig,
    schedulerName: file?.profiles?.[0]?.schedulerName ?? 'default-scheduler',
    election: {
      enabled: election?.leaderElect ?? values['leader-elect'],
      leaseDurationMs: election?.leaseDuration ?? values['leader-elect-lease-duration'],
      renewDeadlineMs: election?.renewDeadline ?? values['leader-elect-renew-deadline'],
      retryPeriodMs: election?.retryPeriod ?? values['leader-elect-retry-period'],
      namespace: election?.resourceNamespace ?? values['leader-elect-resource-namespace'],
      name: election?.resourceName ?? values['leader-elect-resource-name'],
    },
    serving: {
      bindAddress: values['bind-address'],
      port: values['secure-port'],
      tls: readServingFiles(values),
    },
  }
}
