/**
 * Paths that a write through one endpoint cannot change, and so does not own: the status through the main resource, the spec through
 * status (source: upstream's strategies, GetResetFields).
 */
import type { Resource } from '#api/resource.ts'
import { difference, type FieldSet, setOf } from './field-set.ts'

export interface FieldFilter {
  keep(set: FieldSet): FieldSet
  /** Top-level fields that are reset as a whole: they need no look. */
  skipped: ReadonlySet<string>
}

const field = (...names: readonly string[]): string[] => names.map((name) => `f:${name}`)
const except = (...paths: readonly (readonly string[])[]): FieldFilter => {
  const reset = setOf(...paths)
  const skipped = new Set(paths.filter((path) => path.length === 1).map(([name = '']) => name.slice(2)))
  return { keep: (set) => difference(set, reset, true), skipped }
}
const everything: FieldFilter = { keep: (set) => set, skipped: new Set() }

const spec = field('spec')
const status = field('status')
const metadata = field('metadata')

/** Where a kind differs from the rule: `group/plural` or `group/plural/subresource`. */
const special: Readonly<Record<string, FieldFilter>> = {
  '/pods/status': except(spec, field('metadata', 'deletionTimestamp'), field('metadata', 'ownerReferences')),
  '/namespaces/finalize': except(status),
  'apps/deployments/status': except(spec, field('metadata', 'labels')),
  'certificates.k8s.io/certificatesigningrequests': except(spec, status),
  'certificates.k8s.io/certificatesigningrequests/status': except(spec, field('status', 'conditions')),
  'certificates.k8s.io/certificatesigningrequests/approval': except(spec, field('status', 'certificate')),
  // upstream names a group here that does not exist, so that nothing is reset
  'networking.k8s.io/servicecidrs': everything,
  'networking.k8s.io/servicecidrs/status': everything,
}

/** Groups whose status endpoints leave all metadata alone. */
const metadataReset: ReadonlySet<string> = new Set([
  'flowcontrol.apiserver.k8s.io',
  'resource.k8s.io',
  'storage.k8s.io',
  'admissionregistration.k8s.io',
  'storagemigration.k8s.io',
  'internal.apiserver.k8s.io',
  'apiextensions.k8s.io',
  'apiregistration.k8s.io',
])

const statusReset = except(status)
const specReset = except(spec)
const specAndMetadataReset = except(spec, metadata)

export function resetFilter(resource: Pick<Resource, 'group' | 'plural' | 'subresources'>, subresource: string): FieldFilter {
  const name = `${resource.group}/${resource.plural}`
  const own = special[subresource === '' ? name : `${name}/${subresource}`]
  if (own !== undefined) return own
  if (subresource === '') return resource.subresources?.['status'] === undefined ? everything : statusReset
  if (subresource !== 'status') return everything
  return metadataReset.has(resource.group) ? specAndMetadataReset : specReset
}
