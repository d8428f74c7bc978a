/** Paths of version 3 in the form of version 2: media types beside the operation, the body among the parameters, which are shared. */
import { consumesOf } from './openapi-operation.ts'
import type { Schema } from './openapi-schemas.ts'

interface Body {
  content: Record<string, { schema: Schema }>
  required?: boolean
}

/** Parameters that many operations have are written once. */
export class SharedParameters {
  readonly definitions: Record<string, Schema> = {}
  readonly #names = new Map<string, string>()

  /** A reference to the parameter, or itself where it must stand in its place. */
  shared(parameter: Schema): Schema {
    if (!isShareable(parameter)) return parameter
    const text = JSON.stringify(parameter)
    let name = this.#names.get(text)
    if (name === undefined) {
      name = `${String(parameter['name'])}-${hashOf(text)}`
      this.#names.set(text, name)
      this.definitions[name] = parameter
    }
    return { $ref: `#/parameters/${name}` }
  }
}

/** FNV-1a: names need only differ from each other. */
function hashOf(text: string): string {
  let hash = 0x811c9dc5
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193) >>> 0
  return hash.toString(36).padStart(7, '0')
}

/** Old kubectls look for two of them in their places; the name's and most bodies' belong to one kind (upstream: kube-openapi, builder). */
function isShareable({ name, in: place, schema }: Schema): boolean {
  if (place === 'body') return String((schema as { $ref?: string }).$ref).startsWith('#/definitions/io.k8s.apimachinery')
  return name !== 'name' && !(place === 'query' && (name === 'fieldValidation' || name === 'dryRun'))
}

export function swaggerPath(item: Schema, shared: SharedParameters): Schema {
  return Object.fromEntries(
    Object.entries(item).map(([key, value]) => [
      key,
      key === 'parameters'
        ? (value as Schema[]).map((parameter) => swaggerParameter(parameter, shared))
        : swaggerOperation(value as Schema, shared),
    ]),
  )
}

/** Version 2 has a parameter's type beside its name. */
function swaggerParameter({ schema, ...rest }: Schema, shared: SharedParameters): Schema {
  return shared.shared({ ...(schema as Schema), ...rest })
}

function swaggerOperation(operation: Schema, shared: SharedParameters): Schema {
  const { requestBody, parameters, responses, ...rest } = operation
  const body = requestBody as Body | undefined
  const query = ((parameters ?? []) as Schema[]).map((parameter) => swaggerParameter(parameter, shared))
  const schema = body === undefined ? undefined : Object.values(body.content)[0]?.schema
  const first =
    schema === undefined
      ? []
      : [shared.shared({ name: 'body', in: 'body', ...(body?.required === true ? { required: true } : {}), schema })]
  const answers = Object.entries(responses as Record<string, { description: string; content?: Body['content'] }>)
  const produced = new Set(answers.flatMap(([, answer]) => Object.keys(answer.content ?? {})))
  const consumed = body === undefined ? (consumesOf.get(operation) ?? ['*/*']) : Object.keys(body.content)
  return {
    ...rest,
    ...(consumed.length === 0 ? {} : { consumes: consumed }),
    produces: [...produced],
    schemes: ['https'],
    ...(first.length + query.length === 0 ? {} : { parameters: [...first, ...query] }),
    responses: Object.fromEntries(
      answers.map(([code, { description, content }]) => [
        code,
        { description, ...(content === undefined ? {} : { schema: Object.values(content)[0]?.schema }) },
      ]),
    ),
  }
}
