/** DESCRIBE file api/admissionregistration/validating-admission-policy-binding.ts */
import type { z } from 'zod'
import { kind, list, message, object, string } from '#api/fields.ts'
import { labelSelectorSchema } from '#api/meta/label-selector.ts'
import { objectMetaSchema } from '#api/meta/object-meta.ts'
import { matchResourcesSchema } from './validating-admission-policy.ts'

export const paramRefSchema = message(
  'io.k8s.api.admissionregistration.v1.ParamRef',
  'DESCRIBE ParamRef',
  {
    name: string(1, 'DESCRIBE ParamRef.name'),
    namespace: string(2, 'DESCRIBE ParamRef.namespace'),
    selector: object(3, labelSelectorSchema, 'DESCRIBE ParamRef.selector', { pointer: true }),
    parameterNotFoundAction: string(4, 'DESCRIBE ParamRef.parameterNotFoundAction', { pointer: true }),
  },
  { atomic: true },
)
export type ParamRef = z.output<typeof paramRefSchema>

export const validatingAdmissionPolicyBindingSpecSchema = message(
  'io.k8s.api.admissionregistration.v1.ValidatingAdmissionPolicyBindingSpec',
  'DESCRIBE ValidatingAdmissionPolicyBindingSpec',
  {
    policyName: string(1, 'DESCRIBE ValidatingAdmissionPolicyBindingSpec.policyName'),
    paramRef: object(2, paramRefSchema, 'DESCRIBE ValidatingAdmissionPolicyBindingSpec.paramRef', { pointer: true }),
    matchResources: object(3, matchResourcesSchema, 'DESCRIBE ValidatingAdmissionPolicyBindingSpec.matchResources', { pointer: true }),
    validationActions: list(4, 'string', 'DESCRIBE ValidatingAdmissionPolicyBindingSpec.validationActions', {
      enum: ['Audit', 'Deny', 'Warn'],
      listType: 'set',
    }),
  },
)
export type ValidatingAdmissionPolicyBindingSpec = z.output<typeof validatingAdmissionPolicyBindingSpecSchema>

export const validatingAdmissionPolicyBindingSchema = kind(
  'io.k8s.api.admissionregistration.v1.ValidatingAdmissionPolicyBinding',
  'DESCRIBE ValidatingAdmissionPolicyBinding',
  {
    metadata: object(1, objectMetaSchema, 'DESCRIBE ValidatingAdmissionPolicyBinding.metadata', { json: 'always', required: false }),
    spec: object(2, validatingAdmissionPolicyBindingSpecSchema, 'DESCRIBE ValidatingAdmissionPolicyBinding.spec', {
      json: 'always',
      required: false,
    }),
  },
)
export type ValidatingAdmissionPolicyBinding = z.output<typeof validatingAdmissionPolicyBindingSchema>
