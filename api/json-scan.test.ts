import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isWrittenNumber, JsonSyntaxError, keysIn, numberText, parseExact, parseJson, scanJson } from './json-scan.ts'

test('the scan counts keys, depth and odd numbers', () => {
  assert.deepEqual(scanJson('{"a":{"b":[1,{"c":null}]},"d":true,"e":false}'), { keys: 5, exactNumbers: false, depth: 4 })
  assert.deepEqual(scanJson(' "a:{[\\":\\\\" '), { keys: 0, exactNumbers: false, depth: 0 })
  for (const text of ['1.5', '1e3', '[1E3]', '9007199254740993', '{"a":-1234567890123456}'])
    assert.equal(scanJson(text).exactNumbers, true, text)
  for (const text of ['123456789012345', '"1.5"', 'true', 'false', 'null', '[1,2]']) assert.equal(scanJson(text).exactNumbers, false, text)
})

test('the exact parser agrees with JSON.parse', () => {
  const texts = ['{}', '[]', '"\\u00e4\\n\\"/"', '[1,-0.5,true,false,null]', ' {"a" : [ { } , "b" ] } ', '"ä€😀"', '{"__proto__":{"x":1}}']
  for (const text of texts) assert.deepEqual(parseExact(text).value, JSON.parse(text), text)
})

test('keys that stand twice are named with their paths', () => {
  const { value, duplicates } = parseExact('{"a":{"x":1,"x":2},"l":[{"k":1},{"k":1,"k":{"d":1,"d":2}}],"a":3}')
  assert.deepEqual(duplicates, ['a.x', 'l[1].k', 'l[1].k.d', 'a'])
  assert.deepEqual(value, { a: 3, l: [{ k: 1 }, { k: { d: 2 } }] })
})

test('numbers keep their written form where a double would lose it', () => {
  const { value } = parseExact('[9007199254740993,1.0,1e3,5,0.5]')
  const items = value as unknown[]
  assert.deepEqual(items.map(isWrittenNumber), [true, true, true, false, false])
  assert.deepEqual(
    items.map((item) => numberText(item as number)),
    ['9007199254740993', '1.0', '1e3', '5', '0.5'],
  )
  assert.equal(JSON.stringify(value), '[9007199254740993,1.0,1e3,5,0.5]')
})

test('errors are worded as Go words them', () => {
  const cases: [string, string][] = [
    ['', 'unexpected end of JSON input'],
    ['{"a":tru}', "invalid character '}' in literal true (expecting 'e')"],
    ['{"a":1,}', "invalid character '}' looking for beginning of object key string"],
    ['{"a" 1}', "invalid character '1' after object key"],
    ['{a:1}', "invalid character 'a' looking for beginning of object key string"],
    ['{"a":01}', "invalid character '1' after object key:value pair"],
    ['[1 2]', "invalid character '2' after array element"],
    ['"\\x"', "invalid character 'x' in string escape code"],
    ['"\n"', "invalid character '\\n' in string literal"],
    ['1.', 'unexpected end of JSON input'],
    ['{} x', "invalid character 'x' after top-level value"],
    ["'", "invalid character '\\'' looking for beginning of value"],
  ]
  for (const [text, message] of cases) assert.throws(() => parseExact(text), { message }, text)
})

test('deep texts are refused, not crashed on', () => {
  const deep = '['.repeat(100_000) + ']'.repeat(100_000)
  assert.throws(() => parseExact(deep), JsonSyntaxError)
  assert.throws(
    () => parseJson(deep),
    (error) => error instanceof JsonSyntaxError || error instanceof RangeError,
  )
})

test('parseJson takes the slow road only where it must', () => {
  assert.deepEqual(parseJson('{"a":{"b":1}}'), { value: { a: { b: 1 } }, duplicates: [] })
  assert.deepEqual(parseJson('{"a":1,"a":2}').duplicates, ['a'])
  assert.equal(keysIn({ a: [{ b: 1 }, { c: { d: 2 } }] }), 4)
})
