/** Quotas beside upstream: the count of each kind, amounts and scopes of pods, ports of services, storage. Their status is written by hand, as no controller runs. */
import { after, before, describe, test } from 'node:test'
import { groupResourceOf } from '#api/resource.ts'
import { resources } from '#api/scheme.ts'
import { corpusOf, idOf } from './differential/requests.ts'
import { type Pair, skipWithoutOracle as skip, startPair } from './pair.ts'
import type { RawRequest } from './raw.ts'

type Amounts = Readonly<Record<string, string>>

const post = (path: string, body: unknown): RawRequest => ({ method: 'POST', path, body })
const pod = (name: string, resources?: object, spec: object = {}): object => ({
  metadata: { name },
  spec: { containers: [{ name: 'c', image: 'i', ...(resources ? { resources } : {}) }], ...spec },
})
const affinity = {
  podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [{ labelSelector: {}, topologyKey: 'k', namespaces: ['x'] }] },
}

const pods: readonly object[] = [
  pod('a'),
  pod('b', { requests: { cpu: '1', memory: '1Gi' } }),
  pod('c', { requests: { cpu: '1', memory: '1Gi' }, limits: { cpu: '2', memory: '2Gi' } }),
  pod('d', { limits: { cpu: '1', memory: '1Gi' } }, { activeDeadlineSeconds: 5 }),
  pod('e', undefined, { priorityClassName: 'system-node-critical' }),
  pod('f', undefined, { affinity }),
  pod('g', { requests: { 'ephemeral-storage': '1Gi', 'hugepages-2Mi': '2Mi', cpu: '1' }, limits: { 'hugepages-2Mi': '2Mi' } }),
  pod('h', { limits: { 'example.com/gpu': '2' } }),
]
const services: readonly object[] = [
  { metadata: { name: 'a' }, spec: { ports: [{ port: 1 }] } },
  { metadata: { name: 'b' }, spec: { type: 'NodePort', ports: [{ port: 1, nodePort: 31_911 }] } },
  { metadata: { name: 'c' }, spec: { type: 'LoadBalancer', ports: [{ port: 1, nodePort: 31_912 }] } },
  { metadata: { name: 'd' }, spec: { type: 'ExternalName', externalName: 'x.y' } },
]
const claims: readonly object[] = [undefined, 'gold', ''].map((storageClassName, i) => ({
  metadata: { name: `claim${i}` },
  spec: { storageClassName, accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '2Gi' } } },
}))

const priority = (operator: string, values?: readonly string[]): object => ({
  scopeSelector: { matchExpressions: [{ scopeName: 'PriorityClass', operator, ...(values ? { values } : {}) }] },
})

interface Case {
  plural: string
  objects: readonly object[]
  hard: readonly (readonly [Amounts, object?])[]
}

const cases: readonly Case[] = [
  {
    plural: 'pods',
    objects: pods,
    hard: [
      ...[
        { pods: '1' },
        { cpu: '1500m' },
        { 'requests.cpu': '1500m', 'limits.cpu': '2' },
        { memory: '1Gi' },
        { 'limits.memory': '2Gi' },
      ].map((hard): [Amounts] => [hard as unknown as Amounts]),
      [{ 'requests.ephemeral-storage': '500Mi' }],
      [{ 'requests.example.com/gpu': '1' }],
      [{ 'requests.hugepages-2Mi': '1Mi' }],
      [{ 'count/pods': '2', pods: '5' }],
      ...[['BestEffort'], ['NotBestEffort'], ['Terminating'], ['CrossNamespacePodAffinity']].map((scopes): [Amounts, object] => [
        { pods: '1' },
        { scopes },
      ]),
      [{ pods: '1', 'requests.cpu': '1' }, { scopes: ['NotTerminating'] }],
      [{ pods: '1' }, priority('In', ['system-node-critical'])],
      [{ pods: '0' }, priority('Exists')],
    ],
  },
  {
    plural: 'services',
    objects: services,
    hard: [[{ services: '1' }], [{ 'services.nodeports': '1' }], [{ 'services.loadbalancers': '0' }], [{ 'services.nodeports': '0' }]],
  },
  {
    plural: 'persistentvolumeclaims',
    objects: claims,
    hard: [
      [{ 'requests.storage': '3Gi' }],
      [{ persistentvolumeclaims: '1' }],
      [{ 'gold.storageclass.storage.k8s.io/requests.storage': '1Gi' }],
      [{ 'gold.storageclass.storage.k8s.io/persistentvolumeclaims': '0' }],
    ],
  },
]

describe('quotas beside upstream', { skip }, () => {
  let pair: Pair
  let count = 0
  before(async () => {
    pair = await startPair('quotas')
  })
  after(() => pair[Symbol.asyncDispose]())

  /** A namespace of its own for each quota. */
  async function withQuota(hard: Amounts, scopes: object, run: (namespace: string) => Promise<void>): Promise<void> {
    const namespace = `${pair.namespace}-${count++}`
    const core = `/api/v1/namespaces/${namespace}`
    const used = Object.fromEntries(Object.keys(hard).map((name) => [name, '0']))
    await pair.ask(post('/api/v1/namespaces', { metadata: { name: namespace } }))
    await pair.ask(post(`${core}/serviceaccounts`, { metadata: { name: 'default' } }))
    await pair.same(post(`${core}/resourcequotas`, { metadata: { name: 'q' }, spec: { hard, ...scopes } }))
    await pair.same({
      method: 'PATCH',
      path: `${core}/resourcequotas/q/status`,
      headers: { 'content-type': 'application/merge-patch+json' },
      body: { status: { hard, used } },
    })
    // both servers look quotas up in a cache
    await pair.until({ method: 'GET', path: `${core}/resourcequotas?resourceVersion=0` }, ({ body }) =>
      JSON.stringify(body).includes('"used"'),
    )
    await run(namespace)
    await pair.ask({ method: 'DELETE', path: `/api/v1/namespaces/${namespace}` })
  }

  for (const resource of resources.filter(({ scope, plural }) => scope === 'Namespaced' && plural !== 'resourcequotas')) {
    test(`count of ${idOf(resource)}`, () =>
      withQuota({ [`count/${groupResourceOf(resource)}`]: '1' }, {}, async (namespace) => {
        const corpus = corpusOf(resource, namespace, Number.MAX_SAFE_INTEGER)
        if (corpus === undefined) return
        await pair.same(post(corpus.collection, corpus.seed))
        await pair.same(post(corpus.collection, { ...corpus.seed, metadata: { name: 'second' } }))
        await pair.same(post(`${corpus.collection}?dryRun=All`, { ...corpus.seed, metadata: { name: 'third' } }))
      }))
  }

  for (const { plural, objects, hard } of cases) {
    for (const [amounts, scopes = {}] of hard) {
      test(`${plural}: ${JSON.stringify(amounts)} ${JSON.stringify(scopes)}`, () =>
        withQuota(amounts, scopes, async (namespace) => {
          // what is only tried is charged nowhere
          const query = plural === 'services' ? '?dryRun=All' : ''
          for (const object of objects) await pair.same(post(`/api/v1/namespaces/${namespace}/${plural}${query}`, object))
        }))
    }
  }
})
