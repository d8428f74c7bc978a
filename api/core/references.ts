/** References to other objects. */
import type { z } from 'zod'
import { message, string } from '#api/fields.ts'

export const objectReferenceSchema = message(
  'io.k8s.api.core.v1.ObjectReference',
  'Another object.',
  {
    kind: string(1, 'Kind of the object.'),
    namespace: string(2, 'Namespace of the object.'),
    name: string(3, 'Name of the object.'),
    uid: string(4, 'Uid of the object.', { goType: 'types.UID' }),
    apiVersion: string(5, 'Group and version of the object.'),
    resourceVersion: string(6, 'Version of the object.'),
    fieldPath: string(7, 'Part of the object.'),
  },
  { atomic: true },
)
export type ObjectReference = z.output<typeof objectReferenceSchema>

export const localObjectReferenceSchema = message(
  'io.k8s.api.core.v1.LocalObjectReference',
  'An object of the same namespace.',
  {
    name: string(1, 'Name of the object.', { default: '' }),
  },
  { atomic: true },
)
export type LocalObjectReference = z.output<typeof localObjectReferenceSchema>

export const secretReferenceSchema = message(
  'io.k8s.api.core.v1.SecretReference',
  'A secret of any namespace.',
  {
    name: string(1, 'Name of the secret.'),
    namespace: string(2, 'Namespace of the secret.'),
  },
  { atomic: true },
)
export type SecretReference = z.output<typeof secretReferenceSchema>

export const typedLocalObjectReferenceSchema = message(
  'io.k8s.api.core.v1.TypedLocalObjectReference',
  'An object of any kind in the same namespace.',
  {
    apiGroup: string(1, 'Its group.', { json: 'always', pointer: true, required: false }),
    kind: string(2, 'Its kind.', { json: 'always' }),
    name: string(3, 'Its name.', { json: 'always' }),
  },
  { atomic: true },
)
export type TypedLocalObjectReference = z.output<typeof typedLocalObjectReferenceSchema>

export const typedObjectReferenceSchema = message('io.k8s.api.core.v1.TypedObjectReference', 'An object of any kind.', {
  apiGroup: string(1, 'Its group.', { json: 'always', pointer: true, required: false }),
  kind: string(2, 'Its kind.', { json: 'always' }),
  name: string(3, 'Its name.', { json: 'always' }),
  namespace: string(4, 'Its namespace.', { pointer: true }),
})
export type TypedObjectReference = z.output<typeof typedObjectReferenceSchema>
