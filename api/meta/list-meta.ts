/** Metadata of lists. */
import type { z } from 'zod'
import { int64, message, string } from '#api/fields.ts'

export const listMetaSchema = message('io.k8s.apimachinery.pkg.apis.meta.v1.ListMeta', 'What lists have in place of metadata.', {
  selfLink: string(1, 'Not used any more.'),
  resourceVersion: string(2, 'Version of the whole list, to watch from.'),
  continue: string(3, 'Token for the next page.'),
  remainingItemCount: int64(4, 'Items on later pages.', { pointer: true }),
})
export type ListMeta = z.output<typeof listMetaSchema>
