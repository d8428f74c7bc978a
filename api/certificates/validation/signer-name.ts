/** Names of signers: a domain and a path (upstream: pkg/apis/core/validation/names.go). */
import { invalids } from '#api/core/validation/values.ts'
import { type FieldError, invalid, required, tooLong } from '#api/meta/field-error.ts'
import { byteLength, checkDns1123Label, checkDns1123Subdomain } from '#api/validation/names.ts'

const longest = { domain: 253, name: 253 + 253 + 63 + 2 }

/** Only the first label that is wrong is told. */
function checkLabels(text: string, check: (label: string) => string[]): string[] {
  const wrong = text.split('.').find((label) => check(label).length > 0)
  return wrong === undefined ? [] : check(wrong).map((message) => `validating label ${JSON.stringify(wrong)}: ${message}`)
}

export function validateSignerName(field: string, name: string): FieldError[] {
  if (name === '') return [required(field)]
  const [domain = '', path, ...more] = name.split('/')
  if (path === undefined || more.length > 0) {
    return [invalid(field, name, "must be a fully qualified domain and path of the form 'example.com/signer-name'")]
  }
  const found = byteLength(domain) > longest.domain ? [tooLong(field, longest.domain)] : []
  found.push(...invalids(field, domain, checkLabels(domain, checkDns1123Label)))
  if (!domain.includes('.')) found.push(invalid(field, domain, 'should be a domain with at least two segments separated by dots'))
  found.push(...invalids(field, path, checkLabels(path, checkDns1123Subdomain)))
  return byteLength(name) > longest.name ? [...found, tooLong(field, longest.name)] : found
}
