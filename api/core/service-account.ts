/** Service accounts. */
import type { z } from 'zod'
import { bool, kind, list, object } from '#api/fields.ts'
import { ageColumn, nameColumn } from '#api/meta/age.ts'
import { objectMetaSchema } from '#api/meta/object-meta.ts'
import type { Resource } from '#api/resource.ts'
import { localObjectReferenceSchema, objectReferenceSchema } from './references.ts'
import { validateKubeFinalizers } from './validation/finalizers.ts'

export const serviceAccountSchema = kind('io.k8s.api.core.v1.ServiceAccount', 'An identity for programs in pods.', {
  metadata: object(1, objectMetaSchema, 'Name, labels and the other data every object has.', { json: 'always', required: false }),
  secrets: list(2, objectReferenceSchema, 'Secrets that its pods may use.', {
    listType: 'map',
    listKeys: ['name'],
    patchStrategy: 'merge',
    patchMergeKey: 'name',
  }),
  imagePullSecrets: list(3, localObjectReferenceSchema, 'Secrets for pulling images.', { listType: 'atomic' }),
  automountServiceAccountToken: bool(4, 'Whether pods get a token.', { pointer: true }),
})
export type ServiceAccount = z.output<typeof serviceAccountSchema>

const mountableSecrets = 'kubernetes.io/enforce-mountable-secrets'

export const ServiceAccounts: Resource<ServiceAccount> = {
  group: '',
  version: 'v1',
  kind: 'ServiceAccount',
  plural: 'serviceaccounts',
  singular: 'serviceaccount',
  shortNames: ['sa'],
  scope: 'Namespaced',
  returnsDeleted: true,
  schema: serviceAccountSchema,
  metadataOnUpdate: 'checked as of a new object',
  columns: [nameColumn, ageColumn],
  prepare(account) {
    if (account.secrets) account.secrets = account.secrets.map(({ name }) => (name === undefined ? {} : { name }))
    return account
  },
  validate: (next) => validateKubeFinalizers(next.metadata),
  warnings(next, prev) {
    const annotated = (account: ServiceAccount | undefined) => account?.metadata.annotations?.[mountableSecrets] !== undefined
    if (!annotated(next) || annotated(prev)) return []
    return [
      `metadata.annotations[${mountableSecrets}]: deprecated in v1.32+; prefer separate namespaces to isolate access to mounted secrets`,
    ]
  },
}
