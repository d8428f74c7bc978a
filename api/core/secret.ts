/** Secrets. */
import type { z } from 'zod'
import { bool, kind, map, object, string } from '#api/fields.ts'
import { ageColumn, column, nameColumn } from '#api/meta/age.ts'
import { objectMetaSchema } from '#api/meta/object-meta.ts'
import type { Resource } from '#api/resource.ts'
import { secretWarnings } from './secret-warnings.ts'
import { validateSecret } from './validation/config-data.ts'

export const secretSchema = kind('io.k8s.api.core.v1.Secret', 'Data that not everyone should see.', {
  metadata: object(1, objectMetaSchema, 'Name, labels and the other data every object has.', { json: 'always', required: false }),
  immutable: bool(5, 'Once true, the data can never change again.', { pointer: true }),
  data: map(2, 'bytes', 'Bytes by key, base64.'),
  stringData: map(4, 'string', 'Texts that are written into data; never read back.'),
  type: string(3, 'What the secret is for.', { goType: 'v1.SecretType' }),
})
export type Secret = z.output<typeof secretSchema>

/** `stringData` is write-only: it goes into `data`, key by key, as soon as the object is read (upstream: with its conversion). */
function takeTexts(next: Secret): Secret {
  if (next.stringData) {
    const texts = Object.entries(next.stringData).map(([key, text]) => [key, Buffer.from(text, 'utf8').toString('base64')])
    next.data = { ...next.data, ...Object.fromEntries(texts) }
    delete next.stringData
  }
  return next
}

export const Secrets: Resource<Secret> = {
  group: '',
  version: 'v1',
  kind: 'Secret',
  plural: 'secrets',
  singular: 'secret',
  scope: 'Namespaced',
  schema: secretSchema,
  metadataOnUpdate: 'checked as of a new object',
  columns: [
    nameColumn,
    column('Type', 'What the secret is for.', (secret) => secret.type ?? ''),
    column('Data', 'Number of keys.', (secret) => Object.keys(secret.data ?? {}).length),
    ageColumn,
  ],
  defaults(secret) {
    secret.type ||= 'Opaque'
    return takeTexts(secret)
  },
  validate: validateSecret,
  warnings: secretWarnings,
  selectableFields: { type: (secret) => secret.type ?? '' },
}
