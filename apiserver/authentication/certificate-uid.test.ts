import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { test } from 'node:test'
import { createAuthority } from '#deploy/certificates/authority.ts'
import { uidOf } from './certificate-uid.ts'

/** CN=jane, O=dev, 1.3.6.1.4.1.57683.2=1234-abcd. */
const pem = `-----BEGIN CERTIFICATE-----
MIIBajCCAQ8CFA8VySMDs8Imdkdac9PBBP5gQZlHMAoGCCqGSM49BAMCMDcxDTAL
BgNVBAMMBGphbmUxDDAKBgNVBAoMA2RldjEYMBYGCSsGAQQBg8JTAgwJMTIzNC1h
YmNkMB4XDTI2MTEyMTEyNTkxNVoXDTM2MTExODEyNTkxNVowNzENMAsGA1UEAwwE
amFuZTEMMAoGA1UECgwDZGV2MRgwFgYJKwYBBAGDwlMCDAkxMjM0LWFiY2QwWTAT
BgcqhkjOPQIBBggqhkjOPQMBBwNCAATH6uyqG/w/m6IskQeR/5ZuVlb8DY3nQE7f
e0tg3uHDr/dYX6t/4kic017MXrf9CxtTpJ6EpC5q6/N4Zd0QZW1kMAoGCCqGSM49
BAMCA0kAMEYCIQDqrITEJwusx0jcge2A6hBA7OdvV/pX+k+qeye9vEQtoQIhAMMt
HNDuaOUD8YOnHX5eJwg4I69Jcb93yEEra63yGNmZ
-----END CERTIFICATE-----`

test('the uid in a subject', async () => {
  assert.equal(uidOf(new X509Certificate(pem).raw), '1234-abcd')
  assert.equal(uidOf(new X509Certificate((await createAuthority('plain', 1)).certificate).raw), undefined)
})
test('bytes that are no certificate are an error', () => {
  assert.throws(() => uidOf(Buffer.alloc(0)))
  assert.throws(() => uidOf(Buffer.from('3003020101', 'hex')))
})
