/** Subresources and deletions beside upstream, step by step on the same objects: scale, status, binding, resize, eviction, tokens, finalizers. */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { isPlain } from '#api/own.ts'
import { type Pair, skipWithoutOracle as skip, startPair } from './pair.ts'
import { agreed, type RawReply, type RawRequest } from './raw.ts'

const merge = 'application/merge-patch+json'
const strategic = 'application/strategic-merge-patch+json'
const jsonPatch = 'application/json-patch+json'
const apply = 'application/apply-patch+yaml'

const labels = { a: 'b' }
const template = { metadata: { labels }, spec: { containers: [{ name: 'c', image: 'i' }] } }
const selector = { matchLabels: labels }
const pod = (name: string, spec: object = {}): object => ({
  metadata: { name, labels },
  spec: { containers: [{ name: 'c', image: 'i' }], ...spec },
})

const patch = (path: string, body: unknown, type = merge): RawRequest => ({
  method: 'PATCH',
  path,
  headers: { 'content-type': type },
  body,
})
const post = (path: string, body: unknown): RawRequest => ({ method: 'POST', path, body })
const put = (path: string, body: unknown): RawRequest => ({ method: 'PUT', path, body })
const get = (path: string): RawRequest => ({ method: 'GET', path })
const remove = (path: string, body?: unknown): RawRequest => ({ method: 'DELETE', path, body })

/** What is not stored carries no managed fields here; tokens and their issuers are each server's own. */
function withoutFields({ code, headers, body }: RawReply): unknown {
  const told = structuredClone(body)
  if (!isPlain(told)) return { code, headers, body: told }
  const { metadata, status, spec } = told as {
    metadata?: { managedFields?: unknown }
    status?: { token?: unknown }
    spec?: { audiences?: string[] }
  }
  if (metadata) delete metadata.managedFields
  if (isPlain(status)) delete status.token
  if (spec?.audiences) spec.audiences = spec.audiences.map((name) => (name.startsWith('https://') ? '<issuer>' : name))
  return agreed({ code, headers, body: told })
}

describe('subresources beside upstream', { skip }, () => {
  let pair: Pair
  let core: string
  before(async () => {
    pair = await startPair('parts')
    core = `/api/v1/namespaces/${pair.namespace}`
  })
  after(() => pair[Symbol.asyncDispose]())

  const inTurn = async (steps: readonly RawRequest[]): Promise<void> => {
    for (const step of steps) await pair.same(step)
  }

  for (const [plural, more] of [
    ['deployments', { selector }],
    ['replicasets', { selector }],
    ['statefulsets', { selector, serviceName: 's' }],
    ['replicationcontrollers', { selector: labels }],
  ] as const) {
    test(`scale and status of ${plural}`, () => {
      const base = plural === 'replicationcontrollers' ? `${core}/${plural}` : `/apis/apps/v1/namespaces/${pair.namespace}/${plural}`
      const [item, scale] = [`${base}/d`, `${base}/d/scale`]
      const made = { apiVersion: 'autoscaling/v1', kind: 'Scale', metadata: { name: 'd', namespace: pair.namespace } }
      const scaled = (replicas: unknown, metadata: object = made.metadata): object => ({ ...made, metadata, spec: { replicas } })
      return inTurn([
        post(base, { metadata: { name: 'd' }, spec: { replicas: 2, template, ...more } }),
        get(scale),
        ...[scaled(3), scaled(-1), { ...made, spec: {} }, scaled(1, { name: 'other' }), scaled(1, { name: 'd', resourceVersion: '1' })].map(
          (body) => put(scale, body),
        ),
        ...[scaled(1, { name: 'd', uid: 'x' }), { kind: 'Scale', spec: { replicas: 1 } }, { ...scaled(4), apiVersion: 'v1' }].map((body) =>
          put(scale, body),
        ),
        put(scale, { apiVersion: 'apps/v1', kind: 'Deployment' }),
        patch(scale, { spec: { replicas: 5 } }),
        patch(scale, { spec: { bogus: 1 } }),
        patch(scale, [{ op: 'replace', path: '/spec/replicas', value: 6 }], jsonPatch),
        patch(scale, { spec: { replicas: 7 } }, strategic),
        patch(`${scale}?fieldManager=m`, scaled(8), apply),
        patch(`${scale}?fieldManager=m&force=true`, scaled(8), apply),
        get(item),
        patch(item, { spec: { replicas: 9 } }, strategic),
        patch(`${scale}?dryRun=All`, { spec: { replicas: 1 } }),
        get(`${base}/none/scale`),
        put(`${base}/none/scale`, scaled(1, { name: 'none' })),
        ...[{ observedGeneration: 3, replicas: 2 }, { replicas: -1 }, { conditions: [{ type: 'X', status: 'True' }], replicas: 1 }].map(
          (status) =>
            patch(`${item}/status`, { metadata: { labels: { l: 'm' }, annotations: { x: 'y' } }, spec: { replicas: 77 }, status }),
        ),
        ...[
          { readyReplicas: 5, replicas: 1 },
          { availableReplicas: 5, readyReplicas: 1, replicas: 5 },
        ].map((status) => patch(`${item}/status`, { status })),
        get(`${item}/status`),
      ])
    })
  }

  test('bindings', () =>
    inTurn([
      post(`${core}/pods`, pod('p')),
      ...[
        {},
        { kind: 'Binding', apiVersion: 'v1', metadata: { name: 'p' }, target: { kind: 'Pod', name: 'n' } },
        { metadata: { name: 'q' }, target: { kind: 'Node', name: 'n' } },
        { metadata: { name: 'p', uid: 'nope' }, target: { kind: 'Node', name: 'n' } },
        { metadata: { name: 'p', annotations: { z: 'y' } }, target: { apiVersion: 'v1', kind: 'Node', name: 'n1' } },
      ].flatMap((body) => [post(`${core}/pods/p/binding`, body), post(`${core}/bindings`, body)]),
      get(`${core}/pods/p`),
    ]))

  test('ephemeral containers', () =>
    inTurn([
      ...[
        { spec: { ephemeralContainers: [{ name: 'e', image: 'i' }] } },
        { spec: { ephemeralContainers: [{ name: 'c', image: 'i' }] } },
        { spec: { ephemeralContainers: [{ name: 'e', image: 'j' }] } },
        { spec: { ephemeralContainers: [{ name: 'f', image: 'j', targetContainerName: 'zz' }] } },
        { spec: { ephemeralContainers: [{ name: 'g', image: 'j', ports: [{ containerPort: 1 }] }] } },
        { spec: { nodeName: 'x', containers: [{ name: 'c', image: 'new' }] } },
      ].flatMap((body) => [strategic, merge].map((type) => patch(`${core}/pods/p/ephemeralcontainers`, body, type))),
      get(`${core}/pods/p/ephemeralcontainers`),
    ]))

  test('resizes', () =>
    inTurn([
      post(
        `${core}/pods`,
        pod('r', {
          containers: [
            {
              name: 'c',
              image: 'i',
              resources: { requests: { cpu: '100m', memory: '64Mi' }, limits: { cpu: '200m', memory: '64Mi' } },
              resizePolicy: [
                { resourceName: 'cpu', restartPolicy: 'NotRequired' },
                { resourceName: 'memory', restartPolicy: 'RestartContainer' },
              ],
            },
          ],
        }),
      ),
      ...[
        { requests: { cpu: '150m' } },
        { limits: { cpu: '50m' } },
        { limits: { memory: '128Mi' } },
        { requests: { memory: '128Mi' }, limits: { memory: '128Mi' } },
        { limits: { memory: '32Mi' }, requests: { memory: '32Mi' } },
        { requests: { 'ephemeral-storage': '1Gi' } },
        { limits: { cpu: null } },
      ].map((resources) => patch(`${core}/pods/r/resize`, { spec: { containers: [{ name: 'c', resources }] } }, strategic)),
      ...[
        { containers: [{ name: 'c', image: 'zz' }] },
        { containers: [{ name: 'x', resources: {} }] },
        { initContainers: [{ name: 'x' }] },
      ].map((spec) => patch(`${core}/pods/p/resize`, { spec }, strategic)),
      get(`${core}/pods/r/resize`),
    ]))

  test('status of a pod', () =>
    inTurn([
      ...[
        { phase: 'Running' },
        { phase: 'Bogus' },
        { podIPs: [{ ip: '10.1.1.2' }] },
        { podIP: '10.1.1.1', podIPs: [{ ip: '10.1.1.1' }, { ip: '10.1.1.3' }] },
        { hostIP: 'x' },
        { conditions: [{ type: 'Ready', status: 'Bogus' }] },
        { containerStatuses: [{ name: 'c', state: { running: {} }, ready: true, restartCount: 1, image: 'i', imageID: '' }] },
        { phase: 'Succeeded' },
        { phase: 'Running' },
        { nominatedNodeName: 'A B' },
        { qosClass: 'Guaranteed' },
        { observedGeneration: -1 },
        { startTime: 'x' },
      ].map((status) => patch(`${core}/pods/p/status`, { status }, strategic)),
      patch(
        `${core}/pods/p/status`,
        { metadata: { labels: { q: 'r' } }, spec: { activeDeadlineSeconds: 5 }, status: { message: 'z' } },
        strategic,
      ),
    ]))

  test('evictions', () =>
    inTurn([
      ...[
        {},
        { metadata: { name: 'q' } },
        { metadata: { name: 'r' }, deleteOptions: { preconditions: { uid: 'x' } } },
        { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name: 'r' }, deleteOptions: { dryRun: ['All'] } },
        { metadata: { name: 'r' }, deleteOptions: { gracePeriodSeconds: -5 } },
      ].map((body) => post(`${core}/pods/r/eviction`, body)),
      post(`${core}/pods/none/eviction`, { metadata: { name: 'none' } }),
    ]))

  test('tokens', async () => {
    const asked = (spec: object, metadata: object = {}): object => ({
      apiVersion: 'authentication.k8s.io/v1',
      kind: 'TokenRequest',
      metadata,
      spec,
    })
    const boundTo = (kind: string, name: string, more: object = {}): object =>
      asked({ boundObjectRef: { kind, apiVersion: 'v1', name, ...more } })
    const bodies = [
      asked({}),
      asked({ audiences: ['a', 'b'], expirationSeconds: 600 }),
      asked({ expirationSeconds: 599 }),
      asked({ expirationSeconds: 99_999_999_999 }),
      boundTo('Pod', 'p'),
      boundTo('Pod', 'p', { uid: 'x' }),
      boundTo('Pod', 'none'),
      boundTo('ConfigMap', 'p'),
      boundTo('Secret', 'none'),
      boundTo('Node', 'none'),
      asked({}, { name: 'other' }),
      asked({}, { namespace: 'other' }),
      asked({ audiences: [''] }),
      { spec: {} },
    ]
    for (const body of bodies) {
      const [ours, theirs] = await pair.ask(post(`${core}/serviceaccounts/default/token`, body))
      assert.deepEqual(withoutFields(ours), withoutFields(theirs), JSON.stringify(body))
    }
  })

  test('deletions with all options and finalizers', async () => {
    const options = [
      ...[undefined, {}, { gracePeriodSeconds: 0 }, { gracePeriodSeconds: -1 }, { gracePeriodSeconds: 'x' }],
      ...['Foreground', 'Background', 'Orphan', 'X'].map((propagationPolicy) => ({ propagationPolicy })),
      ...[{ orphanDependents: true }, { orphanDependents: false }, { orphanDependents: true, propagationPolicy: 'Foreground' }],
      ...[{ preconditions: { uid: '' } }, { dryRun: ['All'] }, { dryRun: ['X'] }, { dryRun: ['All', 'All'] }],
      ...[
        { kind: 'DeleteOptions', apiVersion: 'v1', bogus: 1 },
        { kind: 'DeleteOptions', apiVersion: 'apps/v1' },
      ],
    ]
    let i = 0
    for (const finalizers of [undefined, ['a.b/c'], ['foregroundDeletion'], ['orphan']]) {
      for (const option of options) {
        const name = `del${i++}`
        const item = `${core}/configmaps/${name}`
        await pair.ask(post(`${core}/configmaps`, { metadata: { name, finalizers } }))
        await inTurn([remove(item, option), get(item), remove(`${item}?propagationPolicy=Background`)])
        await inTurn([patch(item, { metadata: { finalizers: null } }), get(item)])
      }
    }
  })

  test('pods go gracefully', async () => {
    let i = 0
    for (const gracePeriodSeconds of [undefined, 0, 1, 30, -1]) {
      for (const nodeName of [undefined, 'n']) {
        const name = `grace${i++}`
        const item = `${core}/pods/${name}`
        await pair.ask(post(`${core}/pods`, pod(name, nodeName === undefined ? {} : { nodeName })))
        await inTurn([remove(item, { gracePeriodSeconds }), get(item), remove(item, { gracePeriodSeconds: 2 })])
        await inTurn([remove(item, { gracePeriodSeconds: 0 }), get(item)])
      }
    }
  })

  test('the end of a namespace', async () => {
    const name = `${pair.namespace}-end`
    const item = `/api/v1/namespaces/${name}`
    const finalized = (finalizers: readonly string[]): RawRequest => put(`${item}/finalize`, { metadata: { name }, spec: { finalizers } })
    await inTurn([
      post('/api/v1/namespaces', { metadata: { name } }),
      finalized(['kubernetes', 'x.y/z']),
      finalized(['bad']),
      put(`${item}/status`, { metadata: { name }, status: { phase: 'Terminating' } }),
      patch(`${item}/status`, { status: { phase: 'Bogus' } }),
      patch(item, { spec: { finalizers: [] } }),
      remove(item),
      get(item),
      post(`${item}/configmaps`, { metadata: { name: 'late' } }),
      finalized([]),
      get(item),
    ])
  })
})
