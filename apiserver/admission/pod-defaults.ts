/** DefaultTolerationSeconds, Priority and TaintNodesByCondition: what upstream's admission adds to pods and nodes. */
import type { Node } from '#api/core/node.ts'
import type { Pod } from '#api/core/pod.ts'
import { type AdmissionPlugin, type AdmissionRequest, isResource, refuse } from './admission.ts'

const notReady = 'node.kubernetes.io/not-ready'
const unreachable = 'node.kubernetes.io/unreachable'
const defaultTolerationSeconds = 300

const podOf = (request: AdmissionRequest): Pod | undefined =>
  isResource(request, '', 'pods') && request.subresource === '' ? (request.object as Pod | undefined) : undefined

export const defaultTolerations: AdmissionPlugin = {
  name: 'DefaultTolerationSeconds',
  mutate(request) {
    const pod = podOf(request)
    if (!pod || (request.operation !== 'create' && request.operation !== 'update')) return
    const given = pod.spec.tolerations ?? []
    const covers = (key: string): boolean => given.some((t) => (!t.key || t.key === key) && (!t.effect || t.effect === 'NoExecute'))
    const added = [notReady, unreachable]
      .filter((key) => !covers(key))
      .map((key) => ({ key, operator: 'Exists', effect: 'NoExecute', tolerationSeconds: defaultTolerationSeconds }))
    if (added.length > 0) pod.spec.tolerations = [...given, ...added]
  },
}

/** The classes that every cluster has; others come with the kind PriorityClass. */
const systemPriorities: Readonly<Record<string, number>> = {
  'system-node-critical': 2_000_001_000,
  'system-cluster-critical': 2_000_000_000,
}

export const priority: AdmissionPlugin = {
  name: 'Priority',
  mutate(request) {
    const pod = podOf(request)
    if (!pod) return
    if (request.operation === 'update') keepPriority(pod, request.old as Pod)
    else if (request.operation === 'create') setPriority(request, pod)
  },
}

function keepPriority(pod: Pod, old: Pod): void {
  if (pod.spec.priority === undefined && old.spec.priority !== undefined) pod.spec.priority = old.spec.priority
  if (pod.spec.preemptionPolicy === undefined && old.spec.preemptionPolicy !== undefined)
    pod.spec.preemptionPolicy = old.spec.preemptionPolicy
}

function setPriority(request: AdmissionRequest, pod: Pod): void {
  const name = pod.spec.priorityClassName ?? ''
  const value = name === '' ? 0 : Object.hasOwn(systemPriorities, name) ? systemPriorities[name] : undefined
  if (value === undefined) throw refuse(request, `no PriorityClass with name ${name} was found`)
  const { priority: given, preemptionPolicy: policy } = pod.spec
  if (given !== undefined && given !== value)
    throw refuse(
      request,
      `the integer value of priority (${given}) must not be provided in pod spec; priority admission controller computed ${value} from the given PriorityClass name`,
    )
  if (policy !== undefined && policy !== 'PreemptLowerPriority')
    throw refuse(
      request,
      `the string value of PreemptionPolicy (${policy}) must not be provided in pod spec; priority admission controller computed PreemptLowerPriority from the given PriorityClass name`,
    )
  pod.spec.priority = value
  pod.spec.preemptionPolicy = 'PreemptLowerPriority'
}

/** A new node takes no pods before the controllers have seen it ready. */
export const taintNodesByCondition: AdmissionPlugin = {
  name: 'TaintNodesByCondition',
  mutate(request) {
    if (!isResource(request, '', 'nodes') || request.subresource !== '' || request.operation !== 'create') return
    const node = request.object as Node
    const taints = node.spec.taints ?? []
    if (taints.some((t) => t.key === notReady && t.effect === 'NoSchedule')) return
    node.spec.taints = [...taints, { key: notReady, effect: 'NoSchedule' }]
  },
}
