import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { difference, type FieldSet, has, hasMember, intersection, isEmpty, paths, readSet, setOf, union } from './field-set.ts'
import { BadPathElement, compareElements, keyElement, printPath, readElement, valueElement } from './path-element.ts'

const text = (set: FieldSet): string => JSON.stringify(set)

describe('path elements', () => {
  test('are written as Go writes them', () => {
    assert.equal(
      keyElement([
        ['protocol', 'TCP'],
        ['containerPort', 80],
      ]),
      'k:{"containerPort":80,"protocol":"TCP"}',
    )
    assert.equal(keyElement([['name', 'a<b']]), 'k:{"name":"a\\u003cb"}')
    assert.equal(valueElement('a&"b'), 'v:"a\\u0026\\"b"')
  })
  test('of clients come into one form', () => {
    const table: readonly [string, string | undefined][] = [
      ['f:a.b', 'f:a.b'],
      ['k:{"b":1, "a":"x<"}', 'k:{"a":"x\\u003c","b":1}'],
      ['v: 1.0', 'v:1'],
      ['i:07', 'i:7'],
      ['x:what', undefined],
    ]
    for (const [given, wanted] of table) assert.equal(readElement(given), wanted, given)
    for (const bad of ['', 'f', 'foo', 'k:{', 'v:', 'i:x']) assert.throws(() => readElement(bad), BadPathElement, bad)
  })
  test('are ordered: fields, keys, values, indexes', () => {
    const sorted = [
      'f:a',
      'f:b',
      'k:{"name":"a b"}',
      'k:{"name":"a"}',
      'k:{"name":"ab"}',
      'k:{"port":9}',
      'k:{"port":80}',
      'k:{"port":80,"protocol":"TCP"}',
      'v:1',
      'v:10',
      'v:"a"',
      'v:true',
      'i:2',
      'i:10',
    ]
    // "a b" stands after "a" in Go: a shorter text is less
    const wanted = [...sorted.slice(0, 2), 'k:{"name":"a"}', 'k:{"name":"a b"}', ...sorted.slice(4)]
    assert.deepEqual([...sorted].reverse().sort(compareElements), wanted)
  })
  test('are printed in messages', () => {
    const path = ['f:spec', 'k:{"name":"a\\"b","port":80}', 'v:"x"', 'v:true', 'i:3']
    assert.equal(printPath(path), '.spec[name="a\\"b",port=80][="x"][=true][3]')
  })
})

describe('sets', () => {
  const a = setOf(['f:a'], ['f:b', 'f:c'], ['f:b'], ['f:d', 'f:e', 'f:g'])
  test('are fieldsV1', () => assert.equal(text(a), '{"f:a":{},"f:b":{".":{},"f:c":{}},"f:d":{"f:e":{"f:g":{}}}}'))
  test('know their members', () => {
    assert.deepEqual(
      [['f:a'], ['f:b'], ['f:b', 'f:c'], ['f:d'], ['f:d', 'f:e'], ['f:d', 'f:e', 'f:g'], ['f:x'], []].map((path) => has(a, path)),
      [true, true, true, false, false, true, false, false],
    )
    assert.deepEqual([hasMember(a, 'f:b'), hasMember(a, 'f:d')], [true, false])
    assert.deepEqual(paths(a), [['f:a'], ['f:b'], ['f:b', 'f:c'], ['f:d', 'f:e', 'f:g']])
  })
  const table: readonly [string, FieldSet, string][] = [
    ['a member and its children', union(setOf(['f:b']), setOf(['f:b', 'f:c'])), '{"f:b":{".":{},"f:c":{}}}'],
    ['a union is sorted', union(setOf(['f:c'], ['k:{"n":1}']), setOf(['f:a'])), '{"f:a":{},"f:c":{},"k:{\\"n\\":1}":{}}'],
    ['a parent without its child', difference(setOf(['f:b'], ['f:b', 'f:c']), setOf(['f:b', 'f:c'])), '{"f:b":{}}'],
    ['a child without its parent', difference(setOf(['f:b'], ['f:b', 'f:c']), setOf(['f:b'])), '{"f:b":{"f:c":{}}}'],
    ['nothing below a parent', difference(setOf(['f:b'], ['f:b', 'f:c']), setOf(['f:b']), true), '{}'],
    ['a parent is no child', intersection(setOf(['f:b']), setOf(['f:b', 'f:c'])), '{}'],
    ['common children', intersection(setOf(['f:b', 'f:c'], ['f:b']), setOf(['f:b', 'f:c'])), '{"f:b":{"f:c":{}}}'],
  ]
  for (const [name, set, wanted] of table) test(name, () => assert.equal(text(set), wanted))
  test('of clients are put in order and cleaned', () => {
    const given = { 'f:b': { 'x:1': {}, '.': {} }, 'f:a': { 'k:{"z":1,"a":2}': {} }, '.': {} }
    assert.equal(text(readSet(given)), '{"f:a":{"k:{\\"a\\":2,\\"z\\":1}":{}},"f:b":{}}')
    assert.equal(text(readSet(undefined)), '{}')
    assert.throws(() => readSet({ q: {} }), BadPathElement)
    assert.throws(() => readSet([]), BadPathElement)
  })
})

describe('sets as sets', () => {
  const element = fc.constantFrom('f:a', 'f:b', 'f:c', 'k:{"n":1}', 'v:"x"')
  const path = fc.array(element, { minLength: 1, maxLength: 4 })
  const some = fc.array(path, { maxLength: 8 })
  const listed = (set: FieldSet): string[] => paths(set).map(printPath).sort()
  const names = (of: readonly (readonly string[])[]): Set<string> => new Set(of.map(printPath))
  const laws: readonly [string, (a: FieldSet, b: FieldSet) => FieldSet, (a: Set<string>, b: Set<string>) => string[]][] = [
    ['union', union, (a, b) => [...a, ...b]],
    ['intersection', intersection, (a, b) => [...a].filter((path) => b.has(path))],
    ['difference', difference, (a, b) => [...a].filter((path) => !b.has(path))],
  ]
  for (const [name, op, wanted] of laws)
    test(`${name} holds the members that it should, in order, and changes nothing`, () =>
      fc.assert(
        fc.property(some, some, (left, right) => {
          const [a, b] = [setOf(...left), setOf(...right)]
          const before = [text(a), text(b)]
          const found = op(a, b)
          assert.deepEqual(listed(found), [...new Set(wanted(names(left), names(right)))].sort())
          assert.equal(text(readSet(JSON.parse(text(found)))), text(found))
          assert.deepEqual([text(a), text(b)], before)
        }),
      ))
  test('a set without itself is empty', () =>
    fc.assert(fc.property(some, (of) => assert.ok(isEmpty(difference(setOf(...of), setOf(...of)))))))
})
