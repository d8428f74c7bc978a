/** Texts for the Warning header where an endpoint slice is legal but unwise. */
import { warningsForIp } from '#api/validation/addresses.ts'
import type { EndpointSlice } from './endpoint-slice.ts'

/** These mend the addresses that they copy; looking again would only cost time. */
const ownControllers = ['endpointslice-controller.k8s.io', 'endpointslicemirroring-controller.k8s.io']

export function endpointSliceWarnings(next: EndpointSlice, prev: EndpointSlice | undefined): string[] {
  const found = !prev && next.addressType === 'FQDN' ? ['spec.addressType: FQDN endpoints are deprecated'] : []
  if (ownControllers.includes(next.metadata.labels?.['endpointslice.kubernetes.io/managed-by'] ?? '')) return found
  const addresses = (next.endpoints ?? []).flatMap((endpoint, e) =>
    (endpoint.addresses ?? []).flatMap((address, a) => warningsForIp(`endpoints[${e}].addresses[${a}]`, address)),
  )
  return [...found, ...addresses]
}
