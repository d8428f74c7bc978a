/** The pod resources API (PodResourcesLister, v1): which pod has which devices and processors, for agents on the node. */
import type { Pod } from '#api/core/pod.ts'
import type { Runnable } from '#component/daemon.ts'
import { isSidecar } from '#kubelet/pods/pod-containers.ts'
import type { DeviceResource } from './device-state.ts'
import { GrpcError, serveGrpc, status } from './grpc.ts'
import { allocatableResponse, getPodRequest, getPodResponse, listPodResponse } from './messages.ts'
import { decode, encode, type Message } from './proto.ts'

export interface PodResourcesDeps {
  socket: string
  /** Active pods. */
  pods(): readonly Pod[]
  resources(): ReadonlyMap<string, DeviceResource>
  /** Device ids by resource. */
  devicesOf(podUid: string, container: string): ReadonlyMap<string, readonly string[]>
  /** Processors that the container has for itself. */
  cpusOf(podUid: string, container: string): readonly number[]
  /** Processors that containers may have for themselves. */
  allocatableCpus(): readonly number[]
}

type PodMessage = Message<typeof listPodResponse>['pods'][number]
type DevicesMessage = PodMessage['containers'][number]['devices'][number]

export function podResources(deps: PodResourcesDeps): Runnable {
  const service = '/v1.PodResourcesLister'
  return {
    name: 'pod resources API',
    async run(signal) {
      const server = await serveGrpc(deps.socket, {
        [`${service}/List`]: () => encode(listPodResponse, { pods: deps.pods().map((pod) => messageOf(pod, deps)) }),
        [`${service}/Get`]: (message) => {
          const { name, namespace } = decode(getPodRequest, message)
          const pod = deps.pods().find((each) => each.metadata.name === name && each.metadata.namespace === namespace)
          if (!pod) throw new GrpcError(status.unknown, `pod ${name} in namespace ${namespace} not found`)
          return encode(getPodResponse, { pod: messageOf(pod, deps) })
        },
        [`${service}/GetAllocatableResources`]: () =>
          encode(allocatableResponse, { devices: allocatableDevices(deps.resources()), cpuIds: [...deps.allocatableCpus()], memory: [] }),
      })
      await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }))
      server.close()
    },
  }
}

/** Containers that run as long as the pod does. */
function messageOf(pod: Pod, deps: PodResourcesDeps): PodMessage {
  const { name = '', namespace = '', uid = '' } = pod.metadata
  const lasting = [...(pod.spec?.initContainers ?? []).filter(isSidecar), ...(pod.spec?.containers ?? [])]
  const containers = lasting.map((container) => ({
    name: container.name,
    devices: [...deps.devicesOf(uid, container.name)].flatMap(([resource, ids]) =>
      grouped(resource, ids, deps.resources().get(resource)?.devices ?? new Map()),
    ),
    cpuIds: [...deps.cpusOf(uid, container.name)],
  }))
  return { name, namespace, containers }
}

function allocatableDevices(resources: ReadonlyMap<string, DeviceResource>): DevicesMessage[] {
  return [...resources].flatMap(([name, { devices, stoppedAt }]) => {
    const healthy = [...devices].filter(([, device]) => device.healthy).map(([id]) => id)
    return stoppedAt === undefined ? grouped(name, healthy, devices) : []
  })
}

/** One entry for each device, as upstream: each tells where it is. */
function grouped(resourceName: string, ids: readonly string[], devices: DeviceResource['devices']): DevicesMessage[] {
  return ids.map((id) => {
    const nodes = devices.get(id)?.numaNodes ?? []
    return { resourceName, deviceIds: [id], topology: nodes.length === 0 ? undefined : { nodes: nodes.map((node) => ({ id: node })) } }
  })
}
