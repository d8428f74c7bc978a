/** exec, attach and portforward: finds the kubelet, words the request as it expects it, and splices the connections. */
import { type Pod, Pods } from '#api/core/pod.ts'
import { badRequest, notFoundError } from '#api/meta/status.ts'
import type { Admission } from '#apiserver/admission/admission.ts'
import { type Authorizer, forbiddenRequest } from '#apiserver/authorization/authorizer.ts'
import { isTrue, type RequestInfo } from '#apiserver/filters/request-info.ts'
import type { Upgrade } from '#apiserver/filters/upgrades.ts'
import { containerOf } from './container-choice.ts'
import { type KubeletOptions, kubeletTarget } from './kubelet-connection.ts'
import { splice } from './splice.ts'

export interface PodStreamDeps {
  kubelets: KubeletOptions
  pod(namespace: string, name: string): Promise<Pod | undefined>
  authorizer: Authorizer
  admission: Admission
}

const streams: ReadonlySet<string> = new Set(['exec', 'attach', 'portforward'])

export const isPodStream = (info: RequestInfo): boolean =>
  info.isResource &&
  info.group === '' &&
  info.version === 'v1' &&
  info.resource === 'pods' &&
  info.name !== '' &&
  info.namespaced &&
  streams.has(info.subresource)

/** For the same paths without an Upgrade header: upstream looks at the pod first. */
export async function refuseWithoutUpgrade(deps: Pick<PodStreamDeps, 'pod'>, info: RequestInfo): Promise<never> {
  await find(deps, info)
  throw badRequest('Upgrade request required')
}

async function find(deps: Pick<PodStreamDeps, 'pod'>, info: RequestInfo): Promise<{ path: string; nodeName: string }> {
  const pod = await deps.pod(info.namespace, info.name)
  if (!pod) throw notFoundError(Pods, info.name)
  const path = pathOf(info, pod)
  if (!pod.spec.nodeName) throw badRequest(`pod ${info.name} does not have a host assigned`)
  return { path, nodeName: pod.spec.nodeName }
}

export function podStream(deps: PodStreamDeps): Upgrade {
  return async (request) => {
    const { info, user } = request
    // A WebSocket can only be opened by GET, but what it does is a creation: both must be allowed (upstream since 1.35).
    const asCreate = { ...info, verb: 'create' }
    const decision = await deps.authorizer.authorize(user, asCreate)
    if (!decision.allowed) throw forbiddenRequest(user, asCreate, decision.reason)
    const { path, nodeName } = await find(deps, info)
    await splice(request, await kubeletTarget(deps.kubelets, nodeName), path)
  }
}

/** The kubelet's path and query (upstream: pod/strategy.go, streamParams). Throws 400. */
export function pathOf(info: RequestInfo, pod: Pod): string {
  const { namespace, name, query, subresource } = info
  const out = new URLSearchParams()
  if (subresource === 'portforward') {
    for (const port of query.getAll('ports').flatMap((text) => text.split(','))) if (port !== '') out.append('port', port)
    return withQuery(`/portForward/${namespace}/${name}`, out)
  }
  const container = containerOf(pod, query.get('container') ?? '')
  const flags = { stdin: 'input', stdout: 'output', stderr: 'error', tty: 'tty' }
  for (const [theirs, ours] of Object.entries(flags)) if (isTrue(query.get(theirs))) out.set(ours, '1')
  if (subresource === 'exec') for (const word of query.getAll('command')) out.append('command', word)
  return withQuery(`/${subresource}/${namespace}/${name}/${container}`, out)
}

const withQuery = (path: string, query: URLSearchParams): string => (query.size > 0 ? `${path}?${query}` : path)
