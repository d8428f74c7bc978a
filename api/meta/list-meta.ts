/** DESCRIBE file api/meta/list-meta.ts */
import type { z } from 'zod'
import { int64, message, string } from '#api/fields.ts'

export const listMetaSchema = message('io.k8s.apimachinery.pkg.apis.meta.v1.ListMeta', 'DESCRIBE ListMeta', {
  selfLink: string(1, 'DESCRIBE ListMeta.selfLink'),
  resourceVersion: string(2, 'DESCRIBE ListMeta.resourceVersion'),
  continue: string(3, 'DESCRIBE ListMeta.continue'),
  remainingItemCount: int64(4, 'DESCRIBE ListMeta.remainingItemCount', { pointer: true }),
})
export type ListMeta = z.output<typeof listMetaSchema>
