/** Leases: claims that expire unless renewed. */
import type { z } from 'zod'
import { int32, kind, message, microTime, object, string } from '#api/fields.ts'
import { ageColumn, column, nameColumn } from '#api/meta/age.ts'
import { objectMetaSchema } from '#api/meta/object-meta.ts'
import type { Resource } from '#api/resource.ts'
import { validateLease } from './validation.ts'

export const leaseSpecSchema = message('io.k8s.api.coordination.v1.LeaseSpec', 'Who holds a lease and for how long.', {
  holderIdentity: string(1, 'Who holds it.', { pointer: true }),
  leaseDurationSeconds: int32(2, 'Seconds after the last renewal at which others may take it.', { pointer: true }),
  acquireTime: microTime(3, 'When the holder got it.', { pointer: true }),
  renewTime: microTime(4, 'When the holder renewed it last.', { pointer: true }),
  leaseTransitions: int32(5, 'How often it changed hands.', { pointer: true }),
  strategy: string(6, 'How a leader is chosen, in coordinated elections.', { pointer: true, goType: 'v1.CoordinatedLeaseStrategy' }),
  preferredHolder: string(7, 'Who should take it over.', { pointer: true }),
})
export type LeaseSpec = z.output<typeof leaseSpecSchema>

export const leaseSchema = kind('io.k8s.api.coordination.v1.Lease', 'A claim that expires unless it is renewed.', {
  metadata: object(1, objectMetaSchema, 'Name, labels and the other data every object has.', { json: 'always', required: false }),
  spec: object(2, leaseSpecSchema, 'The wanted state.', { json: 'always', required: false }),
})
export type Lease = z.output<typeof leaseSchema>

export const Leases: Resource<Lease> = {
  group: 'coordination.k8s.io',
  version: 'v1',
  kind: 'Lease',
  plural: 'leases',
  singular: 'lease',
  scope: 'Namespaced',
  schema: leaseSchema,
  columns: [nameColumn, column('Holder', 'Who holds the lease.', (lease) => lease.spec.holderIdentity ?? ''), ageColumn],
  generation: false,
  createOnUpdate: true,
  unconditionalUpdate: false,
  validate: validateLease,
  prepare(next, prev) {
    // coordinated leader election is off by default
    if (!prev?.spec.strategy) delete next.spec.strategy
    if (!prev?.spec.preferredHolder) delete next.spec.preferredHolder
    return next
  },
}
