/** Table columns of endpoint slices. */
import { ageColumn, column, nameColumn } from '#api/meta/age.ts'
import type { Column } from '#api/resource.ts'
import type { EndpointSlice } from './endpoint-slice.ts'

const shown = 3

function firstOf(items: readonly string[]): string {
  if (items.length > shown) return `${items.slice(0, shown).join(',')} + ${items.length - shown} more...`
  return items.join(',') || '<unset>'
}

export const endpointSliceColumns: readonly Column<EndpointSlice>[] = [
  nameColumn,
  column('AddressType', 'Kind of the addresses.', (slice) => slice.addressType),
  column('Ports', 'Port numbers.', ({ ports }) => firstOf((ports ?? []).map((port) => String(port.port ?? port.name ?? '*')))),
  column('Endpoints', 'Addresses.', ({ endpoints }) => firstOf((endpoints ?? []).flatMap((endpoint) => endpoint.addresses ?? []))),
  ageColumn,
]
