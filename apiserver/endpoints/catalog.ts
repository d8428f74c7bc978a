/** What this server offers, as data: discovery and routing both read it (pure). */
import { type Resource, verbsOf } from '#api/resource.ts'

export interface SubresourceEntry {
  name: string
  kind: string
  /** Where the kind is of another group than its parent. */
  group?: string
  version?: string
  verbs: readonly string[]
}

export interface ResourceEntry {
  group: string
  version: string
  plural: string
  singular: string
  kind: string
  namespaced: boolean
  verbs: readonly string[]
  shortNames?: readonly string[]
  categories?: readonly string[]
  subresources: readonly SubresourceEntry[]
  storageVersionHash?: string
}

const proxyVerbs = ['create', 'delete', 'get', 'patch', 'update'] as const
const streamVerbs = ['create', 'get'] as const
const changeVerbs = ['get', 'patch', 'update'] as const

const special: Readonly<Record<string, readonly SubresourceEntry[]>> = {
  pods: [
    { name: 'attach', kind: 'PodAttachOptions', verbs: streamVerbs },
    { name: 'binding', kind: 'Binding', verbs: ['create'] },
    { name: 'eviction', kind: 'Eviction', group: 'policy', version: 'v1', verbs: ['create'] },
    { name: 'exec', kind: 'PodExecOptions', verbs: streamVerbs },
    { name: 'log', kind: 'Pod', verbs: ['get'] },
    { name: 'portforward', kind: 'PodPortForwardOptions', verbs: streamVerbs },
    { name: 'proxy', kind: 'PodProxyOptions', verbs: proxyVerbs },
  ],
  nodes: [{ name: 'proxy', kind: 'NodeProxyOptions', verbs: proxyVerbs }],
  services: [{ name: 'proxy', kind: 'ServiceProxyOptions', verbs: proxyVerbs }],
  namespaces: [{ name: 'finalize', kind: 'Namespace', verbs: ['update'] }],
  serviceaccounts: [{ name: 'token', kind: 'TokenRequest', group: 'authentication.k8s.io', version: 'v1', verbs: ['create'] }],
}

function subresourcesOf(resource: Resource, isCustom: boolean): SubresourceEntry[] {
  const own = Object.keys(resource.subresources ?? {}).map((name) => ({ name, kind: resource.kind, verbs: changeVerbs }))
  const scale = resource.scale ? [{ name: 'scale', kind: 'Scale', group: 'autoscaling', version: 'v1', verbs: changeVerbs }] : []
  if (isCustom) return [...own, ...scale]
  const others = resource.group === '' && Object.hasOwn(special, resource.plural) ? (special[resource.plural] ?? []) : []
  const taken = new Set(others.map((entry) => entry.name))
  return [...own.filter((entry) => !taken.has(entry.name)), ...scale, ...others].sort(byName)
}

const byName = (a: { name: string }, b: { name: string }): number => (a.name < b.name ? -1 : 1)

/** Resources that are only ever posted. */
export const postOnly: readonly ResourceEntry[] = [
  review('authentication.k8s.io', 'SelfSubjectReview', false),
  review('authentication.k8s.io', 'TokenReview', false),
  review('authorization.k8s.io', 'LocalSubjectAccessReview', true),
  review('authorization.k8s.io', 'SelfSubjectAccessReview', false),
  review('authorization.k8s.io', 'SelfSubjectRulesReview', false),
  review('authorization.k8s.io', 'SubjectAccessReview', false),
  review('', 'Binding', true),
]

function review(group: string, kind: string, namespaced: boolean): ResourceEntry {
  const singular = kind.toLowerCase()
  return { group, version: 'v1', kind, singular, plural: `${singular}s`, namespaced, verbs: ['create'], subresources: [] }
}

export function catalogOf(
  served: { all(): readonly Resource[]; isCustom(resource: Resource): boolean },
  hashOf: (text: string) => string,
): ResourceEntry[] {
  const kinds = served.all().map((resource): ResourceEntry => {
    const stored = resource.storedAs?.resource ?? resource
    return {
      group: resource.group,
      version: resource.version,
      plural: resource.plural,
      singular: resource.singular ?? resource.kind.toLowerCase(),
      kind: resource.kind,
      namespaced: resource.scope === 'Namespaced',
      verbs: verbsOf(resource),
      ...(resource.shortNames ? { shortNames: resource.shortNames } : {}),
      ...(resource.categories ? { categories: resource.categories } : {}),
      subresources: subresourcesOf(resource, served.isCustom(resource)),
      // what is not stored has no version there
      ...(verbsOf(resource).includes('create') ? { storageVersionHash: hashOf(`${stored.group}/${stored.version}/${stored.kind}`) } : {}),
    }
  })
  return [...kinds, ...postOnly].sort((a, b) => (a.plural < b.plural ? -1 : a.plural > b.plural ? 1 : 0))
}
