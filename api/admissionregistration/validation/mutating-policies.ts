/**
 * Rules of mutating admission policies (upstream: pkg/apis/admissionregistration/validation). The expressions of the changes are not
 * compiled: the types that they build objects of are not there yet.
 */
import type {
  MutatingAdmissionPolicy,
  MutatingAdmissionPolicyBinding,
  Mutation,
} from '#api/admissionregistration/mutating-admission-policy.ts'
import type { MatchResources } from '#api/admissionregistration/validating-admission-policy.ts'
import { checkSubdomainName } from '#api/core/validation/values.ts'
import { type FieldError, invalid, notSupported, required } from '#api/meta/field-error.ts'
import { sameValue } from '#api/meta/same-value.ts'
import { validateObjectMeta } from '#api/validation/object-meta.ts'
import type { Declarations } from './expressions.ts'
import { requireChoice, validateMatchResources, validateParamKind, validateParamRef, validateVariables } from './policies.ts'
import { failurePolicies, validateMatchConditions } from './rules.ts'

/** What is deleted cannot be changed. */
const operations = ['*', 'CONNECT', 'CREATE', 'UPDATE']

const validateOperations = (match: MatchResources, path: string): FieldError[] =>
  (match.resourceRules ?? [])
    .flatMap((rule) => rule.operations ?? [])
    .filter((operation) => !operations.includes(operation))
    .map((operation) => notSupported(`${path}.resourceRules.operations`, operation, operations))

/** The part that belongs to the patch type, and the one that belongs to the other. */
const partsOf = { JSONPatch: ['jsonPatch', 'applyConfiguration'], ApplyConfiguration: ['applyConfiguration', 'jsonPatch'] } as const

function validateMutation(mutation: Mutation, path: string): FieldError[] {
  const { patchType } = mutation
  if (patchType === '') return [required(`${path}.patchType`)]
  if (patchType !== 'JSONPatch' && patchType !== 'ApplyConfiguration') {
    return [notSupported(`${path}.patchType`, patchType, Object.keys(partsOf).sort())]
  }
  const [own, other] = partsOf[patchType]
  const found: FieldError[] = []
  if (!mutation[own]) found.push(required(`${path}.${own}`, `must be specified when patchType is ${patchType}`))
  else if ((mutation[own].expression ?? '').trim() === '') found.push(required(`${path}.${own}.expression`))
  if (mutation[other]) found.push(invalid(`${path}.${other}`, `{${other}}`, `must not be specified when patchType is ${patchType}`))
  return found
}

export function validateMutatingAdmissionPolicy(next: MutatingAdmissionPolicy, prev: MutatingAdmissionPolicy | undefined): FieldError[] {
  const { paramKind, matchConstraints, matchConditions = [], variables = [], mutations = [], reinvocationPolicy } = next.spec
  const declarations: Declarations = { params: paramKind !== undefined, authorizer: true }
  const found = prev ? validateObjectMeta(next.metadata, { namespaced: false }) : []
  found.push(...requireChoice('spec.failurePolicy', next.spec.failurePolicy, failurePolicies))
  if (paramKind) found.push(...validateParamKind(paramKind, 'spec.paramKind'))
  if (!matchConstraints) found.push(required('spec.matchConstraints'))
  else {
    found.push(...validateMatchResources(matchConstraints, 'spec.matchConstraints'))
    if ((matchConstraints.resourceRules ?? []).length === 0) found.push(required('spec.matchConstraints.resourceRules'))
    found.push(...validateOperations(matchConstraints, 'spec.matchConstraints'))
  }
  const same = prev && sameValue(paramKind, prev.spec.paramKind) && sameValue(matchConditions, prev.spec.matchConditions)
  if (!same) found.push(...validateMatchConditions(matchConditions, 'spec.matchConditions', declarations))
  if (variables.length > 0) found.push(...validateVariables(variables, 'spec.variables', declarations))
  if (mutations.length === 0) found.push(required('spec.mutations', 'mutations must contain at least one item'))
  found.push(...mutations.flatMap((mutation, i) => validateMutation(mutation, `spec.mutations[${i}]`)))
  return [...found, ...requireChoice('spec.reinvocationPolicy', reinvocationPolicy || undefined, ['IfNeeded', 'Never'])]
}

export function validateMutatingAdmissionPolicyBinding(
  next: MutatingAdmissionPolicyBinding,
  prev: MutatingAdmissionPolicyBinding | undefined,
): FieldError[] {
  const { policyName = '', paramRef, matchResources } = next.spec
  return [
    ...(prev ? validateObjectMeta(next.metadata, { namespaced: false }) : []),
    ...(policyName === '' ? [required('spec.policyName')] : checkSubdomainName('spec.policyName', policyName)),
    ...validateParamRef(paramRef, 'spec.paramRef'),
    ...validateMatchResources(matchResources, 'spec.matchResources'),
    ...(matchResources ? validateOperations(matchResources, 'spec.matchResources') : []),
  ]
}
