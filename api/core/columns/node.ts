/** Table columns of nodes. */
import type { Node } from '#api/core/node.ts'
import { ageColumn, column, nameColumn } from '#api/meta/age.ts'
import type { Column } from '#api/resource.ts'

const rolePrefix = 'node-role.kubernetes.io/'

function nodeStatusText(node: Node): string {
  const ready = node.status.conditions?.find((condition) => condition.type === 'Ready')
  const state = ready === undefined ? 'Unknown' : ready.status === 'True' ? 'Ready' : 'NotReady'
  return node.spec.unschedulable ? `${state},SchedulingDisabled` : state
}

function roles(node: Node): string {
  const found = new Set<string>()
  for (const [key, value] of Object.entries(node.metadata.labels ?? {})) {
    if (key.startsWith(rolePrefix) && key.length > rolePrefix.length) found.add(key.slice(rolePrefix.length))
    else if (key === 'kubernetes.io/role' && value !== '') found.add(value)
  }
  return [...found].sort().join(',') || '<none>'
}

function address(node: Node, type: string): string {
  return node.status.addresses?.find((candidate) => candidate.type === type)?.address ?? '<none>'
}

export const nodeColumns: readonly Column<Node>[] = [
  nameColumn,
  column('Status', 'Whether the node is ready and takes pods.', nodeStatusText),
  column('Roles', 'Roles that the labels of the node name.', roles),
  ageColumn,
  column('Version', 'Version of the kubelet.', (node) => node.status.nodeInfo?.kubeletVersion ?? ''),
  column('Internal-IP', 'Address of the node inside the cluster.', (node) => address(node, 'InternalIP'), 1),
  column('External-IP', 'Address of the node outside the cluster.', (node) => address(node, 'ExternalIP'), 1),
  column('OS-Image', 'Operating system.', (node) => node.status.nodeInfo?.osImage || '<unknown>', 1),
  column('Kernel-Version', 'Kernel.', (node) => node.status.nodeInfo?.kernelVersion || '<unknown>', 1),
  column(
    'Container-Runtime',
    'Container runtime and its version.',
    (node) => node.status.nodeInfo?.containerRuntimeVersion || '<unknown>',
    1,
  ),
]
