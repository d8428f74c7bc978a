/** Which user names and passwords fit an image: those of the pod's pull secrets, then those of the node itself. Pure; rules are upstream's keyring's. */
import { createHash } from 'node:crypto'
import type { Secret } from '#api/core/secret.ts'
import { parseImageName } from '#kubelet/runtime/image-name.ts'

export interface PullCredentials {
  username: string
  password: string
  serverAddress: string
  /** Where they are from; undefined for the node's own, which are every pod's. */
  secret?: SecretCredential
}

/** Names a secret and what it said, without telling it. */
export interface SecretCredential {
  uid: string
  namespace: string
  name: string
  credentialHash: string
}

interface Auth {
  username?: string
  password?: string
  email?: string
  auth?: string
}
export type Auths = Readonly<Record<string, Auth>>

/** The most exact registry path first. A secret that cannot be read is passed over. */
export function pullCredentials(image: string, secrets: readonly Secret[], ofNode: Auths = {}): PullCredentials[] {
  const { repository } = parseImageName(image)
  const entries = secrets.flatMap((secret) => Object.entries(authsOf(secret)).map(([server, auth]) => ({ server, auth, secret })))
  const node = Object.entries(ofNode).map(([server, auth]) => ({ server, auth }))
  return [...fitting(repository, entries), ...fitting(repository, node)]
}

interface Entry {
  server: string
  auth: Auth
  secret?: Secret
}

function fitting(repository: string, entries: readonly Entry[]): PullCredentials[] {
  const known = entries.flatMap(({ server, auth, secret }) => {
    const key = keyOf(server)
    const pair = pairOf(auth)
    if (key === undefined || pair === undefined) return []
    const source = secret === undefined ? {} : { secret: credentialOf(secret, pair) }
    return [{ key, credentials: { ...pair, serverAddress: key.split('/')[0] ?? '', ...source } }]
  })
  const found = known.filter(({ key }) => matches(key, repository)).sort((a, b) => (a.key < b.key ? 1 : a.key > b.key ? -1 : 0))
  // What `docker login` writes for Docker Hub is another name than the images have.
  const chosen = found.length > 0 || !repository.startsWith('docker.io/') ? found : known.filter(({ key }) => key === 'index.docker.io')
  return chosen.map(({ credentials }) => credentials)
}

function authsOf(secret: Secret): Auths {
  const modern = secret.type === 'kubernetes.io/dockerconfigjson' ? secret.data?.['.dockerconfigjson'] : undefined
  if (modern) return authsIn(Buffer.from(modern, 'base64').toString('utf8'))
  const old = secret.type === 'kubernetes.io/dockercfg' ? secret.data?.['.dockercfg'] : undefined
  return old ? (record(parsed(Buffer.from(old, 'base64').toString('utf8'))) ?? {}) : {}
}

/** Of the text of a Docker configuration. */
export function authsIn(text: string): Auths {
  return record(record<unknown>(parsed(text))?.['auths']) ?? {}
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}

function record<T>(value: unknown): Readonly<Record<string, T>> | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, T>) : undefined
}

function pairOf(auth: Auth | null): { username: string; password: string } | undefined {
  if (typeof auth !== 'object' || auth === null) return undefined
  if (!auth.auth) return auth.username === undefined ? undefined : { username: auth.username, password: auth.password ?? '' }
  const text = Buffer.from(auth.auth, 'base64').toString('utf8').replace(/\0+$/, '')
  const at = text.indexOf(':')
  return at < 0 ? undefined : { username: text.slice(0, at), password: text.slice(at + 1) }
}

function credentialOf({ metadata }: Secret, pair: { username: string; password: string }): SecretCredential {
  const { uid = '', namespace = '', name = '' } = metadata
  return { uid, namespace, name, credentialHash: createHash('sha256').update(JSON.stringify(pair)).digest('hex') }
}

/** Host, port and path of a server; `/v1/` and `/v2/` at its beginning say nothing. */
function keyOf(server: string): string | undefined {
  const bare = server.replace(/^https?:\/\//, '')
  const slash = bare.indexOf('/')
  const host = slash < 0 ? bare : bare.slice(0, slash)
  const path = slash < 0 ? '' : bare.slice(slash).replace(/^\/v[12]\//, '/')
  return host === '' ? undefined : path === '/' ? host : `${host}${path}`
}

/** Whether an image's repository, with its registry, is one of those that a `matchImages` entry names. */
export const matchesRegistry = (pattern: string, repository: string): boolean => matches(pattern.replace(/^https?:\/\//, ''), repository)

/** `*` stands for any one label of the host, or a part of it; the path is a beginning; the port is the same. */
function matches(key: string, repository: string): boolean {
  const [wanted, is] = [split(key), split(repository)]
  return (
    wanted.port === is.port &&
    wanted.labels.length === is.labels.length &&
    is.path.startsWith(wanted.path) &&
    wanted.labels.every((label, i) => glob(label).test(is.labels[i] ?? ''))
  )
}

function split(text: string): { labels: string[]; port: string; path: string } {
  const slash = text.indexOf('/')
  const authority = slash < 0 ? text : text.slice(0, slash)
  const [, host = authority, port = ''] = /^(.*):(\d+)$/.exec(authority) ?? []
  return { labels: host.split('.'), port, path: slash < 0 ? '' : text.slice(slash) }
}

const glob = (label: string): RegExp => new RegExp(`^${label.replace(/[^\w*-]/g, '\\$&').replace(/\*+/g, '[^.]*')}$`)
