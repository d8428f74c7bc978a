/** Rules of ingress classes (upstream: pkg/apis/networking/validation). */
import { validateMetaAgain } from '#api/core/validation/meta-again.ts'
import { checkLabelName, immutableMessage } from '#api/core/validation/values.ts'
import { type FieldError, forbidden, invalid, notSupported, required, tooLong } from '#api/meta/field-error.ts'
import type { IngressClass, IngressClassParametersReference } from '#api/networking/ingress-class.ts'
import { byteLength, checkDomainPrefixedPath } from '#api/validation/names.ts'
import { validateTypedReference } from './ingress.ts'

const longestController = 250
const scopes = ['Cluster', 'Namespace']

function validateParameters(parameters: IngressClassParametersReference, path: string): FieldError[] {
  const { scope, namespace } = parameters
  const field = `${path}.namespace`
  const found = validateTypedReference(parameters, path)
  if (scope === undefined || scope === null) found.push(required(`${path}.scope`))
  else if (!scopes.includes(scope)) found.push(notSupported(`${path}.scope`, scope, scopes))
  else if (scope === 'Cluster') {
    if (namespace !== undefined) found.push(forbidden(field, "`parameters.scope` is set to 'Cluster'"))
  } else if (namespace === undefined) found.push(required(field, "`parameters.scope` is set to 'Namespace'"))
  else found.push(...checkLabelName(field, namespace))
  return found
}

export function validateIngressClass(next: IngressClass, prev: IngressClass | undefined): FieldError[] {
  const field = 'spec.controller'
  const { controller = '', parameters } = next.spec
  const found: FieldError[] = []
  if (prev && controller !== (prev.spec.controller ?? '')) found.push(invalid(field, controller, immutableMessage))
  found.push(...validateMetaAgain(next.metadata, prev !== undefined, { namespaced: false }))
  if (byteLength(controller) > longestController) found.push(tooLong(field, longestController))
  found.push(
    ...checkDomainPrefixedPath(controller).map(({ value, message }) => (message === '' ? required(field) : invalid(field, value, message))),
  )
  return parameters ? [...found, ...validateParameters(parameters, 'spec.parameters')] : found
}
