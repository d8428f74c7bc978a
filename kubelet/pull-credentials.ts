/** Which user names and passwords of pull secrets fit an image, the most exact registry path first. Pure. */
import type { Secret } from '#api/core/secret.ts'

export interface PullCredentials {
  username: string
  password: string
  serverAddress: string
}

interface Auth {
  username?: string
  password?: string
  auth?: string
}

const hub = ['docker.io', 'index.docker.io', 'registry-1.docker.io']

/** A secret that cannot be read is passed over, as upstream does. */
export function pullCredentials(image: string, secrets: readonly Secret[]): PullCredentials[] {
  const { registry, path } = splitImage(image)
  const found: (PullCredentials & { exact: number })[] = []
  for (const secret of secrets) {
    for (const [server, auth] of Object.entries(authsOf(secret))) {
      const { host, prefix } = splitServer(server)
      if (!hostMatches(host, registry) || !(prefix === '' || path === prefix || path.startsWith(`${prefix}/`))) continue
      const pair = pairOf(auth)
      if (pair) found.push({ ...pair, serverAddress: host, exact: prefix.length })
    }
  }
  return found.sort((a, b) => b.exact - a.exact).map(({ username, password, serverAddress }) => ({ username, password, serverAddress }))
}

function authsOf(secret: Secret): Record<string, Auth> {
  try {
    const modern = secret.data?.['.dockerconfigjson']
    if (modern) return (JSON.parse(Buffer.from(modern, 'base64').toString('utf8')) as { auths?: Record<string, Auth> }).auths ?? {}
    const old = secret.data?.['.dockercfg']
    return old ? (JSON.parse(Buffer.from(old, 'base64').toString('utf8')) as Record<string, Auth>) : {}
  } catch (error) {
    if (error instanceof SyntaxError) return {}
    throw error
  }
}

function pairOf(auth: Auth): { username: string; password: string } | undefined {
  if (auth.username !== undefined) return { username: auth.username, password: auth.password ?? '' }
  const text = Buffer.from(auth.auth ?? '', 'base64').toString('utf8')
  const at = text.indexOf(':')
  return at < 0 ? undefined : { username: text.slice(0, at), password: text.slice(at + 1) }
}

function splitImage(image: string): { registry: string; path: string } {
  const slash = image.indexOf('/')
  const first = slash < 0 ? '' : image.slice(0, slash)
  if (!/[.:]/.test(first) && first !== 'localhost') return { registry: 'docker.io', path: slash < 0 ? `library/${image}` : image }
  return { registry: first, path: image.slice(slash + 1).replace(/[:@].*$/, '') }
}

function splitServer(server: string): { host: string; prefix: string } {
  const bare = server.replace(/^https?:\/\//, '').replace(/\/+$/, '')
  const slash = bare.indexOf('/')
  const host = slash < 0 ? bare : bare.slice(0, slash)
  const path = slash < 0 ? '' : bare.slice(slash + 1)
  return { host, prefix: /^v[12]$/.test(path) ? '' : path }
}

/** `*.example.com` matches one label in each place. */
function hostMatches(pattern: string, host: string): boolean {
  if (hub.includes(pattern) && hub.includes(host)) return true
  const wanted = pattern.split('.')
  const parts = host.split('.')
  return (
    wanted.length === parts.length &&
    wanted.every((label, i) => new RegExp(`^${label.replace(/[^\w*-]/g, '\\$&').replace(/\*/g, '[^.]*')}$`).test(parts[i] ?? ''))
  )
}
