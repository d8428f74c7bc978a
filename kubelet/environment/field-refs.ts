/** The downward API: fields and resources of a pod as text, for variables and volumes. Pure; the texts are upstream's. */
import type { Container } from '#api/core/container.ts'
import type { Pod } from '#api/core/pod.ts'
import { goQuote } from '#api/meta/go-quote.ts'
import { parseQuantity } from '#api/meta/quantity.ts'

/** What a pod cannot tell of itself. */
export interface DownwardFacts {
  podIps: readonly string[]
  hostIps: readonly string[]
  nodeName: string
  /** The node's allocatable resources, which stand in for limits that a container does not set. */
  allocatable: Readonly<Record<string, string>>
}

/** Thrown for a path that names nothing; the message is for the pod's user. */
export class FieldPathError extends Error {}

export function fieldText(pod: Pod, fieldPath: string, facts: DownwardFacts): string {
  const subscript = /^metadata\.(labels|annotations)\['(.*)'\]$/.exec(fieldPath)
  if (subscript) {
    const map = subscript[1] === 'labels' ? pod.metadata.labels : pod.metadata.annotations
    const key = subscript[2] ?? ''
    return map && Object.hasOwn(map, key) ? (map[key] ?? '') : ''
  }
  const found = fields[fieldPath]
  if (!found || !Object.hasOwn(fields, fieldPath)) throw new FieldPathError(`unsupported fieldPath: ${fieldPath}`)
  return found(pod, facts)
}

const fields: Readonly<Record<string, (pod: Pod, facts: DownwardFacts) => string>> = {
  'metadata.name': (pod) => pod.metadata.name ?? '',
  'metadata.namespace': (pod) => pod.metadata.namespace ?? '',
  'metadata.uid': (pod) => pod.metadata.uid ?? '',
  'metadata.labels': (pod) => mapText(pod.metadata.labels ?? {}),
  'metadata.annotations': (pod) => mapText(pod.metadata.annotations ?? {}),
  'spec.nodeName': (pod, facts) => pod.spec?.nodeName ?? facts.nodeName,
  'spec.serviceAccountName': (pod) => pod.spec?.serviceAccountName ?? '',
  'status.hostIP': (_, facts) => facts.hostIps[0] ?? '',
  'status.hostIPs': (_, facts) => facts.hostIps.join(','),
  'status.podIP': (_, facts) => facts.podIps[0] ?? '',
  'status.podIPs': (_, facts) => facts.podIps.join(','),
}

/** Sorted lines of `key="value"`, values quoted as Go does. */
function mapText(map: Readonly<Record<string, string>>): string {
  return Object.keys(map)
    .sort()
    .map((key) => `${key}=${goQuote(map[key] ?? '')}`)
    .join('\n')
}

/** What stands in for limits that a container does not set: the pod's own, or else all that the node has for pods. */
export function limitsFor(pod: Pod, { allocatable }: Pick<DownwardFacts, 'allocatable'>): Readonly<Record<string, string>> {
  const own = Object.entries(pod.spec?.resources?.limits ?? {}).filter(
    ([name, amount]) => (name === 'cpu' || name === 'memory') && allocatable[name] !== undefined && parseQuantity(amount).nano !== 0n,
  )
  return { ...allocatable, ...Object.fromEntries(own) }
}

const defaulted: ReadonlySet<string> = new Set(['cpu', 'memory', 'ephemeral-storage'])

/** `limits.cpu`, `requests.memory` … of a container, in whole divisors, rounded up. */
export function resourceText(
  container: Pick<Container, 'resources'>,
  ref: { resource: string; divisor?: string | undefined },
  facts: Pick<DownwardFacts, 'allocatable'>,
): string {
  const [kind = '', ...rest] = ref.resource.split('.')
  const name = rest.join('.')
  const known = name === 'cpu' || name === 'memory' || name === 'ephemeral-storage' || name.startsWith('hugepages-')
  if ((kind !== 'limits' && kind !== 'requests') || !known) throw new FieldPathError(`unsupported container resource : ${ref.resource}`)
  const own = container.resources?.[kind]?.[name]
  const given = parseQuantity(own ?? '0').nano
  const amount = given === 0n && kind === 'limits' && defaulted.has(name) ? parseQuantity(facts.allocatable[name] ?? '0').nano : given
  const divisor = ref.divisor === undefined || parseQuantity(ref.divisor).nano === 0n ? 1_000_000_000n : parseQuantity(ref.divisor).nano
  return String((amount + divisor - 1n) / divisor)
}
