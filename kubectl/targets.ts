/** Which objects the words of a command mean: `pods`, `pod web`, `deploy/web svc/web`, `pods,svc`, `all`. */
import type { KubeObject } from '#api/resource.ts'
import type { Ref } from '#client/resource-path.ts'
import { type Ctx, UsageError } from './command.ts'
import type { ApiResource, ServedTypes } from './served-types.ts'

export interface Target {
  type: ApiResource
  /** Empty: all objects of the type. */
  names: readonly string[]
  /** Where not that of the session. */
  namespace?: string
}

/** Reads words into targets, in the order in which they were given. */
export function targetsOf(words: readonly string[], types: ServedTypes): readonly Target[] {
  const [first, ...names] = words
  if (first === undefined) throw new UsageError('You must specify the type of resource to get.')
  if (words.some((word) => word.includes('/'))) return namedTargets(words, types)
  const asked = first
    .split(',')
    .filter((word) => word !== '')
    .flatMap((word) => typesOf(word, types))
  if (asked.length > 1 && names.length > 0 && first.includes(','))
    throw new UsageError('you may only specify a single resource type with names')
  return asked.map((type) => ({ type, names }))
}

function namedTargets(words: readonly string[], types: ServedTypes): readonly Target[] {
  const targets: Target[] = []
  for (const word of words) {
    const [kind = '', name = '', ...more] = word.split('/')
    if (kind === '' || name === '' || more.length > 0) {
      throw new UsageError(
        `there is no need to specify a resource type as a separate argument when passing arguments in resource/name form (e.g. 'kubectl get resource/<resource_name>' instead of 'kubectl get resource resource/<resource_name>'`,
      )
    }
    const type = types.find(kind)
    const last = targets.at(-1)
    if (last?.type === type) targets[targets.length - 1] = { type, names: [...last.names, name] }
    else targets.push({ type, names: [name] })
  }
  return targets
}

function typesOf(word: string, types: ServedTypes): readonly ApiResource[] {
  const category = types.category(word.toLowerCase())
  return category.length > 0 ? category : [types.find(word)]
}

/** The one object that the words mean; `kind` is assumed where only a name is given. */
export async function oneTarget(words: readonly string[], ctx: Ctx, kind?: string): Promise<{ type: ApiResource; ref: Ref }> {
  const types = await ctx.types()
  const [first = '', second] = words
  if (first === '') throw new UsageError('resource name may not be empty')
  if (kind !== undefined && second === undefined && !first.includes('/'))
    return { type: types.find(kind), ref: { namespace: ctx.namespace, name: first } }
  const [target, ...others] = targetsOf(words, types)
  const name = target?.names[0]
  if (!target || name === undefined || others.length > 0 || target.names.length > 1)
    throw new UsageError('exactly one resource must be named')
  return { type: target.type, ref: refOf(target, name, ctx) }
}

export function refOf({ type, namespace }: Target, name: string, ctx: Ctx): Ref {
  return type.scope === 'Namespaced' ? { namespace: namespace ?? ctx.namespace, name } : { name }
}

export interface Selection {
  labelSelector?: string
  fieldSelector?: string
  allNamespaces?: boolean
}

/** The objects of all targets, fetched: by name, or by list. */
export async function fetchObjects(
  targets: readonly Target[],
  ctx: Ctx,
  selection: Selection = {},
): Promise<readonly { type: ApiResource; object: KubeObject }[]> {
  const found: { type: ApiResource; object: KubeObject }[] = []
  for (const target of targets) {
    const { type, names } = target
    for (const name of names) found.push({ type, object: await ctx.client().get(type, refOf(target, name, ctx)) })
    if (names.length > 0) continue
    const { items } = await ctx.client().list(type, {
      ...(selection.labelSelector ? { labelSelector: selection.labelSelector } : {}),
      ...(selection.fieldSelector ? { fieldSelector: selection.fieldSelector } : {}),
      ...(selection.allNamespaces || type.scope === 'Cluster' ? {} : { namespace: ctx.namespace }),
    })
    for (const object of items) found.push({ type, object })
  }
  return found
}

/** `deployment.apps/web`. */
export function displayName(type: ApiResource, name: string): string {
  return `${type.singular || type.kind.toLowerCase()}${type.group === '' ? '' : `.${type.group}`}/${name}`
}
