/** Rules of API services (upstream: kube-aggregator, apis/apiregistration/validation). */
import { invalids } from '#api/core/validation/values.ts'
import { type FieldError, invalid, notSupported, required } from '#api/meta/field-error.ts'
import { checkPathSegment } from '#api/rbac/validation.ts'
import { checkDns1035Label, checkDns1123Subdomain, checkPortNumber } from '#api/validation/names.ts'
import type { APIService } from './api-service.ts'

const highestGroupPriority = 20_000
const highestVersionPriority = 1_000

export function validateApiService({ metadata, spec }: APIService): FieldError[] {
  const { group = '', version = '', groupPriorityMinimum, versionPriority } = spec
  const found = invalids('metadata.name', metadata.name, checkName(metadata.name ?? '', `${version}.${group}`))
  if (group === '' && version !== 'v1') found.push(required('spec.group', 'only v1 may have an empty group and it better be legacy kube'))
  if (group !== '') found.push(...invalids('spec.group', group, checkDns1123Subdomain(group)))
  found.push(...invalids('spec.version', version, checkDns1035Label(version)))
  if (!(groupPriorityMinimum > 0 && groupPriorityMinimum <= highestGroupPriority))
    found.push(invalid('spec.groupPriorityMinimum', groupPriorityMinimum, 'must be positive and less than 20000'))
  if (!(versionPriority > 0 && versionPriority <= highestVersionPriority))
    found.push(invalid('spec.versionPriority', versionPriority, 'must be positive and less than 1000'))
  return [...found, ...(spec.service ? validateRemote(spec) : validateLocal(spec))]
}

function checkName(name: string, wanted: string): string[] {
  const problems = checkPathSegment(name)
  if (problems.length > 0 || name === wanted || name === '') return problems
  return [`must be \`spec.version+"."+spec.group\`: ${JSON.stringify(wanted)}`]
}

const byteCount = (base64: string): number => Buffer.from(base64, 'base64').length

function validateLocal({ caBundle = '', insecureSkipTLSVerify }: APIService['spec']): FieldError[] {
  const found: FieldError[] = []
  if (caBundle !== '') found.push(invalid('spec.caBundle', `${byteCount(caBundle)} bytes`, 'local APIServices may not have a caBundle'))
  if (insecureSkipTLSVerify) found.push(invalid('spec.insecureSkipTLSVerify', true, 'local APIServices may not have insecureSkipTLSVerify'))
  return found
}

function validateRemote({ service = {}, caBundle = '', insecureSkipTLSVerify }: APIService['spec']): FieldError[] {
  const found: FieldError[] = []
  if (!service.namespace) found.push(required('spec.service.namespace'))
  if (!service.name) found.push(required('spec.service.name'))
  const port = checkPortNumber(service.port ?? 443)
  if (port.length > 0) found.push(invalid('spec.service.port', service.port, `port is not valid: ${port.join(', ')}`))
  if (insecureSkipTLSVerify && caBundle !== '')
    found.push(invalid('spec.insecureSkipTLSVerify', true, 'may not be true if caBundle is present'))
  return found
}

const statuses = ['True', 'False', 'Unknown']

export const validateApiServiceStatus = ({ status }: APIService): FieldError[] =>
  (status?.conditions ?? []).flatMap((condition, i) =>
    statuses.includes(condition.status) ? [] : [notSupported(`status.conditions[${i}].status`, condition.status, statuses)],
  )
