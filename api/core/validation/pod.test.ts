import assert from 'node:assert/strict'
import { test } from 'node:test'
import { defaultPod } from '#api/core/defaults/pod.ts'
import type { Pod } from '#api/core/pod.ts'
import type { PodSpec } from '#api/core/pod-spec.ts'
import type { FieldError } from '#api/meta/field-error.ts'
import { validateEphemeralContainersUpdate, validatePod } from './pod.ts'
import { validateResize } from './pod-resize.ts'
import { validatePodStatus } from './pod-status.ts'

const main = { name: 'main', image: 'app' }

function pod(spec: Partial<PodSpec> = {}, meta: Pod['metadata'] = {}): Pod {
  const made: Pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'p', namespace: 'd', ...meta },
    spec: { containers: [{ ...main }], ...spec },
    status: {},
  }
  return defaultPod(structuredClone(made))
}

const lines = (errors: readonly FieldError[]): string[] => errors.map(({ field, message }) => `${field}: ${message.split('\n')[0]}`)

test('a plain pod is right', () => {
  assert.deepEqual(validatePod(pod(), undefined), [])
})

test('new pods, in the order and the words of upstream', () => {
  const cases: [Partial<PodSpec>, string[]][] = [
    [{ containers: [] }, ['spec.containers: Required value']],
    [
      { containers: [{ ...main }, { ...main }], restartPolicy: 'Sometimes' },
      [
        'spec.containers[1].name: Duplicate value: "main"',
        'spec.restartPolicy: Unsupported value: "Sometimes": supported values: "Always", "OnFailure", "Never"',
      ],
    ],
    [
      { volumes: [{ name: 'v', emptyDir: {}, hostPath: { path: '/a/..' } }] },
      ['spec.volumes[0].hostPath: Forbidden: may not specify more than 1 volume type'],
    ],
    [
      { containers: [{ ...main, volumeMounts: [{ name: 'x', mountPath: '/x' }] }] },
      ['spec.containers[0].volumeMounts[0].name: Not found: "x"'],
    ],
    [
      { containers: [{ ...main, resources: { limits: { cpu: '1' }, requests: { cpu: '2' } } }] },
      ['spec.containers[0].resources.requests: Invalid value: "2": must be less than or equal to cpu limit of 1'],
    ],
    [
      { tolerations: [{ key: 'k', tolerationSeconds: 1 }] },
      ['spec.tolerations[0].effect: Invalid value: "": effect must be \'NoExecute\' when `tolerationSeconds` is set'],
    ],
    [
      { ephemeralContainers: [pod().spec.containers[0] ?? main] },
      ['spec.ephemeralContainers[0].name: Duplicate value: "main"', 'spec.ephemeralContainers: Forbidden: cannot be set on create'],
    ],
    [
      { initContainers: [{ ...main, name: 'i', lifecycle: {} }] },
      ['spec.initContainers[0].lifecycle: Forbidden: may not be set for init containers without restartPolicy=Always'],
    ],
    [
      { hostNetwork: true, containers: [{ ...main, ports: [{ containerPort: 1, hostPort: 2, protocol: 'TCP' }] }] },
      ['spec.containers[0].ports[0].hostPort: Invalid value: 2: must match `containerPort` when `hostNetwork` is true'],
    ],
  ]
  for (const [spec, expected] of cases) assert.deepEqual(lines(validatePod(pod(spec), undefined)), expected)
})

test('a probe is asked for the same things as upstream asks', () => {
  const livenessProbe = { httpGet: { port: 'Web' }, exec: { command: ['a'] }, periodSeconds: -1, successThreshold: 2 }
  const readinessProbe = { tcpSocket: { port: 0 }, terminationGracePeriodSeconds: 5 }
  assert.deepEqual(lines(validatePod(pod({ containers: [{ ...main, livenessProbe, readinessProbe }] }), undefined)), [
    'spec.containers[0].livenessProbe.httpGet: Forbidden: may not specify more than 1 handler type',
    'spec.containers[0].livenessProbe.periodSeconds: Invalid value: -1: must be greater than or equal to 0',
    'spec.containers[0].livenessProbe.successThreshold: Invalid value: 2: must be 1',
    'spec.containers[0].readinessProbe.tcpSocket.port: Invalid value: 0: must be between 1 and 65535, inclusive',
    'spec.containers[0].readinessProbe.terminationGracePeriodSeconds: Invalid value: 5: must not be set for readinessProbes',
  ])
})

const frozen =
  'spec: Forbidden: pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)'

test('what may change of a pod', () => {
  const cases: [string, Partial<PodSpec>, Partial<PodSpec>, string[]][] = [
    ['the image', {}, { containers: [{ ...main, image: 'app', imagePullPolicy: 'Always' }] }, []],
    ['nothing else', {}, { nodeName: 'n' }, [frozen]],
    ['a deadline may shrink', { activeDeadlineSeconds: 9 }, { activeDeadlineSeconds: 8 }, []],
    [
      'and not grow',
      { activeDeadlineSeconds: 9 },
      { activeDeadlineSeconds: 10 },
      ['spec.activeDeadlineSeconds: Invalid value: 10: must be less than or equal to previous value'],
    ],
    ['tolerations come', {}, { tolerations: [{ operator: 'Exists' }] }, []],
    [
      'and stay',
      { tolerations: [{ operator: 'Exists' }] },
      {},
      ['spec.tolerations: Forbidden: existing toleration can not be modified except its tolerationSeconds'],
    ],
    ['gates go', { schedulingGates: [{ name: 'x/a' }] }, {}, []],
    [
      'and do not come',
      {},
      { schedulingGates: [{ name: 'x/a' }] },
      ["spec.schedulingGates[0].name: Forbidden: only deletion is allowed, but found new scheduling gate 'x/a'"],
    ],
    [
      'a gated pod may ask for more',
      { schedulingGates: [{ name: 'x/a' }], nodeSelector: { a: 'b' } },
      { schedulingGates: [{ name: 'x/a' }], nodeSelector: { a: 'b', c: 'd' } },
      [],
    ],
    [
      'containers are counted',
      {},
      { containers: [{ ...main }, { ...main, name: 'b' }] },
      ['spec.containers: Forbidden: pod updates may not add or remove containers'],
    ],
  ]
  for (const [story, was, now, expected] of cases) assert.deepEqual(lines(validatePod(pod(now), pod(was))), expected, story)
})

test('a fault that a stored pod has already does not hold up its updates', () => {
  const bad = {
    affinity: {
      podAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: [
          { topologyKey: 'z', labelSelector: { matchExpressions: [{ key: 'a', operator: 'In', values: ['b c'] }] } },
        ],
      },
    },
  }
  assert.equal(validatePod(pod(bad), undefined).length, 1)
  assert.deepEqual(validatePod(pod(bad, { labels: { a: 'b' } }), pod(bad)), [])
})

test('ephemeral containers come and stay', () => {
  const e = { name: 'e', image: 'x', imagePullPolicy: 'Always', terminationMessagePolicy: 'File', terminationMessagePath: '/x' }
  assert.deepEqual(validateEphemeralContainersUpdate(pod({ ephemeralContainers: [e] }), pod()), [])
  assert.deepEqual(lines(validateEphemeralContainersUpdate(pod(), pod({ ephemeralContainers: [e] }))), [
    'spec.ephemeralContainers: Forbidden: existing ephemeral containers "e" may not be removed',
  ])
  const changed = validateEphemeralContainersUpdate(pod({ ephemeralContainers: [{ ...e, image: 'y' }] }), pod({ ephemeralContainers: [e] }))
  assert.deepEqual(lines(changed), ['spec.ephemeralContainers: Forbidden: existing ephemeral containers "e" may not be changed'])
})

test('a resize changes CPU and memory and nothing else', () => {
  const sized = (cpu: string, more: Partial<PodSpec> = {}): Pod =>
    pod({ containers: [{ ...main, resources: { requests: { cpu } } }], ...more })
  assert.deepEqual(validateResize(sized('2'), sized('1')), [])
  assert.deepEqual(lines(validateResize(pod(), sized('1'))), [
    'spec: Invalid value: "": Pod QOS Class may not change as a result of resizing',
    'spec.containers[0].resources.requests: Forbidden: resource requests cannot be removed',
  ])
})

test('the status keeps its class, and an ended container stays ended', () => {
  const state = { name: 'main', ready: false, restartCount: 0, image: '', imageID: '' }
  const was = pod({ restartPolicy: 'Never' })
  was.status = { qosClass: 'BestEffort', containerStatuses: [{ ...state, state: { terminated: { exitCode: 0 } } }] }
  const now = structuredClone(was)
  now.status = { qosClass: 'Burstable', containerStatuses: [{ ...state, state: { running: {} } }], podIPs: [{ ip: 'x' }] }
  assert.deepEqual(lines(validatePodStatus(now, was)), [
    'status.qosClass: Invalid value: "Burstable": field is immutable',
    'status.containerStatuses[0].state: Forbidden: may not be transitioned to non-terminated state',
    'status.podIPs[0]: Invalid value: "x": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)',
  ])
})
