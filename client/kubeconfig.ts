/** Where the API server is and who we are: RestConfig from a kubeconfig or from the files that a pod finds in its file system. */
import { existsSync, readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { delimiter, join, resolve } from 'node:path'
import { type Kubeconfig, KubeconfigError, parseKubeconfig, readKubeconfig, type UserEntry } from './kubeconfig-file.ts'

/** What a Client needs. Certificates and keys are PEM text. */
export interface RestConfig {
  /** `https://host:port`, perhaps with a path prefix. */
  server: string
  ca?: string
  cert?: string
  key?: string
  token?: string
  /** Read again every minute, as kubelets rotate the file. */
  tokenFile?: string
  username?: string
  password?: string
  insecureSkipTlsVerify?: boolean
  tlsServerName?: string
  impersonate?: { user: string; groups?: readonly string[] }
  /** The namespace of the context. */
  namespace?: string
  userAgent?: string
  /** Longest wait for an answer that is not a watch; 30 s by default, 0 waits for ever. */
  timeoutMs?: number
}

const serviceAccountFolder = '/var/run/secrets/kubernetes.io/serviceaccount'

/** Entries of a kubeconfig to use instead of its current context, and of the cluster and user that the context names. */
export interface Chosen {
  context?: string | undefined
  cluster?: string | undefined
  user?: string | undefined
}

/**
 * From a file path, from the text itself (YAML or JSON), or, without a source, from the KUBECONFIG list or ~/.kube/config.
 * Errors are KubeconfigError with a message for the user.
 */
export function loadKubeconfig(source?: string, chosen: Chosen = {}): RestConfig {
  return restConfigOf(loadedKubeconfig(source), chosen)
}

function loadedKubeconfig(source: string | undefined): Kubeconfig {
  if (source === undefined || source === '') return readKubeconfig(kubeconfigPaths(process.env['KUBECONFIG']), { optional: true })
  if (source.includes('\n') || source.trimStart().startsWith('{')) return parseKubeconfig(source)
  return readKubeconfig([resolve(source)])
}

/** The files of a KUBECONFIG value, ~/.kube/config where it is empty. */
export function kubeconfigPaths(variable: string | undefined): string[] {
  const listed = (variable ?? '').split(delimiter).filter((path) => path !== '')
  return listed.length > 0 ? listed.map((path) => resolve(path)) : [join(homedir(), '.kube', 'config')]
}

export function restConfigOf(config: Kubeconfig, chosen: Chosen = {}): RestConfig {
  const name = chosen.context ?? config['current-context']
  if (name === undefined || name === '') throw new KubeconfigError('current-context is not set')
  const named = config.contexts?.find((c) => c.name === name)?.context
  if (!named) throw new KubeconfigError(`context "${name}" does not exist`)
  const context = { ...named, cluster: chosen.cluster ?? named.cluster, user: chosen.user ?? named.user }
  const cluster = config.clusters?.find((c) => c.name === context.cluster)?.cluster
  if (!cluster?.server) throw new KubeconfigError(`cluster "${context.cluster ?? ''}" of context "${name}" does not exist or has no server`)
  const user = context.user === undefined ? {} : config.users?.find((u) => u.name === context.user)?.user
  if (!user) throw new KubeconfigError(`user "${context.user}" of context "${name}" does not exist`)
  if (cluster['proxy-url']) throw new KubeconfigError(`cluster "${context.cluster}": proxy-url is not supported`)
  const ca = pem(cluster['certificate-authority-data'], cluster['certificate-authority'])
  const credentials = credentialsOf(user, context.user ?? '')
  const isTls = ca !== undefined || credentials.cert !== undefined || cluster['insecure-skip-tls-verify'] === true
  return {
    server: serverUrl(cluster.server, isTls),
    ...(ca === undefined ? {} : { ca }),
    ...(cluster['insecure-skip-tls-verify'] ? { insecureSkipTlsVerify: true } : {}),
    ...(cluster['tls-server-name'] ? { tlsServerName: cluster['tls-server-name'] } : {}),
    ...(context.namespace ? { namespace: context.namespace } : {}),
    ...credentials,
  }
}

/** Without `/` at its end. As client-go, a host and port alone is taken for https where something in the file is about TLS, else for http. */
function serverUrl(server: string, isTls: boolean): string {
  const isUrl = server.includes('://')
  const url = URL.parse(isUrl ? server : `${isTls ? 'https' : 'http'}://${server}`)
  if (!url || (!isUrl && url.pathname !== '/'))
    throw new KubeconfigError(`host must be a URL or a host:port pair: ${JSON.stringify(server)}`)
  if (url.protocol !== 'https:' && url.protocol !== 'http:')
    throw new KubeconfigError(`server ${JSON.stringify(server)}: unsupported protocol scheme ${JSON.stringify(url.protocol.slice(0, -1))}`)
  return url.href.replace(/\/+$/, '')
}

function credentialsOf(user: UserEntry, name: string): Partial<RestConfig> {
  if (user.exec) throw new KubeconfigError(`user "${name}": exec credential plugins (${user.exec.command ?? '?'}) are not supported`)
  if (user['auth-provider']) throw new KubeconfigError(`user "${name}": auth-provider ${user['auth-provider'].name ?? ''} is not supported`)
  const cert = pem(user['client-certificate-data'], user['client-certificate'])
  const key = pem(user['client-key-data'], user['client-key'])
  if ((cert === undefined) !== (key === undefined)) {
    throw new KubeconfigError(`user "${name}": client-certificate and client-key must both be set`)
  }
  return {
    ...(cert === undefined || key === undefined ? {} : { cert, key }),
    ...(user.tokenFile ? { tokenFile: user.tokenFile } : user.token ? { token: user.token } : {}),
    ...(user.username ? { username: user.username, password: user.password ?? '' } : {}),
    ...(user.as ? { impersonate: { user: user.as, ...(user['as-groups'] ? { groups: user['as-groups'] } : {}) } } : {}),
  }
}

function pem(data: string | undefined, path: string | undefined): string | undefined {
  if (data) return Buffer.from(data, 'base64').toString('utf8')
  if (!path) return undefined
  try {
    return readFileSync(path, 'utf8')
  } catch (cause) {
    throw new KubeconfigError(`unable to read ${path}: ${(cause as Error).message}`, { cause })
  }
}

/** The service account of the pod that this process runs in. */
export function inClusterConfig(env: NodeJS.ProcessEnv = process.env, folder = serviceAccountFolder): RestConfig {
  const host = env['KUBERNETES_SERVICE_HOST']
  const port = env['KUBERNETES_SERVICE_PORT']
  const tokenFile = join(folder, 'token')
  if (!host || !port || !existsSync(tokenFile)) {
    throw new KubeconfigError(
      'unable to load in-cluster configuration, KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT must be defined and a token mounted',
    )
  }
  const namespaceFile = join(folder, 'namespace')
  return {
    server: `https://${host.includes(':') ? `[${host}]` : host}:${port}`,
    ca: pem(undefined, join(folder, 'ca.crt')) ?? '',
    tokenFile,
    ...(existsSync(namespaceFile) ? { namespace: readFileSync(namespaceFile, 'utf8').trim() } : {}),
  }
}
