/** Groups of pods that are scheduled together (v1alpha1, behind the feature gate GenericWorkload). */
import type { z } from 'zod'
import { immutableMessage, invalids, notPositiveMessage } from '#api/core/validation/values.ts'
import { int32, kind, list, message, object, string } from '#api/fields.ts'
import { ageColumn, nameColumn } from '#api/meta/age.ts'
import { duplicate, type FieldError, invalid, required, tooMany } from '#api/meta/field-error.ts'
import { objectMetaSchema } from '#api/meta/object-meta.ts'
import { sameValue } from '#api/meta/same-value.ts'
import type { Resource } from '#api/resource.ts'
import { goStruct } from '#api/validation/go-struct.ts'
import { checkDns1123Label, checkDns1123Subdomain, checkPathSegmentName } from '#api/validation/names.ts'

const definition = 'io.k8s.api.scheduling.v1alpha1'
const mostGroups = 8

const typedLocalObjectReferenceSchema = message(`${definition}.TypedLocalObjectReference`, 'An object of the same namespace.', {
  apiGroup: string(1, 'Its API group; empty for the core group.'),
  kind: string(2, 'Its kind.', { json: 'always' }),
  name: string(3, 'Its name.', { json: 'always' }),
})

const podGroupPolicySchema = message(`${definition}.PodGroupPolicy`, 'How a group is scheduled: just one of these.', {
  basic: object(2, message(`${definition}.BasicSchedulingPolicy`, 'Each pod on its own.', {}), 'Each pod on its own.', { pointer: true }),
  gang: object(
    3,
    message(`${definition}.GangSchedulingPolicy`, 'Enough pods at once or none.', {
      minCount: int32(1, 'Pods that must fit at once.', { json: 'always' }),
    }),
    'Enough pods at once or none.',
    { pointer: true },
  ),
})
type PodGroupPolicy = z.output<typeof podGroupPolicySchema>

const podGroupSchema = message(`${definition}.PodGroup`, 'Pods that belong together.', {
  name: string(1, 'Name of the group.', { json: 'always' }),
  policy: object(3, podGroupPolicySchema, 'How it is scheduled.', { json: 'always' }),
})

const workloadSpecSchema = message(`${definition}.WorkloadSpec`, 'The groups.', {
  controllerRef: object(1, typedLocalObjectReferenceSchema, 'Who runs the pods. Cannot change.', { pointer: true }),
  podGroups: list(2, podGroupSchema, 'The groups, 1 to 8. Cannot change.', { json: 'always', listType: 'map', listKeys: ['name'] }),
})
type WorkloadSpec = z.output<typeof workloadSpecSchema>

const workloadSchema = kind(`${definition}.Workload`, 'Groups of pods that are scheduled together.', {
  metadata: object(1, objectMetaSchema, 'Name, labels and the other data every object has.', { json: 'always', required: false }),
  spec: object(2, workloadSpecSchema, 'The wanted state.', { json: 'always' }),
})
export type Workload = z.output<typeof workloadSchema>

const validateSegment = (field: string, text: string): FieldError[] =>
  text === '' ? [required(field)] : invalids(field, text, checkPathSegmentName(text))

function validatePolicy(policy: PodGroupPolicy, path: string): FieldError[] {
  const { gang } = policy
  const names = (['basic', 'gang'] as const).filter((name) => policy[name]).map((name) => `\`${name}\``)
  const either = 'exactly one of `basic`, `gang` is required'
  if (names.length === 0) return [required(path, either)]
  if (names.length > 1) return [invalid(path, `{${names.join(', ')}}`, `${either}, but multiple fields are set`)]
  return gang && gang.minCount <= 0 ? [invalid(`${path}.gang.minCount`, gang.minCount, notPositiveMessage)] : []
}

function validateSpec({ controllerRef, podGroups }: WorkloadSpec): FieldError[] {
  const found: FieldError[] = []
  const groups = podGroups ?? []
  const path = 'spec.controllerRef'
  if (controllerRef) {
    const { apiGroup = '', kind: ofKind, name } = controllerRef
    if (apiGroup !== '') found.push(...invalids(`${path}.apiGroup`, apiGroup, checkDns1123Subdomain(apiGroup)))
    found.push(...validateSegment(`${path}.kind`, ofKind), ...validateSegment(`${path}.name`, name))
  }
  if (groups.length === 0) return [...found, required('spec.podGroups', 'must have at least one item')]
  if (groups.length > mostGroups) return [...found, tooMany('spec.podGroups', groups.length, mostGroups)]
  const names = groups.map(({ name }) => name)
  for (const [i, { name, policy }] of groups.entries()) {
    const at = `spec.podGroups[${i}]`
    found.push(...invalids(`${at}.name`, name, checkDns1123Label(name)))
    if (names.indexOf(name) < i) found.push(duplicate(`${at}.name`, name))
    found.push(...validatePolicy(policy, `${at}.policy`))
  }
  return found
}

function validateWorkload({ spec }: Workload, prev: Workload | undefined): FieldError[] {
  const found = validateSpec(spec)
  if (!prev) return found
  const { controllerRef: reference, podGroups } = prev.spec
  if (reference && !sameValue(spec.controllerRef, reference)) {
    const shown = spec.controllerRef && goStruct(typedLocalObjectReferenceSchema, spec.controllerRef)
    found.push(invalid('controllerRef', shown, immutableMessage))
  }
  if (!sameValue(spec.podGroups, podGroups)) {
    const shown = spec.podGroups?.map((group) => goStruct(podGroupSchema, group))
    found.push(invalid('podGroups', shown, immutableMessage))
  }
  return found
}

export const workloads = (): Resource<Workload> => ({
  group: 'scheduling.k8s.io',
  version: 'v1alpha1',
  kind: 'Workload',
  plural: 'workloads',
  singular: 'workload',
  scope: 'Namespaced',
  schema: workloadSchema,
  columns: [nameColumn, ageColumn],
  generation: false,
  validate: validateWorkload,
})
