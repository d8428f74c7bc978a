/** The status of a node as the API shows it: capacity, conditions, addresses and versions, in upstream's words. Pure. */

import type { NodeCondition, NodeStatus } from '#api/core/node.ts'
import { isExtendedResource } from '#api/core/rules/resource-names.ts'
import { addQuantities, formatQuantity, parseQuantity, type Quantity, quantityValue, subtractQuantities } from '#api/meta/quantity.ts'
import { gitVersion } from '#api/version.ts'
import type { Image } from '#kubelet/runtime/runtime.ts'
import type { MachineFacts } from './machine.ts'

export interface NodeInputs {
  machine: MachineFacts
  /** Conditions of pressure that are true. */
  pressure: readonly string[]
  runtime: { ready: boolean; problems: readonly string[]; version: string; handlers: readonly string[] }
  images: readonly Image[]
  addresses: readonly { type: string; address: string }[]
  port: number
  maxPods: number
  maxImages: number
  stated: ReadonlyMap<string, string>
  reserved: readonly Readonly<Record<string, string>>[]
  evictionHard: Readonly<Record<string, string>>
  devices?: DeviceAmounts
  previous: NodeStatus
  now: Date
}

export function nodeStatus(inputs: NodeInputs): NodeStatus {
  const { machine, previous } = inputs
  const devices = inputs.devices ?? noDevices
  const capacity = { ...extendedOf(previous.capacity), ...capacityOf(inputs), ...devices.capacity }
  return {
    ...previous,
    capacity,
    allocatable: { ...allocatableOf(capacity, inputs), ...devices.allocatable },
    conditions: conditionsOf(inputs),
    addresses: [...inputs.addresses],
    daemonEndpoints: { kubeletEndpoint: { Port: inputs.port } },
    nodeInfo: {
      machineID: machine.machineId,
      systemUUID: machine.systemUuid,
      bootID: machine.bootId,
      kernelVersion: machine.kernelVersion,
      osImage: machine.osImage,
      containerRuntimeVersion: inputs.runtime.version,
      kubeletVersion: gitVersion,
      kubeProxyVersion: '',
      operatingSystem: 'linux',
      architecture: machine.architecture,
      ...(machine.swapBytes > 0 ? { swap: { capacity: machine.swapBytes } } : {}),
    },
    images: imagesOf(inputs),
    runtimeHandlers: (inputs.runtime.handlers.length === 0 ? [''] : inputs.runtime.handlers).map((name) => ({
      name,
      features: { recursiveReadOnlyMounts: false, userNamespaces: false },
    })),
    features: { supplementalGroupsPolicy: false },
  }
}

/** In the largest unit that divides it. */
const binary = (bytes: number): string => formatQuantity({ nano: BigInt(bytes) * 1_000_000_000n, format: 'BinarySI' })
const kibi = (bytes: number): string => `${Math.floor(bytes / 1024)}Ki`

/** What device plug-ins offer: all, and what of it is healthy. A resource whose plug-in is gone is still named, with none of it. */
export interface DeviceAmounts {
  capacity: Readonly<Record<string, string>>
  allocatable: Readonly<Record<string, string>>
}
const noDevices: DeviceAmounts = { capacity: {}, allocatable: {} }

/** Extended resources that others have written into the status are theirs. */
function extendedOf(capacity: Readonly<Record<string, string>> | undefined): Record<string, string> {
  return Object.fromEntries(Object.entries(capacity ?? {}).filter(([name]) => isExtendedResource(name)))
}

function capacityOf({ machine, maxPods, stated }: NodeInputs): Record<string, string> {
  return {
    cpu: String(machine.cpus),
    'ephemeral-storage': kibi(machine.diskBytes),
    ...Object.fromEntries([...machine.hugePages].map(([name, bytes]) => [name, binary(bytes)])),
    memory: kibi(machine.memoryBytes),
    pods: String(maxPods),
    ...Object.fromEntries(stated),
  }
}

/** Capacity less what is reserved and what eviction keeps free; never negative. */
function allocatableOf(capacity: Readonly<Record<string, string>>, inputs: NodeInputs): Record<string, string> {
  const kept = new Map<string, Quantity>()
  const keep = (name: string, amount: Quantity): void => {
    const before = kept.get(name)
    kept.set(name, before ? addQuantities(before, amount) : amount)
  }
  // Huge pages are memory that nothing else can have.
  for (const [name, text] of Object.entries(capacity)) if (name.startsWith('hugepages-')) keep('memory', parseQuantity(text))
  for (const reserved of inputs.reserved) for (const [name, text] of Object.entries(reserved)) keep(name, parseQuantity(text))
  const memory = thresholdBytes(inputs.evictionHard['memory.available'], inputs.machine.memoryBytes)
  if (memory > 0) keep('memory', parseQuantity(kibi(memory)))
  const disk = thresholdBytes(inputs.evictionHard['nodefs.available'], quantityValue(capacity['ephemeral-storage'] ?? '0'))
  if (disk > 0) keep('ephemeral-storage', parseQuantity(String(disk)))
  return Object.fromEntries(
    Object.entries(capacity).map(([name, text]) => {
      const less = kept.get(name)
      if (!less) return [name, text]
      const left = subtractQuantities(parseQuantity(text), less)
      return [name, left.nano < 0n ? '0' : formatQuantity(left)]
    }),
  )
}

/** A quantity or a percentage of `total`; 0 where there is none. */
export function thresholdBytes(text: string | undefined, total: number): number {
  if (text === undefined) return 0
  if (!text.endsWith('%')) return quantityValue(text)
  // Upstream counts shares in single precision.
  const share = Math.fround(Math.fround(Number(text.slice(0, -1))) / 100)
  return Math.floor(total * share)
}

interface Verdict {
  type: string
  reasons: readonly [ok: string, bad: string]
  messages: readonly [ok: string, bad: string]
}

const pressures: readonly Verdict[] = [
  {
    type: 'MemoryPressure',
    reasons: ['KubeletHasSufficientMemory', 'KubeletHasInsufficientMemory'],
    messages: ['kubelet has sufficient memory available', 'kubelet has insufficient memory available'],
  },
  {
    type: 'DiskPressure',
    reasons: ['KubeletHasNoDiskPressure', 'KubeletHasDiskPressure'],
    messages: ['kubelet has no disk pressure', 'kubelet has disk pressure'],
  },
  {
    type: 'PIDPressure',
    reasons: ['KubeletHasSufficientPID', 'KubeletHasInsufficientPID'],
    messages: ['kubelet has sufficient PID available', 'kubelet has insufficient PID available'],
  },
]

function conditionsOf(inputs: NodeInputs): NodeCondition[] {
  const { pressure, previous, now } = inputs
  const own = pressures.map(({ type, reasons, messages }) => {
    const bad = pressure.includes(type) ? 1 : 0
    return { type, status: bad ? 'True' : 'False', reason: reasons[bad], message: messages[bad] }
  })
  const ready = inputs.runtime.ready
    ? { type: 'Ready', status: 'True', reason: 'KubeletReady', message: 'kubelet is posting ready status' }
    : { type: 'Ready', status: 'False', reason: 'KubeletNotReady', message: problemsText(inputs.runtime.problems) }
  const others = (previous.conditions ?? []).filter(({ type }) => ![...own, ready].some((each) => each.type === type))
  const time = `${now.toISOString().slice(0, 19)}Z`
  const timed = [...own, ready].map((each) => {
    const before = previous.conditions?.find(({ type }) => type === each.type)
    const same = before?.status === each.status && before.lastTransitionTime !== undefined
    return {
      type: each.type,
      status: each.status,
      lastHeartbeatTime: time,
      lastTransitionTime: same ? before.lastTransitionTime : time,
      reason: each.reason,
      message: each.message,
    }
  })
  return [...others, ...(timed as NodeCondition[])]
}

/** Go's aggregate: one stands alone, several in brackets. */
function problemsText(problems: readonly string[]): string {
  return problems.length === 1 ? (problems[0] ?? '') : `[${problems.join(', ')}]`
}

/** The largest first, as many as the node tells; at most five names each, as upstream. */
function imagesOf({ images, maxImages }: NodeInputs): NonNullable<NodeStatus['images']> {
  const listed = [...images]
    .sort((a, b) => b.sizeBytes - a.sizeBytes)
    .map(({ repoTags, repoDigests, sizeBytes }) => ({
      names: [...repoDigests, ...repoTags].slice(0, 5),
      sizeBytes,
    }))
  return maxImages < 0 ? listed : listed.slice(0, maxImages)
}

/** True when something other than heartbeat times has changed. */
export function hasChanged(from: NodeStatus, to: NodeStatus): boolean {
  const plain = (status: NodeStatus): string =>
    JSON.stringify(
      {
        ...status,
        conditions: (status.conditions ?? [])
          .map(({ type, status: value, reason, message }) => [type, value, reason, message])
          .sort((a, b) => String(a[0]).localeCompare(String(b[0]))),
      },
      sortedKeys,
    )
  return plain(from) !== plain(to)
}

function sortedKeys(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => a.localeCompare(b)))
}
