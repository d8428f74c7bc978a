/** Which container of a pod a stream is for, with upstream's words where that is unclear (pure; upstream: pod/strategy.go, validateContainer). */
import type { Pod } from '#api/core/pod.ts'
import { badRequest } from '#api/meta/status.ts'

const names = (containers: readonly { name?: string }[] | undefined): string[] => (containers ?? []).map((c) => c.name ?? '')

/** Throws 400. */
export function containerOf(pod: Pod, wished: string): string {
  const { containers, initContainers, ephemeralContainers } = pod.spec
  const name = pod.metadata.name ?? ''
  if (wished !== '') {
    if ([...names(containers), ...names(initContainers), ...names(ephemeralContainers)].includes(wished)) return wished
    throw badRequest(`container ${wished} is not valid for pod ${name}`)
  }
  const [only] = names(containers)
  if (only !== undefined && containers.length === 1) return only
  if (only === undefined) throw badRequest(`a container name must be specified for pod ${name}`)
  const initial = names(initContainers)
  const init = initial.length > 0 ? ` or one of the init containers: [${initial.join(' ')}]` : ''
  throw badRequest(`a container name must be specified for pod ${name}, choose one of: [${names(containers).join(' ')}]${init}`)
}
