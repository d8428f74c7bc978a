/** DESCRIBE file api/core/references.ts */
import type { z } from 'zod'
import { message, string } from '#api/fields.ts'

export const objectReferenceSchema = message(
  'io.k8s.api.core.v1.ObjectReference',
  'DESCRIBE ObjectReference',
  {
    kind: string(1, 'DESCRIBE ObjectReference.kind'),
    namespace: string(2, 'DESCRIBE ObjectReference.namespace'),
    name: string(3, 'DESCRIBE ObjectReference.name'),
    uid: string(4, 'DESCRIBE ObjectReference.uid'),
    apiVersion: string(5, 'DESCRIBE ObjectReference.apiVersion'),
    resourceVersion: string(6, 'DESCRIBE ObjectReference.resourceVersion'),
    fieldPath: string(7, 'DESCRIBE ObjectReference.fieldPath'),
  },
  { atomic: true },
)
export type ObjectReference = z.output<typeof objectReferenceSchema>

export const localObjectReferenceSchema = message(
  'io.k8s.api.core.v1.LocalObjectReference',
  'DESCRIBE LocalObjectReference',
  {
    name: string(1, 'DESCRIBE LocalObjectReference.name', { default: '' }),
  },
  { atomic: true },
)
export type LocalObjectReference = z.output<typeof localObjectReferenceSchema>

export const secretReferenceSchema = message(
  'io.k8s.api.core.v1.SecretReference',
  'DESCRIBE SecretReference',
  {
    name: string(1, 'DESCRIBE SecretReference.name'),
    namespace: string(2, 'DESCRIBE SecretReference.namespace'),
  },
  { atomic: true },
)
export type SecretReference = z.output<typeof secretReferenceSchema>

export const typedLocalObjectReferenceSchema = message(
  'io.k8s.api.core.v1.TypedLocalObjectReference',
  'DESCRIBE TypedLocalObjectReference',
  {
    apiGroup: string(1, 'DESCRIBE TypedLocalObjectReference.apiGroup', { json: 'always', pointer: true, required: false }),
    kind: string(2, 'DESCRIBE TypedLocalObjectReference.kind', { json: 'always' }),
    name: string(3, 'DESCRIBE TypedLocalObjectReference.name', { json: 'always' }),
  },
  { atomic: true },
)
export type TypedLocalObjectReference = z.output<typeof typedLocalObjectReferenceSchema>

export const typedObjectReferenceSchema = message('io.k8s.api.core.v1.TypedObjectReference', 'DESCRIBE TypedObjectReference', {
  apiGroup: string(1, 'DESCRIBE TypedObjectReference.apiGroup', { json: 'always', pointer: true, required: false }),
  kind: string(2, 'DESCRIBE TypedObjectReference.kind', { json: 'always' }),
  name: string(3, 'DESCRIBE TypedObjectReference.name', { json: 'always' }),
  namespace: string(4, 'DESCRIBE TypedObjectReference.namespace', { pointer: true }),
})
export type TypedObjectReference = z.output<typeof typedObjectReferenceSchema>
