/** What checks of all sorts need: their target, their result, and Go's words for connections that fail. */
import type { AnyContainer } from '#kubelet/pods/pod-containers.ts'

export interface CheckTarget {
  container: AnyContainer
  containerId: string
  podIp: string
}
export interface CheckResult {
  ok: boolean
  /** For the Unhealthy event. */
  output: string
  /** It worked, but the user should know of something. */
  warning?: true
}

/** Throws for a name that no port of the container has. */
export function portNumber(port: number | string, container: AnyContainer): number {
  if (typeof port === 'number') return port
  const named = container.ports?.find((each) => each.name === port)?.containerPort
  const found = named ?? (/^\d+$/.test(port) ? Number(port) : undefined)
  if (found === undefined) throw new Error(`strconv.Atoi: parsing ${JSON.stringify(port)}: invalid syntax`)
  if (found <= 0 || found > 65_535) throw new Error(`invalid port number: ${found}`)
  return found
}

export const hostText = (host: string): string => (host.includes(':') && !host.startsWith('[') ? `[${host}]` : host)

const socketWords: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connect: connection refused',
  EHOSTUNREACH: 'connect: no route to host',
  ENETUNREACH: 'connect: network is unreachable',
  ETIMEDOUT: 'i/o timeout',
}

export function socketText(error: NodeJS.ErrnoException, address: string): string {
  if (error.code?.startsWith('HPE_')) return 'net/http: HTTP/1.x transport connection broken: malformed HTTP response'
  if (error.code === 'ECONNRESET' || error.message === 'socket hang up') return 'EOF'
  return `dial tcp ${address}: ${socketWords[error.code ?? ''] ?? error.message}`
}
