import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { PodSpec } from '#api/core/pod-spec.ts'
import { detailsText, violationsOf } from './evaluate.ts'
import { namespaceWarnings } from './namespace-pods.ts'
import { type LevelVersion, policyOf, policyText } from './policy.ts'

const latest = Number.POSITIVE_INFINITY
const judge = (spec: object, by: LevelVersion, annotations: Record<string, string> = {}): string =>
  detailsText(violationsOf({ annotations, spec: { containers: [{ name: 'c', image: 'i' }], ...spec } as PodSpec }, by))

const baseline = { level: 'baseline', minor: latest } as const
const restricted = { level: 'restricted', minor: latest } as const

test('labels name a level and a version for each mode', () => {
  const prefix = 'pod-security.kubernetes.io/'
  const { policy, errors } = policyOf({
    [`${prefix}enforce`]: 'baseline',
    [`${prefix}enforce-version`]: 'v1.29',
    [`${prefix}audit`]: 'restricted',
  })
  assert.deepEqual(errors, [])
  assert.deepEqual(Object.values(policy).map(policyText), ['baseline:v1.29', 'restricted:latest', 'baseline:v1.29'])
  assert.equal(policyText(policyOf(undefined).policy.enforce), 'privileged:latest')
})

test('a label that is not understood counts as the strictest and is named', () => {
  const { policy, errors } = policyOf({
    'pod-security.kubernetes.io/enforce': 'Baseline',
    'pod-security.kubernetes.io/warn-version': '1.3',
  })
  assert.equal(policyText(policy.enforce), 'restricted:latest')
  assert.equal(policyText(policy.warn), 'privileged:latest')
  assert.deepEqual(errors, [
    {
      reason: 'FieldValueInvalid',
      field: 'metadata.labels[pod-security.kubernetes.io/enforce]',
      message: 'Invalid value: "Baseline": must be one of privileged, baseline, restricted',
    },
    {
      reason: 'FieldValueInvalid',
      field: 'metadata.labels[pod-security.kubernetes.io/warn-version]',
      message: 'Invalid value: "1.3": must be "latest" or "v1.x"',
    },
  ])
})

test('violations are told in order, each with its places', () => {
  assert.equal(judge({}, baseline), '')
  assert.equal(
    judge({}, restricted),
    'allowPrivilegeEscalation != false (container "c" must set securityContext.allowPrivilegeEscalation=false), ' +
      'unrestricted capabilities (container "c" must set securityContext.capabilities.drop=["ALL"]), ' +
      'runAsNonRoot != true (pod or container "c" must set securityContext.runAsNonRoot=true), ' +
      'seccompProfile (pod or container "c" must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost")',
  )
  const host = { hostPID: true, volumes: [{ name: 'v', hostPath: { path: '/' } }] }
  assert.equal(judge(host, baseline), 'host namespaces (hostPID=true), hostPath volumes (volume "v")')
})

test('a stricter check takes the place of the baseline one', () => {
  const text = judge({ volumes: [{ name: 'v', hostPath: { path: '/' } }] }, restricted)
  assert.match(text, /restricted volume types \(volume "v" uses restricted volume type "hostPath"\)/)
  assert.doesNotMatch(text, /hostPath volumes/)
})

test('rules are those of the version that is asked for', () => {
  const sysctl = { securityContext: { sysctls: [{ name: 'net.ipv4.tcp_rmem', value: '1' }] } }
  assert.equal(judge(sysctl, baseline), '')
  assert.equal(judge(sysctl, { level: 'baseline', minor: 31 }), 'forbidden sysctls (net.ipv4.tcp_rmem)')
  const proc = { hostUsers: false, containers: [{ name: 'c', image: 'i', securityContext: { procMount: 'Unmasked' } }] }
  assert.equal(judge(proc, baseline), '')
  assert.equal(
    judge(proc, { level: 'baseline', minor: 34 }),
    'procMount (container "c" must not set securityContext.procMount to "Unmasked")',
  )
})

test('pods that break a raised level are told once per set of reasons', () => {
  const pod = (name: string, spec: object) =>
    ({ apiVersion: 'v1', kind: 'Pod', metadata: { name }, spec: { containers: [{ name: 'c', image: 'i' }], ...spec }, status: {} }) as never
  const pods = [pod('z', { hostPID: true }), pod('b', { hostPID: true }), pod('a', {}), pod('k', { hostIPC: true, hostNetwork: true })]
  assert.deepEqual(namespaceWarnings('n', baseline, pods), [
    'existing pods in namespace "n" violate the new PodSecurity enforce level "baseline:latest"',
    'b (and 2 other pods): host namespaces',
  ])
})
