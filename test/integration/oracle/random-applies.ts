/** Random steps of several managers on one object, of several kinds: small values, so that they meet. */
import { applyType } from './apply-stories.ts'
import type { Step } from './both.ts'

/** A generator of numbers that gives the same ones for the same seed. */
function generator(seed: number): (below: number) => number {
  let state = seed >>> 0
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
}

type Random = (below: number) => number
type Maker = (random: Random) => unknown

const oneOf =
  (...values: readonly unknown[]): Maker =>
  (random) =>
    values[random(values.length)]
const maybe = (random: Random, value: () => unknown): unknown => (random(2) === 0 ? undefined : value())

/** An object with each of these members in half of the cases. */
const some =
  (members: Readonly<Record<string, Maker>>): Maker =>
  (random) =>
    Object.fromEntries(Object.entries(members).flatMap(([name, make]) => (random(2) === 0 ? [[name, make(random)]] : [])))

/** Items with different keys, in random order. */
const items =
  (key: string, values: readonly unknown[], rest: Maker): Maker =>
  (random) =>
    values
      .filter(() => random(2) === 0)
      .sort(() => random(3) - 1)
      .map((value) => ({ [key]: value, ...(rest(random) as object) }))

const text = oneOf('1', '2')
const map = some({ a: text, b: text, c: text })

const metadata: Maker = (random) => ({
  name: 'x',
  ...(some({ labels: map, annotations: map, finalizers: oneOf(['x.io/a'], ['x.io/b', 'x.io/a']) })(random) as object),
})

const env = items('name', ['A', 'B'], some({ value: text }))
const container = some({
  env,
  ports: oneOf(
    [{ containerPort: 80 }],
    [{ containerPort: 80, protocol: 'UDP' }, { containerPort: 80 }],
    [{ containerPort: 81, name: 'p' }],
  ),
  args: oneOf(['a'], ['a', 'b']),
  resources: some({ limits: some({ cpu: oneOf('1', '1000m', '2'), memory: oneOf('1Gi', '1024Mi') }) }),
  imagePullPolicy: oneOf('Always', 'Never'),
})
const containers: Maker = (random) =>
  ['c', 'd', 'e'].flatMap((name) => (random(2) === 0 ? [{ name, image: oneOf('i', 'j')(random), ...(container(random) as object) }] : []))

const conditions = items('type', ['A', 'B', 'C'], some({ status: oneOf('True', 'False'), reason: text, message: text }))

export interface RandomKind {
  path: string
  apiVersion: string
  kind: string
  body(random: Random): object
  /** What creation needs. */
  first: object
  status?: Maker
  scale?: true
}

const template = (random: Random): object => ({
  metadata: { labels: { app: 'x', ...(map(random) as object) } },
  spec: { containers: containers(random), ...(some({ nodeSelector: map, hostNetwork: oneOf(true, false) })(random) as object) },
})

export const kinds: readonly RandomKind[] = [
  {
    path: '/api/v1/namespaces/{ns}/configmaps',
    apiVersion: 'v1',
    kind: 'ConfigMap',
    first: {},
    body: some({ data: map, binaryData: some({ z: oneOf('AAAA', 'BBBB') }) }) as RandomKind['body'],
  },
  {
    path: '/apis/apps/v1/namespaces/{ns}/deployments',
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    first: {
      spec: {
        selector: { matchLabels: { app: 'x' } },
        template: { metadata: { labels: { app: 'x' } }, spec: { containers: [{ name: 'c', image: 'i' }] } },
      },
    },
    body: (random) => ({
      spec: {
        ...(some({
          replicas: oneOf(1, 2, 3),
          paused: oneOf(true, false),
          strategy: oneOf({ type: 'Recreate' }, { type: 'RollingUpdate' }),
        })(random) as object),
        ...(random(4) > 0 && { template: template(random) }),
      },
    }),
    status: some({ replicas: oneOf(1, 2), observedGeneration: oneOf(1, 2), conditions }),
    scale: true,
  },
  {
    path: '/api/v1/namespaces/{ns}/services',
    apiVersion: 'v1',
    kind: 'Service',
    first: { spec: { clusterIP: 'None', selector: { a: 'b' } } },
    body: (random) => ({
      spec: some({
        selector: map,
        ports: oneOf(
          [{ port: 80, name: 't' }],
          [
            { port: 80, name: 't' },
            { port: 80, name: 'u', protocol: 'UDP' },
          ],
          [{ port: 81, name: 'v', targetPort: 'w' }],
        ),
        sessionAffinity: oneOf('None', 'ClientIP'),
      })(random),
    }),
    status: some({ loadBalancer: oneOf({ ingress: [{ ip: '1.2.3.4' }] }, {}), conditions: oneOf([], undefined) }),
  },
  {
    path: '/api/v1/namespaces/{ns}/pods',
    apiVersion: 'v1',
    kind: 'Pod',
    first: { spec: { containers: [{ name: 'c', image: 'i' }] } },
    body: (random) => ({
      spec: some({
        containers: (r) => [{ name: 'c', image: oneOf('i', 'j')(r) }],
        activeDeadlineSeconds: oneOf(600, 500),
        tolerations: oneOf([{ key: 'a', operator: 'Exists' }], [{ operator: 'Exists' }]),
      })(random),
    }),
    status: some({
      phase: oneOf('Running', 'Pending'),
      message: text,
      podIPs: oneOf([{ ip: '10.0.0.1' }], [{ ip: '10.0.0.2' }]),
      conditions: items('type', ['Ready', 'Initialized'], some({ status: oneOf('True', 'False'), reason: text })),
    }),
  },
  {
    path: '/api/v1/nodes',
    apiVersion: 'v1',
    kind: 'Node',
    first: {},
    body: (random) => ({
      spec: some({
        unschedulable: oneOf(true, false),
        taints: oneOf([{ key: 'k', effect: 'NoSchedule' }], [{ key: 'l', effect: 'NoExecute' }]),
      })(random),
    }),
    status: some({
      capacity: some({ cpu: oneOf('4', '4000m'), memory: oneOf('1Gi', '2Gi') }),
      conditions: items('type', ['Ready', 'Disk'], some({ status: oneOf('True', 'False'), reason: text })),
      addresses: oneOf([{ type: 'InternalIP', address: '1.2.3.4' }], [{ type: 'Hostname', address: 'h' }]),
    }),
  },
]

const managers = ['a', 'b', 'kubectl', 'kubectl-client-side-apply']
const patchTypes = ['application/merge-patch+json', 'application/strategic-merge-patch+json']

/** Steps of one object's life; `{}` in paths stands for the object. */
export function* randomSteps(kind: RandomKind, seed: number, count: number): Generator<Step> {
  const random = generator(seed)
  const { apiVersion, kind: name } = kind
  const of = (more: object): object => ({ apiVersion, kind: name, metadata: metadata(random), ...more })
  const first = { ...of(kind.first), metadata: metadata(random) }
  const manager = (): string => managers[random(managers.length)] ?? ''
  yield random(2) === 0
    ? { method: 'POST', path: `..?fieldManager=${manager()}`, body: first }
    : { method: 'PATCH', path: `?fieldManager=${manager()}`, body: first, contentType: applyType }
  for (let i = 0; i < count; i++) yield randomStep(kind, random, { of, manager })
}

function randomStep(kind: RandomKind, random: Random, { of, manager }: { of(more: object): object; manager(): string }): Step {
  const force = random(2) === 0 ? '&force=true' : ''
  const what = random(10)
  const patchType = patchTypes[random(2)] ?? ''
  if (what === 0 && kind.status)
    return {
      method: 'PATCH',
      path: `/status?fieldManager=${manager()}${force}`,
      body: of({ status: kind.status(random) }),
      contentType: applyType,
    }
  if (what === 1 && kind.status)
    return { method: 'PATCH', path: `/status?fieldManager=${manager()}`, body: { status: kind.status(random) }, contentType: patchType }
  if (what === 2 && kind.scale) return scaleStep(random, manager(), force)
  if (what === 3) return { method: 'PATCH', path: '', body: { metadata: { annotations: map(random) } }, contentType: patchType }
  if (what < 6) return { method: 'PATCH', path: `?fieldManager=${manager()}`, body: kind.body(random), contentType: patchType }
  const gaps = maybe(random, () => kind.body(random)) ?? {}
  return { method: 'PATCH', path: `?fieldManager=${manager()}${force}`, body: of(gaps as object), contentType: applyType }
}

function scaleStep(random: Random, manager: string, force: string): Step {
  const spec = { replicas: random(3) + 1 }
  if (random(2) === 0) return { method: 'PATCH', path: `/scale?fieldManager=${manager}`, body: { spec }, contentType: patchTypes[0] ?? '' }
  const body = { apiVersion: 'autoscaling/v1', kind: 'Scale', metadata: { name: 'x' }, spec }
  return { method: 'PATCH', path: `/scale?fieldManager=${manager}${force}`, body, contentType: applyType }
}
