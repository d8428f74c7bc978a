/** Settings of kube-scheduler: upstream's flags and its configuration file (kubescheduler.config.k8s.io/v1). */
import { readFileSync } from 'node:fs'
import { parse } from 'yaml'
import * as z from 'zod'
import { StartupError } from '#component/daemon.ts'
import { boolFlag, durationFlag, type FlagValues, intFlag, parseDuration, stringFlag } from '#component/flags.ts'

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
  'secure-port': intFlag('Port of health and metrics, HTTPS.', 10259),
  'tls-cert-file': stringFlag('Serving certificate; a self-signed one is made without.'),
  'tls-private-key-file': stringFlag('Key of the serving certificate.'),
  'client-ca-file': stringFlag('Certificates of clients that may read the metrics.'),
}

const fileSchema = z.strictObject({
  apiVersion: z.literal('kubescheduler.config.k8s.io/v1'),
  kind: z.literal('KubeSchedulerConfiguration'),
  clientConnection: z.strictObject({ kubeconfig: z.string().optional() }).optional(),
  leaderElection: z
    .strictObject({
      leaderElect: z.boolean().optional(),
      leaseDuration: z.string().optional(),
      renewDeadline: z.string().optional(),
      retryPeriod: z.string().optional(),
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
  const file = values.config === '' ? undefined : parseFile(values.config)
  const kubeconfig = file?.clientConnection?.kubeconfig || values.kubeconfig
  if (kubeconfig === '') throw new StartupError('no kubeconfig: pass --kubeconfig FILE or clientConnection.kubeconfig in --config')
  const election = file?.leaderElection
  const time = (text: string | undefined, fallbackMs: number): number => (text === undefined ? fallbackMs : parseDuration(text))
  return {
    kubeconfig,
    schedulerName: file?.profiles?.[0]?.schedulerName ?? 'default-scheduler',
    election: {
      enabled: election?.leaderElect ?? values['leader-elect'],
      leaseDurationMs: time(election?.leaseDuration, values['leader-elect-lease-duration']),
      renewDeadlineMs: time(election?.renewDeadline, values['leader-elect-renew-deadline']),
      retryPeriodMs: time(election?.retryPeriod, values['leader-elect-retry-period']),
      namespace: election?.resourceNamespace ?? values['leader-elect-resource-namespace'],
      name: election?.resourceName ?? values['leader-elect-resource-name'],
    },
    serving: {
      bindAddress: values['bind-address'],
      port: values['secure-port'],
      tls: {
        ...pem('cert', '--tls-cert-file', values['tls-cert-file']),
        ...pem('key', '--tls-private-key-file', values['tls-private-key-file']),
        ...pem('clientCa', '--client-ca-file', values['client-ca-file']),
      },
    },
  }
}

function pem(key: 'cert' | 'key' | 'clientCa', flag: string, path: string): { [key]?: string } {
  return path === '' ? {} : { [key]: read(flag, path) }
}

function read(flag: string, path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    throw new StartupError(`cannot read ${flag} ${path}: ${(error as Error).message}`)
  }
}

function parseFile(path: string): z.output<typeof fileSchema> {
  const result = fileSchema.safeParse(parse(read('--config', path)))
  if (!result.success) throw new StartupError(`--config ${path}: ${z.prettifyError(result.error).replaceAll('\n', ' ')}`)
  return result.data
}
