/** Admission plug-ins beside upstream's: a story of requests to both servers; codes, messages, warnings and objects must agree. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { startTestApiServer, type TestApiServer } from '#test/harness/apiserver.ts'
import { eventually } from '#test/harness/cluster.ts'
import { type Reply, send, type Target, upstream } from './upstream.ts'

const skip = process.env['TYPERNETES_ORACLE'] === undefined && 'set TYPERNETES_ORACLE to compare with upstream'
const tag = `admission-${process.pid}`
const inNamespace = (plural: string, group = 'api/v1'): string => `/${group}/namespaces/${tag}/${plural}`

let server: TestApiServer | undefined
let ours: Target

/** Sends to both, demands the same answer, and returns ours. */
async function same(method: string, path: string, body?: unknown, contentType = 'application/json'): Promise<Reply> {
  const sent = { method, path, text: body === undefined ? undefined : JSON.stringify(body), contentType }
  const [mine, theirs] = await Promise.all([send(sent, ours), send(sent, upstream)])
  assert.deepEqual(told(mine), told(theirs), `${method} ${path} ${sent.text ?? ''}`)
  return mine
}

const volatile = new Set([
  'uid',
  'resourceVersion',
  'creationTimestamp',
  'managedFields',
  'generation',
  'uid',
  'startTime',
  'lastTransitionTime',
])

function comparable(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(comparable)
  if (typeof value === 'string') return value.replaceAll(/kube-api-access-\w{5}/g, 'kube-api-access-x')
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key]) => !volatile.has(key))
      .map(([key, item]) => [key, comparable(item)]),
  )
}

const told = ({ code, body, warnings }: Reply): unknown => ({ code, warnings, body: comparable(body) })

const pod = (name: string, spec: object = {}, containers: readonly object[] = [{}]): object => ({
  metadata: { name },
  spec: { containers: containers.map((more, i) => ({ name: `c${i}`, image: 'i', ...more })), ...spec },
})
const claim = (name: string, storage: string, more: object = {}): object => ({
  metadata: { name },
  spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage } }, ...more },
})
const clusterScoped = [
  '/apis/storage.k8s.io/v1/storageclasses/',
  '/apis/networking.k8s.io/v1/ingressclasses/',
  '/apis/node.k8s.io/v1/runtimeclasses/',
  '/apis/scheduling.k8s.io/v1/priorityclasses/',
]

/** Upstream's plug-ins read caches that lag behind what was just written: asks, without writing, until the answer has this code. */
async function seenByUpstream(what: string, path: string, body: object, code: number): Promise<void> {
  const asked = { method: 'POST', path: `${path}?dryRun=All`, text: JSON.stringify(body) }
  await eventually(`upstream sees ${what}`, 10_000, async () => (await send(asked)).code === code)
}

before(async () => {
  if (skip) return
  server = await startTestApiServer()
  const { certificate: cert, key } = await server.identity('kubernetes-admin', 'system:masters')
  ours = { origin: server.url, cert, key }
  await same('POST', '/api/v1/namespaces', { metadata: { name: tag } })
  await same('POST', inNamespace('serviceaccounts'), { metadata: { name: 'default' } })
})

after(async () => {
  if (server === undefined) return
  await server[Symbol.asyncDispose]()
  for (const path of clusterScoped) for (const n of ['a', 'b']) await send({ method: 'DELETE', path: `${path}${tag}-${n}` })
  await send({ method: 'DELETE', path: `/api/v1/namespaces/${tag}` })
})

test('limit ranges give defaults and bounds', { skip }, async () => {
  await same('POST', inNamespace('limitranges'), {
    metadata: { name: 'limits' },
    spec: {
      limits: [
        {
          type: 'Container',
          default: { cpu: '200m', memory: '64Mi' },
          defaultRequest: { cpu: '100m' },
          max: { cpu: '1' },
          min: { memory: '4Mi' },
        },
        { type: 'Pod', max: { memory: '128Mi' }, maxLimitRequestRatio: { memory: '2' } },
        { type: 'PersistentVolumeClaim', min: { storage: '1Gi' }, max: { storage: '5Gi' } },
      ],
    },
  })
  await same('POST', `${inNamespace('pods')}?dryRun=All`, pod('plain'))
  await same(
    'POST',
    `${inNamespace('pods')}?dryRun=All`,
    pod('named', { initContainers: [{ name: 'i', image: 'i' }] }, [{}, { resources: { limits: { cpu: '300m' } } }]),
  )
  await same('POST', `${inNamespace('pods')}?dryRun=All`, pod('much', {}, [{ resources: { limits: { cpu: '2' } } }]))
  await same('POST', `${inNamespace('pods')}?dryRun=All`, pod('little', {}, [{ resources: { limits: { memory: '1Mi' } } }]))
  await same('POST', `${inNamespace('pods')}?dryRun=All`, pod('together', {}, [{}, {}, {}]))
  await same('POST', `${inNamespace('pods')}?dryRun=All`, pod('ratio', {}, [{ resources: { requests: { memory: '10Mi' } } }]))
  await same('POST', `${inNamespace('persistentvolumeclaims')}?dryRun=All`, claim('small', '500Mi'))
  await same('POST', `${inNamespace('persistentvolumeclaims')}?dryRun=All`, claim('large', '50Gi'))
  await same('DELETE', `${inNamespace('limitranges')}/limits`)
})

test('default classes, protection and growth of claims', { skip }, async () => {
  const annotations = { 'storageclass.kubernetes.io/is-default-class': 'true' }
  const provisioner = 'example.com/none'
  await same('POST', '/apis/storage.k8s.io/v1/storageclasses', {
    metadata: { name: `${tag}-a`, annotations },
    provisioner,
    allowVolumeExpansion: true,
  })
  await same('POST', inNamespace('persistentvolumeclaims'), claim('data', '1Gi'))
  await same('POST', inNamespace('persistentvolumeclaims'), claim('none', '1Gi', { storageClassName: '' }))
  const grow = { spec: { resources: { requests: { storage: '2Gi' } } } }
  const patch = 'application/merge-patch+json'
  await same('PATCH', `${inNamespace('persistentvolumeclaims')}/data`, grow, patch)
  for (const name of ['data', 'none'])
    await same(
      'PATCH',
      `${inNamespace('persistentvolumeclaims')}/${name}/status`,
      { status: { phase: 'Bound', capacity: { storage: '1Gi' } } },
      patch,
    )
  await same('PATCH', `${inNamespace('persistentvolumeclaims')}/data`, grow, patch)
  await same('PATCH', `${inNamespace('persistentvolumeclaims')}/none`, grow, patch)
  const marked = { 'ingressclass.kubernetes.io/is-default-class': 'true' }
  await same('POST', '/apis/networking.k8s.io/v1/ingressclasses', {
    metadata: { name: `${tag}-a`, annotations: marked },
    spec: { controller: 'example.com/c' },
  })
  const backend = { defaultBackend: { service: { name: 's', port: { number: 80 } } } }
  await same('POST', inNamespace('ingresses', 'apis/networking.k8s.io/v1'), { metadata: { name: 'i' }, spec: backend })
  await same('POST', inNamespace('ingresses', 'apis/networking.k8s.io/v1'), {
    metadata: { name: 'j', annotations: { 'kubernetes.io/ingress.class': 'old' } },
    spec: backend,
  })
})

test('runtime classes and priorities', { skip }, async () => {
  await same('POST', '/apis/node.k8s.io/v1/runtimeclasses', {
    metadata: { name: `${tag}-a` },
    handler: 'h',
    overhead: { podFixed: { cpu: '10m' } },
    scheduling: { nodeSelector: { disk: 'fast' }, tolerations: [{ key: 'k', operator: 'Exists' }] },
  })
  const runtimeClassName = `${tag}-a`
  const tolerations = [{ key: 'k', operator: 'Equal', value: 'v', effect: 'NoSchedule' }]
  for (const spec of [
    { runtimeClassName },
    { runtimeClassName, nodeSelector: { disk: 'slow' } },
    { runtimeClassName, nodeSelector: { zone: 'z' }, tolerations },
    { runtimeClassName, overhead: { cpu: '20m' } },
    { runtimeClassName: 'absent' },
    { overhead: { cpu: '20m' } },
  ])
    await same('POST', `${inNamespace('pods')}?dryRun=All`, pod('p', spec))
  const classes = '/apis/scheduling.k8s.io/v1/priorityclasses'
  await same('POST', classes, { metadata: { name: `${tag}-a` }, value: 7, globalDefault: true, preemptionPolicy: 'Never' })
  const second = { metadata: { name: `${tag}-b` }, value: 8, globalDefault: true }
  await seenByUpstream('the default class', classes, second, 403)
  await same('POST', classes, second)
  await same('POST', classes, { metadata: { name: `${tag}-b` }, value: 8 })
  await seenByUpstream('the second class', inNamespace('pods'), pod('p', { priorityClassName: `${tag}-b` }), 201)
  for (const spec of [
    {},
    { priorityClassName: `${tag}-b` },
    { priorityClassName: 'absent' },
    { priorityClassName: `${tag}-b`, priority: 9 },
    { priorityClassName: `${tag}-b`, preemptionPolicy: 'Never' },
    { priorityClassName: 'system-node-critical' },
  ])
    await same('POST', `${inNamespace('pods')}?dryRun=All`, pod('p', spec))
  await same('DELETE', `${classes}/${tag}-a`)
})

test('quotas charge and refuse', { skip }, async () => {
  const hard = { pods: '2', 'requests.cpu': '1', 'count/configmaps': '1', 'services.nodeports': '1', 'requests.storage': '10Gi' }
  await same('POST', inNamespace('resourcequotas'), { metadata: { name: 'q' }, spec: { hard } })
  const small = { resources: { requests: { cpu: '600m' } } }
  // upstream looks for quotas of a namespace for the first time, and then trusts its cache
  await same('PATCH', `${inNamespace('resourcequotas')}/q/status`, { status: { hard } }, 'application/merge-patch+json')
  await seenByUpstream('the quota', inNamespace('pods'), pod('early', {}, [small]), 403)
  await same('POST', inNamespace('pods'), pod('early', {}, [small]))
  const used = Object.fromEntries(Object.keys(hard).map((name) => [name, '0']))
  await same('PATCH', `${inNamespace('resourcequotas')}/q/status`, { status: { hard, used } }, 'application/merge-patch+json')
  await seenByUpstream('the status', inNamespace('pods'), pod('early', {}, [small]), 201)
  await same('POST', inNamespace('pods'), pod('silent'))
  await same('POST', inNamespace('pods'), pod('one', {}, [small]))
  await same('POST', inNamespace('pods'), pod('two', {}, [small]))
  await same('GET', `${inNamespace('resourcequotas')}/q`)
  await same('POST', inNamespace('configmaps'), { metadata: { name: 'a' } })
  await same('POST', inNamespace('configmaps'), { metadata: { name: 'b' } })
  await same('POST', inNamespace('services'), {
    metadata: { name: 's' },
    spec: {
      type: 'NodePort',
      ports: [
        { port: 1, nodePort: 30971 },
        { port: 2, name: 'x' },
      ],
    },
  })
  await same('GET', `${inNamespace('resourcequotas')}/q`)
})
