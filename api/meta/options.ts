/** Options of deletions. */
import type { z } from 'zod'
import { bool, int64, kind, list, message, object, string } from '#api/fields.ts'

export const preconditionsSchema = message('io.k8s.apimachinery.pkg.apis.meta.v1.Preconditions', 'What must hold for a write.', {
  uid: string(1, 'Uid that the object must have.', { pointer: true, goType: 'types.UID' }),
  resourceVersion: string(2, 'Version that the object must have.', { pointer: true }),
})
export type Preconditions = z.output<typeof preconditionsSchema>

export const deleteOptionsSchema = kind('io.k8s.apimachinery.pkg.apis.meta.v1.DeleteOptions', 'How an object is deleted.', {
  gracePeriodSeconds: int64(1, 'Seconds the object is given; 0 deletes at once.', { pointer: true }),
  preconditions: object(2, preconditionsSchema, 'What must hold for the deletion.', { pointer: true }),
  orphanDependents: bool(3, 'Deprecated: leaves dependents behind.', { pointer: true }),
  propagationPolicy: string(4, 'What becomes of dependents: Orphan, Background or Foreground.', {
    pointer: true,
    goType: 'v1.DeletionPropagation',
  }),
  dryRun: list(5, 'string', 'All: goes through all steps but stores nothing.', { listType: 'atomic' }),
  ignoreStoreReadErrorWithClusterBreakingPotential: bool(6, 'Deletes an object that can no longer be read. Dangerous.', {
    pointer: true,
  }),
})
export type DeleteOptions = z.output<typeof deleteOptionsSchema>
