/** Bindings of validating admission policies. */
import type { z } from 'zod'
import { kind, list, message, object, string } from '#api/fields.ts'
import { labelSelectorSchema } from '#api/meta/label-selector.ts'
import { objectMetaSchema } from '#api/meta/object-meta.ts'
import type { Resource } from '#api/resource.ts'
import { validatingAdmissionPolicyBindingColumns } from './columns.ts'
import { defaultValidatingAdmissionPolicyBinding } from './defaults.ts'
import { matchResourcesSchema } from './validating-admission-policy.ts'
import { validateValidatingAdmissionPolicyBinding } from './validation/policies.ts'

export const paramRefSchema = message(
  'io.k8s.api.admissionregistration.v1.ParamRef',
  'The objects that set up a policy.',
  {
    name: string(1, 'Name of the object; excludes selector.'),
    namespace: string(2, 'Its namespace; that of the request where empty.'),
    selector: object(3, labelSelectorSchema, 'Labels of the objects; excludes name.', { pointer: true }),
    parameterNotFoundAction: string(4, 'What happens where there is none: Allow or Deny.', {
      pointer: true,
      goType: 'v1.ParameterNotFoundActionType',
    }),
  },
  { atomic: true },
)
export type ParamRef = z.output<typeof paramRefSchema>

export const validatingAdmissionPolicyBindingSpecSchema = message(
  'io.k8s.api.admissionregistration.v1.ValidatingAdmissionPolicyBindingSpec',
  'Which policy is in force, for what and how.',
  {
    policyName: string(1, 'Name of the policy.'),
    paramRef: object(2, paramRefSchema, 'Objects that set up the policy.', { pointer: true }),
    matchResources: object(3, matchResourcesSchema, 'Requests that the binding is for.', { pointer: true }),
    validationActions: list(4, 'string', 'What follows where a rule is not met: Deny, Warn or Audit.', {
      enum: ['Audit', 'Deny', 'Warn'],
      listType: 'set',
      goType: 'v1.ValidationAction',
    }),
  },
)
export type ValidatingAdmissionPolicyBindingSpec = z.output<typeof validatingAdmissionPolicyBindingSpecSchema>

export const validatingAdmissionPolicyBindingSchema = kind(
  'io.k8s.api.admissionregistration.v1.ValidatingAdmissionPolicyBinding',
  'Puts a policy in force.',
  {
    metadata: object(1, objectMetaSchema, 'Name, labels and the other data every object has.', { json: 'always', required: false }),
    spec: object(2, validatingAdmissionPolicyBindingSpecSchema, 'The wanted state.', {
      json: 'always',
      required: false,
    }),
  },
)
export type ValidatingAdmissionPolicyBinding = z.output<typeof validatingAdmissionPolicyBindingSchema>

export const ValidatingAdmissionPolicyBindings: Resource<ValidatingAdmissionPolicyBinding> = {
  group: 'admissionregistration.k8s.io',
  version: 'v1',
  kind: 'ValidatingAdmissionPolicyBinding',
  plural: 'validatingadmissionpolicybindings',
  singular: 'validatingadmissionpolicybinding',
  categories: ['api-extensions'],
  scope: 'Cluster',
  schema: validatingAdmissionPolicyBindingSchema,
  metadataOnUpdate: 'left to the rules of the kind',
  columns: validatingAdmissionPolicyBindingColumns,
  unconditionalUpdate: false,
  defaults: defaultValidatingAdmissionPolicyBinding,
  validate: validateValidatingAdmissionPolicyBinding,
}
