/** One entry for the three kinds of patch: body and current object in, the decoded object out, upstream's answers to what does not fit. */
import { clone } from '#api/clone.ts'
import { applyFieldValidation, type Decoded, DecodeError, decodeMessage, type Expected, type FieldValidation } from '#api/decode.ts'
import { inOrderOfText, JsonSyntaxError, parseJson } from '#api/json-scan.ts'
import { invalid } from '#api/meta/field-error.ts'
import { ApiError, badRequest } from '#api/meta/status.ts'
import { isPlain, own, type Plain } from '#api/own.ts'
import { apiVersionOf } from '#api/resource.ts'
import { kindOfJson } from '#api/scalars.ts'
import { treeOf } from '#api/tree.ts'
import { goPrint } from './go-print.ts'
import { applyJsonPatch, JsonPatchError, type JsonPatchOperation } from './json-patch.ts'
import { applyMergePatch } from './merge-patch.ts'
import { PatchError } from './patch-schema.ts'
import { patchedText, touchedBy } from './patched-text.ts'
import { applyStrategicMergePatch } from './strategic-merge.ts'

export type PatchType = 'json' | 'merge' | 'strategic'

export const patchTypes: Readonly<Record<string, PatchType>> = {
  'application/json-patch+json': 'json',
  'application/merge-patch+json': 'merge',
  'application/strategic-merge-patch+json': 'strategic',
}

const MAX_OPERATIONS = 10_000

/** A parsed patch body: it can be applied again after a conflict. */
export interface Patch {
  type: PatchType
  value: unknown
  /** Duplicate keys and unknown members of the patch itself. */
  problems: readonly string[]
}

/** Reads a patch body. Throws ApiError 400 or 413. */
export function parsePatch(type: PatchType, body: Uint8Array | string, validation: FieldValidation): Patch {
  const text = typeof body === 'string' ? body : Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString('utf8')
  const prefix = type === 'strategic' || validation === 'Ignore' ? '' : 'error decoding patch: '
  try {
    const { value, duplicates } = parseJson(text)
    const problems = duplicates.map((path) => `duplicate field "${path}"`)
    if (type === 'json') {
      const complaints = inOrderOfText(text, checkOperations(value), duplicates)
      return { type, value, problems: complaints.map((complaint) => `json patch ${complaint}`) }
    }
    if (value === null && type === 'strategic') return { type, value: {}, problems }
    if (value === null) throw badRequest('Invalid JSON Patch')
    if (!isPlain(value)) {
      throw new JsonSyntaxError(`json: cannot unmarshal ${kindOfJson(value)} into Go value of type map[string]interface {}`)
    }
    return { type, value, problems: validation === 'Ignore' ? [] : problems }
  } catch (error) {
    if (!(error instanceof JsonSyntaxError)) throw error
    throw badRequest(type === 'merge' && validation === 'Ignore' ? 'Invalid JSON Patch' : `${prefix}${error.message}`)
  }
}

/** Paths of unknown members of the operations. */
function checkOperations(value: unknown): string[] {
  if (value === null) return []
  const refuse = (got: unknown, wanted: string): JsonSyntaxError =>
    new JsonSyntaxError(`json: cannot unmarshal ${kindOfJson(got)} into ${wanted}`)
  if (!Array.isArray(value)) throw refuse(value, 'Go value of type []handlers.jsonPatchOp')
  if (value.length > MAX_OPERATIONS) {
    const text = `Request entity too large: The allowed maximum operations in a JSON patch is ${MAX_OPERATIONS}, got ${value.length}`
    throw new ApiError(413, 'RequestEntityTooLarge', text)
  }
  return value.flatMap((operation: unknown, i) => {
    if (operation === null) return []
    if (!isPlain(operation)) throw refuse(operation, 'Go value of type handlers.jsonPatchOp')
    for (const key of ['op', 'path', 'from']) {
      const member = operation[key]
      if (member !== undefined && member !== null && typeof member !== 'string')
        throw refuse(member, `Go struct field jsonPatchOp.${key} of type string`)
    }
    const unknown = Object.keys(operation).filter((key) => key !== 'op' && key !== 'path' && key !== 'from' && key !== 'value')
    return unknown.map((key) => `[${i}].${key}`)
  })
}

export interface Patched<T> {
  object: T
  /** Texts for the Warning header. */
  warnings: readonly string[]
}

/**
 * The current object (in its canonical JSON form) with the patch applied, decoded like a request body. Neither argument is changed.
 * Throws ApiError: 422 where the patch or its result does not fit, 400 and 500 as upstream answers.
 */
export function applyPatch<T>(current: object, patch: Patch, expected: Expected<T>, validation: FieldValidation): Patched<T> {
  const patched = patchedValue(current as Plain, patch, expected)
  const shown = (): string => {
    if (patch.type === 'strategic') return goPrint(patch.value)
    return patchedText(patched, patch.type === 'json' ? touchedBy((patch.value ?? []) as JsonPatchOperation[]) : patch.value)
  }
  const decoded = decodePatched({ patched, current: current as Plain }, patch, expected, shown)
  const problems = [...patch.problems, ...decoded.problems]
  if (validation === 'Strict' && problems.length > 0) throw unfit(shown(), `strict decoding error: ${problems.join(', ')}`)
  return { object: decoded.object, warnings: applyFieldValidation(problems, validation, expected) }
}

function patchedValue<T>(current: Plain, patch: Patch, expected: Expected<T>): unknown {
  try {
    if (patch.type === 'json') return applyJsonPatch(current, (patch.value ?? []) as JsonPatchOperation[])
    if (patch.type === 'merge') return applyMergePatch(current, patch.value)
    return applyStrategicMergePatch(current, patch.value as Plain, treeOf(expected.schema))
  } catch (error) {
    if (error instanceof JsonPatchError) throw rejected()
    if (!(error instanceof PatchError)) throw error
    if (error.code === 422) throw rejected()
    throw error.code === 400 ? badRequest(error.message) : new ApiError(500, '', error.message)
  }
}

/** Upstream's one sentence for patches that do not apply; the reason stays in its log. */
const rejected = (): ApiError => new ApiError(422, 'Invalid', 'the server rejected our request due to an error in our request', {})

/** 422 about the patch as a whole; upstream names neither kind nor object. */
function unfit(shown: string, why: string): ApiError {
  const { reason, message, field } = invalid('patch', shown, why)
  return new ApiError(422, 'Invalid', ` "" is invalid: ${field}: ${message}`, { causes: [{ reason, message, field }] })
}

type Fields = { managedFields?: unknown }
const metadataOf = (object: unknown): Fields => (object as { metadata: Fields }).metadata

/** Managed fields that the patch left as they were need no decoding: in many objects they are the greater part. */
function withoutFields(patched: Plain, current: Plain): { patched: Plain; managedFields?: unknown } {
  const [after, before] = [own(patched, 'metadata'), own(current, 'metadata')]
  if (!isPlain(after) || !isPlain(before)) return { patched }
  const { managedFields, ...metadata } = after
  if (managedFields === undefined || managedFields !== own(before, 'managedFields')) return { patched }
  return { patched: { ...patched, metadata }, managedFields }
}

function decodePatched<T>(
  { patched, current }: { patched: unknown; current: Plain },
  patch: Patch,
  expected: Expected<T>,
  shown: () => string,
): Decoded<T> {
  if (!isPlain(patched))
    throw unfit(shown(), `json: cannot unmarshal ${kindOfJson(patched)} into Go value of type ${treeOf(expected.schema).goType}`)
  // What a custom resource may call itself is judged by its own rules.
  const isCustom = treeOf(expected.schema).structural !== undefined
  if (patch.type !== 'strategic' && !isCustom) checkKind(patched, expected, shown)
  const apart = withoutFields(patched, current)
  try {
    const decoded = decodeMessage<T>(clone(apart.patched), expected.schema, { wraps: patch.type === 'strategic' })
    if (apart.managedFields !== undefined) metadataOf(decoded.object).managedFields = apart.managedFields
    if (isCustom) return decoded
    Object.assign(decoded.object as object, { apiVersion: apiVersionOf(expected), kind: expected.kind })
    // upstream decodes what the patch made with its keys in order
    return { ...decoded, problems: [...decoded.problems].sort() }
  } catch (error) {
    if (error instanceof DecodeError) throw unfit(shown(), patch.type === 'strategic' ? converterText(error) : error.message)
    throw error
  }
}

function checkKind<T>(patched: Plain, expected: Expected<T>, shown: () => string): void {
  const apiVersion = String(patched['apiVersion'] ?? apiVersionOf(expected))
  const kind = String(patched['kind'] ?? expected.kind)
  if (apiVersion === apiVersionOf(expected) && kind === expected.kind) return
  if (expected.isKnown?.(apiVersion, kind) === true) {
    const version = apiVersion.slice(apiVersion.indexOf('/') + 1)
    throw unfit(
      shown(),
      `converting (${version}.${kind}) to (${expected.group === '' ? 'core' : expected.group}.${expected.kind}): unknown conversion`,
    )
  }
  throw unfit(
    shown(),
    `no kind ${JSON.stringify(kind)} is registered for version ${JSON.stringify(apiVersion)} in scheme "pkg/runtime/scheme.go:111"`,
  )
}

/** Strategic patches do not pass upstream's JSON decoder but a converter with words of its own. */
export function converterText(error: DecodeError): string {
  if (error.mismatch === undefined)
    return error.message.startsWith('illegal base64') ? `error decoding from json: ${error.message}` : error.message
  const { got, wanted, named, ownCodec } = error.mismatch
  if (ownCodec) return `json: cannot unmarshal ${got.split(' ', 1)[0]} into Go value of type ${wanted}`
  const from = got.startsWith('number')
    ? /[.e]/i.test(got.slice(7))
      ? 'float64'
      : 'int64'
    : got.replace('object', 'map').replace('array', 'slice')
  if (wanted.startsWith('[]')) return `cannot restore slice from ${from}`
  if (wanted.startsWith('map[')) return `cannot restore map from ${from}`
  if (wanted.includes('.')) return `cannot restore struct from: ${from}`
  const converts = from === 'int64' || (from === 'float64' && wanted !== 'string')
  return converts && wanted !== 'bool' ? `cannot convert ${from} to ${named}` : `unrecognized type: ${named}`
}
