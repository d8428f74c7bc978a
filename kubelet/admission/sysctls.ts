/** Which sysctls a pod may set: those that its own namespaces isolate and that harm nobody, and what the node's configuration adds. Pure. */
import type { Pod } from '#api/core/pod.ts'
import type { Rejection } from './admission.ts'

/** Upstream's list for current kernels. */
const safe: ReadonlySet<string> = new Set([
  'kernel.shm_rmid_forced',
  'net.ipv4.ip_local_port_range',
  'net.ipv4.tcp_syncookies',
  'net.ipv4.ping_group_range',
  'net.ipv4.ip_unprivileged_port_start',
  'net.ipv4.ip_local_reserved_ports',
  'net.ipv4.tcp_keepalive_time',
  'net.ipv4.tcp_fin_timeout',
  'net.ipv4.tcp_keepalive_intvl',
  'net.ipv4.tcp_keepalive_probes',
  'net.ipv4.tcp_rmem',
  'net.ipv4.tcp_wmem',
])

/** `allowed`: names, or beginnings of names that end in `*`. Undefined where all of the pod's sysctls may be set. */
export function refuseSysctls(pod: Pod, allowed: readonly string[]): Rejection | undefined {
  for (const { name = '' } of pod.spec?.securityContext?.sysctls ?? []) {
    const dotted = normalized(name)
    const problem =
      safe.has(dotted) || allowed.some((pattern) => matches(normalized(pattern), dotted))
        ? shared(pod, dotted)
        : `"${dotted}" not allowlisted`
    if (problem !== undefined) return { reason: 'SysctlForbidden', message: `forbidden sysctl: ${problem}` }
  }
  return undefined
}

function matches(pattern: string, name: string): boolean {
  return pattern.endsWith('*') ? name.startsWith(pattern.slice(0, -1)) : name === pattern
}

/** With slashes the dots are part of a name, as of an interface; whichever separator comes first is meant. */
function normalized(name: string): string {
  const first = name.search(/[./]/)
  if (first === -1 || name[first] === '.') return name
  return name.replace(/[./]/g, (separator) => (separator === '/' ? '.' : '/'))
}

/** A namespace shared with the node is not the pod's to change. */
function shared(pod: Pod, name: string): string | undefined {
  if (name.startsWith('net.')) return pod.spec?.hostNetwork ? `"${name}" not allowed with host Net enabled` : undefined
  return pod.spec?.hostIPC ? `"${name}" not allowed with host IPC enabled` : undefined
}
