/** Stories of several managers that write one object in turn; what every step answers is compared with upstream. */
import type { Step } from './both.ts'

export interface Story {
  name: string
  /** Paths are below this; `{ns}` is the namespace of the run. */
  path: string
  steps: readonly Step[]
  /** The order of times counts: all must have one time. */
  withinOneSecond?: true
}

export const applyType = 'application/apply-patch+yaml'
const mergeType = 'application/merge-patch+json'
const strategicType = 'application/strategic-merge-patch+json'

const apply = (manager: string, body: unknown, more = ''): Step => ({
  method: 'PATCH',
  path: `?fieldManager=${manager}${more}`,
  body,
  contentType: applyType,
})
const applySub = (subresource: string, manager: string, body: unknown, more = ''): Step => ({
  method: 'PATCH',
  path: `/${subresource}?fieldManager=${manager}${more}`,
  body,
  contentType: applyType,
})
const patch = (manager: string, body: unknown, contentType = mergeType): Step => ({
  method: 'PATCH',
  path: manager === '' ? '' : `?fieldManager=${manager}`,
  body,
  contentType,
})
const patchSub = (subresource: string, manager: string, body: unknown, contentType = mergeType): Step => ({
  method: 'PATCH',
  path: `/${subresource}?fieldManager=${manager}`,
  body,
  contentType,
})
const create = (manager: string, body: unknown): Step => ({ method: 'POST', path: `..?fieldManager=${manager}`, body })
const put = (manager: string, body: unknown, sub = ''): Step => ({ method: 'PUT', path: `${sub}?fieldManager=${manager}`, body })
const get: Step = { method: 'GET', path: '' }

const configMap = (more: object, metadata: object = {}): object => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'x', ...metadata },
  ...more,
})
const deployment = (spec: object, metadata: object = {}): object => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'x', ...metadata },
  spec: { selector: { matchLabels: { app: 'x' } }, ...spec },
})
const template = (spec: object): object => ({ metadata: { labels: { app: 'x' } }, spec })
const container = (more: object = {}): object => ({ name: 'c', image: 'i', ...more })

const owner = (uid: string): object => ({ apiVersion: 'v1', kind: 'ConfigMap', name: 'o', uid })

const configMaps = '/api/v1/namespaces/{ns}/configmaps'
const deployments = '/apis/apps/v1/namespaces/{ns}/deployments'
const services = '/api/v1/namespaces/{ns}/services'
const pods = '/api/v1/namespaces/{ns}/pods'
const nodes = '/api/v1/nodes'

export const stories: readonly Story[] = [
  {
    name: 'updates of a config map',
    path: configMaps,
    steps: [
      create('a', configMap({ data: { k: '1', l: '2' } }, { labels: { a: 'b' }, annotations: { 'x/y': 'z' }, finalizers: ['f/a'] })),
      patch('a', { data: { k: '2' } }),
      patch('b', { data: { k: '3', m: '4' } }),
      patch('b', { data: { k: '3', m: '4' } }),
      patch('c', { data: { l: null } }),
      patch('', { metadata: { labels: { c: 'd' } } }),
      patch('a', { metadata: { finalizers: null } }),
      put('p', configMap({ data: { k: '9' } })),
      put('p', configMap({})),
      patch('q', { data: {} }),
      get,
    ],
  },
  {
    name: 'apply of a config map',
    path: configMaps,
    steps: [
      apply('a', configMap({ data: { k: '1', l: '1' } })),
      apply('a', configMap({ data: { k: '1', l: '1' } })),
      apply('b', configMap({ data: { k: '1' } })),
      apply('b', configMap({ data: { k: '2' } })),
      apply('b', configMap({ data: { k: '2', l: '2' } })),
      apply('b', configMap({ data: { k: '2' } }), '&force=true'),
      apply('a', configMap({ data: { l: '1' } })),
      apply('a', configMap({})),
      apply('b', configMap({ data: null })),
      apply('c', configMap({ data: {} })),
      apply('c', configMap({ data: { k: null } })),
      apply('d', configMap({ immutable: true, binaryData: { z: 'AAAA' } })),
      apply('e', configMap({ data: { z: 'AAAA' } })),
      get,
    ],
  },
  {
    name: 'apply over updates',
    path: configMaps,
    steps: [
      create('u', configMap({ data: { k: '1', l: '1' } })),
      apply('a', configMap({ data: { k: '1' } })),
      apply('a', configMap({ data: { k: '2' } })),
      apply('a', configMap({ data: { k: '2' } }), '&force=1'),
      patch('u', { data: { k: '3' } }),
      apply('a', configMap({ data: { k: '2', m: '1' } })),
      patch('v', { data: { n: '1' } }),
      apply('a', configMap({ data: { k: '2', n: '2', l: '4' } })),
      apply('a', configMap({ data: { k: '2', n: '2', l: '4' } }), '&force=true'),
      apply('a', configMap({})),
    ],
  },
  {
    name: 'refusals',
    path: configMaps,
    steps: [
      { method: 'PATCH', path: '', body: configMap({}), contentType: applyType },
      apply('', configMap({})),
      apply('a%09b', configMap({})),
      apply('a'.repeat(129), configMap({})),
      apply('a', configMap({}), '&dryRun=x'),
      apply('a', configMap({}), '&force=x'),
      apply('a', configMap({}), '&fieldValidation=x'),
      { ...patch('a', {}), path: '?force=true' },
      { ...patch('a', {}), path: '?force=false' },
      apply('a', { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'x' } }),
      apply('a', { apiVersion: 'v2', kind: 'ConfigMap', metadata: { name: 'x' } }),
      apply('a', { kind: 'ConfigMap', metadata: { name: 'x' } }),
      apply('a', { metadata: { name: 'x' } }),
      apply('a', {}),
      apply('a', '[]'),
      apply('a', '"x"'),
      apply('a', ''),
      apply('a', 'null'),
      apply('a', '{'),
      apply('a', 'a: b: c'),
      apply('a', configMap({}, { managedFields: [] })),
      apply('a', configMap({}, { managedFields: null })),
      apply('a', configMap({}, { name: 'y' })),
      apply('a', { apiVersion: 'v1', kind: 'ConfigMap' }),
      apply('a', configMap({}, { namespace: 'other' })),
      apply('a', configMap({}, { uid: 'u' })),
      apply('a', configMap({}, { resourceVersion: '1' })),
      apply('a', configMap({ data: 'x' })),
      apply('a', configMap({ data: ['x'] })),
      apply('a', configMap({ data: { x: 1 } })),
      apply('a', configMap({ data: { x: true } })),
      apply('a', configMap({ data: { x: 1.5 } })),
      apply('a', configMap({ data: { x: { y: 1 } } })),
      apply('a', configMap({ data: { x: ['y'] } })),
      apply('a', configMap({ foo: 1 })),
      apply('a', configMap({ immutable: 'x' })),
      apply('a', configMap({ immutable: 1 })),
      apply('a', configMap({ binaryData: { x: '!' } })),
      apply('a', configMap({}, { finalizers: ['a/b', 'a/b'] })),
      apply('a', configMap({}, { finalizers: 'x' })),
      apply('a', configMap({}, { finalizers: [1] })),
      apply('a', configMap({}, { finalizers: [null] })),
      apply('a', configMap({}, { ownerReferences: [{ name: 'x' }] })),
      apply('a', configMap({}, { ownerReferences: [{ uid: 'x' }, { uid: 'x' }] })),
      apply('a', configMap({}, { labels: { a: '_' } })),
      apply('a', configMap({ data: { 'bad key': 'x' } })),
      apply('a', configMap({}, { generateName: 'x' })),
      apply('a', 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: x\ndata:\n  a: "1"\n  a: "2"\n'),
      apply('a', 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: x\ndata:\n  a: "1"\n  a: "2"\n', '&fieldValidation=Strict'),
      apply('a', '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"x"},"data":{"a":"1","a":"3"}}', '&fieldValidation=Strict'),
      apply('a', '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"x"},"data":{"a":"1","a":"3"}}', '&fieldValidation=Ignore'),
      { ...apply('a', configMap({})), contentType: 'application/apply-patch+cbor' },
      { ...apply('a', configMap({})), contentType: 'application/apply-patch+json' },
      get,
      apply('a', configMap({}, { uid: 'u' })),
      apply('a', configMap({}, { resourceVersion: '1' })),
      apply('a', configMap({}, { name: 'y' })),
      apply('a', configMap({}, { namespace: 'other' })),
      applySub('status', 'a', configMap({})),
    ],
  },
  {
    name: 'managedFields of clients',
    path: configMaps,
    steps: [
      create('u', configMap({ data: { k: '1', l: '1' } })),
      patch('v', { metadata: { managedFields: [{}] } }),
      patch('v', { data: { k: '2' } }),
      apply('a', configMap({ data: { m: '1' } })),
      patch('v', { data: { k: '3' } }),
      patch('v', { metadata: { managedFields: [] } }),
      apply('a', configMap({ data: { k: '1' } })),
      apply('b', configMap({ data: { k: '1' } })),
      patch('v', {
        metadata: {
          managedFields: [
            {
              manager: 'w',
              operation: 'Apply',
              apiVersion: 'v1',
              fieldsType: 'FieldsV1',
              fieldsV1: { 'f:data': { 'f:k': {}, 'f:zz': {} } },
            },
          ],
        },
      }),
      apply('w', configMap({})),
      patch('v', { metadata: { managedFields: [{ manager: 'w', operation: 'Foo', apiVersion: 'v1', fieldsType: 'FieldsV1' }] } }),
      patch('v', {
        metadata: { managedFields: [{ manager: 'w', operation: 'Update', apiVersion: 'v9', fieldsType: 'FieldsV1', fieldsV1: {} }] },
      }),
      patch('v', {
        metadata: {
          managedFields: [
            { manager: 'w', operation: 'Update', apiVersion: 'v9', fieldsType: 'FieldsV1', fieldsV1: { 'f:data': { 'f:l': {} } } },
            {
              manager: 'z',
              operation: 'Update',
              apiVersion: 'v1',
              fieldsType: 'FieldsV1',
              fieldsV1: { 'f:data': { 'x:l': {}, 'f:l': {}, 'f:j': {} } },
            },
          ],
        },
      }),
      patch('v', { data: { q: '1' } }),
      patch('v', { metadata: { managedFields: null } }),
      patch('v', { metadata: { managedFields: [{ manager: 'a', operation: 'Update', apiVersion: 'v1' }] } }),
      patch('v', { metadata: { managedFields: [{ manager: 'a', operation: 'Update', apiVersion: 'v1', fieldsType: 'FieldsV2' }] } }),
      patch('v', {
        metadata: { managedFields: [{ manager: 'a', operation: 'Update', apiVersion: 'v1', fieldsType: 'FieldsV1', fieldsV1: { q: {} } }] },
      }),
    ],
  },
  {
    name: 'owners that stand twice',
    path: configMaps,
    steps: [
      create('a', configMap({}, { ownerReferences: [owner('u'), owner('v'), owner('u')] })),
      put('b', configMap({}, { ownerReferences: [owner('u'), owner('u')] })),
      patch('c', { metadata: { ownerReferences: [owner('w'), owner('w')] } }),
      apply('d', configMap({}, { ownerReferences: [owner('w')] })),
      apply('e', configMap({}, { ownerReferences: [{ ...owner('w'), name: 'other' }] })),
    ],
  },
  {
    name: 'more than ten managers',
    path: configMaps,
    withinOneSecond: true,
    steps: [
      create('m00', configMap({ data: { k00: '1' } })),
      ...Array.from({ length: 14 }, (_, i) => patch(`m${String(i + 1).padStart(2, '0')}`, { data: { [`k${i + 1}`]: '1' } })),
      patch('m03', { data: { k4: '2' } }),
      get,
    ],
  },
  {
    name: 'from client-side apply',
    path: deployments,
    steps: [
      create(
        'kubectl-client-side-apply',
        deployment(
          { replicas: 1, template: template({ containers: [container()] }) },
          {
            annotations: {
              'kubectl.kubernetes.io/last-applied-configuration': JSON.stringify(
                deployment({ replicas: 1, template: template({ containers: [container()] }) }),
              ),
            },
          },
        ),
      ),
      apply('other', deployment({ replicas: 2, template: template({ containers: [container({ image: 'j' })] }) })),
      apply('kubectl', deployment({ replicas: 2, template: template({ containers: [container({ image: 'j' })] }) })),
      patch('editor', { spec: { replicas: 5 } }),
      apply('kubectl', deployment({ replicas: 3, template: template({ containers: [container({ image: 'k' })] }) })),
      apply('kubectl', deployment({ replicas: 3, template: template({ containers: [container({ image: 'k' })] }) }), '&force=true'),
      get,
    ],
  },
  {
    name: 'a deployment of several managers',
    path: deployments,
    steps: [
      apply('a', deployment({ template: template({ containers: [container({ ports: [{ containerPort: 80 }] })] }) })),
      apply(
        'a',
        deployment({
          template: template({ containers: [container({ ports: [{ containerPort: 80 }, { containerPort: 80, protocol: 'UDP' }] })] }),
        }),
      ),
      apply('b', deployment({ template: template({ containers: [{ name: 'd', image: 'i' }, container()] }) })),
      apply('b', deployment({ template: template({ containers: [{ name: 'd', image: 'i', env: [{ name: 'A', value: '1' }] }] }) })),
      apply('a', deployment({ template: template({ containers: [{ name: 'e', image: 'i' }, container({ image: 'j' })] }) })),
      apply('c', deployment({ template: template({ containers: [{ name: 'd', env: [{ name: 'A', value: '2' }] }] }) })),
      apply('c', deployment({ template: template({ containers: [{ name: 'd', env: [{ name: 'A', value: '2' }] }] }) }), '&force=true'),
      applySub('status', 's', {
        apiVersion: 'apps/v1',
        kind: 'Deployment',
        metadata: { name: 'x', labels: { l: 'm' } },
        status: { replicas: 3, conditions: [{ type: 'A', status: 'True' }] },
      }),
      applySub('status', 't', { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'x' }, status: { replicas: 4 } }),
      patchSub('status', 'u', {
        status: { conditions: [{ type: 'A', status: 'False' }] },
        spec: { replicas: 8 },
        metadata: { labels: { q: 'r' }, annotations: { s: 't' } },
      }),
      applySub('scale', 'sc', { apiVersion: 'autoscaling/v1', kind: 'Scale', metadata: { name: 'x' }, spec: { replicas: 4 } }),
      apply('d', deployment({ replicas: 7 })),
      patchSub('scale', 'sd', { spec: { replicas: 6 } }),
      patchSub('scale', 'sd', { spec: { replicas: 6 } }),
      put('se', { apiVersion: 'autoscaling/v1', kind: 'Scale', metadata: { name: 'x' }, spec: { replicas: 2 } }, '/scale'),
      applySub('scale', 'sc', { apiVersion: 'autoscaling/v1', kind: 'Scale', metadata: { name: 'x' }, spec: { replicas: 5 } }),
      applySub(
        'scale',
        'sc',
        { apiVersion: 'autoscaling/v1', kind: 'Scale', metadata: { name: 'x' }, spec: { replicas: 5 } },
        '&force=true',
      ),
      apply('d', deployment({ replicas: 7 }), '&force=true'),
      apply('d', deployment({})),
      { method: 'GET', path: '/scale' },
      patch('e', { spec: { template: { spec: { containers: [{ name: 'e', $patch: 'delete' }] } } } }, strategicType),
      apply('a', deployment({ template: template({ containers: [container(), container()] }) })),
      apply('a', deployment({ template: template({ containers: [{ image: 'x' }] }) })),
      apply('a', deployment({ template: template({ containers: [{}] }) })),
      apply('a', deployment({ template: template({ containers: [null] }) })),
      apply('a', deployment({ template: template({ containers: ['x'] }) })),
      apply('a', deployment({ replicas: 'x' })),
      apply('a', deployment({ replicas: 1.5 })),
      apply('a', deployment({ foo: { bar: 1 } })),
      apply('a', deployment({ replicas: true })),
      apply('a', deployment({ selector: { matchLabels: { other: 'x' } } })),
      get,
    ],
  },
  {
    name: 'ports of a service',
    path: services,
    steps: [
      apply('a', {
        apiVersion: 'v1',
        kind: 'Service',
        metadata: { name: 'x' },
        spec: { ports: [{ port: 80 }], selector: { a: 'b' }, clusterIP: 'None' },
      }),
      apply('b', {
        apiVersion: 'v1',
        kind: 'Service',
        metadata: { name: 'x' },
        spec: { ports: [{ port: 80, protocol: 'UDP', name: 'u' }] },
      }),
      apply('a', {
        apiVersion: 'v1',
        kind: 'Service',
        metadata: { name: 'x' },
        spec: { ports: [{ port: 80, name: 't', targetPort: 'p' }], selector: { c: 'd' } },
      }),
      apply('b', { apiVersion: 'v1', kind: 'Service', metadata: { name: 'x' }, spec: { selector: { e: 'f' } } }),
      apply('b', { apiVersion: 'v1', kind: 'Service', metadata: { name: 'x' }, spec: { ports: [{ name: 'x' }] } }),
      apply('b', { apiVersion: 'v1', kind: 'Service', metadata: { name: 'x' }, spec: { ports: [{ port: '80' }] } }),
      patchSub('status', 'lb', { status: { loadBalancer: { ingress: [{ ip: '1.2.3.4' }] } } }),
      get,
    ],
  },
  {
    name: 'a pod and its status',
    path: pods,
    steps: [
      create('a', {
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { name: 'x', labels: { app: 'x' } },
        spec: {
          containers: [
            container({ resources: { limits: { cpu: '0.5', memory: '1024Ki' } }, env: [{ name: 'A', value: '1' }, { name: 'B' }] }),
          ],
          terminationGracePeriodSeconds: 0,
        },
      }),
      patchSub(
        'status',
        'kubelet',
        {
          status: {
            phase: 'Running',
            podIP: '10.0.0.1',
            podIPs: [{ ip: '10.0.0.1' }],
            conditions: [{ type: 'Ready', status: 'True', lastTransitionTime: '2026-01-01T00:00:00Z' }],
          },
        },
        strategicType,
      ),
      patchSub('status', 'kubelet', { status: { conditions: [{ type: 'Ready', status: 'False' }] } }, strategicType),
      patchSub(
        'status',
        'kubelet',
        {
          status: {
            containerStatuses: [
              {
                name: 'c',
                image: 'i',
                imageID: '',
                ready: true,
                restartCount: 0,
                state: { running: { startedAt: '2026-01-01T00:00:00Z' } },
              },
            ],
          },
        },
        strategicType,
      ),
      applySub('status', 'controller', {
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { name: 'x' },
        status: { conditions: [{ type: 'x.io/gate', status: 'True' }] },
      }),
      applySub('status', 'controller', {
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { name: 'x' },
        status: { conditions: [{ type: 'Ready', status: 'True' }] },
      }),
      apply('b', { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'x', labels: { tier: 'y' } } }),
      apply('b', { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'x' }, spec: { containers: [{ name: 'c', image: 'j' }] } }),
      apply(
        'b',
        { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'x' }, spec: { containers: [{ name: 'c', image: 'j' }] } },
        '&force=true',
      ),
      patchSub('ephemeralcontainers', 'dbg', { spec: { ephemeralContainers: [{ name: 'dbg', image: 'sh' }] } }, strategicType),
      patchSub('status', 'kubelet', { metadata: { labels: { z: 'z' } }, status: { message: 'm' } }),
      get,
    ],
  },
  {
    name: 'a node',
    path: nodes,
    steps: [
      create('k', {
        apiVersion: 'v1',
        kind: 'Node',
        metadata: { name: 'x', labels: { a: 'b' } },
        spec: { podCIDR: '10.9.0.0/24', podCIDRs: ['10.9.0.0/24'] },
      }),
      patchSub(
        'status',
        'kubelet',
        {
          status: {
            capacity: { cpu: '4', memory: '1Gi' },
            conditions: [{ type: 'Ready', status: 'True' }],
            addresses: [{ type: 'InternalIP', address: '1.2.3.4' }],
          },
        },
        strategicType,
      ),
      patchSub('status', 'kubelet', { status: { addresses: [{ type: 'Hostname', address: 'h' }] } }, strategicType),
      apply('a', {
        apiVersion: 'v1',
        kind: 'Node',
        metadata: { name: 'x' },
        spec: { taints: [{ key: 'k', effect: 'NoSchedule' }], unschedulable: true },
      }),
      apply('a', { apiVersion: 'v1', kind: 'Node', metadata: { name: 'x' }, spec: { unschedulable: false } }),
      applySub('status', 'npd', {
        apiVersion: 'v1',
        kind: 'Node',
        metadata: { name: 'x' },
        status: { conditions: [{ type: 'Disk', status: 'False' }] },
      }),
      get,
    ],
  },
]
