/** Who could hold a lease, in coordinated elections (v1beta1). */
import type { z } from 'zod'
import { kind, message, microTime, object, string } from '#api/fields.ts'
import { ageColumn, column, nameColumn } from '#api/meta/age.ts'
import { objectMetaSchema } from '#api/meta/object-meta.ts'
import type { Resource } from '#api/resource.ts'
import { checkConfigMapKey } from '#api/validation/names.ts'
import { validateLeaseCandidate } from './validation.ts'

const leaseCandidateSpecSchema = message('io.k8s.api.coordination.v1beta1.LeaseCandidateSpec', 'Who could hold which lease.', {
  leaseName: string(1, 'The lease. Cannot change.', { json: 'always' }),
  pingTime: microTime(2, 'When the server last asked whether the candidate is alive.', { pointer: true }),
  renewTime: microTime(3, 'When the candidate last said that it is.', { pointer: true }),
  binaryVersion: string(4, 'Version of its program.', { json: 'always' }),
  emulationVersion: string(5, 'Version that its program behaves like.'),
  strategy: string(6, 'How the holder is chosen.', { required: true }),
})

const leaseCandidateSchema = kind('io.k8s.api.coordination.v1beta1.LeaseCandidate', 'Somebody who could hold a lease.', {
  metadata: object(1, objectMetaSchema, 'Name, labels and the other data every object has.', { json: 'always', required: false }),
  spec: object(2, leaseCandidateSpecSchema, 'The wanted state.', { json: 'always', required: false }),
})
export type LeaseCandidate = z.output<typeof leaseCandidateSchema>

export const leaseCandidates = (): Resource<LeaseCandidate> => ({
  group: 'coordination.k8s.io',
  version: 'v1beta1',
  kind: 'LeaseCandidate',
  plural: 'leasecandidates',
  singular: 'leasecandidate',
  scope: 'Namespaced',
  schema: leaseCandidateSchema,
  columns: [
    nameColumn,
    column('LeaseName', 'The lease.', ({ spec }) => spec.leaseName),
    column('BinaryVersion', 'Version of its program.', ({ spec }) => spec.binaryVersion),
    column('EmulationVersion', 'Version that its program behaves like.', ({ spec }) => spec.emulationVersion ?? ''),
    ageColumn,
  ],
  selectableFields: { 'spec.leaseName': ({ spec }) => spec.leaseName },
  generation: false,
  createOnUpdate: true,
  unconditionalUpdate: false,
  validateName: checkConfigMapKey,
  validate: validateLeaseCandidate,
})
