/** How this server reaches a node's kubelet: the preferred address of the node, the port it announces, mutual TLS. */
import { type Node, Nodes } from '#api/core/node.ts'
import { ApiError, notFoundError } from '#api/meta/status.ts'

export interface KubeletTls {
  cert?: string
  key?: string
  /** Signs serving certificates of kubelets; absent: any certificate is taken, as upstream does without --kubelet-certificate-authority. */
  ca?: string
}

export interface KubeletOptions {
  tls: KubeletTls
  /** InternalIP, ExternalIP, Hostname, …, the best first. */
  addressTypes: readonly string[]
  node(name: string): Promise<Node | undefined>
}

/** An endpoint to dial. */
export interface Target {
  secure: boolean
  host: string
  port: number
  tls: { cert?: string; key?: string; ca?: string; rejectUnauthorized: boolean; servername?: string }
}

const defaultPort = 10250

/** Throws 404 for nodes that are not there, 500 for those without an address. */
export async function kubeletTarget(options: KubeletOptions, nodeName: string): Promise<Target> {
  const node = await options.node(nodeName)
  if (!node) throw notFoundError(Nodes, nodeName)
  const { tls } = options
  return {
    secure: true,
    host: addressOf(node, options.addressTypes),
    port: node.status?.daemonEndpoints?.kubeletEndpoint?.Port || defaultPort,
    tls: { ...tls, rejectUnauthorized: tls.ca !== undefined },
  }
}

function addressOf(node: Node, types: readonly string[]): string {
  const addresses = node.status?.addresses ?? []
  for (const type of types) {
    const found = addresses.find((a) => a.type === type && a.address)
    if (found) return found.address
  }
  const known = addresses.map((a) => `{${a.type} ${a.address}}`).join(' ')
  throw new ApiError(500, '', `no preferred addresses found; known addresses: [${known}]`)
}

/** host:port, IPv6 in brackets. */
export const hostPort = ({ host, port }: { host: string; port: number }): string =>
  host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
