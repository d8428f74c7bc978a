import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { StartupError } from './daemon.ts'
import { selfSigned } from './self-signed.ts'
import { readCertificates, readPair, readServingFiles, whyUntimely } from './tls-files.ts'

const folder = mkdtempSync(join(tmpdir(), 'tls-files-'))
after(() => rmSync(folder, { recursive: true }))
const path = (name: string): string => join(folder, name)
const cert = (name: string) => ({ name: '--tls-cert-file', path: name && path(name) })
const key = (name: string) => ({ name: '--tls-private-key-file', path: name && path(name) })
const ca = (name: string) => ({ name: '--client-ca-file', path: name && path(name) })

before(async () => {
  const [one, two] = [await selfSigned('one'), await selfSigned('two')]
  const texts = {
    'one.crt': one.cert,
    'one.key': one.key,
    'two.key': two.key,
    both: `# two\n${one.cert}\n${two.cert}`,
    garbage: 'no PEM',
    broken: `${one.cert}\n-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n`,
  }
  for (const [name, text] of Object.entries(texts)) writeFileSync(path(name), text)
})

test('certificates and keys that fit are given back', () => {
  assert.equal(readCertificates(ca('')), undefined)
  assert.match(readCertificates(ca('both')) ?? '', /^# two\n-----BEGIN/)
  assert.equal(readPair(cert(''), key('')), undefined)
  assert.deepEqual(Object.keys(readPair(cert('one.crt'), key('one.key')) ?? {}), ['cert', 'key'])
  const none = { 'tls-cert-file': '', 'tls-private-key-file': '', 'client-ca-file': '' }
  assert.deepEqual(readServingFiles(none), {})
  assert.deepEqual(Object.keys(readServingFiles({ ...none, 'client-ca-file': path('both') })), ['clientCa'])
})

test('what cannot be used is told by the flag and the file', () => {
  const cases: [() => unknown, RegExp][] = [
    [() => readCertificates(ca('absent')), /^cannot read --client-ca-file \S*absent: ENOENT: no such file or directory$/],
    [() => readCertificates({ ...ca(''), path: folder }), /^cannot read --client-ca-file \S+: EISDIR: illegal operation on a directory$/],
    [() => readCertificates(ca('garbage')), /^--client-ca-file \S*garbage: there is no certificate in it/],
    [() => readCertificates(ca('broken')), /^--client-ca-file \S*broken: a certificate in it cannot be read/],
    [
      () => readPair(cert('one.crt'), key('')),
      /^--tls-cert-file and --tls-private-key-file go together: --tls-private-key-file is not given$/,
    ],
    [() => readPair(cert(''), key('one.key')), /: --tls-cert-file is not given$/],
    [() => readPair(cert('one.crt'), key('garbage')), /^--tls-private-key-file \S*garbage: there is no private key in it/],
    [
      () => readPair(cert('one.crt'), key('two.key')),
      /^--tls-private-key-file \S*two.key is not the key of the certificate in \S*one.crt$/,
    ],
  ]
  for (const [call, expected] of cases)
    assert.throws(call, (error) => error instanceof StartupError && expected.test(error.message), expected.source)
})

test('a certificate of another time', async () => {
  const { cert: pem } = await selfSigned('one')
  const inDays = (days: number): Date => new Date(Date.now() + days * 86_400_000)
  assert.equal(whyUntimely(pem, inDays(0)), undefined)
  assert.match(whyUntimely(pem, inDays(400)) ?? '', /^it expired on /)
  assert.match(whyUntimely(pem, inDays(-400)) ?? '', /is the clock right/)
})
