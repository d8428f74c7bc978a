import assert from 'node:assert/strict'
import { test } from 'node:test'
import { countIndexes, IndexesError, overlapOf } from './indexes.ts'

test('indexes are counted', () => {
  assert.equal(countIndexes('', 5), 0)
  assert.equal(countIndexes('0', 5), 1)
  assert.equal(countIndexes('0,2-4', 5), 4)
})

test('lists out of order or out of bounds are refused in upstream’s words', () => {
  const table: readonly (readonly [string, string])[] = [
    ['5', 'too large index: "5"'],
    ['a', 'cannot convert string to integer for index: "a"'],
    ['1,', 'cannot convert string to integer for index: ""'],
    ['1-2-3', 'the fragment "1-2-3" violates the requirement that an index interval can have at most two parts separated by \'-\''],
    ['2-2', 'non-increasing order, previous: 2, current: 2'],
    ['2,1', 'non-increasing order, previous: 2, current: 1'],
  ]
  for (const [text, message] of table)
    assert.throws(
      () => countIndexes(text, 5),
      (error: unknown) => error instanceof IndexesError && error.message === message,
      text,
    )
})

test('the first common index is found', () => {
  assert.equal(overlapOf('0-1,5', '2-4', 9), undefined)
  assert.equal(overlapOf('0-1,5-7', '2-4,6', 9), 6)
  assert.equal(overlapOf('0-5', '3', 9), 3)
  assert.equal(overlapOf('', '3', 9), undefined)
})
