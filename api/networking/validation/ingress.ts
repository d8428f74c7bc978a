/** Rules of ingresses (upstream: pkg/apis/networking/validation), and texts for the Warning header. */
import { validateKubeFinalizers } from '#api/core/validation/finalizers.ts'
import { validateMetaAgain } from '#api/core/validation/meta-again.ts'
import { checkSubdomainName, invalids } from '#api/core/validation/values.ts'
import { type FieldError, invalid, notSupported, required } from '#api/meta/field-error.ts'
import type { HTTPIngressPath, HTTPIngressRuleValue, Ingress, IngressBackend, IngressRule, IngressSpec } from '#api/networking/ingress.ts'
import { parseIp, validateIpForLegacyField } from '#api/validation/addresses.ts'
import {
  checkDns1035Label,
  checkDns1123Label,
  checkDns1123Subdomain,
  checkPathSegmentName,
  checkPortName,
  checkPortNumber,
  checkWildcardDns1123Subdomain,
} from '#api/validation/names.ts'

const classAnnotation = 'kubernetes.io/ingress.class'
const forbiddenSequences = ['//', '/./', '/../', '%2f', '%2F']
const forbiddenEnds = ['/..', '/.']
const pathTypes = ['Exact', 'ImplementationSpecific', 'Prefix']

/** Old faults that a stored ingress has and may keep. */
interface Tolerated {
  secretNames: boolean
  wildcardRules: boolean
  relaxedServiceNames: boolean
}
const nothing: Tolerated = { secretNames: false, wildcardRules: false, relaxedServiceNames: false }

interface TypedReference {
  /** Null where it was left out and JSON always has it. */
  apiGroup?: string | null | undefined
  kind: string
  name: string
}

/** A reference to an object of any kind, by its type and name. */
export function validateTypedReference(reference: TypedReference, path: string): FieldError[] {
  const { apiGroup, kind, name } = reference
  const segment = (field: string, text: string | undefined): FieldError[] =>
    text ? invalids(field, text, checkPathSegmentName(text)) : [required(field)]
  return [
    ...(apiGroup === undefined || apiGroup === null ? [] : checkSubdomainName(`${path}.apiGroup`, apiGroup)),
    ...segment(`${path}.kind`, kind),
    ...segment(`${path}.name`, name),
  ]
}

function validateBackend({ service, resource }: IngressBackend, path: string, tolerated: Tolerated): FieldError[] {
  if (service && resource) return [invalid(path, '', 'cannot set both resource and service backends')]
  if (resource) return validateTypedReference(resource, `${path}.resource`)
  if (!service) return [invalid(path, '', 'resource or service backend is required')]
  const check = tolerated.relaxedServiceNames ? checkDns1123Label : checkDns1035Label
  const field = `${path}.service`
  const found = service.name ? invalids(`${field}.name`, service.name, check(service.name)) : [required(`${field}.name`)]
  const { name = '', number = 0 } = service.port ?? {}
  if (name !== '' && number !== 0) found.push(invalid(path, '', 'cannot set both port name & port number'))
  else if (name !== '') found.push(...invalids(`${field}.port.name`, name, checkPortName(name)))
  else if (number !== 0) found.push(...invalids(`${field}.port.number`, number, checkPortNumber(number)))
  else found.push(required(path, 'port name or number is required'))
  return found
}

function validatePathText(text: string, pathType: string, field: string): FieldError[] {
  const absolute = text.startsWith('/') ? [] : [invalid(field, text, 'must be an absolute path')]
  if (pathType === 'ImplementationSpecific') return text === '' ? [] : absolute
  return [
    ...absolute,
    ...forbiddenSequences.filter((part) => text.includes(part)).map((part) => invalid(field, text, `must not contain '${part}'`)),
    ...forbiddenEnds.filter((end) => text.endsWith(end)).map((end) => invalid(field, text, `cannot end with '${end}'`)),
  ]
}

function validatePath(path: HTTPIngressPath, at: string, tolerated: Tolerated): FieldError[] {
  const { pathType, path: text = '', backend } = path
  if (pathType === undefined || pathType === null) return [required(`${at}.pathType`, 'pathType must be specified')]
  const found = pathTypes.includes(pathType)
    ? validatePathText(text, pathType, `${at}.path`)
    : [notSupported(`${at}.pathType`, pathType, pathTypes)]
  return [...found, ...validateBackend(backend, `${at}.backend`, tolerated)]
}

function validateHttp(http: HTTPIngressRuleValue | undefined, path: string, tolerated: Tolerated): FieldError[] {
  if (!http) return []
  const paths = http.paths ?? []
  if (paths.length === 0) return [required(`${path}.paths`)]
  return paths.flatMap((one, i) => validatePath(one, `${path}.paths[${i}]`, tolerated))
}

const checkHost = (host: string): string[] => (host.includes('*') ? checkWildcardDns1123Subdomain(host) : checkDns1123Subdomain(host))

function validateRule({ host = '', http }: IngressRule, path: string, tolerated: Tolerated): FieldError[] {
  const field = `${path}.host`
  const found: FieldError[] = []
  if (parseIp(host)) found.push(invalid(field, host, 'must be a DNS name, not an IP address'))
  if (host !== '') found.push(...invalids(field, host, checkHost(host)))
  if (host.includes('*') && tolerated.wildcardRules) return found
  return [...found, ...validateHttp(http, `${path}.http`, tolerated)]
}

const checkSecretName = (name: string): string[] => (name === '' ? [] : checkDns1123Subdomain(name))

function validateSpec(spec: IngressSpec, tolerated: Tolerated): FieldError[] {
  const { rules = [], defaultBackend, tls = [], ingressClassName } = spec
  const found: FieldError[] = []
  if (rules.length === 0 && !defaultBackend) {
    found.push(invalid('spec', spec.rules, 'either `defaultBackend` or `rules` must be specified'))
  }
  if (defaultBackend) found.push(...validateBackend(defaultBackend, 'spec.defaultBackend', tolerated))
  found.push(...rules.flatMap((rule, i) => validateRule(rule, `spec.rules[${i}]`, tolerated)))
  for (const [i, { hosts = [], secretName = '' }] of tls.entries()) {
    found.push(...hosts.flatMap((host, h) => invalids(`spec.tls[${i}].hosts[${h}]`, host, checkHost(host))))
    if (!tolerated.secretNames) found.push(...invalids(`spec.tls[${i}].secretName`, secretName, checkSecretName(secretName)))
  }
  if (ingressClassName !== undefined) found.push(...checkSubdomainName('spec.ingressClassName', ingressClassName))
  return found
}

function isRelaxed(backend: IngressBackend | undefined): boolean {
  const name = backend?.service?.name
  return name !== undefined && checkDns1123Label(name).length === 0 && checkDns1035Label(name).length > 0
}

function toleratedBy({ rules = [], tls = [], defaultBackend }: IngressSpec): Tolerated {
  return {
    secretNames: tls.some(({ secretName }) => checkSecretName(secretName ?? '').length > 0),
    wildcardRules: rules.some(({ host, http }) => host?.includes('*') === true && validateHttp(http, '', nothing).length > 0),
    relaxedServiceNames:
      isRelaxed(defaultBackend) || rules.some(({ http }) => (http?.paths ?? []).some(({ backend }) => isRelaxed(backend))),
  }
}

export function validateIngress(next: Ingress, prev: Ingress | undefined): FieldError[] {
  const found = [
    ...validateMetaAgain(next.metadata, prev !== undefined, { namespaced: true }),
    ...validateSpec(next.spec, prev ? toleratedBy(prev.spec) : nothing),
  ]
  if (prev) return found
  const asked = next.metadata.annotations?.[classAnnotation]
  const { ingressClassName } = next.spec
  if (asked !== undefined && ingressClassName !== undefined && asked !== ingressClassName) {
    found.push(invalid(`annotations.${classAnnotation}`, asked, 'must match `ingressClassName` when both are specified'))
  }
  return found
}

export function validateIngressStatus(next: Ingress, prev: Ingress): FieldError[] {
  const path = 'status.loadBalancer.ingress'
  const known = (prev.status.loadBalancer?.ingress ?? []).map(({ ip }) => ip ?? '').filter((ip) => ip !== '')
  const found = validateKubeFinalizers(next.metadata)
  for (const [i, { ip = '', hostname = '' }] of (next.status.loadBalancer?.ingress ?? []).entries()) {
    if (ip !== '') found.push(...validateIpForLegacyField(`${path}[${i}].ip`, ip, known))
    if (hostname === '') continue
    found.push(...checkSubdomainName(`${path}[${i}].hostname`, hostname))
    if (parseIp(hostname)) found.push(invalid(`${path}[${i}].hostname`, hostname, 'must be a DNS name, not an IP address'))
  }
  return found
}

export function ingressWarnings({ metadata, spec }: Ingress, prev: Ingress | undefined): string[] {
  const old = metadata.annotations?.[classAnnotation] !== undefined && spec.ingressClassName === undefined
  return old && !prev ? [`annotation "${classAnnotation}" is deprecated, please use 'spec.ingressClassName' instead`] : []
}
