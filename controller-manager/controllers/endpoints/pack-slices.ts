/** Packs endpoints into slices with as few changes as possible (upstream: k8s.io/endpointslice, reconcileByPortMapping). */
import type { Endpoint, EndpointPort } from '#api/discovery/endpoint-slice.ts'
import { sameValue } from '#api/meta/same-value.ts'

/** An upstream server writes an empty list as null. */
export interface Packed<S> {
  /** Endpoints of slices to be made. */
  create: Endpoint[][]
  /** New endpoints of existing slices. */
  update: Map<S, Endpoint[]>
  delete: S[]
  /** Endpoints that are new or differ from what a slice says, for the trigger time. */
  changed: Endpoint[]
}

/** What makes an endpoint the same endpoint, whatever its conditions. */
export function endpointKey({ addresses, hostname, targetRef }: Endpoint): string {
  return JSON.stringify([[...addresses].sort(), hostname ?? '', targetRef?.namespace ?? '', targetRef?.name ?? ''])
}

/** Endpoints with different ports live in different slices. */
export function portsKey(ports: readonly EndpointPort[]): string {
  const facts = ports.map(({ name, protocol, port, appProtocol }) => [name ?? '', protocol ?? 'TCP', port ?? 0, appProtocol ?? ''])
  return JSON.stringify(facts.map((f) => JSON.stringify(f)).sort())
}

function sameEndpoint(a: Endpoint, b: Endpoint): boolean {
  const facts = ({ nodeName, zone, conditions, targetRef, hints }: Endpoint): unknown => {
    const { resourceVersion: _, ...target } = targetRef ?? {}
    return { nodeName, zone, conditions, target, hints }
  }
  return sameValue(facts(a), facts(b))
}

/** `slices` all have the ports of `desired`. */
export function packSlices<S extends { endpoints: readonly Endpoint[] | null }>(
  slices: readonly S[],
  desired: readonly Endpoint[],
  max: number,
): Packed<S> {
  const left = new Map(desired.map((endpoint) => [endpointKey(endpoint), endpoint]))
  const packed: Packed<S> = { create: [], update: new Map(), delete: [], changed: [] }
  const unchanged = new Set<S>()
  for (const slice of slices) {
    const kept: Endpoint[] = []
    let differs = false
    for (const endpoint of slice.endpoints ?? []) {
      const key = endpointKey(endpoint)
      const wanted = left.get(key)
      if (!wanted) continue
      left.delete(key)
      kept.push(wanted)
      if (sameEndpoint(wanted, endpoint)) continue
      differs = true
      packed.changed.push(wanted)
    }
    if (!differs && kept.length === (slice.endpoints ?? []).length) unchanged.add(slice)
    else if (kept.length === 0) packed.delete.push(slice)
    else packed.update.set(slice, kept)
  }
  const rest = [...left.values()]
  packed.changed.push(...rest)
  fillChanged(packed, rest, max)
  fillOthers(packed, unchanged, rest, max)
  return packed
}

/** Slices that are written anyway take what is left, the fullest first. */
function fillChanged<S>(packed: Packed<S>, rest: Endpoint[], max: number): void {
  const fullest = [...packed.update.values()].sort((a, b) => b.length - a.length)
  for (const endpoints of fullest) endpoints.push(...rest.splice(0, Math.max(0, max - endpoints.length)))
}

/** Then one unchanged slice that has room for all of it, the one that this fills best; then new slices. */
function fillOthers<S extends { endpoints: readonly Endpoint[] | null }>(
  packed: Packed<S>,
  unchanged: Set<S>,
  rest: Endpoint[],
  max: number,
): void {
  while (rest.length > 0) {
    const room = (slice: S): number => max - (slice.endpoints ?? []).length - rest.length
    const fitting = rest.length < max ? [...unchanged].filter((slice) => room(slice) >= 0 && (slice.endpoints ?? []).length > 0) : []
    const [best] = fitting.sort((a, b) => room(a) - room(b))
    if (best) {
      unchanged.delete(best)
      packed.update.set(best, [...(best.endpoints ?? []), ...rest.splice(0)])
    } else packed.create.push(rest.splice(0, max))
  }
}
