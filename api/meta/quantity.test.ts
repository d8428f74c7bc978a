import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  addQuantities,
  canonicalQuantity,
  compareQuantities,
  formatQuantity,
  isQuantity,
  milliValue,
  parseQuantity,
  quantityValue,
  subtractQuantities,
} from './quantity.ts'

// Observed on upstream 1.35: text as written, text as answered.
const canonicalTexts: [string, string][] = [
  ['0', '0'],
  ['0Ki', '0'],
  ['.', '0'],
  ['m', '0'],
  ['0.5', '500m'],
  ['.5', '500m'],
  ['1.5', '1500m'],
  ['1.500', '1.500'],
  ['+1', '+1'],
  ['01', '01'],
  ['1000', '1k'],
  ['1000m', '1'],
  ['1024', '1024'],
  ['1024Ki', '1Mi'],
  ['1025Ki', '1025Ki'],
  ['1.5Gi', '1536Mi'],
  ['0.5Ki', '512'],
  ['0.1Ki', '102400m'],
  ['1.1Ki', '1126400m'],
  ['1E3', '1E3'],
  ['2e4', '20e3'],
  ['12e6', '12e6'],
  ['0.1n', '1n'],
  ['-1.5', '-1500m'],
]

test('quantities take their canonical text', () => {
  for (const [written, canonical] of canonicalTexts) assert.equal(canonicalQuantity(written), canonical, written)
})

test('a canonical text is its own canonical text', () => {
  for (const [, canonical] of canonicalTexts) assert.equal(canonicalQuantity(canonical), canonical)
})

test('what is no quantity is refused in upstream words', () => {
  const format = /^quantities must match the regular expression/
  for (const text of ['', 'abc', '1.2.3', '1 Gi']) assert.throws(() => parseQuantity(text), { message: format }, text)
  for (const text of ['--1', '1Q', '1kk', '1e', '1Kim']) assert.equal(isQuantity(text), false, text)
  assert.throws(() => parseQuantity('1kk'), { message: "unable to parse quantity's suffix" })
})

test('an exponent that would fill the memory is refused', () => {
  assert.equal(isQuantity('1e999999999'), false)
  assert.equal(canonicalQuantity('1e-999999999'), '1e-9')
})

test('binary quantities stop at the largest int64', () => {
  assert.equal(parseQuantity('8Ei').nano, 9223372036854775807n * 1_000_000_000n)
})

test('amounts compare, whatever their suffixes', () => {
  assert.equal(compareQuantities('1', '1000m'), 0)
  assert.equal(compareQuantities('1Gi', '1G'), 1)
  assert.equal(compareQuantities('999m', '1'), -1)
})

test('sums keep the suffix family of the first term', () => {
  const sum = addQuantities(parseQuantity('1Gi'), parseQuantity('512Mi'))
  assert.equal(formatQuantity(sum), '1536Mi')
  assert.equal(formatQuantity(addQuantities(parseQuantity('0'), parseQuantity('1Ki'))), '1Ki')
  assert.equal(formatQuantity(subtractQuantities(parseQuantity('1'), parseQuantity('250m'))), '750m')
})

test('whole and milli values round away from zero', () => {
  assert.equal(milliValue('0.5'), 500)
  assert.equal(milliValue('1n'), 1)
  assert.equal(quantityValue('1500m'), 2)
  assert.equal(quantityValue('-1500m'), -2)
})

test('parsing the printed text gives the same amount', () => {
  for (let i = 1; i < 2000; i++) {
    const text = `${(i * 7919) % 100003}${['m', '', 'k', 'Mi', 'Gi', 'e3', 'u'][i % 7]}`
    const quantity = parseQuantity(text)
    const { nano, format } = quantity
    assert.equal(parseQuantity(formatQuantity({ nano, format })).nano, nano, text)
  }
})
