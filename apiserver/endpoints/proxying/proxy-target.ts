/** Where a proxy request goes: a node's kubelet, a pod's address, a ready endpoint of a service; services are resolved here, not by kube-proxy. */
import { lookup } from 'node:dns/promises'
import { type Endpoints, EndpointsResource } from '#api/core/endpoints.ts'
import { type Pod, Pods } from '#api/core/pod.ts'
import { type Service, Services } from '#api/core/service.ts'
import { badRequest, notFoundError, unavailable } from '#api/meta/status.ts'
import { parseIp } from '#api/validation/addresses.ts'
import type { Store } from '#apiserver/cache/store.ts'
import type { RequestInfo } from '#apiserver/filters/request-info.ts'
import { type KubeletOptions, kubeletTarget, type Target } from './kubelet-connection.ts'

export interface ProxyDeps {
  kubelets: KubeletOptions
  store: Store
  pod(namespace: string, name: string): Promise<Pod | undefined>
  random(): number
  /** All addresses of a host name; none where it has none. */
  resolve(host: string): Promise<string[]>
}

/** As this machine resolves names, /etc/hosts included. */
export async function addressesOf(host: string): Promise<string[]> {
  try {
    return (await lookup(host, { all: true })).map(({ address }) => address)
  } catch {
    return [] // a name without address cannot be dialled either
  }
}

/** `name`, `name:port` or `scheme:name:port`. */
export function splitName(id: string): { scheme: string; name: string; port: string } | undefined {
  const parts = id.split(':')
  const [first = '', second = '', third = ''] = parts
  if (parts.length === 1 && first !== '') return { scheme: '', name: first, port: '' }
  if (parts.length === 2 && first !== '') return { scheme: '', name: first, port: second }
  if (parts.length === 3 && second !== '' && ['', 'http', 'https'].includes(first)) return { scheme: first, name: second, port: third }
  return undefined
}

/** Nothing on this machine and nothing link-local: those are not the cluster's. */
export function isProxyable(address: string): boolean {
  const ip = parseIp(address)
  if (!ip) return false
  const [a = 0, b = 0] = ip.bytes
  if (ip.family === 4) return a !== 127 && a !== 0 && a < 224 && !(a === 169 && b === 254)
  const isLinkLocal = a === 0xfe && (b & 0xc0) === 0x80
  return !isLinkLocal && a !== 0xff && ip.bytes.slice(0, 15).some((byte) => byte !== 0)
}

/** Throws 400, 404 and 503. */
export async function proxyTarget(deps: ProxyDeps, info: RequestInfo): Promise<Target> {
  const id = splitName(info.name)
  if (!id) throw badRequest(`invalid ${info.resource.slice(0, -1)} request ${JSON.stringify(info.name)}`)
  if (info.resource === 'nodes') return await nodeTarget(deps, id)
  if (info.resource === 'pods') return await podTarget(deps, info.namespace, id)
  return await serviceTarget(deps, info, id)
}

type Id = NonNullable<ReturnType<typeof splitName>>

const plain = (scheme: string, host: string, port: number): Target => ({
  secure: scheme === 'https',
  host,
  port,
  // Upstream does not verify certificates of pods either: there is no authority for them.
  tls: { rejectUnauthorized: false },
})

async function nodeTarget(deps: ProxyDeps, id: Id): Promise<Target> {
  const announced = await kubeletTarget(deps.kubelets, id.name)
  const isName = parseIp(announced.host) === undefined
  // The certificate is made out for the name.
  const tls = isName ? { ...announced.tls, servername: announced.host } : announced.tls
  const kubelet = { ...announced, host: await proxyableHost(deps, announced.host), tls }
  if (id.port === '' || Number(id.port) === kubelet.port) return kubelet
  return plain(id.scheme, kubelet.host, portNumber(id.port))
}

/** The address to dial. Names are resolved here, once: the connection must go to the very address that was looked at. */
export async function proxyableHost(deps: Pick<ProxyDeps, 'resolve'>, host: string): Promise<string> {
  const addresses = parseIp(host) ? [host] : await deps.resolve(host)
  if (addresses[0] === undefined || !addresses.every(isProxyable)) throw badRequest('address not allowed')
  return addresses[0]
}

async function podTarget(deps: ProxyDeps, namespace: string, id: Id): Promise<Target> {
  const pod = await deps.pod(namespace, id.name)
  if (!pod) throw notFoundError(Pods, id.name)
  const address = pod.status?.podIPs?.[0]?.ip ?? pod.status?.podIP ?? ''
  if (!isProxyable(address)) throw badRequest('address not allowed')
  const first = pod.spec.containers.flatMap((c) => c.ports ?? [])[0]?.containerPort
  const port = id.port === '' ? (first ?? (id.scheme === 'https' ? 443 : 80)) : portNumber(id.port)
  return plain(id.scheme, address, port)
}

async function serviceTarget(deps: ProxyDeps, info: RequestInfo, id: Id): Promise<Target> {
  const ref = { namespace: info.namespace, name: id.name }
  const portName = /^\d+$/.test(id.port) ? await portNameOf(deps.store, ref, id) : id.port
  const endpoints = (await deps.store.current(EndpointsResource, ref, 'cached'))?.object
  if (!endpoints) throw notFoundError(Services, id.name)
  const choices = readyAddresses(endpoints, portName).filter(({ host }) => isProxyable(host))
  const chosen = choices[Math.floor(deps.random() * choices.length)]
  if (!chosen) throw unavailable(`no endpoints available for service ${JSON.stringify(info.name)}`)
  return plain(id.scheme, chosen.host, chosen.port)
}

async function portNameOf(store: Store, ref: { namespace: string; name: string }, id: Id): Promise<string> {
  const service: Service | undefined = (await store.current(Services, ref, 'cached'))?.object
  if (!service) throw notFoundError(Services, ref.name)
  const port = service.spec.ports?.find((p) => p.port === Number(id.port))
  if (!port) throw unavailable(`no service port ${id.port} found for service ${JSON.stringify(ref.name)}`)
  return port.name ?? ''
}

const readyAddresses = (endpoints: Endpoints, portName: string): { host: string; port: number }[] =>
  (endpoints.subsets ?? []).flatMap((subset) =>
    (subset.ports ?? [])
      .filter((port) => (port.name ?? '') === portName)
      .flatMap((port) => (subset.addresses ?? []).map((address) => ({ host: address.ip, port: port.port }))),
  )

function portNumber(text: string): number {
  const port = Number(text)
  if (!Number.isInteger(port) || port < 1 || port > 65535) throw badRequest(`invalid port ${JSON.stringify(text)}`)
  return port
}
