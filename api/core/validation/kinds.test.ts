import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Deployment, Deployments } from '#api/apps/deployment.ts'
import { type ReplicaSet, ReplicaSets } from '#api/apps/replica-set.ts'
import { type Lease, Leases } from '#api/coordination/lease.ts'
import { type ConfigMap, ConfigMaps } from '#api/core/config-map.ts'
import { type Namespace, Namespaces } from '#api/core/namespace.ts'
import { type Node, Nodes } from '#api/core/node.ts'
import { type Secret, Secrets } from '#api/core/secret.ts'
import { type Service, type ServiceSpec, Services } from '#api/core/service.ts'
import { type EndpointSlice, EndpointSlices } from '#api/discovery/endpoint-slice.ts'
import { type Event, EventsV1 } from '#api/events/event.ts'
import type { KubeObject, Resource } from '#api/resource.ts'

const metadata = { name: 'x', namespace: 'd' }

function problems<T extends KubeObject>(resource: Resource<T>, next: T, prev?: T): string[] {
  const filled = resource.defaults?.(structuredClone(next)) ?? next
  const stored = prev && (resource.defaults?.(structuredClone(prev)) ?? prev)
  return (resource.validate?.(filled, stored) ?? []).map(({ field, message }) => `${field}: ${message}`)
}

test('config maps and secrets', () => {
  const map = (body: Partial<ConfigMap>): ConfigMap => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata, ...body })
  assert.deepEqual(problems(ConfigMaps, map({ data: { a: 'b' }, binaryData: { a: '' } })), [
    'data[a]: Invalid value: "a": duplicate of key present in binaryData',
  ])
  assert.deepEqual(problems(ConfigMaps, map({ data: { a: 'x'.repeat(2 ** 20 + 1) } })), [
    '[]: Too long: may not be more than 1048576 bytes',
  ])
  assert.deepEqual(problems(ConfigMaps, map({ data: { a: 'c' } }), map({ immutable: true, data: { a: 'b' } })), [
    'immutable: Forbidden: field is immutable when `immutable` is set',
    'data: Forbidden: field is immutable when `immutable` is set',
  ])
  const secret = (body: Partial<Secret>): Secret => ({ apiVersion: 'v1', kind: 'Secret', metadata, ...body })
  assert.deepEqual(problems(Secrets, secret({ type: 'kubernetes.io/tls' })), [
    'data[tls.crt]: Required value',
    'data[tls.key]: Required value',
  ])
  assert.deepEqual(problems(Secrets, secret({ type: 'a' }), secret({})), ['type: Invalid value: "a": field is immutable'])
})

test('services: types, ports, addresses and their change', () => {
  const service = (spec: ServiceSpec): Service => ({ apiVersion: 'v1', kind: 'Service', metadata, spec, status: {} })
  const ports = [{ port: 80 }]
  const at = (clusterIP: string): ServiceSpec => ({ ports, clusterIP, clusterIPs: [clusterIP], ipFamilies: ['IPv4'] })
  assert.deepEqual(problems(Services, service(at('10.0.0.1'))), [])
  assert.deepEqual(problems(Services, service({})), ['spec.ports: Required value'])
  assert.deepEqual(problems(Services, service({ ...at('10.0.0.1'), ports: [...ports, ...ports] })), [
    'spec.ports[0].name: Required value',
    'spec.ports[1].name: Required value',
    'spec.ports[1]: Duplicate value: {"Name":"","Protocol":"TCP","AppProtocol":null,"Port":80,"TargetPort":0,"NodePort":0}',
  ])
  assert.deepEqual(problems(Services, service(at('10.0.0.2')), service(at('10.0.0.1'))), [
    'spec.clusterIPs[0]: Invalid value: ["10.0.0.2"]: may not change once set',
  ])
  assert.deepEqual(problems(Services, service({ type: 'ExternalName', externalName: 'a.b', clusterIPs: ['None'] })), [
    'spec.clusterIPs: Forbidden: may not be set for ExternalName services',
  ])
  assert.deepEqual(problems(Services, service({ ...at('None'), type: 'NodePort' })), [
    'spec.clusterIPs[0]: Invalid value: "None": may not be set to \'None\' for NodePort services',
  ])
})

test('nodes keep their range and their provider', () => {
  const node = (spec: Node['spec'], status: Node['status'] = {}): Node => ({
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name: 'n' },
    spec,
    status,
  })
  assert.deepEqual(problems(Nodes, node({ podCIDR: '10.1.0.0/24', providerID: 'b' }), node({ podCIDR: '10.0.0.0/24', providerID: 'a' })), [
    'spec.podCIDRs: Forbidden: node updates may not change podCIDR except from "" to valid',
    'spec.providerID: Forbidden: node updates may not change providerID except from "" to valid',
  ])
  const taint = { key: 'k', effect: 'NoSchedule' }
  assert.deepEqual(problems(Nodes, node({ taints: [taint, taint] })), [
    'metadata.taints[1]: Duplicate value: {"Key":"k","Value":"","Effect":"NoSchedule","TimeAdded":null}: taints must be unique by key and effect pair',
  ])
})

test('namespaces name finalizers with their domain', () => {
  const namespace: Namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'n' }, spec: { finalizers: ['x'] }, status: {} }
  assert.deepEqual(problems(Namespaces, namespace), [
    'spec.finalizers: Invalid value: "x": name is neither a standard finalizer name nor is it fully qualified',
  ])
})

test('workloads', () => {
  const selector = { matchLabels: { app: 'a' } }
  const template = { metadata: { labels: { app: 'a' } }, spec: { containers: [{ name: 'm', image: 'i' }] } }
  const deployment = (spec: Partial<Deployment['spec']>): Deployment => ({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata,
    spec: { selector, template, ...spec },
    status: {},
  })
  assert.deepEqual(problems(Deployments, deployment({})), [])
  assert.deepEqual(problems(Deployments, deployment({ strategy: { rollingUpdate: { maxSurge: 0, maxUnavailable: 0 } } })), [
    'spec.strategy.rollingUpdate.maxUnavailable: Invalid value: 0: may not be 0 when `maxSurge` is 0',
  ])
  assert.deepEqual(problems(Deployments, deployment({ selector: { matchLabels: { app: 'b' } } }), deployment({})), [
    'spec.template.metadata.labels: Invalid value: {"app":"a"}: `selector` does not match template `labels`',
    'spec.selector: Invalid value: {"matchLabels":{"app":"b"}}: field is immutable',
  ])
  const set: ReplicaSet = {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata,
    spec: { selector, template, replicas: -1 },
    status: { replicas: 0 },
  }
  assert.deepEqual(problems(ReplicaSets, set), ['spec.replicas: Invalid value: -1: must be greater than or equal to 0'])
})

test('slices, leases and events', () => {
  const slice = (body: Partial<EndpointSlice>): EndpointSlice => ({
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata,
    addressType: 'IPv4',
    endpoints: [],
    ports: [],
    ...body,
  })
  assert.deepEqual(problems(EndpointSlices, slice({ endpoints: [{ addresses: ['fd00::1'] }] })), [
    'endpoints[0].addresses: Invalid value: "fd00::1": must be an IPv4 address',
  ])
  assert.deepEqual(problems(EndpointSlices, slice({ addressType: 'IPv6' }), slice({})), [
    'addressType: Invalid value: "IPv6": field is immutable',
  ])
  const lease: Lease = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata, spec: { leaseDurationSeconds: 0 } }
  assert.deepEqual(problems(Leases, lease), ['spec.leaseDurationSeconds: Invalid value: 0: must be greater than 0'])
  const event = (body: Partial<Event>): Event => ({
    apiVersion: 'events.k8s.io/v1',
    kind: 'Event',
    metadata,
    eventTime: '2024-01-01T00:00:00.000000Z',
    regarding: { namespace: 'd' },
    reportingController: 'x/c',
    reportingInstance: 'i',
    action: 'a',
    reason: 'r',
    type: 'Normal',
    ...body,
  })
  assert.deepEqual(problems(EventsV1, event({})), [])
  assert.deepEqual(problems(EventsV1, event({ deprecatedCount: 2 })), ['count: Invalid value: "": needs to be unset'])
  assert.deepEqual(problems(EventsV1, event({ reason: 's' }), event({})), Array(2).fill('reason: Invalid value: "s": field is immutable'))
})
