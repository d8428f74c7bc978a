/** Mutating admission policies and their bindings: kinds of v1beta1, made of messages of v1. */
import type { z } from 'zod'
import { kind, list, message, object, string } from '#api/fields.ts'
import { ageColumn, column, nameColumn } from '#api/meta/age.ts'
import { objectMetaSchema } from '#api/meta/object-meta.ts'
import type { Resource } from '#api/resource.ts'
import { schemaInVersion } from '#api/version-face.ts'
import { paramRefText } from './columns.ts'
import { defaultMatchResources } from './defaults.ts'
import { matchConditionSchema } from './rules.ts'
import { matchResourcesSchema, paramKindSchema, variableSchema } from './validating-admission-policy.ts'
import { paramRefSchema } from './validating-admission-policy-binding.ts'
import { validateMutatingAdmissionPolicy, validateMutatingAdmissionPolicyBinding } from './validation/mutating-policies.ts'

const applyConfigurationSchema = message('io.k8s.api.admissionregistration.v1.ApplyConfiguration', 'A change by server-side apply.', {
  expression: string(1, 'CEL expression for the configuration that is applied.'),
})

const jsonPatchSchema = message('io.k8s.api.admissionregistration.v1.JSONPatch', 'A change by JSON patch.', {
  expression: string(1, 'CEL expression for the list of operations.'),
})

const mutationSchema = message('io.k8s.api.admissionregistration.v1.Mutation', 'One change that a policy makes.', {
  patchType: string(2, 'ApplyConfiguration or JSONPatch.', { json: 'always', enum: ['ApplyConfiguration', 'JSONPatch'] }),
  applyConfiguration: object(3, applyConfigurationSchema, 'The change, for ApplyConfiguration.', { pointer: true }),
  jsonPatch: object(4, jsonPatchSchema, 'The change, for JSONPatch.', { pointer: true }),
})
export type Mutation = z.output<typeof mutationSchema>

const mutatingAdmissionPolicySpecSchema = message(
  'io.k8s.api.admissionregistration.v1.MutatingAdmissionPolicySpec',
  'The changes and what they are for.',
  {
    paramKind: object(1, paramKindSchema, 'Kind whose objects set up the policy.', { pointer: true }),
    matchConstraints: object(2, matchResourcesSchema, 'Requests that the policy is for.', { pointer: true }),
    variables: list(3, variableSchema, 'Expressions that others can use by name.', { listType: 'atomic' }),
    mutations: list(4, mutationSchema, 'The changes, one after the other.', { listType: 'atomic' }),
    failurePolicy: string(5, 'What happens when a change fails: Fail or Ignore.', { pointer: true }),
    matchConditions: list(6, matchConditionSchema, 'Conditions that requests must meet, at most 64.', {
      listType: 'map',
      listKeys: ['name'],
      patchStrategy: 'merge',
      patchMergeKey: 'name',
    }),
    reinvocationPolicy: string(7, 'Whether it is asked again after others changed the object: Never or IfNeeded.', {
      enum: ['IfNeeded', 'Never'],
    }),
  },
)

const mutatingAdmissionPolicySchema = kind(
  'io.k8s.api.admissionregistration.v1.MutatingAdmissionPolicy',
  'Changes in CEL that are made to requests.',
  {
    metadata: object(1, objectMetaSchema, 'Name, labels and the other data every object has.', { json: 'always', required: false }),
    spec: object(2, mutatingAdmissionPolicySpecSchema, 'The wanted state.', { json: 'always', required: false }),
  },
)
export type MutatingAdmissionPolicy = z.output<typeof mutatingAdmissionPolicySchema>

const mutatingAdmissionPolicyBindingSpecSchema = message(
  'io.k8s.api.admissionregistration.v1.MutatingAdmissionPolicyBindingSpec',
  'Which policy is in force and for what.',
  {
    policyName: string(1, 'Name of the policy.'),
    paramRef: object(2, paramRefSchema, 'Objects that set up the policy.', { pointer: true }),
    matchResources: object(3, matchResourcesSchema, 'Requests that the binding is for.', { pointer: true }),
  },
)

const mutatingAdmissionPolicyBindingSchema = kind(
  'io.k8s.api.admissionregistration.v1.MutatingAdmissionPolicyBinding',
  'Puts a policy that changes requests in force.',
  {
    metadata: object(1, objectMetaSchema, 'Name, labels and the other data every object has.', { json: 'always', required: false }),
    spec: object(2, mutatingAdmissionPolicyBindingSpecSchema, 'The wanted state.', { json: 'always', required: false }),
  },
)
export type MutatingAdmissionPolicyBinding = z.output<typeof mutatingAdmissionPolicyBindingSchema>

const paramKindText = ({ spec }: MutatingAdmissionPolicy): string =>
  spec.paramKind ? `${spec.paramKind.apiVersion ?? ''}/${spec.paramKind.kind ?? ''}` : '<unset>'

const common = {
  group: 'admissionregistration.k8s.io',
  version: 'v1beta1',
  categories: ['api-extensions'],
  scope: 'Cluster',
  unconditionalUpdate: false,
} as const

export const mutatingAdmissionPolicies = (): Resource<MutatingAdmissionPolicy> => ({
  ...common,
  kind: 'MutatingAdmissionPolicy',
  plural: 'mutatingadmissionpolicies',
  singular: 'mutatingadmissionpolicy',
  schema: schemaInVersion(mutatingAdmissionPolicySchema, common.version),
  columns: [
    nameColumn,
    { ...column<MutatingAdmissionPolicy>('Mutations', 'Number of changes.', ({ spec }) => (spec.mutations ?? []).length), type: 'integer' },
    column('ParamKind', 'Kind whose objects set up the policy.', paramKindText),
    ageColumn,
  ],
  defaults(policy) {
    policy.spec.failurePolicy ??= 'Fail'
    defaultMatchResources(policy.spec.matchConstraints)
    return policy
  },
  validate: validateMutatingAdmissionPolicy,
})

export const mutatingAdmissionPolicyBindings = (): Resource<MutatingAdmissionPolicyBinding> => ({
  ...common,
  kind: 'MutatingAdmissionPolicyBinding',
  plural: 'mutatingadmissionpolicybindings',
  singular: 'mutatingadmissionpolicybinding',
  schema: schemaInVersion(mutatingAdmissionPolicyBindingSchema, common.version),
  columns: [
    nameColumn,
    column('PolicyName', 'The policy.', ({ spec }) => spec.policyName ?? ''),
    column<MutatingAdmissionPolicyBinding>('ParamRef', 'Objects that set up the policy.', paramRefText),
    ageColumn,
  ],
  defaults(binding) {
    defaultMatchResources(binding.spec.matchResources)
    return binding
  },
  validate: validateMutatingAdmissionPolicyBinding,
})
