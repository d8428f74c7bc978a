/** RuntimeClass: a pod takes over the overhead and the placement of the class it names. */
import type { Pod } from '#api/core/pod.ts'
import type { Toleration } from '#api/core/pod-spec.ts'
import { sameValue } from '#api/meta/same-value.ts'
import { ApiError } from '#api/meta/status.ts'
import type { RuntimeClass } from '#api/node/runtime-class.ts'
import { equalLists } from '#api/quota/resource-lists.ts'
import { type AdmissionPlugin, type AdmissionRequest, badName, isResource, refuse, whenKnown } from './admission.ts'

export interface RuntimeClassDeps {
  runtimeClass(name: string): Promise<RuntimeClass | undefined>
}

export function runtimeClass(deps: RuntimeClassDeps): AdmissionPlugin {
  return {
    name: 'RuntimeClass',
    kinds: ['pods'],
    mutate(request) {
      const pod = newPodOf(request)
      if (!pod) return
      return whenKnown(classOf(deps, request, pod), (found) => {
        if (!found) return
        setOverhead(request, pod, found)
        setScheduling(request, pod, found)
      })
    },
    validate(request) {
      const pod = newPodOf(request)
      if (!pod) return
      return whenKnown(classOf(deps, request, pod), (found) => checkOverhead(request, pod, found))
    },
  }
}

function checkOverhead(request: AdmissionRequest, pod: Pod, found: RuntimeClass | undefined): void {
  const overhead = found?.overhead?.podFixed
  if (found?.overhead === undefined) {
    if (pod.spec.overhead !== undefined)
      throw refuse(request, 'pod rejected: Pod Overhead set without corresponding RuntimeClass defined Overhead')
  } else if (!equalLists(overhead ?? {}, pod.spec.overhead ?? {})) throw differs(request)
}

const newPodOf = (request: AdmissionRequest): Pod | undefined =>
  request.operation === 'create' && request.subresource === '' && isResource(request, '', 'pods') ? (request.object as Pod) : undefined

function classOf(deps: RuntimeClassDeps, request: AdmissionRequest, { spec }: Pod): Promise<RuntimeClass | undefined> | undefined {
  return spec.runtimeClassName === undefined ? undefined : namedClass(deps, request, spec.runtimeClassName)
}

async function namedClass(deps: RuntimeClassDeps, request: AdmissionRequest, name: string): Promise<RuntimeClass> {
  const found = await deps.runtimeClass(name)
  const bad = found === undefined ? badName(name) : undefined
  if (bad !== undefined) throw new ApiError(500, '', bad)
  if (found === undefined) throw refuse(request, `pod rejected: RuntimeClass ${JSON.stringify(name)} not found`)
  return found
}

const differs = (request: AdmissionRequest): Error =>
  refuse(request, "pod rejected: Pod's Overhead doesn't match RuntimeClass's defined Overhead")

function setOverhead(request: AdmissionRequest, pod: Pod, { overhead }: RuntimeClass): void {
  if (overhead === undefined) return
  const fixed = overhead.podFixed ?? {}
  const given = pod.spec.overhead ?? {}
  if (Object.keys(given).length > 0 && !equalLists(fixed, given)) throw differs(request)
  pod.spec.overhead = { ...fixed }
}

function setScheduling(request: AdmissionRequest, pod: Pod, { scheduling }: RuntimeClass): void {
  if (scheduling === undefined) return
  const selector = { ...pod.spec.nodeSelector }
  for (const [key, value] of Object.entries(scheduling.nodeSelector ?? {})) {
    const own = Object.hasOwn(selector, key) ? selector[key] : undefined
    if (own !== undefined && own !== value)
      throw refuse(request, `conflict: runtimeClass.scheduling.nodeSelector[${key}] = ${value}; pod.spec.nodeSelector[${key}] = ${own}`)
    selector[key] = value
  }
  if (Object.keys(selector).length > 0) pod.spec.nodeSelector = selector
  const tolerations = merged(pod.spec.tolerations ?? [], scheduling.tolerations ?? [])
  if (tolerations.length > 0) pod.spec.tolerations = [...tolerations]
}

/** Those of the class that the pod does not have already; a toleration that covers less than another goes. */
function merged(own: readonly Toleration[], added: readonly Toleration[]): readonly Toleration[] {
  const all = [...own, ...added]
  return all.filter((one, i) => !all.some((other, j) => i !== j && covers(other, one) && !(covers(one, other) && i < j)))
}

/** Whether whatever `less` tolerates, `more` does too. */
function covers(more: Toleration, less: Toleration): boolean {
  if (sameValue(more, less)) return true
  if (more.key !== less.key && (more.key ?? '') !== '') return false
  if (more.effect !== less.effect && (more.effect ?? '') !== '') return false
  if (more.effect === 'NoExecute' && !outlasts(more.tolerationSeconds, less.tolerationSeconds)) return false
  if (more.operator === 'Exists') return true
  return less.operator !== 'Exists' && (more.value ?? '') === (less.value ?? '')
}

/** No time is for ever. */
const outlasts = (more: number | undefined, less: number | undefined): boolean =>
  more === undefined || (less !== undefined && Math.max(more, 0) >= Math.max(less, 0))
