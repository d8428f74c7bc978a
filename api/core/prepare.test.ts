import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Deployment, Deployments } from '#api/apps/deployment.ts'
import { type EndpointSlice, EndpointSlices } from '#api/discovery/endpoint-slice.ts'
import { fromCoreEvent, toCoreEvent } from '#api/events/convert.ts'
import type { Event as CoreEvent } from './event.ts'
import { type Namespace, Namespaces } from './namespace.ts'
import type { Pod } from './pod.ts'
import { podGraceSeconds, preparePod, preparePodStatus } from './pod-prepare.ts'
import type { PodSpec } from './pod-spec.ts'
import { type Secret, Secrets } from './secret.ts'
import type { Service, ServiceSpec } from './service.ts'
import { prepareService } from './service-prepare.ts'

const pod = (spec: Partial<PodSpec> = {}, status: Pod['status'] = {}, metadata: Pod['metadata'] = { name: 'p' }): Pod => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata,
  spec: { containers: [{ name: 'a' }], ...spec },
  status,
})

test('a new pod is pending, classed, and asks for its own labels', () => {
  const affinity = {
    podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey: 'z', labelSelector: {}, matchLabelKeys: ['app'] }] },
  }
  const made = preparePod(
    pod(
      { affinity, schedulingGates: [{ name: 'g' }], workloadRef: { name: 'w', podGroup: 'g' } },
      { phase: 'Running' },
      { name: 'p', labels: { app: 'x' } },
    ),
    undefined,
  )
  assert.equal(made.metadata.generation, 1)
  assert.deepEqual(
    [made.status.phase, made.status.qosClass, made.status.conditions?.[0]?.reason],
    ['Pending', 'BestEffort', 'SchedulingGated'],
  )
  assert.equal(made.spec.workloadRef, undefined)
  const [term] = made.spec.affinity?.podAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? []
  assert.deepEqual(term?.labelSelector?.matchExpressions, [{ key: 'app', operator: 'In', values: ['x'] }])
})

test('a write of the spec leaves the status, counts only changes, and the other way round', () => {
  const was = pod({}, { phase: 'Running', qosClass: 'BestEffort' }, { name: 'p', generation: 4 })
  assert.equal(preparePod(pod({}, { phase: 'Failed' }), was).status.phase, 'Running')
  assert.equal(preparePod(pod(), was).metadata.generation, 4)
  assert.equal(preparePod(pod({ activeDeadlineSeconds: 3 }), was).metadata.generation, 5)
  const status = preparePodStatus(pod({ nodeName: 'n' }, { phase: 'Failed' }), was)
  assert.deepEqual([status.spec.nodeName, status.status.qosClass], [undefined, 'BestEffort'])
})

test('how long a pod gets to end', () => {
  const cases: [string, Pod, number | undefined, number][] = [
    ['as its spec says', pod({ nodeName: 'n', terminationGracePeriodSeconds: 9 }), undefined, 9],
    ['as asked', pod({ nodeName: 'n', terminationGracePeriodSeconds: 9 }), 3, 3],
    ['not at all without a node', pod({ terminationGracePeriodSeconds: 9 }), undefined, 0],
    ['not at all once ended', pod({ nodeName: 'n', terminationGracePeriodSeconds: 9 }, { phase: 'Succeeded' }), undefined, 0],
    ['a negative period is one second', pod({ nodeName: 'n' }), -4, 1],
  ]
  for (const [story, given, asked, expected] of cases) assert.equal(podGraceSeconds(given, asked), expected, story)
})

test('a service that changes its type loses what the old type gave it', () => {
  const service = (spec: ServiceSpec): Service => ({ apiVersion: 'v1', kind: 'Service', metadata: { name: 's' }, spec, status: {} })
  const was = service({
    type: 'NodePort',
    clusterIP: '1.1.1.1',
    clusterIPs: ['1.1.1.1'],
    ipFamilies: ['IPv4'],
    externalTrafficPolicy: 'Cluster',
    ports: [{ port: 80, nodePort: 30000 }],
  })
  const now = structuredClone(was)
  now.spec.type = 'ExternalName'
  assert.deepEqual(prepareService(now, was).spec, { type: 'ExternalName', ports: [{ port: 80 }] })
  const changed = structuredClone(was)
  Object.assign(changed.spec, { type: 'ClusterIP', ports: [{ port: 80, nodePort: 30001 }] })
  assert.equal(prepareService(changed, was).spec.ports?.[0]?.nodePort, 30001)
})

test('namespaces hold their content, secrets their texts', () => {
  const namespace: Namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'n' }, spec: {}, status: {} }
  const made = Namespaces.prepare?.(namespace, undefined)
  assert.deepEqual(
    [made?.spec.finalizers, made?.status.phase, made?.metadata.labels],
    [['kubernetes'], 'Active', { 'kubernetes.io/metadata.name': 'n' }],
  )
  const secret: Secret = { apiVersion: 'v1', kind: 'Secret', metadata: {}, data: { a: 'AA==', b: 'AA==' }, stringData: { a: 'é' } }
  assert.deepEqual(Secrets.defaults?.(secret), {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: {},
    type: 'Opaque',
    data: { a: 'w6k=', b: 'AA==' },
  })
})

test('generations of deployments follow annotations, those of slices follow labels', () => {
  const deployment = (annotations: Record<string, string>): Deployment => ({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'd', generation: 1, annotations },
    spec: { selector: {}, template: {} },
    status: {},
  })
  assert.equal(Deployments.prepare?.(deployment({ a: 'b' }), deployment({}))?.metadata.generation, 2)
  assert.equal(Deployments.prepare?.(deployment({}), deployment({}))?.metadata.generation, 1)
  const slice = (labels: Record<string, string>): EndpointSlice => ({
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { generation: 1, labels },
    addressType: 'IPv4',
    endpoints: [],
    ports: [],
  })
  assert.equal(EndpointSlices.prepare?.(slice({ a: 'b' }), slice({}))?.metadata.generation, 2)
})

test('both faces of an event say the same', () => {
  const event: CoreEvent = {
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { name: 'e' },
    involvedObject: { kind: 'Pod', name: 'p' },
    message: 'm',
    reason: 'r',
    count: 2,
    firstTimestamp: '2024-01-01T00:00:00Z',
    eventTime: '2024-01-01T00:00:00.000000Z',
    reportingComponent: 'c',
    reportingInstance: 'i',
    source: { component: 's' },
  }
  const shown = fromCoreEvent(event)
  assert.deepEqual(
    [shown.apiVersion, shown.note, shown.regarding?.name, shown.deprecatedCount, shown.deprecatedSource?.component],
    ['events.k8s.io/v1', 'm', 'p', 2, 's'],
  )
  assert.deepEqual(toCoreEvent(shown), event)
})
