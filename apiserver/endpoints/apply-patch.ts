/** PATCH with application/apply-patch+yaml: the configuration of a body, and the object that it makes of the stored one. */
import { printKind, printName, serverSideApply } from '#api/apply/server-side-apply.ts'
import { clone } from '#api/clone.ts'
import { DecodeError, decodeMessage, type FieldValidation } from '#api/decode.ts'
import { JsonSyntaxError, parseJson } from '#api/json-scan.ts'
import { ApiError, badRequest } from '#api/meta/status.ts'
import { isPlain, type Plain } from '#api/own.ts'
import { converterText } from '#api/patch/patch.ts'
import { apiVersionOf, type KubeObject, type Resource } from '#api/resource.ts'
import { kindOfJson } from '#api/scalars.ts'
import { withConversions } from '#apiserver/registry/field-versions.ts'
import type { ManagedFields } from '#apiserver/registry/managed-fields.ts'
import { timestamp } from '#apiserver/registry/system-metadata.ts'
import { yamlDuplicates, yamlToJson } from './body.ts'

export const applyType = 'application/apply-patch+yaml'

export interface AppliedConfiguration {
  value: Plain
  /** What stands twice in it, in upstream's words. */
  problems: readonly string[]
}

/** Reads a body: JSON, which is what most clients send, or YAML. Throws ApiError 400 and 413. */
export function parseConfiguration(body: Buffer): AppliedConfiguration {
  const text = body.toString()
  const parsed = jsonOf(text) ?? jsonOf(yamlText(body))
  const value = parsed?.value ?? {}
  if (!isPlain(value))
    throw badRequest(
      `error decoding YAML: error unmarshaling JSON: while decoding JSON: json: cannot unmarshal ${kindOfJson(value)} into Go value of type map[string]interface {}`,
    )
  const plain = parsed !== undefined && parsed.duplicates.length === 0 && /^\s*[{]/.test(text)
  return { value, problems: plain ? [] : yamlDuplicates(text) }
}

function jsonOf(text: string): { value: unknown; duplicates: readonly string[] } | undefined {
  try {
    return parseJson(text)
  } catch (error) {
    if (!(error instanceof JsonSyntaxError)) throw error
    // Depth is no matter of syntax: YAML would have it as well.
    if (error.message === 'exceeded max depth') throw badRequest(`error decoding YAML: ${error.message}`)
    return undefined
  }
}

function yamlText(body: Buffer): string {
  try {
    return yamlToJson(body).toString()
  } catch (error) {
    if (!(error instanceof ApiError) || error.code !== 400) throw error
    throw badRequest(error.message.replace(/^error parsing YAML: /, 'error decoding YAML: error converting YAML to JSON: '))
  }
}

export interface ApplyOptions {
  configuration: AppliedConfiguration
  manager: string
  force: boolean
  subresource: string
  validation: FieldValidation
  now: Date
  warn(text: string): void
}

/**
 * The object as the configuration makes it, with its managedFields settled; `prev` is undefined where there is none yet. Throws ApiError
 * 400, 409 and 500.
 */
export async function applied(
  fields: ManagedFields,
  resource: Resource,
  prev: KubeObject | undefined,
  options: ApplyOptions,
): Promise<KubeObject> {
  const { configuration, manager, force, subresource, now } = options
  const { object, managedFields } = await withConversions((known) =>
    serverSideApply(prev as unknown as Plain | undefined, configuration.value, {
      kind: resource.kind,
      manager,
      subresource,
      force,
      now: timestamp(now),
      versions: fields.versions(resource, subresource, known),
      zero: fields.zero(resource),
    }),
  )
  const next = decoded(resource, object, configuration.value)
  if (managedFields === undefined) delete next.metadata.managedFields
  else next.metadata.managedFields = managedFields
  complain(options)
  return next
}

function complain({ configuration: { problems }, validation, warn }: ApplyOptions): void {
  if (problems.length === 0 || validation === 'Ignore') return
  const lines = problems.map((problem) => `\n  ${problem}`).join('')
  if (validation === 'Strict')
    throw badRequest(`error strict decoding YAML: error converting YAML to JSON: yaml: unmarshal errors:${lines}`)
  for (const problem of problems) warn(problem)
}

function decoded(resource: Resource, object: Plain, configuration: Plain): KubeObject {
  try {
    const next = decodeMessage(clone(object), resource.schema, { wraps: true }).object
    return Object.assign(next, { apiVersion: apiVersionOf(resource), kind: resource.kind })
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error
    const kind = printKind({ apiVersion: apiVersionOf(resource), kind: resource.kind })
    const why = `unable to convert unstructured object to ${kind}: ${converterText(error)}`
    throw new ApiError(500, '', `failed to convert new object (${printName(configuration)}) to proper version: ${why}`)
  }
}
