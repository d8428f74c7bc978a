/** What a command runs in: the cluster that flags and kubeconfig name, the client, the namespace. Made lazily: help needs none of it. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gitVersion } from '#api/version.ts'
import { kubeconfigPaths, loadKubeconfig, type RestConfig } from '#client/kubeconfig.ts'
import { Client } from '#client/rest.ts'
import { type Ctx, type Io, UsageError } from './command.ts'
import { connectionOf } from './connection.ts'
import { durationMs } from './duration.ts'
import { ServedTypes } from './served-types.ts'

export interface GlobalValues {
  kubeconfig: string
  context: string
  cluster: string
  user: string
  namespace: string
  server: string
  token: string
  as: string
  'as-group': readonly string[]
  'certificate-authority': string
  'client-certificate': string
  'client-key': string
  'insecure-skip-tls-verify': boolean
  'tls-server-name': string
  'request-timeout': string
}

export function session(values: GlobalValues, given: { io: Io; signal: AbortSignal; warn(text: string): void }): Ctx & { close(): void } {
  let config: RestConfig | undefined
  let client: Client | undefined
  let types: Promise<ServedTypes> | undefined
  const theConfig = (): RestConfig => (config ??= configOf(values))
  const theClient = (): Client => (client ??= new Client(theConfig()))
  return {
    ...given,
    client: theClient,
    types: () => (types ??= ServedTypes.read(theClient())),
    connection: () => connectionOf(theConfig(), given.signal),
    get namespace() {
      return values.namespace || theConfig().namespace || 'default'
    },
    namespaceGiven: values.namespace !== '',
    kubeconfig: { path: values.kubeconfig || undefined, context: values.context || undefined },
    server: () => config?.server ?? '',
    now: () => new Date(),
    close: () => client?.close(),
  }
}

function configOf(values: GlobalValues): RestConfig {
  const base = values.server !== '' && !anyKubeconfig(values) ? { server: values.server } : fromKubeconfig(values)
  const read = (path: string): string => {
    try {
      return readFileSync(path, 'utf8')
    } catch (error) {
      throw new UsageError(`unable to read ${path}: ${(error as Error).message}`)
    }
  }
  return {
    ...base,
    ...(values.server === '' ? {} : { server: /^https?:\/\//.test(values.server) ? values.server : `https://${values.server}` }),
    ...(values.token === '' ? {} : { token: values.token, tokenFile: '' }),
    ...(values.as === '' ? {} : { impersonate: { user: values.as, groups: values['as-group'] } }),
    ...(values['certificate-authority'] === '' ? {} : { ca: read(values['certificate-authority']) }),
    ...(values['client-certificate'] === '' ? {} : { cert: read(values['client-certificate']) }),
    ...(values['client-key'] === '' ? {} : { key: read(values['client-key']) }),
    ...(values['insecure-skip-tls-verify'] ? { insecureSkipTlsVerify: true } : {}),
    ...(values['tls-server-name'] === '' ? {} : { tlsServerName: values['tls-server-name'] }),
    timeoutMs: durationMs(values['request-timeout']),
    userAgent: `kubectl/${gitVersion}`,
  }
}

function anyKubeconfig(values: GlobalValues): boolean {
  return values.kubeconfig !== '' || kubeconfigPaths(process.env['KUBECONFIG']).some((path) => existsSync(path))
}

function fromKubeconfig(values: GlobalValues): RestConfig {
  if (!anyKubeconfig(values)) throw new UsageError(noKubeconfig())
  return loadKubeconfig(values.kubeconfig || undefined, {
    context: values.context || undefined,
    cluster: values.cluster || undefined,
    user: values.user || undefined,
  })
}

/** Says where was looked and what helps, instead of trying some address by guess. */
function noKubeconfig(): string {
  const looked = kubeconfigPaths(process.env['KUBECONFIG']).join(', ')
  const local = join(process.cwd(), '.typernetes', 'admin.conf')
  const help = existsSync(local)
    ? `this folder has one: export KUBECONFIG=${local}`
    : 'start a cluster with npm start, or pass --kubeconfig FILE'
  return `no kubeconfig: looked for ${looked}; ${help}`
}
