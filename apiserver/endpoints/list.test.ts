import assert from 'node:assert/strict'
import { once } from 'node:events'
import { Writable } from 'node:stream'
import { describe, it } from 'node:test'
import { ConfigMaps } from '#api/core/config-map.ts'
import { CoreEvents } from '#api/core/event.ts'
import { Namespaces } from '#api/core/namespace.ts'
import { Pods } from '#api/core/pod.ts'
import { EventsV1 } from '#api/events/event.ts'
import type { KubeObject, Resource } from '#api/resource.ts'
import type { Cache } from '#apiserver/cache/cache.ts'
import { type Fixture, made, memoryCache, put, remove } from '#apiserver/cache/fixture.ts'
import { type GetRequest, readObject, settled } from './get.ts'
import { ExpiredContinue, listObjects } from './list.ts'
import type { ListAnswer } from './list-body.ts'
import type { AnswerForm } from './read-request.ts'

const resources = [ConfigMaps, Pods, Namespaces, CoreEvents, EventsV1]

interface ListBody {
  kind: string
  apiVersion: string
  metadata: { resourceVersion: string; continue?: string; remainingItemCount?: number }
  items: KubeObject[]
  rows: { cells: unknown[]; object: KubeObject | null }[]
  columnDefinitions: { name: string }[]
}

const object: AnswerForm = { form: 'object', version: 'v1' }

async function textOf({ body, bytes }: ListAnswer): Promise<string> {
  const parts: Buffer[] = []
  if (Buffer.isBuffer(body)) parts.push(body)
  else for await (const part of body.readable()) parts.push(part as Buffer)
  const whole = Buffer.concat(parts)
  assert.equal(whole.length, bytes, 'the announced length')
  return whole.toString()
}

async function list(
  fixture: Fixture,
  query = '',
  more: { resource?: Resource; namespace?: string; answer?: AnswerForm } = {},
): Promise<ListBody> {
  const { resource = ConfigMaps, namespace, answer = object } = more
  return JSON.parse(
    await textOf(await listObjects(fixture.cache, { resource, namespace, answer, query: new URLSearchParams(query) })),
  ) as ListBody
}

const names = ({ items }: ListBody): string[] => items.map((item) => item.metadata.name ?? '')
const map = (name: string, namespace = 'ns', labels?: Record<string, string>): KubeObject =>
  made(ConfigMaps, name, { namespace, ...(labels === undefined ? {} : { labels }) })

async function withMaps(count: number): Promise<Fixture> {
  const fixture = await memoryCache({ resources, history: { changes: 50, bytes: 1e9 } })
  for (let n = 0; n < count; n++) await put(fixture.storage, ConfigMaps, map(`m${n}`))
  return fixture
}

async function readSettled(cache: Cache, request: GetRequest): Promise<ReturnType<typeof readObject>> {
  await settled(cache, request.query)
  return readObject(cache, request)
}

describe('a list', () => {
  it("is upstream's text: no type in items, newline at the end", async () => {
    await using fixture = await memoryCache({ resources })
    const empty = await listObjects(fixture.cache, { resource: ConfigMaps, answer: object, query: new URLSearchParams() })
    assert.equal(await textOf(empty), '{"kind":"ConfigMapList","apiVersion":"v1","metadata":{"resourceVersion":"1"},"items":[]}\n')
    await put(fixture.storage, ConfigMaps, made(ConfigMaps, 'a', { namespace: 'ns', uid: 'u' }))
    const one = await listObjects(fixture.cache, { resource: ConfigMaps, answer: object, query: new URLSearchParams() })
    assert.equal(
      await textOf(one),
      '{"kind":"ConfigMapList","apiVersion":"v1","metadata":{"resourceVersion":"2"},"items":[{"metadata":{"name":"a","namespace":"ns","uid":"u","resourceVersion":"2"},"spec":{},"status":{}}]}\n',
    )
  })

  it('streams what is long', async () => {
    await using fixture = await memoryCache({ resources })
    const text = 'äöü'.repeat(3000)
    for (let n = 0; n < 40; n++) await put(fixture.storage, ConfigMaps, { ...map(`m${n}`), data: { text } } as KubeObject)
    await put(fixture.storage, ConfigMaps, { ...map('huge'), data: { text: 'x'.repeat(300_000) } } as KubeObject)
    const answer = await listObjects(fixture.cache, { resource: ConfigMaps, answer: object, query: new URLSearchParams() })
    assert.ok(!Buffer.isBuffer(answer.body))
    const body = JSON.parse(await textOf(answer)) as ListBody
    assert.equal(body.items.length, 41)
    assert.ok(!Buffer.isBuffer(answer.body))
    const written: Buffer[] = []
    const slow = new Writable({
      highWaterMark: 1000,
      write: (chunk: Buffer, _, done) =>
        void setImmediate(() => {
          written.push(Buffer.from(chunk))
          done()
        }),
    })
    await Promise.all([once(slow, 'finish'), answer.body.writeTo(slow)])
    assert.equal(Buffer.concat(written).toString(), await textOf(answer))
    assert.deepEqual(
      new Set(body.items.map((item) => (item as unknown as { data: { text: string } }).data.text.length)),
      new Set([300_000, 9000]),
    )
  })

  it('pages through one state while objects come and go', async () => {
    await using fixture = await withMaps(9)
    const first = await list(fixture, 'limit=4')
    assert.deepEqual([names(first), first.metadata.remainingItemCount], [['m0', 'm1', 'm2', 'm3'], 5])
    await put(fixture.storage, ConfigMaps, map('m44'))
    await put(fixture.storage, ConfigMaps, map('m5', 'ns', { changed: 'yes' }))
    await remove(fixture.storage, ConfigMaps, map('m6'))
    await fixture.cache.fresh()
    const second = await list(fixture, `limit=4&continue=${first.metadata.continue}`)
    assert.deepEqual([names(second), second.metadata.remainingItemCount], [['m4', 'm5', 'm6', 'm7'], 1])
    assert.equal(second.items[1]?.metadata.labels, undefined)
    assert.equal(second.metadata.resourceVersion, first.metadata.resourceVersion)
    const third = await list(fixture, `limit=4&continue=${second.metadata.continue}`)
    assert.deepEqual([names(third), third.metadata.continue, third.metadata.remainingItemCount], [['m8'], undefined, undefined])
  })

  it('does not count what is behind a selector', async () => {
    await using fixture = await withMaps(3)
    const { metadata } = await list(fixture, 'limit=1&labelSelector=!a')
    assert.deepEqual([typeof metadata.continue, metadata.remainingItemCount], ['string', undefined])
  })

  it('offers to go on inconsistently when a token is too old', async () => {
    await using fixture = await withMaps(5)
    const first = await list(fixture, 'limit=2')
    for (let n = 0; n < 60; n++) await put(fixture.storage, ConfigMaps, map('x', 'ns', { n: `${n}` }))
    await fixture.cache.fresh()
    let token = ''
    await assert.rejects(list(fixture, `limit=2&continue=${first.metadata.continue}`), (error: unknown) => {
      assert.ok(error instanceof ExpiredContinue)
      assert.deepEqual([error.code, error.reason], [410, 'Expired'])
      token = String(error.toStatus().metadata['continue'])
      return true
    })
    const rest = await list(fixture, `continue=${token}`)
    assert.deepEqual(names(rest), ['m2', 'm3', 'm4', 'x'])
  })

  it('shows an exact older state, any state, or one not older', async () => {
    await using fixture = await withMaps(2)
    await fixture.cache.fresh()
    const then = String(fixture.cache.revision)
    await put(fixture.storage, ConfigMaps, map('m2'))
    await fixture.cache.fresh()
    assert.deepEqual(names(await list(fixture, `resourceVersion=${then}&resourceVersionMatch=Exact`)), ['m0', 'm1'])
    assert.deepEqual(names(await list(fixture, `resourceVersion=${then}&limit=5`)), ['m0', 'm1'])
    assert.deepEqual(names(await list(fixture, `resourceVersion=${then}&resourceVersionMatch=NotOlderThan&limit=2`)), ['m0', 'm1'])
    assert.deepEqual(names(await list(fixture, `resourceVersion=${then}`)), ['m0', 'm1', 'm2'])
    assert.deepEqual(names(await list(fixture, 'resourceVersion=0&limit=1')), ['m0', 'm1', 'm2'])
    for (let n = 0; n < 60; n++) await put(fixture.storage, ConfigMaps, map('x', 'ns', { n: `${n}` }))
    await fixture.cache.fresh()
    await assert.rejects(list(fixture, `resourceVersion=${then}&resourceVersionMatch=Exact`), {
      code: 410,
      message: 'The resourceVersion for the provided list is too old.',
    })
  })

  it('is cut to a namespace, also by its continue token', async () => {
    await using fixture = await memoryCache({ resources })
    for (const [name, namespace] of [
      ['a', 'n1'],
      ['b', 'n1'],
      ['a', 'n2'],
    ] as const)
      await put(fixture.storage, ConfigMaps, map(name, namespace))
    const first = await list(fixture, 'limit=1', { namespace: 'n1' })
    assert.deepEqual(names(await list(fixture, `continue=${first.metadata.continue}`, { namespace: 'n1' })), ['b'])
    const token = (start: string): string =>
      Buffer.from(JSON.stringify({ v: 'meta.k8s.io/v1', rv: fixture.cache.revision, start })).toString('base64url')
    await assert.rejects(list(fixture, `continue=${token('../../secrets/')}`, { namespace: 'n1' }), { code: 400 })
  })
})

describe('bad parameters', () => {
  const table: [string, number, string][] = [
    [
      'resourceVersion=abc',
      400,
      'invalid resource version: resourceVersion: Invalid value: "abc": strconv.ParseUint: parsing "abc": invalid syntax',
    ],
    ['limit=abc', 400, 'strconv.ParseInt: parsing "abc": invalid syntax'],
    ['continue=e30', 400, 'invalid continue token: continue key is not valid: server does not recognize this encoded version '],
    ['fieldSelector=foo=bar', 400, '"foo" is not a known field selector: only "metadata.name", "metadata.namespace"'],
    [
      'resourceVersionMatch=Exact',
      422,
      'ListOptions.meta.k8s.io "" is invalid: resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden unless resourceVersion is provided',
    ],
    [
      'resourceVersionMatch=Foo&resourceVersion=1',
      422,
      'ListOptions.meta.k8s.io "" is invalid: resourceVersionMatch: Unsupported value: "Foo": supported values: "Exact", "NotOlderThan", ""',
    ],
    [
      'sendInitialEvents=true',
      422,
      'ListOptions.meta.k8s.io "" is invalid: sendInitialEvents: Forbidden: sendInitialEvents is forbidden for list',
    ],
  ]
  for (const [query, code, message] of table) {
    it(query, async () => {
      await using fixture = await memoryCache({ resources })
      await assert.rejects(list(fixture, query), { code, message })
    })
  }
})

describe('other forms', () => {
  it('tables have columns, cells and what is asked to be included', async () => {
    await using fixture = await memoryCache({ resources })
    await put(fixture.storage, Namespaces, made(Namespaces, 'default', { uid: 'u' }))
    const answer: AnswerForm = { form: 'table', version: 'v1' }
    const table = await list(fixture, '', { resource: Namespaces, answer })
    assert.deepEqual([table.kind, table.apiVersion], ['Table', 'meta.k8s.io/v1'])
    assert.deepEqual(
      table.columnDefinitions.map((column) => column.name),
      ['Name', 'Status', 'Age'],
    )
    assert.equal(table.rows[0]?.cells[0], 'default')
    assert.deepEqual(table.rows[0]?.object, {
      kind: 'PartialObjectMetadata',
      apiVersion: 'meta.k8s.io/v1',
      metadata: { name: 'default', uid: 'u', resourceVersion: '2' },
    })
    assert.equal((await list(fixture, 'includeObject=None', { resource: Namespaces, answer })).rows[0]?.object, null)
    assert.equal((await list(fixture, 'includeObject=Object', { resource: Namespaces, answer })).rows[0]?.object?.kind, 'Namespace')
    const { bytes: single } = await readSettled(fixture.cache, {
      resource: Namespaces,
      name: 'default',
      answer,
      query: new URLSearchParams(),
    })
    const { columnDefinitions, rows, metadata } = JSON.parse(single.toString()) as ListBody
    assert.deepEqual([columnDefinitions.length, rows.length, metadata], [3, 1, { resourceVersion: '2' }])
  })

  it('metadata alone is cut out of the bytes', async () => {
    await using fixture = await memoryCache({ resources })
    await put(fixture.storage, ConfigMaps, made(ConfigMaps, 'a', { namespace: 'ns', uid: 'u', labels: { 'x}"{': '}\\"' } }))
    const { kind, items } = await list(fixture, '', { answer: { form: 'partialList', version: 'v1' } })
    assert.equal(kind, 'PartialObjectMetadataList')
    assert.deepEqual(items, [
      {
        kind: 'PartialObjectMetadata',
        apiVersion: 'meta.k8s.io/v1',
        metadata: { name: 'a', namespace: 'ns', uid: 'u', resourceVersion: '2', labels: { 'x}"{': '}\\"' } },
      },
    ])
    await assert.rejects(list(fixture, '', { answer: { form: 'partial', version: 'v1' } }), { code: 406 })
  })

  it('a second face is converted, and selected by its own fields', async () => {
    await using fixture = await memoryCache({ resources })
    const event = {
      ...made(CoreEvents, 'e', { namespace: 'ns', uid: 'u' }),
      involvedObject: { kind: 'Pod', name: 'p', uid: 'x' },
      message: 'hello',
    }
    await put(fixture.storage, CoreEvents, event as KubeObject)
    const { kind, apiVersion, items } = await list(fixture, '', { resource: EventsV1 })
    assert.deepEqual([kind, apiVersion], ['EventList', 'events.k8s.io/v1'])
    const item = items[0] as unknown as { regarding: { name: string }; note: string; metadata: { resourceVersion: string } }
    assert.deepEqual([item.regarding.name, item.note, item.metadata.resourceVersion], ['p', 'hello', '2'])
    assert.equal((await list(fixture, 'fieldSelector=involvedObject.uid=x', { resource: CoreEvents })).items.length, 1)
    const { bytes: one } = await readSettled(fixture.cache, {
      resource: EventsV1,
      namespace: 'ns',
      name: 'e',
      answer: object,
      query: new URLSearchParams(),
    })
    assert.equal((JSON.parse(one.toString()) as KubeObject).apiVersion, 'events.k8s.io/v1')
  })
})

describe('get', () => {
  it('answers the newest state, any, or one not older', async () => {
    await using fixture = await withMaps(1)
    const get = async (name: string, query = ''): Promise<string> =>
      (
        await readSettled(fixture.cache, { resource: ConfigMaps, namespace: 'ns', name, answer: object, query: new URLSearchParams(query) })
      ).bytes.toString()
    const revision = await put(fixture.storage, ConfigMaps, made(ConfigMaps, 'm0', { namespace: 'ns', uid: 'u' }))
    assert.equal(
      await get('m0'),
      `{"kind":"ConfigMap","apiVersion":"v1","metadata":{"name":"m0","namespace":"ns","uid":"u","resourceVersion":"${revision}"},"spec":{},"status":{}}\n`,
    )
    assert.equal(await get('m0', `resourceVersion=${revision}`), await get('m0', 'resourceVersion=0'))
    await assert.rejects(get('none'), { code: 404, message: 'configmaps "none" not found' })
    await assert.rejects(get('m0', 'resourceVersion=abc'), { code: 500 })
  })
})
