/** Priority: the name of a class becomes a number in the pod; only one class may be the default of all pods. */
import type { Pod } from '#api/core/pod.ts'
import type { PriorityClass } from '#api/scheduling/priority-class.ts'
import { type AdmissionPlugin, type AdmissionRequest, isResource, refuse, whenKnown } from './admission.ts'

export interface PriorityDeps {
  priorityClass(name: string): Promise<PriorityClass | undefined>
  priorityClasses(): readonly PriorityClass[]
}

interface Effective {
  name: string
  value: number
  policy: string | undefined
}

export function priority(deps: PriorityDeps): AdmissionPlugin {
  return {
    name: 'Priority',
    kinds: ['pods', 'priorityclasses.scheduling.k8s.io'],
    mutate(request) {
      if (request.subresource !== '' || !isResource(request, '', 'pods') || request.object === undefined) return
      const pod = request.object as Pod
      if (request.operation === 'update') keepPriority(pod, request.old as Pod)
      else if (request.operation === 'create')
        return whenKnown(effectiveClass(deps, request, pod), (effective) => setPriority(request, pod, effective))
    },
    validate(request) {
      const isWrite = request.operation === 'create' || request.operation === 'update'
      if (!isWrite || request.subresource !== '' || !isResource(request, 'scheduling.k8s.io', 'priorityclasses')) return
      const next = request.object as PriorityClass
      const other = next.globalDefault === true ? defaultAmong(deps.priorityClasses()) : undefined
      if (other === undefined || (request.operation === 'update' && other.metadata.name === next.metadata.name)) return
      throw refuse(request, `PriorityClass ${other.metadata.name} is already marked as default. Only one default can exist`)
    },
  }
}

/** The one of the lowest value, should a race have made several. */
const defaultAmong = (classes: readonly PriorityClass[]): PriorityClass | undefined =>
  classes
    .filter(({ globalDefault }) => globalDefault === true)
    .reduce<PriorityClass | undefined>((low, c) => (low && low.value <= c.value ? low : c), undefined)

function effectiveClass(deps: PriorityDeps, request: AdmissionRequest, { spec }: Pod): Effective | Promise<Effective> {
  if (spec.priorityClassName) return namedClass(deps, request, spec.priorityClassName)
  const found = defaultAmong(deps.priorityClasses())
  return found === undefined ? { name: '', value: 0, policy: 'PreemptLowerPriority' } : effectiveOf(found)
}

async function namedClass(deps: PriorityDeps, request: AdmissionRequest, name: string): Promise<Effective> {
  const found = await deps.priorityClass(name)
  if (found === undefined) throw refuse(request, `no PriorityClass with name ${name} was found`)
  return effectiveOf(found)
}

const effectiveOf = ({ metadata, value, preemptionPolicy: policy }: PriorityClass): Effective => ({
  name: metadata.name ?? '',
  value,
  policy,
})

/** Who sends an old manifest without them does not mean to take them away. */
function keepPriority({ spec }: Pod, { spec: old }: Pod): void {
  if (spec.priority === undefined && old.priority !== undefined) spec.priority = old.priority
  if (spec.preemptionPolicy === undefined && old.preemptionPolicy !== undefined) spec.preemptionPolicy = old.preemptionPolicy
}

function setPriority(request: AdmissionRequest, { spec }: Pod, { name, value, policy }: Effective): void {
  const { priority: given, preemptionPolicy: givenPolicy } = spec
  if (given !== undefined && given !== value)
    throw refuse(
      request,
      `the integer value of priority (${given}) must not be provided in pod spec; priority admission controller computed ${value} from the given PriorityClass name`,
    )
  if (givenPolicy !== undefined && policy !== undefined && givenPolicy !== policy)
    throw refuse(
      request,
      `the string value of PreemptionPolicy (${givenPolicy}) must not be provided in pod spec; priority admission controller computed ${policy} from the given PriorityClass name`,
    )
  if (name !== '') spec.priorityClassName = name
  spec.priority = value
  if (policy !== undefined) spec.preemptionPolicy = policy
}
