/** The kubeconfig format: reads files, merges the KUBECONFIG list (first one wins), makes relative paths absolute. */
import { readFileSync } from 'node:fs'
import { dirname, isAbsolute, join } from 'node:path'
import { parse } from 'yaml'

export interface ClusterEntry {
  server?: string
  'certificate-authority'?: string
  'certificate-authority-data'?: string
  'insecure-skip-tls-verify'?: boolean
  'tls-server-name'?: string
  'proxy-url'?: string
}
export interface UserEntry {
  'client-certificate'?: string
  'client-certificate-data'?: string
  'client-key'?: string
  'client-key-data'?: string
  token?: string
  tokenFile?: string
  username?: string
  password?: string
  as?: string
  'as-groups'?: string[]
  exec?: { command?: string; [key: string]: unknown }
  'auth-provider'?: { name?: string; [key: string]: unknown }
}
export interface ContextEntry {
  cluster?: string
  user?: string
  namespace?: string
}
export interface Kubeconfig {
  apiVersion?: string
  kind?: string
  'current-context'?: string
  preferences?: Record<string, unknown>
  clusters?: { name: string; cluster: ClusterEntry }[]
  users?: { name: string; user: UserEntry }[]
  contexts?: { name: string; context: ContextEntry }[]
}

/** A kubeconfig that cannot be used; the message says which file or entry and why. */
export class KubeconfigError extends Error {
  override name = 'KubeconfigError'
}

/** Parses YAML or JSON text. `origin` is the file it came from: relative paths in it start at its folder. */
export function parseKubeconfig(text: string, origin?: string): Kubeconfig {
  const what = origin ?? 'kubeconfig'
  let value: unknown
  try {
    value = text.trimStart().startsWith('{') ? JSON.parse(text) : parse(text)
  } catch (cause) {
    throw new KubeconfigError(`error loading config file "${what}": ${(cause as Error).message.split('\n')[0]}`, { cause })
  }
  if (value === null || value === undefined) return {}
  if (typeof value !== 'object' || Array.isArray(value)) throw new KubeconfigError(`error loading config file "${what}": not a mapping`)
  const config = value as Kubeconfig
  for (const field of ['clusters', 'users', 'contexts'] as const) {
    const entries: unknown = config[field]
    if (entries === null) delete config[field]
    else if (entries !== undefined && !Array.isArray(entries)) {
      throw new KubeconfigError(`error loading config file "${what}": ${field} is not a list`)
    }
  }
  if (origin !== undefined) makePathsAbsolute(config, dirname(origin))
  return config
}

function makePathsAbsolute(config: Kubeconfig, folder: string): void {
  const absolute = (path: string | undefined): string | undefined => (path && !isAbsolute(path) ? join(folder, path) : path)
  const fix = <K extends string>(entry: { [key in K]?: string } | undefined, key: K): void => {
    const path = absolute(entry?.[key])
    if (entry && path) entry[key] = path
  }
  for (const { cluster } of config.clusters ?? []) fix(cluster, 'certificate-authority')
  for (const { user } of config.users ?? []) {
    fix(user, 'client-certificate')
    fix(user, 'client-key')
    fix(user, 'tokenFile')
  }
}

/** Reads and merges files as kubectl does: entries and the current context of an earlier file win. Absent files are skipped if `optional`. */
export function readKubeconfig(paths: readonly string[], options: { optional?: boolean } = {}): Kubeconfig {
  const configs: Kubeconfig[] = []
  for (const path of paths) {
    let text: string
    try {
      text = readFileSync(path, 'utf8')
    } catch (cause) {
      const { code } = cause as NodeJS.ErrnoException
      if (code === 'ENOENT' && options.optional) continue
      throw new KubeconfigError(code === 'ENOENT' ? `stat ${path}: no such file or directory` : (cause as Error).message, { cause })
    }
    configs.push(parseKubeconfig(text, path))
  }
  return mergeKubeconfigs(configs)
}

export function mergeKubeconfigs(configs: readonly Kubeconfig[]): Kubeconfig {
  const byName = <E extends { name: string }>(lists: readonly (readonly E[] | undefined)[]): E[] => {
    const all = new Map<string, E>()
    for (const entry of lists.flatMap((l) => l ?? [])) if (!all.has(entry.name)) all.set(entry.name, entry)
    return [...all.values()]
  }
  const current = configs.map((c) => c['current-context']).find((name) => name !== undefined && name !== '')
  return {
    apiVersion: 'v1',
    kind: 'Config',
    ...(current === undefined ? {} : { 'current-context': current }),
    clusters: byName(configs.map((c) => c.clusters)),
    users: byName(configs.map((c) => c.users)),
    contexts: byName(configs.map((c) => c.contexts)),
  }
}
