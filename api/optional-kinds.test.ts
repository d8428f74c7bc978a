import assert from 'node:assert/strict'
import { generateKeyPairSync, sign } from 'node:crypto'
import { test } from 'node:test'
import { mutatingAdmissionPolicies, mutatingAdmissionPolicyBindings } from './admissionregistration/mutating-admission-policy.ts'
import { clusterTrustBundles } from './certificates/cluster-trust-bundle.ts'
import { podCertificateRequests } from './certificates/pod-certificate-request.ts'
import { leaseCandidates } from './coordination/lease-candidate.ts'
import { optionalResources } from './optional-kinds.ts'
import { resourceV1beta1 } from './resource/v1beta1.ts'
import type { KubeObject } from './resource.ts'
import { workloads } from './scheduling/workload.ts'
import { storageVersionMigrations } from './storagemigration/storage-version-migration.ts'
import { verdicts } from './testing/kind-verdict.ts'

const metadata = { name: 'a' }
const own = { name: 'a', namespace: 'n' }

test('optional kinds are beta and alpha ones', () => {
  for (const { version } of optionalResources()) assert.match(version, /^v\d+(alpha|beta)\d+$/)
})

test('changes of a mutating policy', () => {
  const rule = { operations: ['CREATE', 'DELETE'], apiGroups: [''], apiVersions: ['v1'], resources: ['pods'] }
  const mutations = [
    {},
    { patchType: 'X' },
    { patchType: 'JSONPatch', jsonPatch: {}, applyConfiguration: {} },
    { patchType: 'ApplyConfiguration' },
    { patchType: 'ApplyConfiguration', applyConfiguration: { expression: 'Object{}' } },
  ]
  const spec = { matchConstraints: { resourceRules: [rule] }, mutations }
  assert.deepEqual(verdicts(mutatingAdmissionPolicies(), { metadata, spec }), [
    'spec.matchConstraints.resourceRules.operations: Unsupported value: "DELETE": supported values: "*", "CONNECT", "CREATE", "UPDATE"',
    'spec.mutations[0].patchType: Required value',
    'spec.mutations[1].patchType: Unsupported value: "X": supported values: "ApplyConfiguration", "JSONPatch"',
    'spec.mutations[2].jsonPatch.expression: Required value',
    'spec.mutations[2].applyConfiguration: Invalid value: "{applyConfiguration}": must not be specified when patchType is JSONPatch',
    'spec.mutations[3].applyConfiguration: Required value: must be specified when patchType is ApplyConfiguration',
    'spec.reinvocationPolicy: Required value',
  ])
  assert.deepEqual(
    verdicts(mutatingAdmissionPolicyBindings(), { metadata, spec: { paramRef: { name: 'p', parameterNotFoundAction: 'Deny' } } }),
    ['spec.policyName: Required value'],
  )
})

/** Made for this test; good for ten years. */
const authority = `-----BEGIN CERTIFICATE-----
MIIBbjCCARWgAwIBAgIUOebay1GmUdalyeBy2GCWazB8f0owCgYIKoZIzj0EAwIw
DTELMAkGA1UEAwwCY2EwHhcNMjYxMTIxMTI1MDE4WhcNMzYxMTE4MTI1MDE4WjAN
MQswCQYDVQQDDAJjYTBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABPuH+5SzrURL
F4w9qVkkaPhR3w6rBOhVhDP051skwXYzzphjgNJWggvBM00bbJ+DJJwT+YRE0ydf
zX3mxPRxwWajUzBRMB0GA1UdDgQWBBRWbmEP6QcdnQa0AIZ9t55zmwXM6TAfBgNV
HSMEGDAWgBRWbmEP6QcdnQa0AIZ9t55zmwXM6TAPBgNVHRMBAf8EBTADAQH/MAoG
CCqGSM49BAMCA0cAMEQCIAI1LynIEXB6ThbeMs20lMBwnLSRact/mf0QiwVF/lbJ
AiAbWyhRHKYS2Vxnb17sMZBSf0oDxEQ8YsWW5ZrQTyTmPw==
-----END CERTIFICATE-----
`

test('certificates of a trust bundle', () => {
  const bundle = (name: string, spec: object) => verdicts(clusterTrustBundles(), { metadata: { name }, spec })
  const path = 'spec.trustBundle: Invalid value: "<value omitted>":'
  assert.deepEqual(bundle('a', { trustBundle: authority }), [])
  assert.deepEqual(bundle('a.b:c:x', { signerName: 'a.b/c', trustBundle: authority }), [])
  assert.deepEqual(bundle('a', { trustBundle: 'hello' }), [`${path} at least one trust anchor must be provided`])
  assert.deepEqual(bundle('a', { trustBundle: authority.repeat(2) }), [`${path} duplicate trust anchor (indices [0 1])`])
  assert.deepEqual(bundle('a', { trustBundle: authority.replaceAll('CERTIFICATE', 'X') }), [`${path} entry 0 has bad block type: X`])
  assert.deepEqual(bundle('a', { signerName: 'a.b/c', trustBundle: authority }), [
    'metadata.name: Invalid value: "a": ClusterTrustBundle for signerName a.b/c must be named with prefix a.b:c:',
  ])
})

function certificateSpec(over: object = {}): object {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  return {
    signerName: 'example.com/pods',
    podName: 'p',
    podUID: 'pu',
    serviceAccountName: 'default',
    serviceAccountUID: 'su',
    nodeName: 'n1',
    nodeUID: 'nu',
    maxExpirationSeconds: 86400,
    pkixPublicKey: publicKey.export({ format: 'der', type: 'spki' }).toString('base64'),
    proofOfPossession: sign('sha256', Buffer.from('pu'), privateKey).toString('base64'),
    ...over,
  }
}

test('a pod’s certificate request names its pod and proves that it has the key', () => {
  const asked = (over?: object) => verdicts(podCertificateRequests(), { metadata: own, spec: certificateSpec(over) })
  assert.deepEqual(asked(), [])
  assert.deepEqual(asked({ podUID: 'other' }), ['spec.proofOfPossession: Invalid value: could not verify proof-of-possession signature'])
  assert.deepEqual(asked({ pkixPublicKey: 'aGVsbG8=' }), [
    'spec.pkixPublicKey: Invalid value: "aGVsbG8=": must be a valid PKIX-serialized public key',
  ])
  assert.deepEqual(
    asked({ signerName: 'kubernetes.io/x', maxExpirationSeconds: 90_000, nodeUID: '', unverifiedUserAnnotations: { a: 'b' } }),
    [
      'spec.unverifiedUserAnnotations: Invalid value: "a": must be a domain-prefixed key (such as "acme.io/foo")',
      'spec.nodeUID: Invalid value: "": must not be empty',
      'spec.maxExpirationSeconds: Invalid value: 90000: must be in the range [3600, 86400]',
    ],
  )
})

test('a pod’s certificate request ends once', () => {
  const spec = certificateSpec()
  const condition = (type: string, status = 'True') => ({
    type,
    status,
    reason: 'R',
    message: '',
    lastTransitionTime: '2026-01-01T00:00:00Z',
  })
  const ended = (status: object, before: object = {}) =>
    verdicts(podCertificateRequests(), { metadata: own, spec, status }, { metadata: own, spec, status: before }, 'status')
  assert.deepEqual(ended({ conditions: [condition('Denied')] }), [])
  assert.deepEqual(ended({ conditions: [condition('Denied')], certificateChain: 'x' }), [
    'status: Invalid value: non-condition status fields must be empty when denying or failing the PodCertificateRequest',
  ])
  assert.deepEqual(ended({ conditions: [] }, { conditions: [condition('Failed')] }), [
    'status: Invalid value: immutable after PodCertificateRequest is issued, denied, or failed',
  ])
  assert.deepEqual(ended({ conditions: [condition('Issued')], certificateChain: 'x' }), [
    'status.certificateChain: Invalid value: "x": issued certificate chain must contain at least one certificate',
  ])
  assert.deepEqual(ended({ conditions: [condition('Maybe', 'False')] }), [
    'status.conditions.[0].type: Unsupported value: "Maybe": supported values: "Issued", "Denied", "Failed"',
  ])
})

test('a storage version migration names its resource and ends once', () => {
  const ordered = (resource: object, prev?: object) =>
    verdicts(storageVersionMigrations(), { metadata, spec: { resource } }, prev && { metadata, spec: { resource: prev } })
  assert.deepEqual(ordered({ group: '', resource: 'pods' }), [])
  assert.deepEqual(ordered({ group: '', resource: '' }), ['spec.resource.resource: Required value: resource is required to be set'])
  assert.deepEqual(ordered({ group: '', resource: 'nodes' }, { group: '', resource: 'pods' }), [
    'spec: Invalid value: {"Resource":{"group":"","resource":"nodes"}}: field is immutable',
  ])
  const spec = { resource: { group: '', resource: 'pods' } }
  const at = '2026-01-01T00:00:00Z'
  const is = (...types: string[]) => types.map((type) => ({ type, status: 'True', reason: 'R', message: '', lastTransitionTime: at }))
  const told = (status: object, before: object = {}) =>
    verdicts(storageVersionMigrations(), { metadata, spec, status }, { metadata, spec, status: before }, 'status')
  assert.deepEqual(told({ resourceVersion: '12', conditions: is('Running') }), [])
  assert.deepEqual(told({ resourceVersion: '13' }, { resourceVersion: '12' }), [
    'status.resourceVersion: Invalid value: "13": field is immutable',
  ])
  assert.deepEqual(told({}), ['status.resourceVersion: Invalid value: "": resource version is not well formed: '])
  assert.match(told({ resourceVersion: '1', conditions: is('Running', 'Failed') }).join(), /cannot be true when failed condition is true$/)
})

test('versions and strategy of a lease candidate', () => {
  const candidate = (spec: object, prev?: object) =>
    verdicts(leaseCandidates(), { metadata: own, spec }, prev && { metadata: own, spec: prev })
  const good = { leaseName: 'l', binaryVersion: '1.2.3', emulationVersion: '1.2.0', strategy: 'OldestEmulationVersion' }
  assert.deepEqual(candidate(good), [])
  assert.deepEqual(
    candidate({}),
    ['spec.leaseName', 'spec.binaryVersion', 'spec.strategy'].map((field) => `${field}: Required value`),
  )
  assert.deepEqual(candidate({ ...good, emulationVersion: '1.3.0' }), [
    'spec.binaryVersion: Invalid value: "1.2.3": must be greater than or equal to `emulationVersion`',
  ])
  assert.deepEqual(candidate({ ...good, leaseName: 'm' }, good), ['spec.leaseName: Invalid value: "m": field is immutable'])
})

test('groups of a workload', () => {
  const group = (over: object = {}) => ({ name: 'g', policy: { gang: { minCount: 2 } }, ...over })
  const workload = (podGroups: object[], prev?: object[]) =>
    verdicts(workloads(), { metadata: own, spec: { podGroups } }, prev && { metadata: own, spec: { podGroups: prev } })
  assert.deepEqual(workload([group()]), [])
  assert.deepEqual(workload([]), ['spec.podGroups: Required value: must have at least one item'])
  assert.deepEqual(workload([group({ policy: {} }), group({ policy: { gang: { minCount: 0 } } })]), [
    'spec.podGroups[0].policy: Required value: exactly one of `basic`, `gang` is required',
    'spec.podGroups[1].name: Duplicate value: "g"',
    'spec.podGroups[1].policy.gang.minCount: Invalid value: 0: must be greater than zero',
  ])
  assert.deepEqual(workload([group({ name: 'h' })], [group()]), [
    'podGroups: Invalid value: [{"Name":"h","Policy":{"Basic":null,"Gang":{"MinCount":2}}}]: field is immutable',
  ])
})

test('v1beta1 of devices is stored as v1 and reads the same again', () => {
  const [, claims, , slices] = resourceV1beta1()
  const object = (kind: string, spec: object) => ({ apiVersion: 'resource.k8s.io/v1beta1', kind, metadata: own, spec }) as KubeObject
  const requests = [
    { name: 'r', deviceClassName: 'c', count: 2 },
    { name: 'f', deviceClassName: '', firstAvailable: [{ name: 's', deviceClassName: 'd' }] },
  ]
  const claim = object('ResourceClaim', { devices: { requests } })
  const stored = claims?.storedAs?.toStored(claim) as unknown as { spec: object } & KubeObject
  assert.deepEqual(stored.spec, {
    devices: {
      requests: [
        { name: 'r', exactly: { deviceClassName: 'c', count: 2 } },
        { name: 'f', firstAvailable: [{ name: 's', deviceClassName: 'd' }] },
      ],
    },
  })
  assert.deepEqual(claims?.storedAs?.fromStored(stored), claim)
  const slice = object('ResourceSlice', { driver: 'd', devices: [{ name: 'x', basic: { attributes: { a: { int: 1 } } } }] })
  const flat = slices?.storedAs?.toStored(slice) as unknown as { spec: object } & KubeObject
  assert.deepEqual(flat.spec, { driver: 'd', devices: [{ name: 'x', attributes: { a: { int: 1 } } }] })
  assert.deepEqual(slices?.storedAs?.fromStored(flat), slice)
  assert.deepEqual(claims && verdicts(claims, { metadata: own, spec: { devices: { requests: [{ name: 'r' }] } } }), [
    'spec.devices.requests[0]: Required value: exactly one of `exactly` or `firstAvailable` is required',
  ])
})
