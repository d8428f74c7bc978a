/** Reads beside upstream: forms of answers, versions, pages, selectors, watches and deletions of collections, of a built-in kind and a custom one. */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { customGroup, definition, type Pair, type Request, serveCustom, skipWithoutOracle as skip, startPair } from './pair.ts'
import { agreed, type RawReply } from './raw.ts'

const meta = (as: string, version = 'v1'): string => `application/json;as=${as};v=${version};g=meta.k8s.io`
const table = meta('Table')
const partial = meta('PartialObjectMetadata')

const gadgets = definition(
  'gadgets',
  {
    type: 'object',
    properties: { spec: { type: 'object', properties: { color: { type: 'string' }, size: { type: 'integer' } } } },
  },
  {
    selectableFields: [{ jsonPath: '.spec.color' }],
    additionalPrinterColumns: [
      { name: 'Color', type: 'string', jsonPath: '.spec.color' },
      { name: 'Size', type: 'integer', jsonPath: '.spec.size', priority: 1 },
    ],
  },
)

interface Kind {
  plural: string
  collection(namespace: string): string
  make(i: number): object
}

const labels = (i: number): object => ({ n: String(i), even: i % 2 === 0 ? 'yes' : 'no' })

const kinds: readonly Kind[] = [
  {
    plural: 'configmaps',
    collection: (namespace) => `/api/v1/namespaces/${namespace}/configmaps`,
    make: (i) => ({ metadata: { name: `o${i}`, labels: labels(i) }, data: { a: String(i) } }),
  },
  {
    plural: 'gadgets',
    collection: (namespace) => `/apis/${customGroup}/v1/namespaces/${namespace}/gadgets`,
    make: (i) => ({
      apiVersion: `${customGroup}/v1`,
      kind: 'Gadget',
      metadata: { name: `o${i}`, labels: labels(i) },
      spec: { color: i % 2 === 0 ? 'blue' : 'red', size: i },
    }),
  },
]

const labelSelectors = [
  ...['a', '!a', 'a=', 'a==', 'a!=', 'even in (yes)', 'even in (yes,no)', 'even notin (yes)', 'even in ()', 'even in', 'even=yes,n=2'],
  ...['even=yes,,n=2', ',', 'n>1', 'n<3', 'n>x', 'n>', 'a b', '=a', 'even = yes', 'even==yes , n!=2', 'x/y=z', 'x/y/z=a', '-a=b', 'a=-b'],
  ...['a in (-b)', '!', '!!a', 'a=b=c', '(a)', 'a!b', 'kubernetes.io/x=y', 'A_B.c=d', 'even in (yes)b', 'n in (1,2,3),even', 'é=1', 'a=é'],
]
const fieldSelectors = [
  ...['a', 'metadata.name', 'metadata.name=o1,metadata.name=o2', 'metadata.name!=o1', 'metadata.name==o1', 'metadata.name=', '=', '=x'],
  ...['metadata.name=o1\\,b', 'metadata.name=a\\b', 'metadata.name=o1,', 'spec.color=red', 'spec.color!=red', 'spec.size=1', 'spec.color'],
  ...['metadata.labels.n=1', 'metadata.namespace=x', 'metadata.namespace!=x', 'metadata.namespace=', 'metadata.uid=x', 'status.phase=x'],
]
const matches = [undefined, 'Exact', 'NotOlderThan', 'Bogus', '']
const pages = ['', 'limit=2', 'limit=0', 'limit=-1', 'limit=x', 'CONTINUE', 'timeoutSeconds=1', 'timeoutSeconds=-1', 'watch=false&limit=3']
const others = ['sendInitialEvents=true', 'sendInitialEvents=false', 'labelSelector=even%3Dyes&limit=1', 'fieldSelector=metadata.name%3Do1']
const watches = [
  ...['', 'sendInitialEvents=true', 'sendInitialEvents=false', 'sendInitialEvents=false&resourceVersionMatch=NotOlderThan'],
  ...[
    'sendInitialEvents=true&resourceVersionMatch=Exact',
    'resourceVersionMatch=NotOlderThan',
    'limit=1',
    'continue=x',
    'timeoutSeconds=x',
  ],
  ...['fieldSelector=metadata.name%3Do2', 'labelSelector=even%3Dno'],
]
const deletions = [
  ...['labelSelector=n%3D4&dryRun=All', 'labelSelector=n%3D4&propagationPolicy=Bogus', 'fieldSelector=metadata.name%3Do4&limit=1'],
  ...[
    'resourceVersion=x',
    'resourceVersionMatch=Exact',
    'gracePeriodSeconds=x',
    'gracePeriodSeconds=-1',
    'labelSelector=n%3D3',
    'limit=2&dryRun=All',
  ],
]

const versionIn = (reply: RawReply): string => (reply.body as { metadata: { resourceVersion: string } }).metadata.resourceVersion
const continueIn = (reply: RawReply): string => (reply.body as { metadata: { continue: string } }).metadata.continue
const get = (path: string, accept = 'application/json'): Request => ({ method: 'GET', path, headers: { accept } })

describe('reads beside upstream', { skip }, () => {
  let pair: Pair
  let custom: AsyncDisposable
  before(async () => {
    pair = await startPair('reads')
    custom = await serveCustom(pair, [gadgets])
  })
  after(async () => {
    await custom[Symbol.asyncDispose]()
    await pair[Symbol.asyncDispose]()
  })

  test('writes answer in the form that is asked for', async () => {
    const base = `/api/v1/namespaces/${pair.namespace}/configmaps`
    const merge = 'application/merge-patch+json'
    const protobuf = 'application/vnd.kubernetes.protobuf;as=PartialObjectMetadata;v=v1;g=meta.k8s.io'
    await pair.same({ method: 'POST', path: base, headers: { accept: partial }, body: { metadata: { name: 'formed' } } })
    await pair.same({
      method: 'PATCH',
      path: `${base}/formed`,
      headers: { accept: protobuf, 'content-type': merge },
      body: { data: { a: 'b' } },
    })
    await pair.same({ method: 'PUT', path: `${base}/formed`, headers: { accept: partial }, body: { metadata: { name: 'formed' } } })
    await pair.same({ method: 'DELETE', path: `${base}/formed`, headers: { accept: table } })
    for (const accept of [table, partial, 'application/json']) {
      const spec = { resourceAttributes: { verb: 'get', resource: 'pods' } }
      const path = '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews'
      const replies = await pair.ask({ method: 'POST', path, headers: { accept }, body: { spec } })
      // upstream's reviews carry managed fields
      const told = replies.map(({ code, body }) => (code === 406 ? body : code))
      assert.deepEqual(told[0], told[1], accept)
    }
  })

  for (const kind of kinds) {
    describe(kind.plural, () => {
      let base: string
      /** Of each object, on either server. */
      const made: (readonly [string, string])[] = []
      let now: readonly [string, string]
      let token: readonly [string, string]
      before(async () => {
        base = kind.collection(pair.namespace)
        for (let i = 0; i < 5; i++) {
          const [ours, theirs] = await pair.ask({ method: 'POST', path: base, body: kind.make(i) })
          made.push([versionIn(ours), versionIn(theirs)])
        }
        const [ours, theirs] = await pair.ask(get(base))
        now = [versionIn(ours), versionIn(theirs)]
        const [first, upstreamFirst] = await pair.ask(get(`${base}?limit=2`))
        token = [continueIn(first), continueIn(upstreamFirst)]
      })
      const versions = (side: 0 | 1): (string | undefined)[] => [
        undefined,
        '0',
        'x',
        '-1',
        '1.5',
        made[1]?.[side],
        made[3]?.[side],
        now[side],
      ]

      const listOf = (v: number, match: string | undefined, more: string): Request => {
        return (side) => {
          const version = versions(side)[v]
          const query = [
            ...(version === undefined ? [] : [`resourceVersion=${version}`]),
            ...(match === undefined ? [] : [`resourceVersionMatch=${match}`]),
            ...(more === '' ? [] : [more.replace('CONTINUE', `continue=${encodeURIComponent(token[side])}`)]),
          ]
          return { method: 'GET', path: `${base}?${query.join('&')}` }
        }
      }
      test('lists of versions and pages', () => {
        const all = versions(0).flatMap((_, v) => matches.flatMap((match) => [...pages, ...others].map((more) => listOf(v, match, more))))
        return pair.allSame(all)
      })
      test('watches', async () => {
        // upstream has compacted what is old; versions that are none, and new ones, remain
        const starts = [0, 1, 2, 5, 7]
        const accepts = ['application/json', partial]
        const all = starts.flatMap((v) =>
          watches.flatMap((more) =>
            accepts.map((accept): Request => {
              const list = listOf(v, undefined, more) as (side: 0 | 1) => { path: string }
              return (side) => {
                const { path } = list(side)
                const time = more.startsWith('timeout') ? '' : '&timeoutSeconds=1'
                return { method: 'GET', path: `${path}&watch=1${time}`, headers: { accept } }
              }
            }),
          ),
        )
        await pair.allSame(all)
      })
      test('streams of the initial state end with a bookmark', async () => {
        const query = 'watch=1&timeoutSeconds=1&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true'
        for (const accept of ['application/json', partial, table]) {
          const replies = await pair.ask(get(`${base}?${query}`, accept))
          // ours adds a bookmark of its own before the time is over; a table's row of nothing is told differently
          const events = replies.map(({ body }) => (body as { type: string; object: { metadata: { annotations?: object } } }[]).slice(0, 6))
          const told = events.map((all) =>
            all.map(({ type, object }) => [type, type === 'BOOKMARK' ? object.metadata.annotations : agreed(object)]),
          )
          assert.deepEqual(
            told[0]?.map(([type]) => type),
            told[1]?.map(([type]) => type),
          )
          if (accept !== table) assert.deepEqual(told[0], told[1])
        }
      })
      test('label selectors', () => pair.allSame(labelSelectors.map((text) => get(`${base}?labelSelector=${encodeURIComponent(text)}`))))
      test('field selectors', () => pair.allSame(fieldSelectors.map((text) => get(`${base}?fieldSelector=${encodeURIComponent(text)}`))))
      test('forms', () => {
        const tables = ['None', 'Metadata', 'Object', 'Bogus', ''].flatMap((include) =>
          ['/o1?', '?limit=2&'].map((part) => get(`${base}${part}includeObject=${include}`, table)),
        )
        const accepts = [
          partial,
          meta('PartialObjectMetadata', 'v1beta1'),
          meta('Table', 'v2'),
          '*/*',
          `${table},${partial},application/json`,
        ]
        const plain = [...accepts, meta('PartialObjectMetadataList')].map((accept) => get(`${base}?limit=2`, accept))
        // ages of tables may differ by a second between two answers, so that they stand alone
        return pair.allSame([...(kind.plural === 'gadgets' ? tables : []), ...plain, ...accepts.map((accept) => get(`${base}/o1`, accept))])
      })
      test('deletions of collections', async () => {
        for (const query of deletions) await pair.same({ method: 'DELETE', path: `${base}?${query}` })
        await pair.same({ method: 'DELETE', path: `${base}?labelSelector=n%3D0`, body: { propagationPolicy: 'Foreground' } })
        await pair.same(get(base))
        await pair.same({ method: 'DELETE', path: base })
        await pair.same(get(base))
      })
    })
  }
})
