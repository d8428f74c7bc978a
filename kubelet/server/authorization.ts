/**
 * Who may use the kubelet's API: clients with a certificate of the cluster CA that is the API server's own or an administrator's. Tokens and
 * anonymous requests are 401, other identities 403; asking the API server about them (TokenReview, SubjectAccessReview) is to come.
 */
import type { IncomingMessage } from 'node:http'
import type { TLSSocket } from 'node:tls'

export interface Identity {
  name: string
  groups: readonly string[]
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

const clients: ReadonlySet<string> = new Set(['kube-apiserver-kubelet-client', 'kube-apiserver'])

export const mayUse = (identity: Identity): boolean => identity.groups.includes('system:masters') || clients.has(identity.name)

const verbs: Readonly<Record<string, string>> = { GET: 'get', HEAD: 'get', POST: 'create', PUT: 'update', PATCH: 'patch', DELETE: 'delete' }
const subresources: readonly [RegExp, string][] = [
  [/^\/pods(\/|$)/, 'pods proxy'],
  [/^\/runningpods(\/|$)/, 'pods proxy'],
  [/^\/healthz(\/|$)/, 'healthz proxy'],
  [/^\/configz(\/|$)/, 'configz proxy'],
  [/^\/stats(\/|$)/, 'stats'],
  [/^\/metrics(\/|$)/, 'metrics'],
  [/^\/logs(\/|$)/, 'log'],
]

/** Undefined when the request may go on, else the refusal in upstream's words. */
export function refusal(identity: Identity | undefined, method: string, path: string): { code: 401 | 403; body: string } | undefined {
  if (identity === undefined) return { code: 401, body: 'Unauthorized' }
  if (mayUse(identity)) return undefined
  const subresource = subresources.find(([pattern]) => pattern.test(path))?.[1] ?? 'proxy'
  const verb = verbs[method] ?? method.toLowerCase()
  return { code: 403, body: `Forbidden (user=${identity.name}, verb=${verb}, resource=nodes, subresource(s)=[${subresource}])\n` }
}
