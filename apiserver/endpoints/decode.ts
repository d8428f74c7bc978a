/** Bodies to objects: what the route expects, and what becomes of unknown and duplicate fields. */
import type { z } from 'zod'
import { applyFieldValidation, decodeBody as decode, type Expected } from '#api/decode.ts'
import { type DeleteOptions, deleteOptionsSchema } from '#api/meta/options.ts'
import { ApiError, badRequest } from '#api/meta/status.ts'
import type { KubeObject, Resource } from '#api/resource.ts'
import { kindOf } from '#api/scheme.ts'
import type { FieldValidation } from '#apiserver/registry/options.ts'
import { isProtobuf, isYaml, jsonBody, yamlDuplicates } from './body.ts'
import { decodeProtobufBody } from './decode-protobuf.ts'
import type { ApiRequest } from './exchange.ts'

export interface DecodeOptions {
  validation: FieldValidation
  warn(text: string): void
}

const isKnown = (apiVersion: string, kind: string): boolean => kindOf(apiVersion, kind) !== undefined

/** Throws ApiError 400 and 415. */
export function decodeBody(resource: Resource, request: ApiRequest, options: DecodeOptions): KubeObject {
  return decodeKind(request, { group: resource.group, version: resource.version, kind: resource.kind, schema: resource.schema }, options)
}

/** For kinds that are no resources of their own (Binding, Scale, TokenRequest, reviews). */
export function decodeKind<T>(request: ApiRequest, expected: Expected<T>, options: DecodeOptions): T {
  const wanted = { ...expected, isKnown }
  if (isProtobuf(request)) return decodeProtobufBody(request.body, wanted)
  const { object, problems } = decode(jsonBody(request), wanted)
  const all = isYaml(request) ? [...duplicateKeys(request, options.validation), ...problems] : problems
  for (const text of applyFieldValidation(all, options.validation, expected)) options.warn(text)
  return object
}

/** JSON that was made of YAML has each key once: the YAML is looked at. A refusal has them all in one, warnings have one each. */
function duplicateKeys({ body }: ApiRequest, validation: FieldValidation): readonly string[] {
  const lines = validation === 'Ignore' ? [] : yamlDuplicates(body.toString())
  if (validation !== 'Strict' || lines.length === 0) return lines
  return [`yaml: unmarshal errors:${lines.map((line) => `\n  ${line}`).join('')}`]
}

export const quietly: DecodeOptions = { validation: 'Ignore', warn: () => undefined }

export function decodeOptions(request: ApiRequest): DeleteOptions {
  const schema = deleteOptionsSchema as unknown as z.ZodType<DeleteOptions>
  try {
    return decodeKind(request, { group: '', version: 'v1', kind: 'DeleteOptions', schema, anyVersion: true }, quietly)
  } catch (error) {
    if (!(error instanceof ApiError) || error.code !== 400) throw error
    // upstream decodes options elsewhere than objects, and says nothing of where it was
    throw badRequest(error.message.replace(/^\w* in version "\w*" cannot be handled as a DeleteOptions: /, ''))
  }
}
