/** Environment variables and their sources. */
import type { z } from 'zod'
import { bool, inline, message, object, quantity, string } from '#api/fields.ts'
import { localObjectReferenceSchema } from './references.ts'

export const objectFieldSelectorSchema = message(
  'io.k8s.api.core.v1.ObjectFieldSelector',
  'A field of the pod.',
  {
    apiVersion: string(1, 'Version of the schema of the path.'),
    fieldPath: string(2, 'Path of the field.', { json: 'always' }),
  },
  { atomic: true },
)
export type ObjectFieldSelector = z.output<typeof objectFieldSelectorSchema>

export const resourceFieldSelectorSchema = message(
  'io.k8s.api.core.v1.ResourceFieldSelector',
  'An amount of a container.',
  {
    containerName: string(1, 'Which container; needed in volumes.'),
    resource: string(2, 'Which amount, such as limits.cpu.', { json: 'always' }),
    divisor: quantity(3, 'Unit in which it is written.'),
  },
  { atomic: true },
)
export type ResourceFieldSelector = z.output<typeof resourceFieldSelectorSchema>

export const configMapKeySelectorSchema = message(
  'io.k8s.api.core.v1.ConfigMapKeySelector',
  'One key of a config map.',
  {
    // inlined in JSON; protobuf nests it as field 1
    ...inline(1, localObjectReferenceSchema),
    key: string(2, 'The key.', { json: 'always' }),
    optional: bool(3, 'Whether it may be missing.', { pointer: true }),
  },
  { atomic: true },
)
export type ConfigMapKeySelector = z.output<typeof configMapKeySelectorSchema>

export const secretKeySelectorSchema = message(
  'io.k8s.api.core.v1.SecretKeySelector',
  'One key of a secret.',
  {
    // inlined in JSON; protobuf nests it as field 1
    ...inline(1, localObjectReferenceSchema),
    key: string(2, 'The key.', { json: 'always' }),
    optional: bool(3, 'Whether it may be missing.', { pointer: true }),
  },
  { atomic: true },
)
export type SecretKeySelector = z.output<typeof secretKeySelectorSchema>

export const fileKeySelectorSchema = message(
  'io.k8s.api.core.v1.FileKeySelector',
  'A key of a file of variables.',
  {
    volumeName: string(1, 'Volume that holds the file.', { json: 'always' }),
    path: string(2, 'File below the volume.', { json: 'always' }),
    key: string(3, 'The key.', { json: 'always' }),
    optional: bool(4, 'Whether it may be missing.', { pointer: true, default: false }),
  },
  { atomic: true },
)
export type FileKeySelector = z.output<typeof fileKeySelectorSchema>

export const envVarSourceSchema = message('io.k8s.api.core.v1.EnvVarSource', "Where a variable's value comes from: one of these.", {
  fieldRef: object(1, objectFieldSelectorSchema, 'A field of the pod.', { pointer: true }),
  resourceFieldRef: object(2, resourceFieldSelectorSchema, 'An amount of the container.', { pointer: true }),
  configMapKeyRef: object(3, configMapKeySelectorSchema, 'A key of a config map.', { pointer: true }),
  secretKeyRef: object(4, secretKeySelectorSchema, 'A key of a secret.', { pointer: true }),
  fileKeyRef: object(5, fileKeySelectorSchema, 'A key of a file in a volume.', { pointer: true }),
})
export type EnvVarSource = z.output<typeof envVarSourceSchema>

export const envVarSchema = message('io.k8s.api.core.v1.EnvVar', 'An environment variable.', {
  name: string(1, 'Its name.', { json: 'always' }),
  value: string(2, 'Its value; $(NAME) stands for another variable.'),
  valueFrom: object(3, envVarSourceSchema, 'Where the value comes from.', { pointer: true }),
})
export type EnvVar = z.output<typeof envVarSchema>

export const configMapEnvSourceSchema = message('io.k8s.api.core.v1.ConfigMapEnvSource', 'All keys of a config map as variables.', {
  // inlined in JSON; protobuf nests it as field 1
  ...inline(1, localObjectReferenceSchema),
  optional: bool(2, 'Whether it may be missing.', { pointer: true }),
})
export type ConfigMapEnvSource = z.output<typeof configMapEnvSourceSchema>

export const secretEnvSourceSchema = message('io.k8s.api.core.v1.SecretEnvSource', 'All keys of a secret as variables.', {
  // inlined in JSON; protobuf nests it as field 1
  ...inline(1, localObjectReferenceSchema),
  optional: bool(2, 'Whether it may be missing.', { pointer: true }),
})
export type SecretEnvSource = z.output<typeof secretEnvSourceSchema>

export const envFromSourceSchema = message('io.k8s.api.core.v1.EnvFromSource', 'A source whose keys all become variables.', {
  prefix: string(1, 'Goes before each name.'),
  configMapRef: object(2, configMapEnvSourceSchema, 'A config map.', { pointer: true }),
  secretRef: object(3, secretEnvSourceSchema, 'A secret.', { pointer: true }),
})
export type EnvFromSource = z.output<typeof envFromSourceSchema>
