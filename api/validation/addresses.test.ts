import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  cidrContains,
  formatCidr,
  formatIp,
  parseCidr,
  parseIp,
  validateCidrForLegacyField,
  validateIp,
  validateIpForLegacyField,
  warningsForCidr,
  warningsForIp,
} from './addresses.ts'

const canonicalIp = (text: string): string | undefined => {
  const ip = parseIp(text)
  return ip && formatIp(ip)
}

test('addresses parse and print in RFC 5952 form', () => {
  const cases: [string, string | undefined][] = [
    ['10.0.0.1', '10.0.0.1'],
    ['010.0.0.1', '10.0.0.1'],
    ['256.0.0.1', undefined],
    ['1.2.3', undefined],
    ['::', '::'],
    ['::1', '::1'],
    ['2001:DB8:0:0:0:0:0:1', '2001:db8::1'],
    ['1:0:0:2:0:0:0:3', '1:0:0:2::3'],
    ['1:2:3:4:5:6:7:8', '1:2:3:4:5:6:7:8'],
    ['::ffff:1.2.3.4', '1.2.3.4'],
    ['64:ff9b::1.2.3.4', '64:ff9b::102:304'],
    ['1::2::3', undefined],
    ['1:2:3:4:5:6:7', undefined],
    [':1', undefined],
    ['g::', undefined],
    ['fe80::1%eth0', undefined],
  ]
  for (const [text, expected] of cases) assert.equal(canonicalIp(text), expected, text)
})

test('ranges parse, print and contain', () => {
  const cidr = parseCidr('10.9.8.7/20')
  assert.ok(cidr)
  assert.equal(formatCidr(cidr), '10.9.0.0/20')
  const inside = parseIp('10.9.15.255')
  const outside = parseIp('10.9.16.0')
  assert.ok(inside && outside)
  assert.equal(cidrContains(cidr, inside), true)
  assert.equal(cidrContains(cidr, outside), false)
  for (const bad of ['10.0.0.0', '10.0.0.0/33', '10.0.0.0/x', '::/129', '/8']) assert.equal(parseCidr(bad), undefined, bad)
})

test('legacy fields are sloppy, newer ones strict', () => {
  assert.deepEqual(validateIpForLegacyField('f', '010.0.0.1'), [])
  assert.equal(
    validateIpForLegacyField('f', 'x')[0]?.message,
    'Invalid value: "x": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)',
  )
  assert.deepEqual(validateIpForLegacyField('f', 'x', ['x']), [])
  assert.equal(validateIp('f', '010.0.0.1')[0]?.message, 'Invalid value: "010.0.0.1": must not have leading 0s')
  assert.equal(validateIp('f', 'FE80::1')[0]?.message, 'Invalid value: "FE80::1": must be in canonical form ("fe80::1")')
  assert.deepEqual(validateCidrForLegacyField('f', '10.0.0.7/8'), [])
  assert.equal(validateCidrForLegacyField('f', '1')[0]?.field, 'f')
})

test('odd forms in legacy fields are warned about', () => {
  assert.deepEqual(warningsForIp('f', '10.0.0.1'), [])
  assert.match(warningsForIp('f', '010.0.0.1')[0] ?? '', /non-standard IP address "010.0.0.1" .* use "10.0.0.1"$/)
  assert.match(warningsForIp('f', 'FE80::1')[0] ?? '', /RFC 5952 canonical format \("fe80::1"\)$/)
  assert.match(warningsForCidr('f', '10.0.0.7/8')[0] ?? '', /should be "10.0.0.0\/8" or "10.0.0.7\/32"\?/)
})
