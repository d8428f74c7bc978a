/** Describes a node: its conditions, what it has, and what its pods take of it. */
import type { Lease } from '#api/coordination/lease.ts'
import type { Node } from '#api/core/node.ts'
import type { Pod } from '#api/core/pod.ts'
import { isPodTerminal } from '#api/core/rules/pod-state.ts'
import { podLimits, podRequests } from '#api/core/rules/resources.ts'
import { since } from '#api/meta/age.ts'
import { addQuantities, formatQuantity, milliValue, parseQuantity } from '#api/meta/quantity.ts'
import { type Describer, eventTable, head, labelsAndAnnotations } from './describer.ts'
import { type Lines, longTime } from './lines.ts'

export const node: Describer<Node> = {
  related: (object) => [
    { group: '', plural: 'pods', fieldSelector: `spec.nodeName=${object.metadata.name}`, everywhere: true },
    {
      group: 'coordination.k8s.io',
      plural: 'leases',
      namespace: 'kube-node-lease',
      fieldSelector: `metadata.name=${object.metadata.name}`,
    },
  ],
  describe(object, lines, around) {
    const { metadata, spec, status } = object
    head(object, lines, { namespaced: false })
    const roles = Object.keys(metadata.labels ?? {})
      .filter((l) => l.startsWith('node-role.kubernetes.io/'))
      .map((l) => l.slice(24))
    lines.add(0, `Roles:\t${roles.length === 0 ? '<none>' : roles.sort().join(',')}`)
    labelsAndAnnotations(object, lines)
    lines.add(0, `CreationTimestamp:\t${longTime(metadata.creationTimestamp)}`)
    const taints = (spec.taints ?? []).map((t) => `${t.key}${t.value ? `=${t.value}` : ''}:${t.effect}`)
    if (taints.length === 0) lines.add(0, 'Taints:\t<none>')
    taints.forEach((taint, i) => {
      lines.add(0, `${i === 0 ? 'Taints:' : ''}\t${taint}`)
    })
    lines.add(0, `Unschedulable:\t${spec.unschedulable ?? false}`)
    const lease = around.related.find((o): o is Lease => o.kind === 'Lease')
    describeLease(object, lease, lines)
    describeConditions(object, lines)
    lines.add(0, 'Addresses:')
    for (const { type, address } of status.addresses ?? []) lines.add(1, `${type}:\t${address}`)
    for (const [title, amounts] of [
      ['Capacity', status.capacity],
      ['Allocatable', status.allocatable],
    ] as const) {
      if (!amounts || Object.keys(amounts).length === 0) continue
      lines.add(0, `${title}:`)
      for (const [name, amount] of Object.entries(amounts).sort()) lines.add(1, `${name}:\t${amount}`)
    }
    describeSystem(object, lines)
    if (spec.podCIDR) lines.add(0, `PodCIDR:\t${spec.podCIDR}`)
    if (spec.podCIDRs?.length) lines.add(0, `PodCIDRs:\t${spec.podCIDRs.join(',')}`)
    const pods = around.related.filter((o): o is Pod => o.kind === 'Pod' && !isPodTerminal(o as Pod))
    describePods(object, pods, { lines, now: around.now })
    eventTable(lines, around)
  },
}

function describeLease(object: Node, lease: Lease | undefined, lines: Lines): void {
  if (!lease) {
    lines.add(0, `Lease:\tFailed to get lease: leases.coordination.k8s.io "${object.metadata.name}" not found`)
    return
  }
  lines.add(0, 'Lease:').add(1, `HolderIdentity:\t${lease.spec.holderIdentity ?? '<unset>'}`)
  lines.add(1, `AcquireTime:\t${longTime(lease.spec.acquireTime)}`).add(1, `RenewTime:\t${longTime(lease.spec.renewTime)}`)
}

function describeConditions({ status }: Node, lines: Lines): void {
  if (!status.conditions?.length) return
  lines.add(0, 'Conditions:')
  lines.add(1, 'Type\tStatus\tLastHeartbeatTime\tLastTransitionTime\tReason\tMessage')
  lines.add(1, '----\t------\t-----------------\t------------------\t------\t-------')
  for (const c of status.conditions) {
    lines.add(
      1,
      `${c.type} \t${c.status} \t${longTime(c.lastHeartbeatTime)} \t${longTime(c.lastTransitionTime)} \t${c.reason ?? ''} \t${c.message ?? ''}`,
    )
  }
}

function describeSystem({ status }: Node, lines: Lines): void {
  const info = status.nodeInfo
  if (!info) return
  lines.add(0, 'System Info:')
  const rows: [string, string][] = [
    ['Machine ID', info.machineID],
    ['System UUID', info.systemUUID],
    ['Boot ID', info.bootID],
    ['Kernel Version', info.kernelVersion],
    ['OS Image', info.osImage],
    ['Operating System', info.operatingSystem],
    ['Architecture', info.architecture],
    ['Container Runtime Version', info.containerRuntimeVersion],
    ['Kubelet Version', info.kubeletVersion],
    ['Kube-Proxy Version', info.kubeProxyVersion ?? ''],
  ]
  for (const [title, value] of rows) lines.add(1, `${title}:\t${value}`)
}

const resources = ['cpu', 'memory', 'ephemeral-storage'] as const

function describePods({ status }: Node, pods: readonly Pod[], { lines, now }: { lines: Lines; now: Date }): void {
  const share = (amount: string, name: string): string => {
    const whole = milliValue(status.allocatable?.[name] ?? '0')
    return `${amount} (${whole === 0 ? 0 : Math.trunc((milliValue(amount) / whole) * 100)}%)`
  }
  lines.add(0, `Non-terminated Pods:\t(${pods.length} in total)`)
  lines.add(1, 'Namespace\tName\t\tCPU Requests\tCPU Limits\tMemory Requests\tMemory Limits\tAge')
  lines.add(1, '---------\t----\t\t------------\t----------\t---------------\t-------------\t---')
  const totals = new Map<string, string>()
  const add = (key: string, amount: string): void => {
    totals.set(key, formatQuantity(addQuantities(parseQuantity(totals.get(key) ?? '0'), parseQuantity(amount))))
  }
  for (const pod of [...pods].sort((a, b) =>
    `${a.metadata.namespace}/${a.metadata.name}`.localeCompare(`${b.metadata.namespace}/${b.metadata.name}`),
  )) {
    const [requests, limits] = [podRequests(pod), podLimits(pod)]
    for (const name of resources) {
      add(`${name} requests`, requests[name] ?? '0')
      add(`${name} limits`, limits[name] ?? '0')
    }
    const cells = [
      share(requests['cpu'] ?? '0', 'cpu'),
      share(limits['cpu'] ?? '0', 'cpu'),
      share(requests['memory'] ?? '0', 'memory'),
      share(limits['memory'] ?? '0', 'memory'),
    ]
    lines.add(1, `${pod.metadata.namespace}\t${pod.metadata.name}\t\t${cells.join('\t')}\t${since(pod.metadata.creationTimestamp, now)}`)
  }
  lines.add(0, 'Allocated resources:').add(1, '(Total limits may be over 100 percent, i.e., overcommitted.)')
  lines.add(1, 'Resource\tRequests\tLimits').add(1, '--------\t--------\t------')
  for (const name of resources)
    lines.add(1, `${name}\t${share(totals.get(`${name} requests`) ?? '0', name)}\t${share(totals.get(`${name} limits`) ?? '0', name)}`)
}
