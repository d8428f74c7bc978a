/** DESCRIBE file api/core/env.ts */
import type { z } from 'zod'
import { bool, inline, message, object, quantity, string } from '#api/fields.ts'
import { localObjectReferenceSchema } from './references.ts'

export const objectFieldSelectorSchema = message(
  'io.k8s.api.core.v1.ObjectFieldSelector',
  'DESCRIBE ObjectFieldSelector',
  {
    apiVersion: string(1, 'DESCRIBE ObjectFieldSelector.apiVersion'),
    fieldPath: string(2, 'DESCRIBE ObjectFieldSelector.fieldPath', { json: 'always' }),
  },
  { atomic: true },
)
export type ObjectFieldSelector = z.output<typeof objectFieldSelectorSchema>

export const resourceFieldSelectorSchema = message(
  'io.k8s.api.core.v1.ResourceFieldSelector',
  'DESCRIBE ResourceFieldSelector',
  {
    containerName: string(1, 'DESCRIBE ResourceFieldSelector.containerName'),
    resource: string(2, 'DESCRIBE ResourceFieldSelector.resource', { json: 'always' }),
    divisor: quantity(3, 'DESCRIBE ResourceFieldSelector.divisor'),
  },
  { atomic: true },
)
export type ResourceFieldSelector = z.output<typeof resourceFieldSelectorSchema>

export const configMapKeySelectorSchema = message(
  'io.k8s.api.core.v1.ConfigMapKeySelector',
  'DESCRIBE ConfigMapKeySelector',
  {
    // inlined in JSON; protobuf nests it as field 1
    ...inline(1, localObjectReferenceSchema),
    key: string(2, 'DESCRIBE ConfigMapKeySelector.key', { json: 'always' }),
    optional: bool(3, 'DESCRIBE ConfigMapKeySelector.optional', { pointer: true }),
  },
  { atomic: true },
)
export type ConfigMapKeySelector = z.output<typeof configMapKeySelectorSchema>

export const secretKeySelectorSchema = message(
  'io.k8s.api.core.v1.SecretKeySelector',
  'DESCRIBE SecretKeySelector',
  {
    // inlined in JSON; protobuf nests it as field 1
    ...inline(1, localObjectReferenceSchema),
    key: string(2, 'DESCRIBE SecretKeySelector.key', { json: 'always' }),
    optional: bool(3, 'DESCRIBE SecretKeySelector.optional', { pointer: true }),
  },
  { atomic: true },
)
export type SecretKeySelector = z.output<typeof secretKeySelectorSchema>

export const fileKeySelectorSchema = message(
  'io.k8s.api.core.v1.FileKeySelector',
  'DESCRIBE FileKeySelector',
  {
    volumeName: string(1, 'DESCRIBE FileKeySelector.volumeName', { json: 'always' }),
    path: string(2, 'DESCRIBE FileKeySelector.path', { json: 'always' }),
    key: string(3, 'DESCRIBE FileKeySelector.key', { json: 'always' }),
    optional: bool(4, 'DESCRIBE FileKeySelector.optional', { pointer: true, default: false }),
  },
  { atomic: true },
)
export type FileKeySelector = z.output<typeof fileKeySelectorSchema>

export const envVarSourceSchema = message('io.k8s.api.core.v1.EnvVarSource', 'DESCRIBE EnvVarSource', {
  fieldRef: object(1, objectFieldSelectorSchema, 'DESCRIBE EnvVarSource.fieldRef', { pointer: true }),
  resourceFieldRef: object(2, resourceFieldSelectorSchema, 'DESCRIBE EnvVarSource.resourceFieldRef', { pointer: true }),
  configMapKeyRef: object(3, configMapKeySelectorSchema, 'DESCRIBE EnvVarSource.configMapKeyRef', { pointer: true }),
  secretKeyRef: object(4, secretKeySelectorSchema, 'DESCRIBE EnvVarSource.secretKeyRef', { pointer: true }),
  fileKeyRef: object(5, fileKeySelectorSchema, 'DESCRIBE EnvVarSource.fileKeyRef', { pointer: true }),
})
export type EnvVarSource = z.output<typeof envVarSourceSchema>

export const envVarSchema = message('io.k8s.api.core.v1.EnvVar', 'DESCRIBE EnvVar', {
  name: string(1, 'DESCRIBE EnvVar.name', { json: 'always' }),
  value: string(2, 'DESCRIBE EnvVar.value'),
  valueFrom: object(3, envVarSourceSchema, 'DESCRIBE EnvVar.valueFrom', { pointer: true }),
})
export type EnvVar = z.output<typeof envVarSchema>

export const configMapEnvSourceSchema = message('io.k8s.api.core.v1.ConfigMapEnvSource', 'DESCRIBE ConfigMapEnvSource', {
  // inlined in JSON; protobuf nests it as field 1
  ...inline(1, localObjectReferenceSchema),
  optional: bool(2, 'DESCRIBE ConfigMapEnvSource.optional', { pointer: true }),
})
export type ConfigMapEnvSource = z.output<typeof configMapEnvSourceSchema>

export const secretEnvSourceSchema = message('io.k8s.api.core.v1.SecretEnvSource', 'DESCRIBE SecretEnvSource', {
  // inlined in JSON; protobuf nests it as field 1
  ...inline(1, localObjectReferenceSchema),
  optional: bool(2, 'DESCRIBE SecretEnvSource.optional', { pointer: true }),
})
export type SecretEnvSource = z.output<typeof secretEnvSourceSchema>

export const envFromSourceSchema = message('io.k8s.api.core.v1.EnvFromSource', 'DESCRIBE EnvFromSource', {
  prefix: string(1, 'DESCRIBE EnvFromSource.prefix'),
  configMapRef: object(2, configMapEnvSourceSchema, 'DESCRIBE EnvFromSource.configMapRef', { pointer: true }),
  secretRef: object(3, secretEnvSourceSchema, 'DESCRIBE EnvFromSource.secretRef', { pointer: true }),
})
export type EnvFromSource = z.output<typeof envFromSourceSchema>
