/** Upstream's `kubelet_internal_checkpoint`: who has which devices, and what the plug-ins answered. Pure. */
import type { Assignments, DeviceState } from './device-state.ts'

interface Entry {
  PodUID: string
  ContainerName: string
  ResourceName: string
  /** By NUMA node, -1 for none. */
  DeviceIDs: Record<string, string[]>
  /** Base64 of a ContainerAllocateResponse. */
  AllocResp: string
}

export interface CheckpointFile {
  Data: { PodDeviceEntries?: Entry[] | null; RegisteredDevices?: Record<string, string[]> | null }
  Checksum: number
}

/** `answer` is asked by `uid/container/resource`. Upstream's checksum is one of a Go value; nobody here looks at it. */
export function checkpointOf(state: DeviceState, answer: (key: string) => Buffer): CheckpointFile {
  const entries: Entry[] = []
  for (const [uid, containers] of state.assigned)
    for (const [container, byResource] of containers)
      for (const [name, ids] of byResource)
        entries.push({
          PodUID: uid,
          ContainerName: container,
          ResourceName: name,
          DeviceIDs: byNode(ids, (id) => state.resources.get(name)?.devices.get(id)?.numaNodes ?? []),
          AllocResp: answer(`${uid}/${container}/${name}`).toString('base64'),
        })
  const registered = [...state.resources].map(([name, { devices }]) => [
    name,
    [...devices].filter(([, each]) => each.healthy).map(([id]) => id),
  ])
  return { Data: { PodDeviceEntries: entries, RegisteredDevices: Object.fromEntries(registered) }, Checksum: 0 }
}

function byNode(ids: readonly string[], nodesOf: (id: string) => readonly number[]): Record<string, string[]> {
  const nodes: Record<string, string[]> = {}
  for (const id of ids) {
    const own = nodesOf(id)
    for (const node of own.length > 0 ? own : [-1]) nodes[node] = [...(nodes[node] ?? []), id]
  }
  return nodes
}

export function restored(file: CheckpointFile | undefined): { assigned: Assignments; answers: Map<string, Buffer>; resources: string[] } {
  const assigned = new Map<string, Map<string, Map<string, string[]>>>()
  const answers = new Map<string, Buffer>()
  for (const { PodUID, ContainerName, ResourceName, DeviceIDs, AllocResp } of file?.Data.PodDeviceEntries ?? []) {
    const containers = assigned.get(PodUID) ?? new Map<string, Map<string, string[]>>()
    const byResource = containers.get(ContainerName) ?? new Map<string, string[]>()
    byResource.set(ResourceName, [...new Set(Object.values(DeviceIDs).flat())])
    assigned.set(PodUID, containers.set(ContainerName, byResource))
    // An empty answer is none: the plug-in is asked again.
    if (AllocResp !== '') answers.set(`${PodUID}/${ContainerName}/${ResourceName}`, Buffer.from(AllocResp, 'base64'))
  }
  return { assigned, answers, resources: Object.keys(file?.Data.RegisteredDevices ?? {}) }
}
