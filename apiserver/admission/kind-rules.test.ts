import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CertificateSigningRequests } from '#api/certificates/certificate-signing-request.ts'
import { clusterTrustBundles } from '#api/certificates/cluster-trust-bundle.ts'
import type { Namespace } from '#api/core/namespace.ts'
import { ApiError } from '#api/meta/status.ts'
import { ResourceClaims } from '#api/resource/resource-claim.ts'
import type { Resource } from '#api/resource.ts'
import { PriorityClasses } from '#api/scheduling/priority-class.ts'
import type { AdmissionRequest } from './admission.ts'
import { clusterTrustBundleAttest } from './certificates.ts'
import { certificateRequester, kindRules, systemPriorityClassesStay } from './kind-rules.ts'

const request = (resource: unknown, more: Partial<AdmissionRequest>): AdmissionRequest => ({
  operation: 'create',
  resource: resource as Resource,
  subresource: '',
  namespace: '',
  name: 'a',
  user: { name: 'ann', uid: '7', groups: ['g'], extra: { k: ['v'] } },
  dryRun: false,
  now: new Date(0),
  warn: () => undefined,
  ...more,
})

test('a request for a certificate says who asks, whatever it said', () => {
  const spec = { request: '', signerName: 's/s', usages: [], username: 'bob', groups: ['admins'], extra: { x: ['y'] } }
  const object = { apiVersion: 'certificates.k8s.io/v1', kind: 'CertificateSigningRequest', metadata: {}, spec }
  const asked = request(CertificateSigningRequests, { object })
  certificateRequester.mutate?.(asked)
  const { username, groups, extra, uid } = spec as typeof spec & { uid?: string }
  assert.deepEqual({ username, groups, extra, uid }, { username: 'ann', groups: ['g'], extra: { k: ['v'] }, uid: '7' })
})

test('priority classes of the system stay', () => {
  const gone = (name: string) => systemPriorityClassesStay.validate?.(request(PriorityClasses, { operation: 'delete', name }))
  assert.equal(gone('mine'), undefined)
  assert.throws(
    () => gone('system-node-critical'),
    /system-node-critical" is forbidden: this is a system priority class and cannot be deleted/,
  )
})

test('devices that others use need a label of the namespace', async () => {
  const plugin = (labels: Record<string, string>) =>
    kindRules({ namespace: async () => ({ metadata: { name: 'n', labels } }) as unknown as Namespace }).at(-1)
  const devices = { requests: [{ name: 'r', exactly: { deviceClassName: 'c', adminAccess: true } }] }
  const object = { apiVersion: 'resource.k8s.io/v1', kind: 'ResourceClaim', metadata: { name: 'a' }, spec: { devices } }
  const asked = request(ResourceClaims, { object, namespace: 'n' })
  await plugin({ 'resource.kubernetes.io/admin-access': 'true' })?.validate?.(asked)
  await assert.rejects(
    async () => plugin({})?.validate?.(asked),
    (error) => error instanceof ApiError && error.details?.causes?.[0]?.field === 'spec.devices.requests[0].adminAccess',
  )
})

test('who speaks for a signer must be allowed to', async () => {
  const asked: string[] = []
  const authorizer = {
    authorize: async (_: unknown, { name, verb }: { name: string; verb: string }) => {
      asked.push(`${verb} ${name}`)
      return { allowed: name === 'a.b/*' }
    },
  } as unknown as Parameters<typeof clusterTrustBundleAttest>[0]
  const plugin = clusterTrustBundleAttest(authorizer)
  const bundle = (signerName: string) => {
    const object = { apiVersion: 'certificates.k8s.io/v1beta1', kind: 'ClusterTrustBundle', metadata: {}, spec: { signerName } }
    return plugin.validate?.(request(clusterTrustBundles(), { object }))
  }
  await bundle('')
  await bundle('a.b/c')
  assert.deepEqual(asked, ['attest a.b/c', 'attest a.b/*'])
  await assert.rejects(async () => bundle('x.y/z'), /user not permitted to attest for signerName "x.y\/z"/)
})
