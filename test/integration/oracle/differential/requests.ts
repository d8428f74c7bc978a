/** The requests of the comparison: each variation of each kind as POST, PUT, patches and apply, all as dry runs (pure). */
import { apiVersionOf, groupResourceOf, type Resource } from '#api/resource.ts'
import { treeOf } from '#api/tree.ts'
import { names, seeds } from './seeds.ts'
import { jsonPatchOf, mergePatchOf, type Variation, variationsOf, varied } from './variations.ts'

type Plain = Record<string, unknown>

export interface Question {
  title: string
  method: 'POST' | 'PUT' | 'PATCH'
  path: string
  contentType: string
  body: string
}

export interface KindCorpus {
  id: string
  resource: Resource
  /** Created for real on both servers before the questions, and taken away after them. */
  seed: Plain
  collection: string
  item: string
  questions: readonly Question[]
}

export const idOf = (resource: Resource): string => `${groupResourceOf(resource)}/${resource.version}`

/** Every n-th of a list that is long, chosen evenly. */
const everyNth = <T>(list: readonly T[], n: number): readonly T[] => list.filter((_, i) => i % n === 0)

/** Messages that many kinds share are shown wholly by one of them. */
const shared: Readonly<Record<string, string>> = {
  'io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta': 'configmaps/v1',
  'io.k8s.api.core.v1.PodTemplateSpec': 'deployments.apps/v1',
  'io.k8s.api.core.v1.PodSpec': 'pods/v1',
}

export function corpusOf(resource: Resource, namespace: string, thinning = 1): KindCorpus | undefined {
  const id = idOf(resource)
  const given = seeds[id]
  if (given === undefined) return undefined
  const root = treeOf(resource.schema)
  const body = JSON.parse(JSON.stringify(given).replaceAll('$NAMESPACE', namespace)) as Plain
  // without controllers nothing takes finalizers away: each run needs other names
  const name = names[id] ?? `${namespace}-own`
  const seed: Plain = { apiVersion: apiVersionOf(resource), kind: resource.kind, metadata: { name }, ...body }
  const base = resource.group === '' ? `/api/${resource.version}` : `/apis/${resource.group}/${resource.version}`
  const collection = resource.scope === 'Namespaced' ? `${base}/namespaces/${namespace}/${resource.plural}` : `${base}/${resource.plural}`
  const item = `${collection}/${name}`
  const skip = ({ name }: { name: string }): boolean => shared[name] !== undefined && shared[name] !== id
  const all = everyNth(variationsOf(root, seed, { skip }), thinning)
  const bodies = new Map(all.map((variation) => [variation, varied(root, seed, variation)]))
  const target = { collection, item, hasStatus: resource.subresources?.['status'] !== undefined }
  const questions = all.flatMap((variation, i) => questionsOf(variation, bodies.get(variation) ?? {}, { ...target, turn: i }))
  return { id, resource, seed, collection, item, questions }
}

interface Target {
  collection: string
  item: string
  hasStatus: boolean
  turn: number
}

/** Creation and update of each; the patches and apply take turns. */
function questionsOf(variation: Variation, object: Plain, { collection, item, hasStatus, turn }: Target): Question[] {
  const title = `${variation.field} = ${variation.what}`
  const text = JSON.stringify(object)
  const json = 'application/json'
  const isStatus = variation.path[0] === 'status'
  const where = isStatus && hasStatus ? `${item}/status` : item
  const renamed = variation.path[0] === 'metadata' && variation.path[1] === 'name'
  const found: Question[] = [{ title: `create ${title}`, method: 'POST', path: `${collection}?dryRun=All`, contentType: json, body: text }]
  if (renamed) return found
  found.push({ title: `update ${title}`, method: 'PUT', path: `${where}?dryRun=All`, contentType: json, body: text })
  const merge = mergePatchOf(variation)
  const [type, patch] = [
    ['application/merge-patch+json', merge],
    ['application/strategic-merge-patch+json', merge],
    ['application/json-patch+json', jsonPatchOf(variation)],
    ['application/apply-patch+yaml', object],
  ][turn % 4] as [string, unknown]
  if (patch === undefined) return found
  const query = type.includes('apply') ? '?dryRun=All&fieldManager=differ&force=true' : '?dryRun=All'
  found.push({ title: `${type.slice(12)} ${title}`, method: 'PATCH', path: where + query, contentType: type, body: JSON.stringify(patch) })
  return found
}
