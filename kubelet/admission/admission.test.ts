import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Node } from '#api/core/node.ts'
import { app, pod } from '#kubelet/pods/pod-fixtures.ts'
import { admitPod, podRequests } from './admission.ts'

const node: Node = {
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { name: 'node-1', labels: { zone: 'a' } },
  spec: {
    taints: [
      { key: 'gone', effect: 'NoExecute' },
      { key: 'busy', effect: 'NoSchedule' },
    ],
  },
  status: { allocatable: { cpu: '2', memory: '1Gi', pods: '2' } },
}
const tolerations = [{ key: 'gone', operator: 'Exists' }]
const asking = (cpu: string) => pod({ tolerations, containers: [app('main', { resources: { requests: { cpu } } })] })
const reason = (of: ReturnType<typeof pod>, others: ReturnType<typeof pod>[] = []) => admitPod(of, others, node)?.reason

test('resources', () => {
  assert.equal(reason(asking('2')), undefined)
  assert.deepEqual(admitPod(asking('1500m'), [asking('1')], node), {
    reason: 'OutOfcpu',
    message: "Node didn't have enough resource: cpu, requested: 1500, used: 1000, capacity: 2000",
  })
  assert.equal(reason(asking('1m'), [asking('0'), asking('0')]), 'OutOfpods')
  const wanting = (name: string) => pod({ tolerations, containers: [app('main', { resources: { requests: { [name]: '1' } } })] })
  // What no node has said it has is the cluster's to give.
  assert.equal(reason(wanting('example.com/gpu')), undefined)
  assert.equal(reason(wanting('hugepages-2Mi')), 'OutOfhugepages-2Mi')
  const none = { ...node, status: { allocatable: { ...node.status?.allocatable, 'example.com/gpu': '0' } } }
  assert.equal(admitPod(wanting('example.com/gpu'), [], none)?.reason, 'OutOfexample.com/gpu')
})

test('requests: sidecars run beside the containers, init containers before them', () => {
  const resources = (cpu: string) => ({ resources: { requests: { cpu } } })
  const of = pod({
    initContainers: [app('a', resources('900m')), app('s', { ...resources('100m'), restartPolicy: 'Always' }), app('b', resources('300m'))],
    containers: [app('main', resources('200m')), app('other', resources('200m'))],
    overhead: { cpu: '10m' },
  })
  assert.equal(podRequests(of).get('cpu'), 910n)
})

test('selection, ports and taints', () => {
  assert.equal(reason(pod({ tolerations, nodeSelector: { zone: 'a' } })), undefined)
  assert.equal(reason(pod({ tolerations, nodeSelector: { zone: 'b' } })), 'NodeAffinity')
  const term = (matchExpressions: object[]) =>
    pod({
      tolerations,
      affinity: {
        nodeAffinity: {
          requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchExpressions: matchExpressions as never }] },
        },
      },
    })
  assert.equal(reason(term([{ key: 'zone', operator: 'In', values: ['a'] }])), undefined)
  assert.equal(reason(term([{ key: 'zone', operator: 'DoesNotExist' }])), 'NodeAffinity')
  const port = (hostIP: string) =>
    pod({ tolerations, containers: [app('main', { ports: [{ containerPort: 80, hostPort: 8080, hostIP }] })] })
  assert.equal(reason(port(''), [port('')]), 'NodePorts')
  const sidecar = pod({
    tolerations,
    initContainers: [app('side', { restartPolicy: 'Always', ports: [{ containerPort: 80, hostPort: 8080 }] })],
  })
  assert.equal(reason(sidecar, [port('')]), 'NodePorts')
  assert.equal(reason(port('127.0.0.1'), [port('127.0.0.2')]), undefined)
  assert.equal(reason(pod()), 'TaintToleration')
})

test('other systems, and what manifests of the node are spared', () => {
  assert.equal(reason(pod({ tolerations, os: { name: 'windows' } })), 'PodOSNotSupported')
  assert.equal(reason(pod({ tolerations }, { labels: { 'kubernetes.io/os': 'windows' } })), 'PodOSSelectorNodeLabelDoesNotMatch')
  assert.equal(reason(pod()), 'TaintToleration')
  assert.equal(reason(pod({}, { annotations: { 'kubernetes.io/config.source': 'file' } })), undefined)
})
