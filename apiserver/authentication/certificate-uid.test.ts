import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { test } from 'node:test'
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

const plain = `-----BEGIN CERTIFICATE-----
MIIBdTCCARugAwIBAgIUKUVj6831+D6HkxEQIDzkqh7Kal8wCgYIKoZIzj0EAwIw
EDEOMAwGA1UEAwwFcGxhaW4wHhcNMjYxMTIxMTMwNzE0WhcNMzYxMTE4MTMwNzE0
WjAQMQ4wDAYDVQQDDAVwbGFpbjBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABG9p
ro2goI73WHSeWi0sr1eS4etK49covBrkXhfaGL9OSUkvvcfcjmRkaugh+s4vHTjR
aJ7QpDUhAe91nl8Om6ijUzBRMB0GA1UdDgQWBBSJqSjc5p1G++xkCMdb7N0Qw7JU
CTAfBgNVHSMEGDAWgBSJqSjc5p1G++xkCMdb7N0Qw7JUCTAPBgNVHRMBAf8EBTAD
AQH/MAoGCCqGSM49BAMCA0gAMEUCIG36QDIqe1UT3hS1Uk7IG/CwK6Q2mxer7ZTY
z5U71laJAiEAmj3MwZpEMB2bCM++THEjNP0NXtV94HBF5wKQaQlLGLs=
-----END CERTIFICATE-----`

test('the uid in a subject', () => {
  assert.equal(uidOf(new X509Certificate(pem).raw), '1234-abcd')
  assert.equal(uidOf(new X509Certificate(plain).raw), undefined)
})
test('bytes that are no certificate are an error', () => {
  assert.throws(() => uidOf(Buffer.alloc(0)))
  assert.throws(() => uidOf(Buffer.from('3003020101', 'hex')))
})
