/** Where objects stand in the store: upstream's own keys below /registry/ (pure). */
import { badRequest } from '#api/meta/status.ts'
import type { KubeObject, Resource } from '#api/resource.ts'

export const REGISTRY = '/registry/'

/** Names one object. The namespace is absent or empty for what stands outside namespaces. */
export interface Ref {
  namespace?: string | undefined
  name: string
}

type Placed = Pick<Resource, 'plural' | 'scope' | 'storagePrefix'>

/** The face under which a kind is stored. */
export const storedResource = (resource: Resource): Resource => resource.storedAs?.resource ?? resource

/** `/registry/pods/`, or `/registry/pods/ns/` for one namespace: every key of the resource begins with it. */
export function prefixOf(resource: Placed, namespace?: string): string {
  const prefix = `${REGISTRY}${resource.storagePrefix ?? resource.plural}/`
  if (namespace === undefined || namespace === '' || resource.scope === 'Cluster') return prefix
  return `${prefix}${checkedSegment(namespace, 'Namespace')}/`
}

/** Throws 400 where a name cannot be a path segment, with upstream's sentence. */
export function keyOf(resource: Placed, ref: Ref): string {
  if (resource.scope === 'Namespaced' && (ref.namespace === undefined || ref.namespace === ''))
    throw badRequest('Namespace parameter required.')
  if (ref.name === '') throw badRequest('Name parameter required.')
  return prefixOf(resource, ref.namespace) + checkedSegment(ref.name, 'Name')
}

export const refOf = (object: KubeObject): Ref => ({ namespace: object.metadata.namespace, name: object.metadata.name ?? '' })

/** Why a text cannot be a path segment, in upstream's words; empty where it can. */
export function segmentProblems(text: string): readonly string[] {
  const problems: string[] = []
  if (text === '.' || text === '..') problems.push(`may not be '${text}'`)
  if (text.includes('/')) problems.push(`may not contain '/'`)
  if (text.includes('%')) problems.push(`may not contain '%'`)
  return problems
}

function checkedSegment(text: string, what: 'Name' | 'Namespace'): string {
  const problems = segmentProblems(text)
  if (problems.length > 0) throw badRequest(`${what} parameter invalid: ${JSON.stringify(text)}: ${problems.join(';')}`)
  return text
}
