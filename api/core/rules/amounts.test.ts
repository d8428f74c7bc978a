import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { PodSpec } from '#api/core/pod-spec.ts'
import { defaultPullPolicy, parseImage } from './image.ts'
import { qosClass } from './qos.ts'
import { isExtendedResource, isIntegerResource, isOvercommitAllowed, isStandardResource, isWholeHugePages } from './resource-names.ts'
import { podLimits, podRequests } from './resources.ts'
import { shouldRestart } from './restart.ts'

type Amounts = Record<string, string>

const container = (name: string, requests: Amounts, limits?: Amounts) => ({ name, resources: { requests, ...(limits && { limits }) } })

test('references of images, and when they are pulled', () => {
  const digest = `sha256:${'a'.repeat(64)}`
  assert.deepEqual(parseImage('app'), { name: 'app', tag: 'latest', digest: '' })
  assert.deepEqual(parseImage('localhost:5000/a/b:v1'), { name: 'localhost:5000/a/b', tag: 'v1', digest: '' })
  assert.deepEqual(parseImage(`app:v1@${digest}`), { name: 'app', tag: 'v1', digest })
  for (const wrong of ['', 'App', 'a b', 'a:b:c', 'a'.repeat(64)]) assert.equal(parseImage(wrong), undefined, wrong)
  const policies: [string, string][] = [
    ['app', 'Always'],
    ['app:latest', 'Always'],
    ['app:v1', 'IfNotPresent'],
    [`app@${digest}`, 'IfNotPresent'],
    ['', 'IfNotPresent'],
  ]
  for (const [image, policy] of policies) assert.equal(defaultPullPolicy(image), policy, image)
})

test('what a pod asks for: the sum of its containers, or the peak of its init containers', () => {
  const cases: [string, PodSpec, Amounts][] = [
    [
      'a sum',
      { containers: [container('a', { cpu: '500m' }), container('b', { cpu: '1', memory: '1Gi' })] },
      { cpu: '1500m', memory: '1Gi' },
    ],
    ['a peak', { containers: [container('a', { cpu: '1' })], initContainers: [container('i', { cpu: '2' })] }, { cpu: '2' }],
    [
      'sidecars count with all that start after them',
      {
        containers: [container('a', { cpu: '1' })],
        initContainers: [{ ...container('s', { cpu: '1' }), restartPolicy: 'Always' }, container('i', { cpu: '3' })],
      },
      { cpu: '4' },
    ],
    [
      'overhead comes on top',
      { containers: [container('a', { cpu: '1' })], overhead: { cpu: '250m', memory: '1Mi' } },
      { cpu: '1250m', memory: '1Mi' },
    ],
    [
      'amounts of the pod go first',
      { containers: [container('a', { cpu: '1', 'x/y': '1' })], resources: { requests: { cpu: '3' } } },
      { cpu: '3', 'x/y': '1' },
    ],
  ]
  for (const [story, spec, expected] of cases) assert.deepEqual(podRequests({ spec }), expected, story)
})

test('what a pod is held to; overhead widens only limits that exist', () => {
  const spec: PodSpec = { containers: [container('a', {}, { cpu: '1' })], overhead: { cpu: '1', memory: '1Mi' } }
  assert.deepEqual(podLimits({ spec }), { cpu: '2' })
  assert.deepEqual(podLimits({ spec }, { excludeOverhead: true }), { cpu: '1' })
})

test('a container that is being resized counts with the most of what it had, has and wants', () => {
  const spec: PodSpec = { containers: [container('a', { cpu: '1' })] }
  const state = { name: 'a', ready: true, restartCount: 0, image: '', imageID: '' }
  const status = { containerStatuses: [{ ...state, resources: { requests: { cpu: '2' } }, allocatedResources: { cpu: '3' } }] }
  assert.deepEqual(podRequests({ spec, status }, { useStatus: true }), { cpu: '3' })
  assert.deepEqual(podRequests({ spec, status }), { cpu: '1' })
})

test('quality of service', () => {
  const both = { cpu: '1', memory: '1Gi' }
  const cases: [string, PodSpec, string][] = [
    ['nothing stated', { containers: [{ name: 'a' }] }, 'BestEffort'],
    ['only other resources', { containers: [container('a', { 'ephemeral-storage': '1' })] }, 'BestEffort'],
    ['some', { containers: [container('a', { cpu: '1' })] }, 'Burstable'],
    ['all equal', { containers: [container('a', both, both)] }, 'Guaranteed'],
    ['one container without', { containers: [container('a', both, both), { name: 'b' }] }, 'Burstable'],
    ['written differently', { containers: [container('a', { cpu: '1000m', memory: '1Gi' }, both)] }, 'Guaranteed'],
    ['an init container without', { containers: [container('a', both, both)], initContainers: [{ name: 'i' }] }, 'Burstable'],
    ['the pod as a whole', { containers: [{ name: 'a' }], resources: { requests: both, limits: both } }, 'Guaranteed'],
  ]
  for (const [story, spec, expected] of cases) assert.equal(qosClass(spec), expected, story)
})

test('families of resource names', () => {
  assert.ok(isStandardResource('cpu') && isStandardResource('hugepages-2Mi') && !isStandardResource('gpu'))
  assert.ok(isExtendedResource('example.com/gpu') && !isExtendedResource('kubernetes.io/x') && !isExtendedResource('requests.x/y'))
  assert.ok(isIntegerResource('example.com/gpu') && isIntegerResource('pods') && !isIntegerResource('cpu'))
  assert.ok(isOvercommitAllowed('cpu') && !isOvercommitAllowed('hugepages-2Mi') && !isOvercommitAllowed('example.com/gpu'))
  assert.ok(isWholeHugePages('hugepages-2Mi', '4Mi') && !isWholeHugePages('hugepages-2Mi', '3Mi') && !isWholeHugePages('hugepages-x', '1'))
})

test('which ended containers start again', () => {
  const rules = [{ action: 'Restart', exitCodes: { operator: 'In', values: [7] } }]
  const cases: [string, Parameters<typeof shouldRestart>, boolean][] = [
    ['the policy of the pod', [{}, { restartPolicy: 'Always' }, 0], true],
    ['only failures', [{}, { restartPolicy: 'OnFailure' }, 0], false],
    ['never', [{}, { restartPolicy: 'Never' }, 1], false],
    ['its own policy goes first', [{ restartPolicy: 'Never' }, { restartPolicy: 'Always' }, 1], false],
    ['a rule goes before both', [{ restartPolicy: 'Never', restartPolicyRules: rules }, { restartPolicy: 'Never' }, 7], true],
    ['a rule that does not match', [{ restartPolicy: 'Never', restartPolicyRules: rules }, { restartPolicy: 'Always' }, 8], false],
  ]
  for (const [story, args, expected] of cases) assert.equal(shouldRestart(...args), expected, story)
})
