import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { z } from 'zod'
import { kind, list, map, message, object, string } from '#api/fields.ts'
import { applyTypeOf } from './apply-type.ts'
import { faultsOf } from './check-type.ts'
import { compare } from './compare.ts'
import { setOf } from './field-set.ts'
import { BadItem } from './list-items.ts'
import { merge, remove } from './merge.ts'
import { reconciled, setOfObject, withNamedFields } from './set-of-object.ts'

const item = message('test.v1.Item', 'An item.', {
  name: string(1, 'Name.', { json: 'always' }),
  protocol: string(2, 'Protocol.', { default: 'TCP' }),
  value: string(3, 'Value.'),
})
const port = message('test.v1.Port', 'A port.', {
  port: string(1, 'Number.', { json: 'always' }),
  protocol: string(2, 'Protocol.', { default: 'TCP' }),
})
const schema = kind('test.v1.Thing', 'A thing.', {
  items: list(1, item, 'By name.', { listType: 'map', listKeys: ['name'] }),
  ports: list(2, port, 'By port and protocol.', { listType: 'map', listKeys: ['port', 'protocol'] }),
  set: list(3, 'string', 'A set.', { listType: 'set' }),
  whole: list(4, 'string', 'One value.'),
  labels: map(5, 'string', 'Key by key.'),
  selector: map(6, 'string', 'One value.', { mapType: 'atomic' }),
  child: object(7, message('test.v1.Child', 'A child.', { a: string(1, 'A.'), b: string(2, 'B.') }), 'A child.', { pointer: true }),
})
const type = applyTypeOf({ schema: schema as unknown as z.ZodType<never> })
type Plain = Record<string, unknown>
const named = (...names: string[]): Plain => ({ items: names.map((name) => ({ name })) })
const text = (set: object): string => JSON.stringify(set)

describe('merging', () => {
  const order: readonly [string, string, string][] = [
    ['abc', 'd', 'abcd'],
    ['abc', 'ca', 'bca'],
    ['abc', 'bx', 'abcx'],
    ['abc', 'xa', 'xabc'],
    ['abcd', 'dxb', 'acdxb'],
    ['', 'ba', 'ba'],
    ['ab', '', 'ab'],
    ['abc', 'abc', 'abc'],
    ['axb', 'bya', 'xbya'],
  ]
  for (const [live, config, wanted] of order)
    test(`items ${live} with ${config}`, () => assert.deepEqual(merge(type, named(...live), named(...config)), named(...wanted)))

  const table: readonly [string, Plain, Plain, Plain][] = [
    ['keys of a map', { labels: { a: '1', b: '2' } }, { labels: { b: '3', c: '4' } }, { labels: { a: '1', b: '3', c: '4' } }],
    ['a map that is one value', { selector: { a: '1' } }, { selector: { b: '2' } }, { selector: { b: '2' } }],
    ['a list that is one value', { whole: ['a', 'b'] }, { whole: ['c'] }, { whole: ['c'] }],
    ['a set', { set: ['a', 'b'] }, { set: ['c', 'a'] }, { set: ['c', 'a', 'b'] }],
    ['null keeps what a map has', { labels: { a: '1' } }, { labels: null }, { labels: { a: '1' } }],
    ['null in place of nothing', {}, { labels: null }, { labels: null }],
    [
      'fields of items',
      { items: [{ name: 'a', value: '1' }] },
      { items: [{ name: 'a', protocol: 'UDP' }] },
      { items: [{ name: 'a', value: '1', protocol: 'UDP' }] },
    ],
    [
      'a key by default',
      { ports: [{ port: '1', protocol: 'TCP' }] },
      { ports: [{ port: '1' }, { port: '1', protocol: 'UDP' }] },
      {
        ports: [
          { port: '1', protocol: 'TCP' },
          { port: '1', protocol: 'UDP' },
        ],
      },
    ],
    [
      'what stands twice is replaced',
      { items: [{ name: 'a', value: '1' }, { name: 'b' }, { name: 'a', value: '2' }] },
      { items: [{ name: 'a', protocol: 'X' }] },
      { items: [{ name: 'a', protocol: 'X' }, { name: 'b' }] },
    ],
    ["a user's key", { labels: {} }, { labels: JSON.parse('{"__proto__":"x"}') }, { labels: JSON.parse('{"__proto__":"x"}') }],
  ]
  for (const [name, live, config, wanted] of table) test(name, () => assert.deepEqual(merge(type, live, config), wanted))
  test('an item that cannot be told from others', () => assert.throws(() => merge(type, named('a'), { items: [null] }), BadItem))
})

describe('removing', () => {
  const object = { items: [{ name: 'a', value: '1' }, { name: 'b' }], labels: { a: '1' }, child: { a: '1', b: '2' } }
  test('fields, items and keys', () => {
    const gone = setOf(['f:items', 'k:{"name":"a"}', 'f:value'], ['f:items', 'k:{"name":"b"}'], ['f:labels', 'f:a'], ['f:child', 'f:b'])
    assert.deepEqual(remove(type, object, gone), { items: [{ name: 'a' }], labels: null, child: { a: '1' } })
  })
  test('what is not there', () => assert.deepEqual(remove(type, object, setOf(['f:x'], ['f:items', 'k:{"name":"z"}'])), object))
})

describe('comparing', () => {
  const table: readonly [string, Plain, Plain, [string, string, string]][] = [
    ['nothing', { labels: { a: '1' } }, { labels: { a: '1' } }, ['{}', '{}', '{}']],
    ['a new map', {}, { labels: { b: '1', a: '1' } }, ['{"f:labels":{".":{},"f:a":{},"f:b":{}}}', '{}', '{}']],
    [
      'a key',
      { labels: { a: '1', c: '1' } },
      { labels: { a: '2', b: '1' } },
      ['{"f:labels":{"f:b":{}}}', '{"f:labels":{"f:a":{}}}', '{"f:labels":{"f:c":{}}}'],
    ],
    ['null becomes a list', { items: null }, named('a'), ['{"f:items":{"k:{\\"name\\":\\"a\\"}":{".":{},"f:name":{}}}}', '{}', '{}']],
    ['one value', { whole: ['a'] }, { whole: ['b'] }, ['{}', '{"f:whole":{}}', '{}']],
    ['order of items does not count', named('a', 'b'), named('b', 'a'), ['{}', '{}', '{}']],
    [
      'items that come to stand twice',
      { items: [{ name: 'a', value: '1' }] },
      { items: [{ name: 'a' }, { name: 'a' }] },
      ['{"f:items":{"k:{\\"name\\":\\"a\\"}":{}}}', '{}', '{"f:items":{"k:{\\"name\\":\\"a\\"}":{".":{},"f:name":{},"f:value":{}}}}'],
    ],
    ['a set', { set: ['a', 'b'] }, { set: ['b', 'c'] }, ['{"f:set":{"v:\\"c\\"":{}}}', '{}', '{"f:set":{"v:\\"a\\"":{}}}']],
  ]
  for (const [name, before, after, wanted] of table)
    test(name, () => {
      const { added, modified, removed } = compare(type, before, after)
      assert.deepEqual([text(added), text(modified), text(removed)], wanted)
    })
})

describe('the paths of a configuration', () => {
  const table: readonly [string, Plain, string][] = [
    ['keys, not the map', { labels: { a: '1' } }, '{"f:labels":{"f:a":{}}}'],
    ['an empty map', { labels: {} }, '{"f:labels":{}}'],
    ['null', { labels: null, whole: null, items: null }, '{"f:items":{},"f:labels":{},"f:whole":{}}'],
    ["an empty list is nobody's", { items: [], set: [] }, '{}'],
    ['an empty list that is one value', { whole: [] }, '{"f:whole":{}}'],
    [
      'items with their fields',
      { items: [{ name: 'a', value: '1' }] },
      '{"f:items":{"k:{\\"name\\":\\"a\\"}":{".":{},"f:name":{},"f:value":{}}}}',
    ],
    [
      'a key by default is no field',
      { ports: [{ port: '1' }] },
      '{"f:ports":{"k:{\\"port\\":\\"1\\",\\"protocol\\":\\"TCP\\"}":{".":{},"f:port":{}}}}',
    ],
    ['a struct', { child: { a: '1' } }, '{"f:child":{"f:a":{}}}'],
    ['an empty struct', { child: {} }, '{"f:child":{}}'],
  ]
  for (const [name, config, wanted] of table) test(name, () => assert.equal(text(setOfObject(type, config)), wanted))
  test('named fields on the way', () => {
    const set = setOf(['f:child', 'f:a'], ['f:labels', 'f:x'], ['f:items', 'k:{"name":"a"}', 'f:value'])
    const wanted = '{"f:child":{".":{},"f:a":{}},"f:items":{".":{},"k:{\\"name\\":\\"a\\"}":{"f:value":{}}},"f:labels":{".":{},"f:x":{}}}'
    assert.equal(text(withNamedFields(set, type)), wanted)
  })
  test('what became one value', () => {
    const set = setOf(['f:selector', 'f:a'], ['f:whole', 'v:"x"'], ['f:labels', 'f:a'])
    assert.equal(text(reconciled(set, type)), '{"f:labels":{"f:a":{}},"f:selector":{},"f:whole":{}}')
    const fine = setOf(['f:selector'], ['f:labels', 'f:a'])
    assert.equal(reconciled(fine, type), fine)
  })
})

describe('configurations that do not fit', () => {
  const table: readonly [Plain, string | undefined][] = [
    [{ labels: { a: '1' }, child: null, items: null }, undefined],
    [{ foo: 1 }, '.foo: field not declared in schema'],
    [{ child: { z: 1 } }, '.child.z: field not declared in schema'],
    [{ child: { a: 1 } }, '.child.a: expected string, got &value.valueUnstructured{Value:1}'],
    [{ labels: [] }, '.labels: expected map, got &{[]}'],
    [{ whole: { a: 1 } }, '.whole: expected list, got &{map[a:1]}'],
    [{ whole: ['a', 2] }, '.whole[1]: expected string, got &value.valueUnstructured{Value:2}'],
    [named('a', 'a'), '.items: duplicate entries for key [name="a"]'],
    [{ items: [{ value: 'x' }, {}] }, '.items: duplicate entries for key [name=""]'],
    [{ items: ['x'] }, '.items: element 0: associative list with keys may not have non-map elements'],
    [{ set: ['a', 'a'], whole: 'x' }, 'errors:\n  .set: duplicate entries for key [="a"]\n  .whole: expected list, got &{x}'],
  ]
  for (const [config, wanted] of table) test(text(config), () => assert.equal(faultsOf(type, config), wanted))
})
