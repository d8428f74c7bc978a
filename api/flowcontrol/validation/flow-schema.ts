/** Rules of flow schemas (upstream: pkg/apis/flowcontrol/validation). */
import type { z } from 'zod'
import { validateMetaAgain } from '#api/core/validation/meta-again.ts'
import { checkLabelName, checkSubdomainName, invalids } from '#api/core/validation/values.ts'
import { mandatoryFlowSchemas } from '#api/flowcontrol/bootstrap.ts'
import type {
  FlowSchema,
  FlowSchemaSpec,
  NonResourcePolicyRule,
  PolicyRulesWithSubjects,
  ResourcePolicyRule,
  Subject,
} from '#api/flowcontrol/flow-schema.ts'
import { duplicate, type FieldError, forbidden, invalid, notSupported, required } from '#api/meta/field-error.ts'
import { sameValue } from '#api/meta/same-value.ts'
import { goStruct } from '#api/validation/go-struct.ts'
import { checkDns1123Label } from '#api/validation/names.ts'

const highestPrecedence = 10000
const methods = ['ByNamespace', 'ByUser']
const verbs = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'proxy', 'update', 'watch']
const subjectKinds = ['Group', 'ServiceAccount', 'User']

function validateVerbs(field: string, asked: readonly string[]): FieldError[] {
  if (asked.length === 0) return [required(field, 'verbs must contain at least one value')]
  if (asked.includes('*')) {
    return asked.length > 1 ? [invalid(field, asked, "if '*' is present, must not specify other verbs")] : []
  }
  return asked.every((verb) => verbs.includes(verb)) ? [] : [notSupported(field, asked, verbs)]
}

interface Words {
  empty: string
  other: string
}

function validateNames(field: string, names: readonly string[], { empty, other }: Words): FieldError[] {
  if (names.length === 0) return [required(field, empty)]
  const mixed = names.length > 1 && names.includes('*')
  return mixed ? [invalid(field, names, `if '*' is present, must not specify other ${other}`)] : []
}

function validateNamespaces(rule: ResourcePolicyRule, field: string): FieldError[] {
  const namespaces = rule.namespaces ?? []
  if (namespaces.length === 0 && !rule.clusterScope) {
    return [required(field, 'resource rules that are not cluster scoped must supply at least one namespace')]
  }
  if (namespaces.includes('*')) return validateNames(field, namespaces, { empty: '', other: 'namespaces' })
  const intro = "each member of this list must be '*' or a DNS-1123 label; "
  return namespaces.flatMap((name, i) =>
    invalids(
      `${field}[${i}]`,
      name,
      checkDns1123Label(name).map((text) => intro + text),
    ),
  )
}

function validateResourceRule(rule: ResourcePolicyRule, at: string): FieldError[] {
  const groups = { empty: 'resource rules must supply at least one api group', other: 'api groups' }
  const resources = { empty: 'resource rules must supply at least one resource', other: 'resources' }
  return [
    ...validateVerbs(`${at}.verbs`, rule.verbs ?? []),
    ...validateNames(`${at}.apiGroups`, rule.apiGroups ?? [], groups),
    ...validateNames(`${at}.resources`, rule.resources ?? [], resources),
    ...validateNamespaces(rule, `${at}.namespaces`),
  ]
}

function pathFault(path: string): string | undefined {
  if (path === '') return 'must not be empty'
  if (path === '/') return undefined
  if (!path.startsWith('/')) return 'must start with slash'
  if (path.includes(' ')) return 'must not contain white-space'
  if (path.includes('//')) return 'must not contain double slash'
  const stars = path.split('*').length - 1
  return stars > 1 || (stars === 1 && !path.endsWith('/*')) ? 'wildcard can only do suffix matching' : undefined
}

function validateNonResourceRule(rule: NonResourcePolicyRule, at: string): FieldError[] {
  const field = `${at}.nonResourceURLs`
  const urls = rule.nonResourceURLs ?? []
  const words = { empty: 'nonResourceURLs must contain at least one value', other: 'non-resource URLs' }
  const found = [...validateVerbs(`${at}.verbs`, rule.verbs ?? []), ...validateNames(field, urls, words)]
  if (urls.includes('*')) return found
  for (const [i, url] of urls.entries()) {
    const fault = pathFault(url)
    if (fault !== undefined) found.push(invalid(`${field}[${i}]`, url, fault))
  }
  return found
}

function validateAccount({ serviceAccount: account }: Subject, field: string): FieldError[] {
  if (!account) return [required(field, "serviceAccount is required when subject kind is 'ServiceAccount'")]
  const { name, namespace } = account
  const found = name === '' ? [required(`${field}.name`)] : name === '*' ? [] : checkSubdomainName(`${field}.name`, name)
  if (namespace === '') return [...found, required(`${field}.namespace`, 'must specify namespace for service account')]
  return [...found, ...checkLabelName(`${field}.namespace`, namespace)]
}

function validateNamed(subject: { name: string } | undefined, field: string, words: string): FieldError[] {
  if (!subject) return [required(field, words)]
  return subject.name === '' ? [required(`${field}.name`)] : []
}

function validateSubject(subject: Subject, at: string): FieldError[] {
  const { kind } = subject
  if (!subjectKinds.includes(kind)) return [notSupported(`${at}.kind`, kind, subjectKinds)]
  const parts = [
    ['ServiceAccount', 'serviceAccount'],
    ['User', 'user'],
    ['Group', 'group'],
  ] as const
  const own =
    kind === 'ServiceAccount'
      ? validateAccount(subject, `${at}.serviceAccount`)
      : kind === 'User'
        ? validateNamed(subject.user, `${at}.user`, "user is required when subject kind is 'User'")
        : validateNamed(subject.group, `${at}.group`, "group is required when subject kind is 'Group'")
  const others = parts.filter(([other, name]) => other !== kind && subject[name] !== undefined)
  return [...own, ...others.map(([other, name]) => forbidden(`${at}.${name}`, `${name} is forbidden when subject kind is not '${other}'`))]
}

function validateRule({ subjects, resourceRules = [], nonResourceRules = [] }: PolicyRulesWithSubjects, at: string): FieldError[] {
  const all = subjects ?? []
  const found = all.flatMap((subject, i) => validateSubject(subject, `${at}.subjects[${i}]`))
  if (all.length === 0) found.push(required(`${at}.subjects`, 'subjects must contain at least one value'))
  if (resourceRules.length === 0 && nonResourceRules.length === 0) {
    found.push(required(at, 'at least one of resourceRules and nonResourceRules has to be non-empty'))
  }
  found.push(...resourceRules.flatMap((rule, i) => validateResourceRule(rule, `${at}.resourceRules[${i}]`)))
  found.push(...nonResourceRules.flatMap((rule, i) => validateNonResourceRule(rule, `${at}.nonResourceRules[${i}]`)))
  return found
}

function validatePrecedence(precedence: number, name: string): FieldError[] {
  const field = 'spec.matchingPrecedence'
  if (precedence <= 0) return [invalid(field, precedence, 'must be a positive value')]
  if (precedence > highestPrecedence) return [invalid(field, precedence, `must not be greater than ${highestPrecedence}`)]
  if (precedence !== 1 || name === 'exempt') return []
  return [invalid(field, precedence, "only the schema named 'exempt' may have matchingPrecedence 1")]
}

function validateSpec(spec: FlowSchemaSpec, name: string): FieldError[] {
  const { distinguisherMethod: method, priorityLevelConfiguration: level, rules = [] } = spec
  const field = 'spec.priorityLevelConfiguration.name'
  const found = validatePrecedence(spec.matchingPrecedence ?? 0, name)
  if (method && !methods.includes(method.type)) {
    found.push(notSupported('spec.distinguisherMethod.type', { Type: method.type }, methods))
  }
  found.push(...(level.name === '' ? [required(field, 'must reference a priority level')] : checkSubdomainName(field, level.name)))
  return [...found, ...rules.flatMap((rule, i) => validateRule(rule, `spec.rules[${i}]`))]
}

/** Conditions of flow schemas and of priority levels alike. */
export function validateFlowConditions(conditions: readonly { type?: string | undefined }[]): FieldError[] {
  const types = conditions.map(({ type }) => type ?? '')
  return types.flatMap((type, i) => {
    const field = `status.conditions[${i}].type`
    return [...(types.indexOf(type) < i ? [duplicate(field, type)] : []), ...(type === '' ? [required(field)] : [])]
  })
}

/** `schema` is that of the spec. */
export function validateFlowSchema(next: FlowSchema, prev: FlowSchema | undefined, schema: z.ZodType<FlowSchemaSpec>): FieldError[] {
  const name = next.metadata.name ?? ''
  const found = [...validateMetaAgain(next.metadata, prev !== undefined, { namespaced: false }), ...validateSpec(next.spec, name)]
  const fixed = mandatoryFlowSchemas.get(name)
  if (fixed && !sameValue(next.spec, fixed)) {
    found.push(invalid('spec', goStruct(schema, next.spec), `spec of '${name}' must equal the fixed value`))
  }
  return [...found, ...validateFlowConditions(next.status.conditions ?? [])]
}

export const validateFlowSchemaStatus = ({ status }: FlowSchema): FieldError[] => validateFlowConditions(status.conditions ?? [])
