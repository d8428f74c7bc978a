/** Where conversion webhooks are and how they are called (source: apiserver, pkg/util/webhook/validation.go). */
import type { CustomResourceDefinitionSpec } from '#api/apiextensions/custom-resource-definition.ts'
import { type FieldError, forbidden, invalid, notSupported, required } from '#api/meta/field-error.ts'
import { checkDns1035Label } from '#api/validation/names.ts'
import { validateWebhookService, validateWebhookUrl } from '#api/validation/webhook-address.ts'
import { parseCertificates } from './ca-bundle.ts'
import type { Requirements } from './requirements.ts'

type Conversion = NonNullable<CustomResourceDefinitionSpec['conversion']>
type ClientConfig = NonNullable<NonNullable<Conversion['webhook']>['clientConfig']>

export function validateConversion(conversion: Conversion | undefined, field: string, needs: Requirements): FieldError[] {
  if (conversion === undefined) return []
  const { strategy, webhook } = conversion
  const found: FieldError[] = []
  if (strategy === '') found.push(required(`${field}.strategy`))
  else if (strategy !== 'None' && strategy !== 'Webhook') found.push(notSupported(`${field}.strategy`, strategy, ['None', 'Webhook']))
  const client = webhook?.clientConfig
  const versions = webhook?.conversionReviewVersions ?? []
  const at = `${field}.webhookClientConfig`
  if (strategy === 'Webhook') {
    if (client === undefined) found.push(required(at, 'required when strategy is set to Webhook'))
    else found.push(...validateClient(client, at, needs))
    found.push(...reviewVersions(versions, `${field}.conversionReviewVersions`, needs))
    return found
  }
  const text = 'should not be set when strategy is not set to Webhook'
  if (client !== undefined) found.push(forbidden(at, text))
  if (versions.length > 0) found.push(forbidden(`${field}.conversionReviewVersions`, text))
  return found
}

function validateClient(client: ClientConfig, field: string, needs: Requirements): FieldError[] {
  const { url, service, caBundle } = client
  const found: FieldError[] = []
  if ((url === undefined) === (service === undefined)) found.push(required(field, 'exactly one of url or service is required'))
  else if (url !== undefined) found.push(...validateWebhookUrl(`${field}.url`, url))
  else if (service !== undefined) {
    // Upstream hands name and namespace over in the wrong order: what is missing is named as the other one.
    const { name: namespace, namespace: name, path, port = 443 } = service
    found.push(...validateWebhookService(`${field}.service`, { namespace, name, path, port }))
  }
  if (caBundle && !needs.allowsBadCaBundle) {
    const fault = parseCertificates(caBundle)
    if (fault !== undefined) found.push(invalid(`${field}.caBundle`, caBundle, fault))
  }
  return found
}

function reviewVersions(versions: readonly string[], field: string, needs: Requirements): FieldError[] {
  if (versions.length === 0) return [required(field)]
  const found: FieldError[] = []
  const seen = new Set<string>()
  versions.forEach((version, i) => {
    if (seen.has(version)) found.push(invalid(`${field}[${i}]`, version, 'duplicate version'))
    else for (const text of checkDns1035Label(version)) found.push(invalid(`${field}[${i}]`, version, text))
    seen.add(version)
  })
  if (needs.knownReviewVersion && !seen.has('v1') && !seen.has('v1beta1'))
    found.push(invalid(field, versions, 'must include at least one of v1, v1beta1'))
  return found
}
