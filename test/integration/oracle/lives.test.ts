/**
 * One object of each kind through its life beside upstream: made, changed by every kind of patch, its status and its scale written, seen
 * through all its versions, deleted in every way. Compared are status code, warnings and body; what differs by nature is left out.
 */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { type Answered, type Both, type Step, startBoth } from './both.ts'
import { type Life, lives } from './lives-corpus.ts'

const skip = process.env['TYPERNETES_ORACLE'] === undefined && 'set TYPERNETES_ORACLE to compare with upstream'
const namespace = `lives-${process.pid}`
const merge = 'application/merge-patch+json'
const strategic = 'application/strategic-merge-patch+json'

const uuid = /[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g
const year = String(new Date().getUTCFullYear())

/** Uids, revisions and times of now are no more than there. */
function scrubbed(value: unknown, key = ''): unknown {
  if (Array.isArray(value)) return value.map((item) => scrubbed(item))
  if (typeof value === 'object' && value !== null) {
    const members = Object.entries(value).filter(([name]) => name !== 'managedFields')
    return Object.fromEntries(members.map(([name, item]) => [name, scrubbed(item, name)]))
  }
  if (key === 'uid' || key === 'resourceVersion') return typeof value
  if (typeof value !== 'string') return value
  if (/Time$|Timestamp$/.test(key) && value.startsWith(year)) return 'now'
  const times = new RegExp(String.raw`${year}-\d\d-\d\dT[\d:]+Z`, 'g')
  return value
    .replaceAll(uuid, 'UUID')
    .replaceAll(/:\\?"\d+\\?"/g, ':N')
    .replaceAll(times, 'T')
}

const compared = ({ code, body, warnings }: Answered): unknown => ({ code, warnings, body: scrubbed(body) })

/** The requests of a life, in their order. */
function stepsOf(life: Life, root: (apiVersion: string) => string): Step[] {
  const { apiVersion, kind, body, change, status, merged, faces = [] } = life
  const path = root(apiVersion)
  const one = `${path}/one`
  const object = { apiVersion, kind, metadata: { name: 'one', labels: { l: 'm' } }, ...body }
  const patch = (at: string, value: unknown, contentType = merge): Step => ({ method: 'PATCH', path: at, body: value, contentType })
  const get = (at: string): Step => ({ method: 'GET', path: at })
  const put = (at: string, value: unknown): Step => ({ method: 'PUT', path: at, body: value })
  const named = (metadata: object): object => ({ ...object, metadata: { ...object.metadata, ...metadata } })
  const create: Step = { method: 'POST', path, body: object }
  const remove = (query = '', options?: object): Step => ({ method: 'DELETE', path: `${one}${query}`, ...(options && { body: options }) })
  const clean = [remove('?propagationPolicy=Background'), patch(one, { metadata: { finalizers: null } })]
  const mine = `${path}?labelSelector=l%3Dm`
  const scale = (metadata: object, more: object = {}): object => ({
    apiVersion: 'autoscaling/v1',
    kind: 'Scale',
    metadata: { name: 'one', namespace, ...metadata },
    ...more,
  })

  const born: Step[] = [
    { ...create, body: { ...object, metadata: { name: 'A%b' } } },
    { ...create, path: `${path}?dryRun=All` },
    create,
    create,
    get(one),
    get(mine),
    ...['metadata.name=one', 'status.successful=0', 'status.replicas=0', 'spec.volumeName='].map((field) =>
      get(`${mine}&fieldSelector=${encodeURIComponent(field)}`),
    ),
  ]
  const changed: Step[] = [
    patch(one, change),
    patch(one, change),
    patch(one, { status: status ?? { a: 1 } }),
    get(`${one}/status`),
    ...(merged ? [patch(one, merged, strategic)] : []),
    patch(one, [{ op: 'add', path: '/metadata/labels/z', value: 'y' }], 'application/json-patch+json'),
    put(one, object),
    put(one, named({ resourceVersion: '1' })),
    put(one, named({ uid: 'x' })),
    put(one, named({ name: 'x' })),
    put(`${path}/new`, { ...object, metadata: { name: 'new' } }),
    { method: 'DELETE', path: `${path}/new?propagationPolicy=Background` },
  ]
  const stated: Step[] = status
    ? [
        patch(`${one}/status`, { spec: { paused: true }, metadata: { labels: { s: 't' }, annotations: { a: 'b' } }, status }),
        patch(`${one}/status`, { status: { ...status, [Object.keys(status)[0] ?? '']: -1 } }),
        put(`${one}/status`, { ...object, status }),
        get(one),
      ]
    : []
  const scaled: Step[] = [
    get(`${one}/scale`),
    ...(life.scales
      ? [
          patch(`${one}/scale`, { spec: { replicas: 3 } }),
          patch(`${one}/scale`, { spec: { replicas: -3 } }),
          patch(`${one}/scale`, { spec: { replicas: 4 } }, strategic),
          put(`${one}/scale`, { metadata: { name: 'one', namespace }, spec: { replicas: 2 } }),
          put(`${one}/scale`, scale({ name: 'other' }, { spec: { replicas: 2 } })),
          put(`${one}/scale`, scale({ resourceVersion: '1' }, { spec: { replicas: 1 } })),
          put(`${one}/scale`, scale({})),
          put(`${one}/scale`, { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'one', namespace } }),
          get(`${path}/none/scale`),
        ]
      : []),
  ]
  const seen: Step[] = faces.flatMap((face) => [
    get(`${root(face)}/one`),
    get(`${root(face)}/one/status`),
    patch(`${root(face)}/one`, { spec: { minReplicas: 2 } }),
    patch(`${root(face)}/one`, { spec: { maxReplicas: 9 } }, strategic),
    get(root(face)),
  ])
  const ways: Step[][] = [
    [patch(one, { metadata: { finalizers: ['example.com/x'] } }), remove(), get(one)],
    [
      remove('?dryRun=All&propagationPolicy=Background'),
      remove('', { preconditions: { uid: 'x' } }),
      remove('?propagationPolicy=Background'),
    ],
    [remove('?propagationPolicy=Foreground')],
    [remove('?propagationPolicy=Orphan')],
    [{ method: 'DELETE', path: mine }, get(mine)],
  ]
  const ended = ways.flatMap((way, i) => [...(i === 0 ? [] : [create]), ...way, ...clean])
  return [...born, ...changed, ...stated, ...scaled, ...seen, ...ended, get(one)]
}

describe('lives as upstream has them', { skip }, () => {
  let both: Both
  const onBoth = async (step: Step): Promise<void> => {
    await both.ours(step)
    await both.upstream(step)
  }

  before(async () => {
    both = await startBoth()
    await onBoth({ method: 'POST', path: '/api/v1/namespaces', body: { metadata: { name: namespace } } })
    await onBoth({ method: 'POST', path: `/api/v1/namespaces/${namespace}/serviceaccounts`, body: { metadata: { name: 'default' } } })
  })
  after(async () => {
    const path = `/api/v1/namespaces/${namespace}`
    const { body } = await both.upstream({ method: 'DELETE', path })
    // Nobody else ends namespaces there.
    await both.upstream({ method: 'PUT', path: `${path}/finalize`, body: { ...body, spec: {} } })
    await both[Symbol.asyncDispose]()
  })

  for (const life of lives)
    test(`${life.kind} of ${life.apiVersion}`, async () => {
      const root = (apiVersion: string): string =>
        `${apiVersion.includes('/') ? '/apis' : '/api'}/${apiVersion}${life.clusterScoped ? '' : `/namespaces/${namespace}`}/${life.plural}`
      for (const step of stepsOf(life, root)) {
        const [ours, theirs] = [await both.ours(step), await both.upstream(step)]
        assert.deepEqual(compared(ours), compared(theirs), `${step.method} ${step.path} ${JSON.stringify(step.body ?? null)}`)
      }
    })

  for (const path of ['/api/v1', '/apis/apps/v1', '/apis/batch/v1', '/apis/autoscaling/v1', '/apis/autoscaling/v2', '/apis/policy/v1'])
    test(`discovery of ${path}`, async () => {
      const [ours, theirs] = [await both.ours({ method: 'GET', path }), await both.upstream({ method: 'GET', path })]
      assert.deepEqual(ours.body, theirs.body)
    })
})
