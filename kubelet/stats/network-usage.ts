/** The counters of a network namespace's interfaces, from /proc/PID/net/dev of any process in it. Pure. */

export interface InterfaceUsage {
  name: string
  rxBytes: number
  rxPackets: number
  rxErrors: number
  rxDropped: number
  txBytes: number
  txPackets: number
  txErrors: number
  txDropped: number
}

/** Loopback is left out, as upstream does. */
export function parseNetDev(text: string): InterfaceUsage[] {
  const found: InterfaceUsage[] = []
  for (const line of text.split('\n')) {
    const match = /^\s*([^:\s]+):\s*(.*)$/.exec(line)
    if (!match || match[1] === 'lo') continue
    const fields = (match[2] ?? '').trim().split(/\s+/).map(Number)
    const at = (i: number): number => fields[i] ?? 0
    found.push({
      name: match[1] ?? '',
      rxBytes: at(0),
      rxPackets: at(1),
      rxErrors: at(2),
      rxDropped: at(3),
      txBytes: at(8),
      txPackets: at(9),
      txErrors: at(10),
      txDropped: at(11),
    })
  }
  return found
}
