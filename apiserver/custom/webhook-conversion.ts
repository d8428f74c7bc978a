/** Conversion by webhook: the faces of a definition whose author converts between versions with a program of their own. */
import { randomUUID } from 'node:crypto'
import { ConversionFailure, convertedObjects, reviewOf, reviewVersionOf } from '#api/apiextensions/conversion-review.ts'
import type { CustomResourceDefinition } from '#api/apiextensions/custom-resource-definition.ts'
import { ApiError } from '#api/meta/status.ts'
import { apiVersionOf, type KubeObject, type Resource } from '#api/resource.ts'
import { callWebhook, type WebhookDeps } from './webhook-call.ts'

/** The face with its conversion; the given one where the definition converts without help. */
export function withConversion(definition: CustomResourceDefinition, face: Resource, deps: WebhookDeps): Resource {
  const { conversion } = definition.spec
  const { storedAs } = face
  if (storedAs === undefined || conversion?.strategy !== 'Webhook') return face
  const convert = async (objects: readonly KubeObject[], to: 'stored' | 'face'): Promise<KubeObject[]> => {
    const target = apiVersionOf(to === 'stored' ? storedAs.resource : face)
    const settle = to === 'stored' ? storedAs.toStored : storedAs.fromStored
    const converted = await convertAll(definition, objects, target, deps)
    return converted.map((object) => settle(object))
  }
  return { ...face, storedAs: { ...storedAs, convert } }
}

/** Objects that are of the target version already are not sent. Throws ApiError 500. */
async function convertAll(
  definition: CustomResourceDefinition,
  objects: readonly KubeObject[],
  target: string,
  deps: WebhookDeps,
): Promise<KubeObject[]> {
  const others = objects.filter(({ apiVersion }) => apiVersion !== target)
  const [first] = others
  if (first === undefined) return [...objects]
  const { clientConfig = {}, conversionReviewVersions = [] } = definition.spec.conversion?.webhook ?? {}
  const named = `conversion webhook for ${first.apiVersion}, Kind=${first.kind}`
  try {
    const version = reviewVersionOf(conversionReviewVersions)
    if (version === undefined) throw new ConversionFailure('failed: no supported conversion review versions')
    const uid = randomUUID()
    const body = Buffer.from(JSON.stringify(reviewOf(version, uid, target, others)))
    const answer = await callWebhook(clientConfig, body, deps)
    const converted = convertedObjects(answer, { version, uid, desiredAPIVersion: target, objects: others })
    let next = 0
    return objects.map((object) => (object.apiVersion === target ? object : (converted[next++] ?? object)))
  } catch (error) {
    const why = error instanceof ConversionFailure ? error.message : `failed: ${error instanceof Error ? error.message : String(error)}`
    throw new ApiError(500, '', `${named} ${why}`)
  }
}
