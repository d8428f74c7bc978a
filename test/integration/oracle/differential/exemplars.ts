/** A small valid value for each message that has rules across its fields; others are made of their required fields. */
import type { FieldNode, MessageNode } from '#api/tree.ts'

type Plain = Record<string, unknown>

const template = { metadata: { labels: { app: 'a' } }, spec: { containers: [{ name: 'c', image: 'i' }] } }

/** By the Go name of the message. */
const exemplars: Readonly<Record<string, Plain>> = {
  Container: { name: 'x', image: 'i' },
  EphemeralContainer: { name: 'x', image: 'i' },
  EnvVar: { name: 'A', value: 'b' },
  EnvVarSource: { fieldRef: { fieldPath: 'metadata.name' } },
  ObjectFieldSelector: { fieldPath: 'metadata.name' },
  ResourceFieldSelector: { resource: 'limits.cpu' },
  EnvFromSource: { configMapRef: { name: 'a' } },
  Probe: { httpGet: { port: 80 } },
  LifecycleHandler: { exec: { command: ['a'] } },
  Lifecycle: { preStop: { exec: { command: ['a'] } } },
  HTTPGetAction: { port: 80 },
  TCPSocketAction: { port: 80 },
  ContainerPort: { containerPort: 80 },
  VolumeMount: { name: 'v', mountPath: '/v' },
  Volume: { name: 'v', emptyDir: {} },
  HostPathVolumeSource: { path: '/a' },
  KeyToPath: { key: 'k', path: 'p' },
  DownwardAPIVolumeFile: { path: 'p', fieldRef: { fieldPath: 'metadata.name' } },
  VolumeProjection: { configMap: { name: 'a' } },
  Toleration: { key: 'k', operator: 'Exists' },
  Affinity: {},
  NodeSelectorTerm: { matchExpressions: [{ key: 'k', operator: 'Exists' }] },
  NodeSelectorRequirement: { key: 'k', operator: 'Exists' },
  NodeSelector: { nodeSelectorTerms: [{ matchExpressions: [{ key: 'k', operator: 'Exists' }] }] },
  PodAffinityTerm: { labelSelector: { matchLabels: { a: 'b' } }, topologyKey: 'k' },
  WeightedPodAffinityTerm: { weight: 1, podAffinityTerm: { labelSelector: { matchLabels: { a: 'b' } }, topologyKey: 'k' } },
  PreferredSchedulingTerm: { weight: 1, preference: { matchExpressions: [{ key: 'k', operator: 'Exists' }] } },
  TopologySpreadConstraint: {
    maxSkew: 1,
    topologyKey: 'k',
    whenUnsatisfiable: 'DoNotSchedule',
    labelSelector: { matchLabels: { a: 'b' } },
  },
  LabelSelector: { matchLabels: { app: 'a' } },
  LabelSelectorRequirement: { key: 'k', operator: 'Exists' },
  PodTemplateSpec: template,
  PodSpec: template.spec,
  JobTemplateSpec: { spec: { template: { spec: { ...template.spec, restartPolicy: 'Never' } } } },
  ServicePort: { port: 80 },
  OwnerReference: { apiVersion: 'v1', kind: 'Node', name: 'n', uid: 'u' },
  Taint: { key: 'k', effect: 'NoSchedule' },
  EndpointSubset: { addresses: [{ ip: '10.0.0.1' }], ports: [{ port: 80 }] },
  EndpointAddress: { ip: '10.0.0.1' },
  Endpoint: { addresses: ['10.0.0.1'] },
  IngressRule: {
    host: 'a.example.com',
    http: { paths: [{ path: '/', pathType: 'Prefix', backend: { service: { name: 's', port: { number: 80 } } } }] },
  },
  HTTPIngressRuleValue: { paths: [{ path: '/', pathType: 'Prefix', backend: { service: { name: 's', port: { number: 80 } } } }] },
  HTTPIngressPath: { path: '/', pathType: 'Prefix', backend: { service: { name: 's', port: { number: 80 } } } },
  IngressBackend: { service: { name: 's', port: { number: 80 } } },
  IngressServiceBackend: { name: 's', port: { number: 80 } },
  ServiceBackendPort: { number: 80 },
  NetworkPolicyPeer: { podSelector: {} },
  IPBlock: { cidr: '10.0.0.0/8' },
  MetricSpec: { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 50 } } },
  ResourceMetricSource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 50 } },
  ContainerResourceMetricSource: { name: 'cpu', container: 'c', target: { type: 'Utilization', averageUtilization: 50 } },
  MetricTarget: { type: 'Utilization', averageUtilization: 50 },
  HPAScalingRules: { policies: [{ type: 'Pods', value: 1, periodSeconds: 60 }] },
  HPAScalingPolicy: { type: 'Pods', value: 1, periodSeconds: 60 },
  CrossVersionObjectReference: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'd' },
  PolicyRule: { apiGroups: [''], resources: ['pods'], verbs: ['get'] },
  Subject: { kind: 'User', name: 'u', apiGroup: 'rbac.authorization.k8s.io' },
  LimitRangeItem: { type: 'Container', max: { cpu: '1' } },
  ValidatingWebhook: {
    name: 'a.example.com',
    clientConfig: { url: 'https://example.com' },
    sideEffects: 'None',
    admissionReviewVersions: ['v1'],
  },
  MutatingWebhook: {
    name: 'a.example.com',
    clientConfig: { url: 'https://example.com' },
    sideEffects: 'None',
    admissionReviewVersions: ['v1'],
  },
  RuleWithOperations: { apiGroups: [''], apiVersions: ['v1'], resources: ['pods'], operations: ['CREATE'] },
  NamedRuleWithOperations: { apiGroups: [''], apiVersions: ['v1'], resources: ['pods'], operations: ['CREATE'] },
  MatchCondition: { name: 'm', expression: 'true' },
  Validation: { expression: 'true' },
  Variable: { name: 'v', expression: 'true' },
  AuditAnnotation: { key: 'k', valueExpression: "'a'" },
  ManagedFieldsEntry: { manager: 'm', operation: 'Update', apiVersion: 'v1', fieldsType: 'FieldsV1', fieldsV1: {} },
  CSINodeDriver: { name: 'd.example.com', nodeID: 'n' },
  TokenRequest: { audience: 'a' },
  PersistentVolumeClaimTemplate: { spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } } },
  PersistentVolumeClaim: {
    metadata: { name: 'data' },
    spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
  },
  PolicyRulesWithSubjects: {
    subjects: [{ kind: 'User', user: { name: 'u' } }],
    resourceRules: [{ verbs: ['get'], apiGroups: [''], resources: ['pods'], namespaces: ['*'] }],
  },
  DeviceRequest: { name: 'r', exactly: { deviceClassName: 'c.example.com' } },
  ExactDeviceRequest: { deviceClassName: 'c.example.com' },
  DeviceSubRequest: { name: 's', deviceClassName: 'c.example.com' },
  DeviceSelector: { cel: { expression: 'true' } },
  CELDeviceSelector: { expression: 'true' },
  OpaqueDeviceConfiguration: { driver: 'd.example.com', parameters: { a: 1 } },
  Device: { name: 'd' },
  DeviceTaint: { key: 'k', effect: 'NoSchedule' },
  DeviceAttribute: { bool: true },
  DeviceCapacity: { value: '1' },
  Counter: { value: '1' },
  CounterSet: { name: 'c', counters: { a: { value: '1' } } },
}

/** What an object needs to have: required fields, one level at a time. */
export function exemplarOf(message: MessageNode, depth = 0): Plain {
  const known = exemplars[message.goName]
  if (known !== undefined) return structuredClone(known)
  if (depth > 4) return {}
  const required = message.fields.filter((field) => field.required && field.number !== 0)
  return Object.fromEntries(required.map((field) => [field.name, madeOf(field, depth)]))
}

function madeOf(field: FieldNode, depth: number): unknown {
  const one = field.message === undefined ? scalarOf(field) : exemplarOf(field.message, depth + 1)
  return field.shape === 'list' ? [one] : field.shape === 'map' ? { a: one } : one
}

function scalarOf(field: FieldNode): unknown {
  if (field.enum !== undefined) return field.enum[0]
  const values: Readonly<Record<string, unknown>> = {
    bool: true,
    quantity: '1',
    raw: {},
    time: '2026-01-01T00:00:00Z',
    microTime: '2026-01-01T00:00:00.000000Z',
  }
  if (field.scalar === 'string') return 'a'
  return Object.hasOwn(values, field.scalar) ? values[field.scalar] : 1
}
