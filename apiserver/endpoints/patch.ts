/** PATCH bodies by content type: each makes the next object of the stored one. */
import type { Expected } from '#api/decode.ts'
import { ApiError, notFoundError } from '#api/meta/status.ts'
import { applyPatch, parsePatch, patchTypes } from '#api/patch/patch.ts'
import type { KubeObject, Resource } from '#api/resource.ts'
import { kindOf } from '#api/scheme.ts'
import { treeOf } from '#api/tree.ts'
import { unsupportedBody } from '#apiserver/filters/negotiation.ts'
import type { DecodeOptions } from './decode.ts'

export interface PatchRequest extends DecodeOptions {
  type: string
  body: Buffer
}

/** There are no Go types that could tell how to merge the lists of custom resources. */
const customTypes = ['application/json-patch+json', 'application/merge-patch+json']

/** Throws 400, 413 and 415 before anything is read; what it returns throws 400, 404 and 422. */
export function patchChange(resource: Resource, name: string, request: PatchRequest): (prev: KubeObject | undefined) => KubeObject {
  const { group, version, kind, schema } = resource
  const isCustom = treeOf(schema).structural !== undefined
  if (isCustom && !customTypes.includes(request.type)) throw unsupportedBody([...customTypes, 'application/apply-patch+yaml'])
  const apply = patchFor<KubeObject>({ group, version, kind, schema }, request)
  return (prev) => {
    if (!prev) throw notFoundError(resource, name)
    return apply(prev)
  }
}

/** The same for kinds that are no resources of their own (Scale). */
export function patchFor<T>(expected: Expected<T>, request: PatchRequest): (prev: object) => T {
  const type = Object.hasOwn(patchTypes, request.type) ? patchTypes[request.type] : undefined
  if (type === undefined) throw refused()
  const patch = parsePatch(type, request.body, request.validation)
  const isKnown = (apiVersion: string, kind: string): boolean => kindOf(apiVersion, kind) !== undefined
  return (prev) => {
    const { object, warnings } = applyPatch(prev, patch, { ...expected, isKnown }, request.validation)
    for (const text of warnings) request.warn(text)
    return object
  }
}

const refused = (): ApiError => new ApiError(415, 'UnsupportedMediaType', '415: Unsupported Media Type', {})
