/** Rules of what webhook configurations and admission policies are for (upstream: pkg/apis/admissionregistration/validation). */
import type { Rule, RuleWithOperations } from '#api/admissionregistration/rules.ts'
import { invalids } from '#api/core/validation/values.ts'
import { duplicate, type FieldError, invalid, notSupported, required, tooMany } from '#api/meta/field-error.ts'
import { checkQualifiedName } from '#api/validation/names.ts'
import { type Declarations, validateExpression } from './expressions.ts'

const scopes = ['*', 'Cluster', 'Namespaced']
const operations = ['*', 'CONNECT', 'CREATE', 'DELETE', 'UPDATE']
const mostConditions = 64

export const failurePolicies = ['Fail', 'Ignore']
export const matchPolicies = ['Equivalent', 'Exact']

export function validateChoice(field: string, value: string | undefined, supported: readonly string[]): FieldError[] {
  return value === undefined || supported.includes(value) ? [] : [notSupported(field, value, supported)]
}

/** A list that must not be empty, and holds `*` alone if at all. */
function validateAll(field: string, values: readonly string[], what: string): FieldError[] {
  if (values.length === 0) return [required(field)]
  if (values.length === 1 || !values.includes('*')) return []
  return [invalid(field, values, `if '*' is present, must not specify other ${what}`)]
}

function validateResources(field: string, resources: readonly string[]): FieldError[] {
  const found = resources.length === 0 ? [required(field)] : []
  const allOf = new Set<string>()
  const anyWith = new Set<string>()
  let isPlain = false
  for (const [i, text] of resources.entries()) {
    const at = `${field}[${i}]`
    if (text === '') {
      found.push(required(at))
      continue
    }
    const slash = text.indexOf('/')
    if (slash < 0) {
      isPlain = text !== '*'
      continue
    }
    const [resource, part] = [text.slice(0, slash), text.slice(slash + 1)]
    if (allOf.has(resource)) found.push(invalid(at, text, `if '${resource}/*' is present, must not specify ${text}`))
    if (anyWith.has(part)) found.push(invalid(at, text, `if '*/${part}' is present, must not specify ${text}`))
    if (part === '*') allOf.add(resource)
    if (resource === '*') anyWith.add(part)
  }
  if (resources.length > 1 && resources.includes('*/*')) {
    found.push(invalid(field, resources, "if '*/*' is present, must not specify other resources"))
  }
  if (resources.includes('*') && isPlain) {
    found.push(invalid(field, resources, "if '*' is present, must not specify other resources without subresources"))
  }
  return found
}

function validateRule({ apiGroups = [], apiVersions = [], resources = [], scope }: Rule, path: string): FieldError[] {
  return [
    ...validateAll(`${path}.apiGroups`, apiGroups, 'API groups'),
    ...validateAll(`${path}.apiVersions`, apiVersions, 'API versions'),
    ...apiVersions.flatMap((version, i) => (version === '' ? [required(`${path}.apiVersions[${i}]`)] : [])),
    ...validateResources(`${path}.resources`, resources),
    ...validateChoice(`${path}.scope`, scope, scopes),
  ]
}

export function validateRuleWithOperations(rule: RuleWithOperations, path: string): FieldError[] {
  const field = `${path}.operations`
  const asked = rule.operations ?? []
  return [
    ...validateAll(field, asked, 'operations'),
    ...asked.flatMap((operation, i) => validateChoice(`${field}[${i}]`, operation, operations)),
    ...validateRule(rule, path),
  ]
}

export interface NamedExpression {
  name: string
  expression: string
}

export function validateMatchConditions(conditions: readonly NamedExpression[], path: string, declarations: Declarations): FieldError[] {
  const found = conditions.length > mostConditions ? [tooMany(path, conditions.length, mostConditions)] : []
  const names = new Set<string>()
  for (const [i, { name, expression }] of conditions.entries()) {
    const at = `${path}[${i}]`
    const text = expression.trim()
    if (text === '') found.push(required(`${at}.expression`))
    else found.push(...validateExpression(`${at}.expression`, text, { ...declarations, returns: ['bool'] }))
    if (name === '') {
      found.push(required(`${at}.name`))
      continue
    }
    found.push(...invalids(`${at}.name`, name, checkQualifiedName(name)))
    if (names.has(name)) found.push(duplicate(`${at}.name`, name))
    names.add(name)
  }
  return found
}
