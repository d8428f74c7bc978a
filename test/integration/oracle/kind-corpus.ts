/** Good and bad objects of the other first kinds. */
import type { Case } from './pod-corpus.ts'

type Fields = Record<string, unknown>

// biome-ignore lint/complexity/useMaxParams: a table reads best with short rows
function object(kind: string, apiVersion: string, name: string, body: Fields, meta: Fields = {}): Case {
  const namespace = kind === 'Node' || kind === 'Namespace' ? {} : { namespace: 'default' }
  return { name: `${kind}: ${name}`, object: { apiVersion, kind, metadata: { name: 'case', ...namespace, ...meta }, ...body } }
}

const configMap = (name: string, body: Fields, meta?: Fields): Case => object('ConfigMap', 'v1', name, body, meta)
const secret = (name: string, body: Fields): Case => object('Secret', 'v1', name, body)
const service = (name: string, spec: Fields, meta?: Fields): Case => object('Service', 'v1', name, { spec }, meta)
const node = (name: string, spec: Fields, status: Fields = {}): Case => object('Node', 'v1', name, { spec, status })
const slice = (name: string, body: Fields): Case => object('EndpointSlice', 'discovery.k8s.io/v1', name, { endpoints: [], ...body })
const event = (name: string, body: Fields): Case => object('Event', 'v1', name, { involvedObject: { namespace: 'default' }, ...body })
const newEvent = (name: string, body: Fields): Case => object('Event', 'events.k8s.io/v1', name, body)

const template = { metadata: { labels: { app: 'a' } }, spec: { containers: [{ name: 'main', image: 'app' }] } }
const selector = { matchLabels: { app: 'a' } }
const deployment = (name: string, spec: Fields): Case => object('Deployment', 'apps/v1', name, { spec: { selector, template, ...spec } })
const replicaSet = (name: string, spec: Fields): Case => object('ReplicaSet', 'apps/v1', name, { spec: { selector, template, ...spec } })
const port = { port: 80 }

export const kindCases: readonly Case[] = [
  configMap('plain', { data: { a: 'b' }, binaryData: { c: 'AAA=' } }),
  configMap('keys', { data: { 'a b': 'c', x: 'y', '..': '' }, binaryData: { x: 'AAA=' } }),
  configMap('name', {}, { name: 'A_b' }),
  configMap('finalizers', {}, { finalizers: ['a b', 'kubernetes', 'x', 'example.com/y'] }),
  configMap('owners', {}, { ownerReferences: [{ apiVersion: '', kind: '', name: '', uid: '' }] }),
  configMap('large', { data: { a: 'x'.repeat(1024 * 1024 + 1) } }),
  secret('plain', { stringData: { a: 'b' }, data: { a: 'AAA=', c: 'AAA=' } }),
  secret('docker', { type: 'kubernetes.io/dockerconfigjson', stringData: { '.dockerconfigjson': '{' } }),
  secret('dockercfg', { type: 'kubernetes.io/dockercfg' }),
  secret('basic', { type: 'kubernetes.io/basic-auth' }),
  secret('ssh', { type: 'kubernetes.io/ssh-auth' }),
  secret('tls', { type: 'kubernetes.io/tls', stringData: { 'tls.crt': '' } }),
  secret('token', { type: 'kubernetes.io/service-account-token' }),
  secret('key', { stringData: { 'a/b': 'c' } }),
  service('headless', { clusterIP: 'None', ports: [port] }),
  service('sticky headless', {
    clusterIP: 'None',
    sessionAffinity: 'ClientIP',
    externalIPs: ['1.2.3.4'],
    ports: [{ port: 80, targetPort: 'http', name: 'a' }],
  }),
  service(
    'unwise',
    { clusterIP: 'None', ports: [port], trafficDistribution: 'PreferClose', externalName: 'x' },
    { annotations: { 'service.kubernetes.io/topology-aware-hints': 'auto' } },
  ),
  service('no ports', {}),
  service('external', { type: 'ExternalName', externalName: 'a.example.' }),
  service('external bad', {
    type: 'ExternalName',
    externalName: 'A_',
    clusterIP: '1.2.3.4',
    clusterIPs: ['1.2.3.4'],
    ipFamilies: ['IPv4'],
  }),
  service('ports', {
    clusterIP: 'None',
    ports: [
      { port: 0 },
      { port: 80, name: 'A', protocol: 'X' },
      { port: 80, name: 'a', targetPort: 'Bad_' },
      { port: 80, name: 'a', nodePort: 5, appProtocol: 'a b' },
    ],
  }),
  service('affinity', { clusterIP: 'None', ports: [port], sessionAffinity: 'X' }),
  service('affinity seconds', {
    clusterIP: 'None',
    ports: [port],
    sessionAffinity: 'ClientIP',
    sessionAffinityConfig: { clientIP: { timeoutSeconds: 90000 } },
  }),
  service('type', { clusterIP: 'None', type: 'X', ports: [port], selector: { 'a b': 'c' } }),
  service('policies', {
    clusterIP: 'None',
    ports: [port],
    externalTrafficPolicy: 'Local',
    internalTrafficPolicy: 'X',
    trafficDistribution: 'Y',
    healthCheckNodePort: 5,
  }),
  service('external addresses', {
    clusterIP: 'None',
    ports: [port],
    externalIPs: ['127.0.0.1', 'x', '0.0.0.0', '169.254.1.1', '224.0.0.1', 'fe80::1'],
  }),
  service('load balancer fields', {
    clusterIP: 'None',
    ports: [port],
    loadBalancerSourceRanges: ['1.2.3.4'],
    loadBalancerClass: 'x',
    allocateLoadBalancerNodePorts: true,
  }),
  service('name', { clusterIP: 'None', ports: [port] }, { name: '1a' }),
  object('ServiceAccount', 'v1', 'plain', {
    secrets: [{ name: 'a', kind: 'Secret', namespace: 'x' }],
    automountServiceAccountToken: false,
  }),
  object('Namespace', 'v1', 'plain', {}, { name: 'case-x' }),
  object('Namespace', 'v1', 'finalizers', { spec: { finalizers: ['x', 'example.com/y'] } }, { name: 'case-x' }),
  object('Namespace', 'v1', 'name', {}, { name: 'a.b' }),
  node('one range', { podCIDR: '10.0.0.0/24' }),
  node('ranges', { podCIDR: '10.0.0.0/24', podCIDRs: ['10.1.0.0/24', 'fd00::/64'] }),
  node('plain', {}, { capacity: { cpu: '2', memory: '1Gi' } }),
  node(
    'bad',
    {
      podCIDR: '1.2.3.4/33',
      podCIDRs: ['1.2.3.4/33'],
      taints: [
        { key: 'a b', value: 'c d', effect: 'X' },
        { key: 'k', effect: '' },
        { key: 'd', effect: 'NoSchedule' },
        { key: 'd', effect: 'NoSchedule' },
      ],
      externalID: 'x',
    },
    { capacity: { cpu: '-1', pods: '1.5' } },
  ),
  object('Endpoints', 'v1', 'plain', { subsets: [{ addresses: [{ ip: '10.0.0.1' }], ports: [{ port: 80 }] }] }),
  object('Endpoints', 'v1', 'bad', {
    subsets: [
      {},
      {
        addresses: [{ ip: 'x', hostname: 'A', nodeName: 'B_' }, { ip: '127.0.0.1' }],
        notReadyAddresses: [{ ip: '::1' }],
        ports: [
          { port: 0, protocol: 'X' },
          { port: 1, name: 'A' },
        ],
      },
    ],
  }),
  slice('plain', { addressType: 'IPv4', endpoints: [{ addresses: ['10.0.0.1'], conditions: { ready: true } }], ports: [{ port: 80 }] }),
  slice('no ports', { addressType: 'IPv6', endpoints: [{ addresses: ['fd00::1'] }] }),
  slice('bad', {
    addressType: 'IPv4',
    endpoints: [
      { addresses: [] },
      {
        addresses: ['fd00::1', 'x', '127.0.0.1'],
        nodeName: 'A_',
        hostname: 'B',
        deprecatedTopology: { a: 'b' },
        hints: { forZones: [{ name: 'a b' }, { name: 'z' }, { name: 'z' }] },
      },
    ],
    ports: [
      { name: 'A', protocol: 'X' },
      { name: 'A', appProtocol: 'a b' },
    ],
  }),
  slice('type', { addressType: 'X' }),
  slice('fqdn', { addressType: 'FQDN', endpoints: [{ addresses: ['localhost', 'a.b', 'A_.b'] }] }),
  event('plain', { reason: 'R', message: 'm', type: 'Normal' }),
  event('namespace', { involvedObject: { namespace: 'other' } }),
  event('time', { eventTime: '2024-01-01T00:00:00.000000Z' }),
  event('reporter', {
    eventTime: '2024-01-01T00:00:00.000000Z',
    reportingComponent: 'a b',
    reportingInstance: 'x'.repeat(129),
    action: 'a',
    reason: 'r',
  }),
  newEvent('plain', {
    eventTime: '2024-01-01T00:00:00.000000Z',
    reportingController: 'example.com/c',
    reportingInstance: 'i',
    action: 'a',
    reason: 'r',
    type: 'Normal',
    regarding: { namespace: 'default', name: 'x' },
  }),
  newEvent('bad', {
    eventTime: null,
    type: 'X',
    deprecatedCount: 1,
    series: { count: 1, lastObservedTime: null },
    deprecatedFirstTimestamp: '2024-01-01T00:00:00Z',
    deprecatedSource: { component: 'c' },
  }),
  object('Lease', 'coordination.k8s.io/v1', 'plain', {
    spec: { holderIdentity: 'a', leaseDurationSeconds: 5, renewTime: '2024-01-01T00:00:00.123456Z', strategy: 'OldestEmulationVersion' },
  }),
  object('Lease', 'coordination.k8s.io/v1', 'bad', { spec: { leaseDurationSeconds: 0, leaseTransitions: -1 } }),
  deployment('plain', {}),
  deployment('recreate', { strategy: { type: 'Recreate' } }),
  deployment('recreate with numbers', { strategy: { type: 'Recreate', rollingUpdate: {} } }),
  deployment('strategy', { strategy: { type: 'X' } }),
  deployment('zero', { strategy: { rollingUpdate: { maxSurge: 0, maxUnavailable: '0%' } } }),
  deployment('numbers', {
    replicas: -1,
    minReadySeconds: -1,
    revisionHistoryLimit: -1,
    progressDeadlineSeconds: -2,
    strategy: { rollingUpdate: { maxSurge: 'x', maxUnavailable: '150%' } },
  }),
  deployment('selector', { selector: { matchLabels: { app: 'b' } } }),
  deployment('empty selector', { selector: {} }),
  deployment('no selector', { selector: null }),
  deployment('bad selector', {
    selector: {
      matchExpressions: [
        { key: 'a b', operator: 'In' },
        { key: 'c', operator: 'X' },
      ],
    },
  }),
  deployment('template', {
    template: {
      metadata: { labels: { app: 'a' }, annotations: { 'a b': 'c' } },
      spec: {
        restartPolicy: 'Never',
        activeDeadlineSeconds: 5,
        containers: [{ name: 'A', image: '' }],
        ephemeralContainers: [{ name: 'e', image: 'x' }],
      },
    },
  }),
  deployment('deadline', { minReadySeconds: 600 }),
  deployment('limits', {
    template: {
      ...template,
      spec: {
        hostNetwork: true,
        containers: [{ name: 'main', image: 'app', ports: [{ containerPort: 80 }], resources: { limits: { cpu: '1' } } }],
      },
    },
  }),
  replicaSet('plain', {}),
  replicaSet('zero', { replicas: 0 }),
  replicaSet('bad', { replicas: -1, minReadySeconds: -1, selector: null, template: {} }),
]
