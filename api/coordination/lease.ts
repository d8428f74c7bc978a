/** DESCRIBE file api/coordination/lease.ts */
import type { z } from 'zod'
import { int32, kind, message, microTime, object, string } from '#api/fields.ts'
import { ageColumn, column, nameColumn } from '#api/meta/age.ts'
import { objectMetaSchema } from '#api/meta/object-meta.ts'
import type { Resource } from '#api/resource.ts'
import { validateLease } from './validation.ts'

export const leaseSpecSchema = message('io.k8s.api.coordination.v1.LeaseSpec', 'DESCRIBE LeaseSpec', {
  holderIdentity: string(1, 'DESCRIBE LeaseSpec.holderIdentity', { pointer: true }),
  leaseDurationSeconds: int32(2, 'DESCRIBE LeaseSpec.leaseDurationSeconds', { pointer: true }),
  acquireTime: microTime(3, 'DESCRIBE LeaseSpec.acquireTime', { pointer: true }),
  renewTime: microTime(4, 'DESCRIBE LeaseSpec.renewTime', { pointer: true }),
  leaseTransitions: int32(5, 'DESCRIBE LeaseSpec.leaseTransitions', { pointer: true }),
  strategy: string(6, 'DESCRIBE LeaseSpec.strategy', { pointer: true }),
  preferredHolder: string(7, 'DESCRIBE LeaseSpec.preferredHolder', { pointer: true }),
})
export type LeaseSpec = z.output<typeof leaseSpecSchema>

export const leaseSchema = kind('io.k8s.api.coordination.v1.Lease', 'DESCRIBE Lease', {
  metadata: object(1, objectMetaSchema, 'DESCRIBE Lease.metadata', { json: 'always', required: false }),
  spec: object(2, leaseSpecSchema, 'DESCRIBE Lease.spec', { json: 'always', required: false }),
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
