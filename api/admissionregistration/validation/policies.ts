/** Rules of validating admission policies and their bindings (upstream: pkg/apis/admissionregistration/validation). */
import type {
  AuditAnnotation,
  MatchResources,
  NamedRuleWithOperations,
  ParamKind,
  ValidatingAdmissionPolicy,
  ValidatingAdmissionPolicySpec,
  Validation,
  Variable,
} from '#api/admissionregistration/validating-admission-policy.ts'
import type { ParamRef, ValidatingAdmissionPolicyBinding } from '#api/admissionregistration/validating-admission-policy-binding.ts'
import { checkSubdomainName, invalids } from '#api/core/validation/values.ts'
import { parsePath } from '#api/json-path/parse.ts'
import { duplicate, type FieldError, forbidden, invalid, notSupported, required } from '#api/meta/field-error.ts'
import type { ObjectMeta } from '#api/meta/object-meta.ts'
import { sameValue } from '#api/meta/same-value.ts'
import { validateConditions } from '#api/validation/conditions.ts'
import { validateLabelSelector } from '#api/validation/label-selector.ts'
import { byteLength, checkDns1035Label, checkDns1123Subdomain, checkPathSegmentName, checkQualifiedName } from '#api/validation/names.ts'
import { validateObjectMeta } from '#api/validation/object-meta.ts'
import { checkExpression, type Declarations, validateExpression } from './expressions.ts'
import { failurePolicies, matchPolicies, validateChoice, validateMatchConditions, validateRuleWithOperations } from './rules.ts'

const most = { auditAnnotations: 20, valueExpressionBytes: 5 * 1024 }
const reasons = ['Forbidden', 'Invalid', 'RequestEntityTooLarge']
const actions = ['Audit', 'Deny', 'Warn']
const reservedWords = new Set(
  'true false null in as break const continue else for function if import let loop package namespace return var void while'.split(' '),
)

export const requireChoice = (field: string, value: string | undefined, supported: readonly string[]): FieldError[] =>
  value === undefined ? [required(field)] : validateChoice(field, value, supported)

export function validateParamKind({ apiVersion = '', kind = '' }: ParamKind, path: string): FieldError[] {
  const found = apiVersion === '' ? [required(`${path}.apiVersion`)] : validateGroupVersion(apiVersion, `${path}.apiVersion`)
  const messages = checkDns1035Label(kind.toLowerCase())
  if (kind === '') found.push(required(`${path}.kind`))
  else if (messages.length > 0) {
    found.push(invalid(`${path}.kind`, kind, `may have mixed case, but should otherwise match: ${messages.join(',')}`))
  }
  return found
}

function validateGroupVersion(text: string, field: string): FieldError[] {
  const parts = text === '/' ? [''] : text.split('/')
  if (parts.length > 2) return [invalid(field, text, `unexpected GroupVersion string: ${text}`)]
  const [version = '', group = ''] = parts.toReversed()
  const found: FieldError[] = []
  const wrongGroup = group === '' ? [] : checkDns1123Subdomain(group)
  if (wrongGroup.length > 0) found.push(invalid(field, group, wrongGroup.join(',')))
  const wrongVersion = checkDns1035Label(version)
  if (version === '') found.push(invalid(field, text, 'version must be specified'))
  else if (wrongVersion.length > 0) found.push(invalid(field, version, wrongVersion.join(',')))
  return found
}

function validateNamedRule(rule: NamedRuleWithOperations, path: string): FieldError[] {
  const names = rule.resourceNames ?? []
  const wrong = names.flatMap((name, i) => {
    const at = `${path}.resourceNames[${i}]`
    return [...invalids(at, name, checkPathSegmentName(name)), ...(names.indexOf(name) < i ? [duplicate(at, name)] : [])]
  })
  return [...wrong, ...validateRuleWithOperations(rule, path)]
}

export function validateMatchResources(match: MatchResources | undefined, path: string): FieldError[] {
  if (!match) return []
  const { namespaceSelector, objectSelector, resourceRules = [], excludeResourceRules = [] } = match
  return [
    ...requireChoice(`${path}.matchPolicy`, match.matchPolicy, matchPolicies),
    ...validateLabelSelector(namespaceSelector, `${path}.namespaceSelector`),
    ...validateLabelSelector(objectSelector, `${path}.objectSelector`),
    ...resourceRules.flatMap((rule, i) => validateNamedRule(rule, `${path}.resourceRules[${i}]`)),
    ...excludeResourceRules.flatMap((rule, i) => validateNamedRule(rule, `${path}.excludeResourceRules[${i}]`)),
  ]
}

/** Variables that may use those before them; `declarations.variables` is filled with their types. */
export function validateVariables(variables: readonly Variable[], path: string, declarations: Declarations): FieldError[] {
  const types = new Map(declarations.variables)
  const found = variables.flatMap(({ name, expression }, i) => {
    const at = `${path}[${i}]`
    const wrong: FieldError[] = []
    if (name.trim() === '') wrong.push(required(`${at}.name`, 'name is not specified'))
    else if (!/^[_a-zA-Z][_a-zA-Z0-9]*$/.test(name) || reservedWords.has(name)) {
      wrong.push(invalid(`${at}.name`, name, 'must be a valid CEL identifier'))
    }
    if (expression.trim() === '') return [...wrong, required(`${at}.expression`, 'expression is not specified')]
    const { type, fault } = checkExpression(expression, { ...declarations, variables: types, returns: [] })
    types.set(name, type)
    return fault === undefined ? wrong : [...wrong, invalid(`${at}.expression`, expression, fault)]
  })
  declarations.variables = types
  return found
}

const nonEmpty = 'must be non-empty if specified'

function validateValidation(validation: Validation, at: string, declarations: Declarations): FieldError[] {
  const { expression, message = '', messageExpression = '', reason } = validation
  const found =
    expression.trim() === ''
      ? [required(`${at}.expression`, 'expression is not specified')]
      : validateExpression(`${at}.expression`, expression, { ...declarations, returns: ['bool'] })
  if (messageExpression !== '' && messageExpression.trim() === '') {
    found.push(invalid(`${at}.messageExpression`, messageExpression, nonEmpty))
  } else if (messageExpression !== '') {
    const rules = { ...declarations, authorizer: false, returns: ['string'] }
    found.push(...validateExpression(`${at}.messageExpression`, messageExpression, rules))
  }
  if (message !== '' && message.trim() === '') found.push(invalid(`${at}.message`, message, nonEmpty))
  else if (/[\n\r]/.test(message.trim())) found.push(invalid(`${at}.message`, message, 'must not contain line breaks'))
  return [...found, ...validateChoice(`${at}.reason`, reason, reasons)]
}

interface Annotating {
  meta: ObjectMeta
  declarations: Declarations
}

function validateAuditAnnotation(annotation: AuditAnnotation, at: string, { meta, declarations }: Annotating): FieldError[] {
  const name = `${meta.name ?? ''}/${annotation.key}`
  const found = invalids(`${at}.key`, name, checkQualifiedName(name))
  const field = `${at}.valueExpression`
  const text = annotation.valueExpression.trim()
  if (text === '') return [...found, required(field, 'valueExpression is not specified')]
  if (byteLength(text) > most.valueExpressionBytes) {
    return [...found, required(field, `must not exceed ${most.valueExpressionBytes} bytes in length`)]
  }
  const rules = { ...declarations, returns: ['string', 'null_type'], shown: annotation.valueExpression }
  return [...found, ...validateExpression(field, text, rules)]
}

function validateContent(spec: ValidatingAdmissionPolicySpec, context: Annotating): FieldError[] {
  const { validations = [], auditAnnotations = [] } = spec
  const { declarations } = context
  if (validations.length === 0 && auditAnnotations.length === 0) {
    const why = 'validations or auditAnnotations must contain at least one item'
    return [required('spec.validations', why), required('spec.auditAnnotations', why)]
  }
  const path = 'spec.auditAnnotations'
  const found = validations.flatMap((one, i) => validateValidation(one, `spec.validations[${i}]`, declarations))
  if (auditAnnotations.length > most.auditAnnotations) {
    const shown = auditAnnotations.map(({ key, valueExpression }) => ({ Key: key, ValueExpression: valueExpression }))
    found.push(invalid(path, shown, `must not have more than ${most.auditAnnotations} auditAnnotations`))
  }
  const keys = auditAnnotations.map(({ key }) => key)
  for (const [i, annotation] of auditAnnotations.entries()) {
    found.push(...validateAuditAnnotation(annotation, `${path}[${i}]`, context))
    if (keys.indexOf(annotation.key) < i) found.push(duplicate(`${path}[${i}].key`, annotation.key))
  }
  return found
}

export function validateValidatingAdmissionPolicy(
  next: ValidatingAdmissionPolicy,
  prev: ValidatingAdmissionPolicy | undefined,
): FieldError[] {
  const { spec, metadata } = next
  const { paramKind, matchConstraints, matchConditions = [], variables } = spec
  const declarations: Declarations = { params: paramKind !== undefined, authorizer: true }
  const found = prev ? validateObjectMeta(metadata, { namespaced: false }) : []
  found.push(...requireChoice('spec.failurePolicy', spec.failurePolicy, failurePolicies))
  if (paramKind) found.push(...validateParamKind(paramKind, 'spec.paramKind'))
  if (!matchConstraints) found.push(required('spec.matchConstraints'))
  else {
    found.push(...validateMatchResources(matchConstraints, 'spec.matchConstraints'))
    if ((matchConstraints.resourceRules ?? []).length === 0) found.push(required('spec.matchConstraints.resourceRules'))
  }
  const same = prev && sameValue(paramKind, prev.spec.paramKind) && sameValue(matchConditions, prev.spec.matchConditions)
  if (!same) found.push(...validateMatchConditions(matchConditions, 'spec.matchConditions', declarations))
  if ((variables ?? []).length > 0) found.push(...validateVariables(variables ?? [], 'spec.variables', declarations))
  return [...found, ...validateContent(spec, { meta: metadata, declarations })]
}

function validateFieldRef(path: string, field: string): FieldError[] {
  if (path === '') return [required(field)]
  try {
    parsePath(`{${path}}`)
    return []
  } catch (error) {
    return [invalid(field, path, `invalid JSONPath: ${(error as Error).message}`)]
  }
}

export function validateValidatingAdmissionPolicyStatus({ status }: ValidatingAdmissionPolicy): FieldError[] {
  const path = 'status.typeChecking.expressionWarnings'
  const warnings = (status.typeChecking?.expressionWarnings ?? []).flatMap(({ fieldRef, warning }, i) => [
    ...(warning === '' ? [required(`${path}[${i}].warning`)] : []),
    ...validateFieldRef(fieldRef.trim(), `${path}[${i}].fieldRef`),
  ])
  return [...warnings, ...validateConditions(status.conditions ?? [], 'status.conditions')]
}

export function validateParamRef(reference: ParamRef | undefined, path: string): FieldError[] {
  if (!reference) return []
  const { name = '', selector, parameterNotFoundAction: action } = reference
  const exclusive = 'name and selector are mutually exclusive'
  const found: FieldError[] = []
  if (name !== '') found.push(...invalids(`${path}.name`, name, checkPathSegmentName(name)))
  if (name !== '' && selector) found.push(forbidden(`${path}.name`, exclusive))
  found.push(...validateLabelSelector(selector, `${path}.selector`))
  if (name !== '' && selector) found.push(forbidden(`${path}.selector`, exclusive))
  if (name === '' && !selector) found.push(required(path, 'one of name or selector must be specified'))
  const field = `${path}.parameterNotFoundAction`
  if (!action) return [...found, required(field)]
  return ['Allow', 'Deny'].includes(action) ? found : [...found, notSupported(field, action, ['Deny', 'Allow'])]
}

function validateActions(asked: readonly string[], field: string): FieldError[] {
  const found = asked.flatMap((action, i) => [
    ...validateChoice(`${field}[${i}]`, action, actions),
    ...(asked.indexOf(action) < i ? [duplicate(`${field}[${i}]`, action)] : []),
  ])
  if (asked.includes('Deny') && asked.includes('Warn')) {
    const why =
      'must not contain both Deny and Warn (repeating the same validation failure information in the API response and headers serves no purpose)'
    found.push(invalid(field, asked, why))
  }
  return asked.length === 0 ? [...found, required(field, 'at least one validation action is required')] : found
}

export function validateValidatingAdmissionPolicyBinding(
  next: ValidatingAdmissionPolicyBinding,
  prev: ValidatingAdmissionPolicyBinding | undefined,
): FieldError[] {
  const { policyName = '', paramRef, matchResources, validationActions = [] } = next.spec
  return [
    ...(prev ? validateObjectMeta(next.metadata, { namespaced: false }) : []),
    ...(policyName === '' ? [required('spec.policyName')] : checkSubdomainName('spec.policyName', policyName)),
    ...validateParamRef(paramRef, 'spec.paramRef'),
    ...validateMatchResources(matchResources, 'spec.matchResources'),
    ...validateActions(validationActions, 'spec.validationActions'),
  ]
}
