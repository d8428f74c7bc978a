import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { test } from 'node:test'
import { secretWarnings } from './secret-warnings.ts'

const pem = (type: string, body = 'AAAA'): string => `-----BEGIN ${type}-----\n${body}\n-----END ${type}-----\n`
const warningsOf = (certificate: string, key: string, type = 'kubernetes.io/tls'): string[] => {
  const base64 = (text: string): string => Buffer.from(text).toString('base64')
  return secretWarnings({
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: {},
    type,
    data: { 'tls.crt': base64(certificate), 'tls.key': base64(key) },
  })
}

test('a certificate and a key that are none are told in Go’s words', () => {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const key = String(privateKey.export({ type: 'pkcs8', format: 'pem' }))
  const table: readonly (readonly [string, string, string])[] = [
    ['', key, 'tls: failed to find any PEM data in certificate input'],
    [
      key,
      key,
      'tls: failed to find certificate PEM data in certificate input, but did find a private key; PEM inputs may have been switched',
    ],
    [
      pem('A') + pem('B'),
      key,
      'tls: failed to find "CERTIFICATE" PEM block in certificate input after skipping PEM blocks of the following types: [A B]',
    ],
    [pem('CERTIFICATE'), '', 'tls: failed to find any PEM data in key input'],
    [pem('CERTIFICATE'), pem('CERTIFICATE'), 'tls: found a certificate rather than a key in the PEM for the private key'],
    [
      pem('CERTIFICATE'),
      pem('A'),
      'tls: failed to find PEM block with type ending in "PRIVATE KEY" in key input after skipping PEM blocks of the following types: [A]',
    ],
    [pem('CERTIFICATE'), key, 'x509: malformed certificate'],
  ]
  for (const [certificate, given, text] of table) assert.deepEqual(warningsOf(certificate, given), [text], text)
})

test('other secrets hold what they like', () => {
  assert.deepEqual(warningsOf('', '', 'Opaque'), [])
})
