/** DESCRIBE file api/meta/options.ts */
import type { z } from 'zod'
import { bool, int64, kind, list, message, object, string } from '#api/fields.ts'

export const preconditionsSchema = message('io.k8s.apimachinery.pkg.apis.meta.v1.Preconditions', 'DESCRIBE Preconditions', {
  uid: string(1, 'DESCRIBE Preconditions.uid', { pointer: true }),
  resourceVersion: string(2, 'DESCRIBE Preconditions.resourceVersion', { pointer: true }),
})
export type Preconditions = z.output<typeof preconditionsSchema>

export const deleteOptionsSchema = kind('io.k8s.apimachinery.pkg.apis.meta.v1.DeleteOptions', 'DESCRIBE DeleteOptions', {
  gracePeriodSeconds: int64(1, 'DESCRIBE DeleteOptions.gracePeriodSeconds', { pointer: true }),
  preconditions: object(2, preconditionsSchema, 'DESCRIBE DeleteOptions.preconditions', { pointer: true }),
  orphanDependents: bool(3, 'DESCRIBE DeleteOptions.orphanDependents', { pointer: true }),
  propagationPolicy: string(4, 'DESCRIBE DeleteOptions.propagationPolicy', { pointer: true }),
  dryRun: list(5, 'string', 'DESCRIBE DeleteOptions.dryRun', { listType: 'atomic' }),
  ignoreStoreReadErrorWithClusterBreakingPotential: bool(6, 'DESCRIBE DeleteOptions.ignoreStoreReadErrorWithClusterBreakingPotential', {
    pointer: true,
  }),
})
export type DeleteOptions = z.output<typeof deleteOptionsSchema>
