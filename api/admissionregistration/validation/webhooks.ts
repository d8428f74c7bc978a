/** Rules of webhook configurations (upstream: pkg/apis/admissionregistration/validation). */
import type {
  MutatingWebhook,
  MutatingWebhookConfiguration,
  ValidatingWebhook,
  ValidatingWebhookConfiguration,
} from '#api/admissionregistration/webhook-configuration.ts'
import { duplicate, type FieldError, invalid, notSupported, required } from '#api/meta/field-error.ts'
import { sameValue } from '#api/meta/same-value.ts'
import { validateLabelSelector } from '#api/validation/label-selector.ts'
import { checkDns1035Label, checkDns1123Subdomain } from '#api/validation/names.ts'
import { validateObjectMeta } from '#api/validation/object-meta.ts'
import { validateWebhookService, validateWebhookUrl } from '#api/validation/webhook-address.ts'
import { failurePolicies, matchPolicies, validateChoice, validateMatchConditions, validateRuleWithOperations } from './rules.ts'

type Webhook = ValidatingWebhook & Pick<MutatingWebhook, 'reinvocationPolicy'>
type Configuration = ValidatingWebhookConfiguration | MutatingWebhookConfiguration

const reviewVersions = ['v1', 'v1beta1']
const quietSideEffects = ['None', 'NoneOnDryRun']
const sideEffects = ['None', 'NoneOnDryRun', 'Some', 'Unknown']
const longestTimeoutSeconds = 30

/** Rules that came later than objects: what is stored may stay as it is. */
interface Tolerated {
  matchConditions: boolean
  sideEffects: boolean
  reviewVersions: boolean
  repeatedNames: boolean
  selectorValues: boolean
}

const hooksOf = (configuration: Configuration | undefined): readonly Webhook[] => configuration?.webhooks ?? []
const versionsOf = (hook: Webhook): readonly string[] => hook.admissionReviewVersions ?? []
const knows = (hook: Webhook): boolean => versionsOf(hook).some((version) => reviewVersions.includes(version))

function toleratedBy(next: readonly Webhook[], prev: readonly Webhook[]): Tolerated {
  const selectors = prev.flatMap(({ namespaceSelector, objectSelector }) => [namespaceSelector, objectSelector])
  return {
    matchConditions: next.length === prev.length && prev.every((hook, i) => sameValue(hook.matchConditions, next[i]?.matchConditions)),
    sideEffects: prev.some((hook) => !quietSideEffects.includes(hook.sideEffects ?? '')),
    reviewVersions: prev.some((hook) => versionsOf(hook).length > 0 && !knows(hook)),
    repeatedNames: new Set(prev.map(({ name }) => name)).size < prev.length,
    selectorValues: selectors.some((selector) => validateLabelSelector(selector, '').length > 0),
  }
}

function validateName(field: string, name: string): FieldError[] {
  if (name === '') return [required(field)]
  const messages = checkDns1123Subdomain(name)
  if (messages.length > 0) return [invalid(field, name, messages.join(','))]
  if (name.split('.').length >= 3) return []
  return [invalid(field, name, 'should be a domain with at least three segments separated by dots')]
}

function validateSideEffects(field: string, value: string | undefined, allowed: readonly string[]): FieldError[] {
  if (value === undefined || value === null) return [required(field, `must specify one of ${allowed.join(', ')}`)]
  return allowed.includes(value) ? [] : [notSupported(field, value, allowed)]
}

function validateClient({ clientConfig }: Webhook, field: string): FieldError[] {
  const { url, service } = clientConfig
  if (url !== undefined && service === undefined) return validateWebhookUrl(`${field}.url`, url)
  // upstream hands name and namespace over in the wrong order
  if (url === undefined && service !== undefined) {
    return validateWebhookService(`${field}.service`, { ...service, name: service.namespace, namespace: service.name })
  }
  return [required(field, 'exactly one of url or service is required')]
}

function validateReviewVersions(versions: readonly string[], field: string, tolerated: Tolerated): FieldError[] {
  if (versions.length === 0) return [required(field, `must specify one of ${reviewVersions.join(', ')}`)]
  const found = versions.flatMap((version, i) => {
    const at = `${field}[${i}]`
    if (versions.indexOf(version) < i) return [invalid(at, version, 'duplicate version')]
    return checkDns1035Label(version).map((message) => invalid(at, version, message))
  })
  if (tolerated.reviewVersions || versions.some((version) => reviewVersions.includes(version))) return found
  return [...found, invalid(field, versions, `must include at least one of ${reviewVersions.join(', ')}`)]
}

function validateWebhook(hook: Webhook, at: string, tolerated: Tolerated): FieldError[] {
  const { timeoutSeconds: seconds } = hook
  const values = { allowInvalidValues: tolerated.selectorValues }
  const found = [
    ...validateName(`${at}.name`, hook.name),
    ...(hook.rules ?? []).flatMap((rule, i) => validateRuleWithOperations(rule, `${at}.rules[${i}]`)),
    ...validateChoice(`${at}.failurePolicy`, hook.failurePolicy, failurePolicies),
    ...validateChoice(`${at}.matchPolicy`, hook.matchPolicy, matchPolicies),
    ...validateSideEffects(`${at}.sideEffects`, hook.sideEffects, tolerated.sideEffects ? sideEffects : quietSideEffects),
  ]
  if (seconds !== undefined && (seconds > longestTimeoutSeconds || seconds < 1)) {
    found.push(invalid(`${at}.timeoutSeconds`, seconds, 'the timeout value must be between 1 and 30 seconds'))
  }
  found.push(
    ...validateLabelSelector(hook.namespaceSelector, `${at}.namespaceSelector`, values),
    ...validateLabelSelector(hook.objectSelector, `${at}.objectSelector`, values),
    ...validateChoice(`${at}.reinvocationPolicy`, hook.reinvocationPolicy, ['IfNeeded', 'Never']),
    ...validateClient(hook, `${at}.clientConfig`),
  )
  if (tolerated.matchConditions) return found
  const declarations = { params: false, authorizer: true }
  return [...found, ...validateMatchConditions(hook.matchConditions ?? [], `${at}.matchConditions`, declarations)]
}

export function validateWebhookConfiguration(next: Configuration, prev: Configuration | undefined): FieldError[] {
  const [hooks, old] = [hooksOf(next), hooksOf(prev)]
  const tolerated = prev
    ? toleratedBy(hooks, old)
    : { matchConditions: false, sideEffects: false, reviewVersions: false, repeatedNames: false, selectorValues: false }
  const names = hooks.map(({ name }) => name)
  return [
    ...(prev ? validateObjectMeta(next.metadata, { namespaced: false }) : []),
    ...hooks.flatMap((hook, i) => {
      const at = `webhooks[${i}]`
      const again = !tolerated.repeatedNames && hook.name !== '' && names.indexOf(hook.name) < i
      return [
        ...validateWebhook(hook, at, tolerated),
        ...validateReviewVersions(versionsOf(hook), `${at}.admissionReviewVersions`, tolerated),
        ...(again ? [duplicate(`${at}.name`, hook.name)] : []),
      ]
    }),
  ]
}
