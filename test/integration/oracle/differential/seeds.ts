/** One small valid object of each kind, without apiVersion, kind and name. */

type Plain = Record<string, unknown>

const spec = { containers: [{ name: 'c', image: 'i' }] }
const template = { metadata: { labels: { app: 'a' } }, spec }
const selector = { matchLabels: { app: 'a' } }
const jobTemplate = { spec: { ...spec, restartPolicy: 'Never' } }
const role = { rules: [{ apiGroups: [''], resources: ['pods'], verbs: ['get'] }] }
const subjects = [{ kind: 'User', name: 'u', apiGroup: 'rbac.authorization.k8s.io' }]
const webhook = {
  name: 'a.example.com',
  clientConfig: { url: 'https://example.com' },
  sideEffects: 'None',
  admissionReviewVersions: ['v1'],
}
const rules = [{ apiGroups: ['example.com'], apiVersions: ['v1'], resources: ['nothings'], operations: ['CREATE'] }]
const claim = { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } }
const devices = { devices: { requests: [{ name: 'r', exactly: { deviceClassName: 'c.example.com' } }] } }

/** A request for CN=u that openssl made. */
const certificateRequest =
  'LS0tLS1CRUdJTiBDRVJUSUZJQ0FURSBSRVFVRVNULS0tLS0KTUlITE1ITUNBUUF3RVRFUE1BMEdBMVVFQXd3R2NHVnljMjl1TUZrd0V3WUhLb1pJemowQ0FRWUlLb1pJemowRApBUWNEUWdBRU5BemxtRDNDOVJEdFkyeW5VVjhYNWd2Vkl3QldnWEhTY3huUmxEaXdoRFJWQUd4SXZZWVZBNmx5CjlOV0dqZFRYcWYrdzNOaDA1MEFJVXJ2cmtiOWNPcUFBTUFvR0NDcUdTTTQ5QkFNQ0EwZ0FNRVVDSUVVZlBaS1AKbi9lbTF4U2lWa21FVlpJNXVaQXlZd3lTWlYweklLY2dGVStTQWlFQXF5eG5LY2RvTVEwSHpwcmlLbjVtUzdFSgpUNDNwVk1CajdXeUJoUWVlZy93PQotLS0tLUVORCBDRVJUSUZJQ0FURSBSRVFVRVNULS0tLS0K'

/** By `plural.group/version`. */
export const seeds: Readonly<Record<string, Plain>> = {
  'configmaps/v1': { data: { a: 'b' } },
  'endpoints/v1': { subsets: [{ addresses: [{ ip: '10.0.0.1' }], ports: [{ port: 80 }] }] },
  'events/v1': { involvedObject: { kind: 'Pod', name: 'p', namespace: '$NAMESPACE' }, reason: 'R', message: 'm', type: 'Normal' },
  'limitranges/v1': { spec: { limits: [{ type: 'Container', max: { 'example.com/x': '1' } }] } },
  'namespaces/v1': {},
  'nodes/v1': {},
  'persistentvolumeclaims/v1': { spec: claim },
  'persistentvolumes/v1': { spec: { capacity: { storage: '1Gi' }, accessModes: ['ReadWriteOnce'], hostPath: { path: '/a' } } },
  'pods/v1': { spec },
  'podtemplates/v1': { template },
  'replicationcontrollers/v1': { spec: { selector: { app: 'a' }, template } },
  'resourcequotas/v1': { spec: { hard: { 'count/nothings.example.com': '5' } } },
  'secrets/v1': { data: { a: 'YQ==' } },
  'serviceaccounts/v1': {},
  'services/v1': { spec: { clusterIP: 'None', ports: [{ port: 80 }] } },
  'controllerrevisions.apps/v1': { revision: 1, data: { a: 1 } },
  'daemonsets.apps/v1': { spec: { selector, template } },
  'deployments.apps/v1': { spec: { selector, template } },
  'replicasets.apps/v1': { spec: { selector, template } },
  'statefulsets.apps/v1': { spec: { selector, template, serviceName: 's' } },
  'cronjobs.batch/v1': { spec: { schedule: '* * * * *', jobTemplate: { spec: { template: jobTemplate } } } },
  'jobs.batch/v1': { spec: { template: jobTemplate } },
  'horizontalpodautoscalers.autoscaling/v1': {
    spec: { maxReplicas: 3, scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'd' } },
  },
  'horizontalpodautoscalers.autoscaling/v2': {
    spec: { maxReplicas: 3, scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'd' } },
  },
  'poddisruptionbudgets.policy/v1': { spec: { minAvailable: 1, selector } },
  'leases.coordination.k8s.io/v1': { spec: { holderIdentity: 'a' } },
  'endpointslices.discovery.k8s.io/v1': { addressType: 'IPv4', endpoints: [{ addresses: ['10.0.0.1'] }], ports: [{ name: 'p', port: 80 }] },
  'events.events.k8s.io/v1': {
    eventTime: '2026-01-01T00:00:00.000000Z',
    regarding: { kind: 'Pod', name: 'p', namespace: '$NAMESPACE' },
    reason: 'R',
    action: 'A',
    type: 'Normal',
    reportingController: 'example.com/c',
    reportingInstance: 'i',
  },
  'ingresses.networking.k8s.io/v1': { spec: { defaultBackend: { service: { name: 's', port: { number: 80 } } } } },
  'ingressclasses.networking.k8s.io/v1': { spec: { controller: 'example.com/c' } },
  'ipaddresses.networking.k8s.io/v1': { spec: { parentRef: { resource: 'services', namespace: 'default', name: 's' } } },
  'networkpolicies.networking.k8s.io/v1': { spec: { podSelector: {} } },
  'servicecidrs.networking.k8s.io/v1': { spec: { cidrs: ['10.200.0.0/24'] } },
  'csidrivers.storage.k8s.io/v1': { spec: {} },
  'csinodes.storage.k8s.io/v1': { spec: { drivers: [] } },
  'csistoragecapacities.storage.k8s.io/v1': { storageClassName: 's' },
  'storageclasses.storage.k8s.io/v1': { provisioner: 'example.com/p' },
  'volumeattachments.storage.k8s.io/v1': { spec: { attacher: 'example.com', nodeName: 'n', source: { persistentVolumeName: 'v' } } },
  'volumeattributesclasses.storage.k8s.io/v1': { driverName: 'd.example.com', parameters: { a: 'b' } },
  'priorityclasses.scheduling.k8s.io/v1': { value: 1 },
  'runtimeclasses.node.k8s.io/v1': { handler: 'h' },
  'certificatesigningrequests.certificates.k8s.io/v1': {
    spec: { request: certificateRequest, signerName: 'example.com/s', usages: ['client auth'] },
  },
  'mutatingwebhookconfigurations.admissionregistration.k8s.io/v1': { webhooks: [{ ...webhook, rules }] },
  'validatingwebhookconfigurations.admissionregistration.k8s.io/v1': { webhooks: [{ ...webhook, rules }] },
  'validatingadmissionpolicies.admissionregistration.k8s.io/v1': {
    spec: { matchConstraints: { resourceRules: rules }, validations: [{ expression: 'true' }] },
  },
  'validatingadmissionpolicybindings.admissionregistration.k8s.io/v1': { spec: { policyName: 'p', validationActions: ['Deny'] } },
  'flowschemas.flowcontrol.apiserver.k8s.io/v1': {
    spec: { priorityLevelConfiguration: { name: 'global-default' }, matchingPrecedence: 9000 },
  },
  'prioritylevelconfigurations.flowcontrol.apiserver.k8s.io/v1': {
    spec: { type: 'Limited', limited: { limitResponse: { type: 'Reject' } } },
  },
  'deviceclasses.resource.k8s.io/v1': { spec: { selectors: [{ cel: { expression: 'true' } }] } },
  'resourceclaims.resource.k8s.io/v1': { spec: devices },
  'resourceclaimtemplates.resource.k8s.io/v1': { spec: { spec: devices } },
  'resourceslices.resource.k8s.io/v1': {
    spec: { driver: 'd.example.com', pool: { name: 'p', resourceSliceCount: 1, generation: 1 }, allNodes: true, devices: [{ name: 'd' }] },
  },
  'clusterroles.rbac.authorization.k8s.io/v1': role,
  'roles.rbac.authorization.k8s.io/v1': role,
  'clusterrolebindings.rbac.authorization.k8s.io/v1': {
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'view' },
    subjects,
  },
  'rolebindings.rbac.authorization.k8s.io/v1': {
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'view' },
    subjects,
  },
  'apiservices.apiregistration.k8s.io/v1': {
    spec: {
      group: 'none.example.com',
      version: 'v1',
      groupPriorityMinimum: 1000,
      versionPriority: 15,
      service: { name: 's', namespace: 'default' },
    },
  },
  'customresourcedefinitions.apiextensions.k8s.io/v1': {
    spec: {
      group: 'none.example.com',
      scope: 'Namespaced',
      names: { plural: 'differs', kind: 'Differ' },
      versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object' } } }],
    },
  },
}

/** Kinds whose names follow rules; others are called `differs`. */
export const names: Readonly<Record<string, string>> = {
  'ipaddresses.networking.k8s.io/v1': '10.96.77.77',
  'csidrivers.storage.k8s.io/v1': 'differs.example.com',
  'apiservices.apiregistration.k8s.io/v1': 'v1.none.example.com',
  'customresourcedefinitions.apiextensions.k8s.io/v1': 'differs.none.example.com',
}
