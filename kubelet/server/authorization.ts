/** What a request to the kubelet's API asks for, in the words of authorization: the node, and which of its subresources. Pure. */
import type { IncomingMessage } from 'node:http'
import type { TLSSocket } from 'node:tls'

export interface Identity {
  name: string
  groups: readonly string[]
  uid?: string
  extra?: Readonly<Record<string, readonly string[]>>
}

/** From the client certificate: CN is the user, each O a group. Undefined without one that the CA has signed. */
export function identityOf(request: IncomingMessage): Identity | undefined {
  const socket = request.socket as TLSSocket
  if (socket.authorized !== true) return undefined
  const { subject } = socket.getPeerCertificate()
  if (subject === undefined || typeof subject.CN !== 'string') return undefined
  const organizations: unknown = subject.O
  const groups = Array.isArray(organizations) ? organizations : organizations === undefined ? [] : [organizations]
  return { name: subject.CN, groups: groups.map(String) }
}

export interface Asked {
  verb: string
  /** One of them is enough. */
  subresources: readonly string[]
  path: string
}

const verbs: Readonly<Record<string, string>> = { GET: 'get', POST: 'create', PUT: 'update', PATCH: 'patch', DELETE: 'delete' }
/** Of each path which permission is enough, besides the one for all of the node's API. */
const fine: readonly [string, string][] = [
  ['/pods', 'pods'],
  ['/healthz', 'healthz'],
  ['/configz', 'configz'],
  ['/runningpods', 'pods'],
]
/** Paths with a permission of their own, to which the one for all does not lead. */
const own: readonly [string, string][] = [
  ['/stats', 'stats'],
  ['/metrics', 'metrics'],
  ['/logs', 'log'],
  ['/checkpoint', 'checkpoint'],
  ['/statusz', 'statusz'],
  ['/flagz', 'configz'],
]

/** `path` is without the query. */
export function askedOf(method: string, path: string): Asked {
  const under = ([prefix]: readonly [string, string]): boolean => path === prefix || path.startsWith(`${prefix}/`)
  const subresources = [fine.find(under)?.[1], own.find(under)?.[1] ?? 'proxy'].filter((each) => each !== undefined)
  return { verb: verbs[method] ?? '', subresources, path }
}
