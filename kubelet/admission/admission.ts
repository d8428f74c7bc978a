/** Whether this node takes a pod that was bound to it: resources, ports, node selector and taints, with upstream's reasons. Pure. */
import type { NodeSelectorTerm } from '#api/core/affinity.ts'
import type { Node } from '#api/core/node.ts'
import type { Pod } from '#api/core/pod.ts'
import { parseQuantity } from '#api/meta/quantity.ts'
import { isStatic } from '#kubelet/pods/pod-state.ts'

export interface Rejection {
  reason: string
  message: string
}

/** `others`: the pods that are active on the node already. Undefined to admit. */
export type AdmissionCheck = (pod: Pod, others: readonly Pod[]) => Rejection | undefined

type Resources = Map<string, bigint>

/** A resource of which the node has too little left; `short` is what is missing. */
export interface Shortage extends Rejection {
  short: { name: string; amount: bigint }
}

export interface Problems {
  shortages: readonly Shortage[]
  others: readonly Rejection[]
}

/** All that stands against the pod on this node. `others`: the pods that are active on the node already. */
export function admissionProblems(pod: Pod, others: readonly Pod[], node: Node): Problems {
  const system = refuseSystem(pod)
  if (system) return { shortages: [], others: [system] }
  const found = [fitsNodeSelection(pod, node), fitsPorts(pod, others), isStatic(pod) ? undefined : toleratesTaints(pod, node)]
  return {
    shortages: shortagesOf(pod, others, node.status?.allocatable ?? {}),
    others: found.filter((each) => each !== undefined),
  }
}

/** The first problem, resources before all else; undefined to admit. */
export function admitPod(pod: Pod, others: readonly Pod[], node: Node): Rejection | undefined {
  const problems = admissionProblems(pod, others, node)
  const first = problems.shortages[0] ?? problems.others[0]
  return first && { reason: first.reason, message: first.message }
}

function refuseSystem(pod: Pod): Rejection | undefined {
  const label = pod.metadata.labels?.['kubernetes.io/os']
  if (label !== undefined && label !== 'linux')
    return {
      reason: 'PodOSSelectorNodeLabelDoesNotMatch',
      message: "Failed to admit pod as the `kubernetes.io/os` label doesn't match node label",
    }
  if (pod.spec?.os && pod.spec.os.name !== 'linux')
    return { reason: 'PodOSNotSupported', message: "Failed to admit pod as the OS field doesn't match node OS" }
  return undefined
}

/** Upstream's order: the number of pods, then these, then all else. */
const firstResources = ['cpu', 'memory', 'ephemeral-storage']

function shortagesOf(pod: Pod, others: readonly Pod[], allocatable: Readonly<Record<string, string>>): Shortage[] {
  const found: Shortage[] = []
  const max = BigInt(allocatable['pods'] ?? '110')
  const count = BigInt(others.length)
  if (count + 1n > max) found.push(outOf('pods', { requested: 1n, used: count, capacity: max }))
  const used: Resources = new Map()
  for (const other of others) for (const [name, amount] of podRequests(other)) used.set(name, (used.get(name) ?? 0n) + amount)
  const requests = podRequests(pod)
  for (const name of [...firstResources, ...[...requests.keys()].filter((each) => !firstResources.includes(each))]) {
    const requested = requests.get(name) ?? 0n
    // An extended resource that the node does not know is the cluster's, as upstream.
    if (requested === 0n || (allocatable[name] === undefined && isExtended(name))) continue
    const capacity = allocatable[name] === undefined ? 0n : scaled(name, allocatable[name])
    const taken = used.get(name) ?? 0n
    if (taken + requested > capacity) found.push(outOf(name, { requested, used: taken, capacity }))
  }
  return found
}

function isExtended(name: string): boolean {
  const [domain, ...rest] = name.split('/')
  return rest.length > 0 && domain !== 'kubernetes.io' && !domain?.endsWith('.kubernetes.io')
}

function outOf(name: string, sums: { requested: bigint; used: bigint; capacity: bigint }): Shortage {
  const { requested, used, capacity } = sums
  return {
    reason: `OutOf${name}`,
    message: `Node didn't have enough resource: ${name}, requested: ${requested}, used: ${used}, capacity: ${capacity}`,
    short: { name, amount: requested - (capacity - used) },
  }
}

/** Thousandths of cores; whole units of all else. */
function scaled(name: string, text: string): bigint {
  const { nano } = parseQuantity(text)
  const unit = name === 'cpu' ? 1_000_000n : 1_000_000_000n
  return (nano + unit - 1n) / unit
}

/** What the pod asks for: the containers and sidecars together, or the largest moment of initialisation, and its overhead. */
export function podRequests(pod: Pod): Resources {
  const of = (requests: Readonly<Record<string, string>> | undefined): Resources =>
    new Map(Object.entries(requests ?? {}).map(([name, text]) => [name, scaled(name, text)]))
  const total: Resources = new Map()
  const add = (into: Resources, from: Resources): void => {
    for (const [name, amount] of from) into.set(name, (into.get(name) ?? 0n) + amount)
  }
  const raise = (into: Resources, from: Resources): void => {
    for (const [name, amount] of from) if (amount > (into.get(name) ?? 0n)) into.set(name, amount)
  }
  for (const container of pod.spec?.containers ?? []) add(total, of(container.resources?.requests))
  const sidecars: Resources = new Map()
  const peak: Resources = new Map()
  for (const container of pod.spec?.initContainers ?? []) {
    const own = of(container.resources?.requests)
    if (container.restartPolicy === 'Always') add(sidecars, own)
    const moment = new Map(sidecars)
    if (container.restartPolicy !== 'Always') add(moment, own)
    raise(peak, moment)
  }
  add(total, sidecars)
  raise(total, peak)
  for (const [name, amount] of of(pod.spec?.resources?.requests)) total.set(name, amount)
  add(total, of(pod.spec?.overhead))
  return total
}

function fitsNodeSelection(pod: Pod, node: Node): Rejection | undefined {
  const labels = node.metadata.labels ?? {}
  const refused = { reason: 'NodeAffinity', message: "Predicate NodeAffinity failed: node(s) didn't match Pod's node affinity/selector" }
  for (const [key, value] of Object.entries(pod.spec?.nodeSelector ?? {}))
    if (!Object.hasOwn(labels, key) || labels[key] !== value) return refused
  const terms = pod.spec?.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms
  if (terms && !nodeMatches(terms, node)) return refused
  return undefined
}

/** Whether a node is among those that one of the terms selects. */
export function nodeMatches(terms: readonly NodeSelectorTerm[], node: Node): boolean {
  return terms.some((term) => termMatches(term, node.metadata.labels ?? {}, node.metadata.name ?? ''))
}

function termMatches(term: NodeSelectorTerm, labels: Readonly<Record<string, string>>, name: string): boolean {
  const expressions = term.matchExpressions ?? []
  const fields = term.matchFields ?? []
  if (expressions.length + fields.length === 0) return false
  const holds = (value: string | undefined, { operator, values = [] }: { operator: string; values?: string[] | undefined }): boolean => {
    if (operator === 'Exists') return value !== undefined
    if (operator === 'DoesNotExist') return value === undefined
    if (operator === 'NotIn') return value === undefined || !values.includes(value)
    if (value === undefined) return false
    if (operator === 'In') return values.includes(value)
    return operator === 'Gt' ? Number(value) > Number(values[0]) : Number(value) < Number(values[0])
  }
  return (
    expressions.every((each) => holds(Object.hasOwn(labels, each.key) ? labels[each.key] : undefined, each)) &&
    fields.every((each) => each.key === 'metadata.name' && holds(name, each))
  )
}

function fitsPorts(pod: Pod, others: readonly Pod[]): Rejection | undefined {
  const portsOf = ({ spec }: Pod) => {
    const sidecars = (spec?.initContainers ?? []).filter(({ restartPolicy }) => restartPolicy === 'Always')
    return [...(spec?.containers ?? []), ...sidecars].flatMap((container) => (container.ports ?? []).filter((port) => port.hostPort))
  }
  const taken = others.flatMap(portsOf)
  const any = (ip: string | undefined): boolean => !ip || ip === '0.0.0.0'
  const clash = portsOf(pod).some((port) =>
    taken.some(
      (other) =>
        other.hostPort === port.hostPort &&
        (other.protocol ?? 'TCP') === (port.protocol ?? 'TCP') &&
        (any(other.hostIP) || any(port.hostIP) || other.hostIP === port.hostIP),
    ),
  )
  return clash
    ? { reason: 'NodePorts', message: "Predicate NodePorts failed: node(s) didn't have free ports for the requested pod ports" }
    : undefined
}

/** Only NoExecute counts: whoever binds a pod by name decides against NoSchedule. */
function toleratesTaints(pod: Pod, node: Node): Rejection | undefined {
  const tolerated = (node.spec?.taints ?? [])
    .filter((taint) => taint.effect === 'NoExecute')
    .every((taint) =>
      (pod.spec?.tolerations ?? []).some(
        (toleration) =>
          (!toleration.effect || toleration.effect === taint.effect) &&
          (!toleration.key ? toleration.operator === 'Exists' : toleration.key === taint.key) &&
          (toleration.operator === 'Exists' || (toleration.value ?? '') === (taint.value ?? '')),
      ),
    )
  return tolerated
    ? undefined
    : { reason: 'TaintToleration', message: "Predicate TaintToleration failed: node(s) had taints that the pod didn't tolerate" }
}
