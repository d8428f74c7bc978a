import assert from 'node:assert/strict'
import { test } from 'node:test'
import { verdicts } from '#api/testing/kind-verdict.ts'
import { parseCertificateRequest } from './certificate-request.ts'
import { CertificateSigningRequests } from './certificate-signing-request.ts'
import { pemBlocks } from './pem.ts'
import { requestFault } from './request-signature.ts'

/** Of an elliptic key, for O=system:nodes, CN=system:node:a. */
const pem = `-----BEGIN CERTIFICATE REQUEST-----
MIHpMIGRAgEAMC8xFTATBgNVBAoMDHN5c3RlbTpub2RlczEWMBQGA1UEAwwNc3lz
dGVtOm5vZGU6YTBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABC9q9V8ofMma4fmf
hxwlDMuTmvFKGQEQJgti073Wy0L8+FQVzlTuaofKRtw4bpFw7yH60AIUpuGxHNmj
LNTov/SgADAKBggqhkjOPQQDAgNHADBEAiB7mzmVqrKhSn7zDHXv31OSjIq2GmUz
DJddGldquWtlTQIgFlXUD3FrEEBlXg3X21A9ymUoS5/dq4Sojxy0v0gxTFo=
-----END CERTIFICATE REQUEST-----
`
const coded = (text: string): string => Buffer.from(text).toString('base64')

const request = (spec: object = {}, status: object = {}) => ({
  metadata: { name: 'a', resourceVersion: '1', uid: 'u' },
  spec: { request: coded(pem), signerName: 'kubernetes.io/kube-apiserver-client', usages: ['client auth'], ...spec },
  status,
})

/** The same bytes with one of the subject's letters changed: the signature does not fit any more. */
function forged(): string {
  const der = Buffer.from(pemBlocks(pem)[0]?.der ?? '')
  der.write('x', der.indexOf('node:a') + 5)
  return `-----BEGIN CERTIFICATE REQUEST-----\n${der.toString('base64')}\n-----END CERTIFICATE REQUEST-----\n`
}

test('the subject of a request is read', () => {
  assert.deepEqual(parseCertificateRequest(coded(pem)), { commonName: 'system:node:a', organizations: ['system:nodes'] })
})

test('a request must be signed by its own key', () => {
  assert.equal(requestFault(pem), undefined)
  assert.equal(requestFault('hello'), 'PEM block type must be CERTIFICATE REQUEST')
  assert.notEqual(requestFault(forged()), undefined)
})

test('damaged requests are refused, never thrown at the caller in other ways', () => {
  const der = pemBlocks(pem)[0]?.der ?? Buffer.alloc(0)
  for (let end = 0; end < der.length; end += 7) {
    const short = `-----BEGIN CERTIFICATE REQUEST-----\n${der.subarray(0, end).toString('base64')}\n-----END CERTIFICATE REQUEST-----\n`
    assert.notEqual(requestFault(short), undefined)
  }
})

const kind = CertificateSigningRequests
test('signer, usages and lifetime of a request', () => {
  assert.deepEqual(verdicts(kind, request()), [])
  assert.deepEqual(verdicts(kind, request({ signerName: 'x', usages: [], expirationSeconds: 5 })), [
    'spec.usages: Required value',
    'spec.signerName: Invalid value: "x": must be a fully qualified domain and path of the form \'example.com/signer-name\'',
    'spec.expirationSeconds: Invalid value: 5: may not specify a duration less than 600 seconds (10 minutes)',
  ])
  assert.deepEqual(verdicts(kind, request({ signerName: 'A/b', usages: ['any'], expirationSeconds: 600 })), [
    `spec.signerName: Invalid value: "A": validating label "A": a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')`,
    'spec.signerName: Invalid value: "A": should be a domain with at least two segments separated by dots',
  ])
  const [unknown = ''] = verdicts(kind, request({ usages: ['play'] }))
  assert.ok(unknown.startsWith('spec.usages[0]: Unsupported value: "play": supported values: "any", "cert sign", "client auth", '))
})

test('conditions and the certificate come by the subresources only, and stay', () => {
  const approved = { conditions: [{ type: 'Approved', status: 'True', reason: 'r', message: 'm' }] }
  const both = { conditions: [...approved.conditions, { type: 'Denied', status: 'True' }] }
  assert.deepEqual(verdicts(kind, request({}, approved), request(), 'approval'), [])
  assert.deepEqual(verdicts(kind, request({}, both), request(), 'approval'), [
    'status.conditions: Invalid value: "Denied": Approved and Denied conditions are mutually exclusive',
  ])
  assert.deepEqual(verdicts(kind, request(), request({}, approved), 'approval'), [
    'status.conditions: Forbidden: updates may not remove a condition of type "Approved"',
  ])
  assert.deepEqual(verdicts(kind, request({}, { certificate: coded(pem) }), request(), 'status'), [
    'status.certificate: Invalid value: "<certificate data>": only CERTIFICATE PEM blocks are allowed, found "CERTIFICATE REQUEST"',
  ])
})
