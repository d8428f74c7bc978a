/** Names of iptables chains: upstream's, so that what users know about reading kube-proxy's rules stays true. */
import { createHash } from 'node:crypto'
import type { Backend, ServicePort } from './resolve.ts'

const base32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'

/** The first 16 letters of the base32 form of a SHA-256, as upstream's portProtoHash. */
function shortHash(text: string): string {
  const digest = createHash('sha256').update(text).digest()
  let out = ''
  let bits = 0
  let held = 0
  for (const byte of digest.subarray(0, 10)) {
    held = (held << 8) | byte
    bits += 8
    while (bits >= 5) {
      bits -= 5
      out += base32[(held >> bits) & 31]
    }
    held &= (1 << bits) - 1
  }
  return out
}

/** Endpoints of the whole cluster. */
export const clusterChain = (port: ServicePort): string => `KUBE-SVC-${shortHash(port.id + port.protocol)}`
/** Endpoints on this node (policy Local). */
export const localChain = (port: ServicePort): string => `KUBE-SVL-${shortHash(port.id + port.protocol)}`
/** Traffic from outside the cluster. */
export const externalChain = (port: ServicePort): string => `KUBE-EXT-${shortHash(port.id + port.protocol)}`
/** Sources that may reach a load balancer's address. */
export const firewallChain = (port: ServicePort): string => `KUBE-FW-${shortHash(port.id + port.protocol)}`
/** One endpoint. */
export const endpointChain = (port: ServicePort, backend: Backend): string =>
  `KUBE-SEP-${shortHash(`${port.id}${port.protocol}${backend.ip}:${backend.port}`)}`
