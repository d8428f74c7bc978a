/** The order in which a resize in place writes its limits: room above is made before what is below grows, and taken after that has shrunk. Pure. */
import { compareQuantities } from '#api/meta/quantity.ts'
import type { CgroupLimits } from '#kubelet/cgroups/cgroup-plan.ts'
import { bytesOf } from '#kubelet/cgroups/qos.ts'
import type { Amounts } from './allocation.ts'
import type { Resized } from './plan.ts'

type Resource = 'cpu' | 'memory'

export type ResizeStep =
  | { of: 'pod'; limits: CgroupLimits }
  /** `amounts` is what the container has once the step is done. */
  | { of: 'container'; resource: Resource; resized: Resized; amounts: Amounts }

/** Memory first, then CPU, as upstream; containers that shrink before those that grow. A limit is never taken away. */
export function resizeSteps(resized: readonly Resized[], now: CgroupLimits, then: CgroupLimits): ResizeStep[] {
  const memory = pick(then, 'memoryBytes')
  const quota = pick(then, 'cpuQuotaMicros')
  const shares = pick(then, 'cpuShares')
  const has = new Map(resized.map((one) => [one.running.id, one.from]))
  return [
    ...grown(memory, now.memoryBytes, then.memoryBytes),
    ...containerSteps('memory', resized, has),
    ...shrunk(memory, now.memoryBytes, then.memoryBytes),
    ...grown(quota, now.cpuQuotaMicros, then.cpuQuotaMicros),
    ...grown(shares, now.cpuShares, then.cpuShares),
    ...containerSteps('cpu', resized, has),
    ...shrunk(shares, now.cpuShares, then.cpuShares),
    ...shrunk(quota, now.cpuQuotaMicros, then.cpuQuotaMicros),
  ]
}

const pick = (limits: CgroupLimits, name: 'memoryBytes' | 'cpuQuotaMicros' | 'cpuShares'): ResizeStep[] =>
  limits[name] === undefined ? [] : [{ of: 'pod', limits: { [name]: limits[name] } }]

const grown = (steps: ResizeStep[], now: number | undefined, then = Number.POSITIVE_INFINITY): ResizeStep[] =>
  now !== undefined && then > now ? steps : []
const shrunk = (steps: ResizeStep[], now: number | undefined, then = Number.POSITIVE_INFINITY): ResizeStep[] =>
  then < (now ?? Number.POSITIVE_INFINITY) ? steps : []

function containerSteps(resource: Resource, resized: readonly Resized[], has: Map<string, Amounts>): ResizeStep[] {
  const change = ({ from, to }: Resized): number => compareOf(to, from, 'limits', resource) || compareOf(to, from, 'requests', resource)
  return resized
    .map((one) => ({ one, change: change(one) }))
    .filter((each) => each.change !== 0)
    .sort((a, b) => a.change - b.change)
    .map(({ one }) => {
      const amounts = withResource(has.get(one.running.id) ?? one.from, one.to, resource)
      has.set(one.running.id, amounts)
      return { of: 'container', resource, resized: one, amounts }
    })
}

const compareOf = (a: Amounts, b: Amounts, kind: 'limits' | 'requests', name: Resource): number =>
  compareQuantities(a[kind]?.[name] ?? '0', b[kind]?.[name] ?? '0')

/** `from` with this resource as in `to`. */
function withResource(from: Amounts, to: Amounts, name: Resource): Amounts {
  const list = (kind: 'limits' | 'requests'): Record<string, string> => {
    const { [name]: _, ...others } = from[kind] ?? {}
    const value = to[kind]?.[name]
    return { ...others, ...(value === undefined ? {} : { [name]: value }) }
  }
  return { limits: list('limits'), requests: list('requests') }
}

export interface MemoryUse {
  podBytes: number
  /** By container id. */
  containers: ReadonlyMap<string, number>
}

/** Why memory limits cannot be lowered to this, in upstream's words; undefined where they can. */
export function shrinkProblem(resized: readonly Resized[], now: CgroupLimits, then: CgroupLimits, use: MemoryUse): string | undefined {
  const problems: string[] = []
  if (
    then.memoryBytes !== undefined &&
    then.memoryBytes < (now.memoryBytes ?? Number.POSITIVE_INFINITY) &&
    use.podBytes >= then.memoryBytes
  )
    problems.push(`attempting to set pod memory limit (${then.memoryBytes}) below current usage (${use.podBytes})`)
  for (const { container, running, from, to } of resized) {
    const [was, limit] = [bytesOf(from.limits?.['memory']), bytesOf(to.limits?.['memory'])]
    if (limit === 0 || (was > 0 && limit >= was)) continue
    const used = use.containers.get(running.id)
    if (used === undefined) problems.push(`missing container "${container.name}" memory usage`)
    else if (used >= limit)
      problems.push(`attempting to set container "${container.name}" memory limit (${limit}) below current usage (${used})`)
  }
  if (problems.length === 0) return undefined
  return `cannot decrease memory limits: ${problems.length === 1 ? problems[0] : `[${problems.join(', ')}]`}`
}
