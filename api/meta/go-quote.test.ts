import assert from 'node:assert/strict'
import { test } from 'node:test'
import { invalid } from './field-error.ts'
import { goQuote } from './go-quote.ts'
import { alreadyExists, notFoundError } from './status.ts'

test('text is quoted as Go does it', () => {
  const table: readonly [string, string][] = [
    ['web', '"web"'],
    ['a"b\\', '"a\\"b\\\\"'],
    ['a\r\nSet-Cookie: x', '"a\\r\\nSet-Cookie: x"'],
    ['\u0000\u001b[31m\u007f', '"\\x00\\x1b[31m\\x7f"'],
    ['\u009b31m\u202e\u200b', '"\\u009b31m\\u202e\\u200b"'],
    ['☃ é 日本 😀', '"☃ é 日本 😀"'],
    ['\u{e0001}', '"\\U000e0001"'],
  ]
  for (const [text, wanted] of table) assert.equal(goQuote(text), wanted)
})

test('names and values of users reach messages in no other form', () => {
  const pods = { group: '', plural: 'pods', kind: 'Pod' }
  assert.equal(notFoundError(pods, '\u001b[31m').message, 'pods "\\x1b[31m" not found')
  assert.equal(alreadyExists(pods, 'a\nb').message, 'pods "a\\nb" already exists')
  assert.equal(invalid('f', '\u009b', 'no').message, 'Invalid value: "\\u009b": no')
})
