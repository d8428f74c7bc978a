import assert from 'node:assert/strict'
import { test } from 'node:test'
import { z } from 'zod'
import { decodeMessage } from './decode.ts'
import { inline, int32, kind, list, map, message, object, string } from './fields.ts'
import { resources } from './scheme.ts'
import { type MessageNode, treeOf } from './tree.ts'

const leaf = message('io.test.v1.Leaf', 'A leaf.', {
  name: string(1, 'Its name.', { json: 'always' }),
  size: int32(2, 'Its size.', { default: 1 }),
})
const handler = message('io.test.v1.Handler', 'A handler.', { exec: object(1, leaf, 'A leaf.', { pointer: true }) })
const branch = kind('io.test.v1.Branch', 'A branch.', {
  ...inline(7, handler),
  one: object(1, leaf, 'One.', { json: 'always' }),
  maybe: object(2, leaf, 'Maybe one.', { pointer: true }),
  many: list(3, leaf, 'Many.', { listType: 'map', listKeys: ['name'], patchStrategy: 'merge,retainKeys', patchMergeKey: 'name' }),
  byName: map(4, leaf, 'By name.'),
  words: list(5, 'string', 'Words.', { json: 'always' }),
})

test('a schema compiles to plain data', () => {
  const tree = treeOf(branch)
  assert.equal(tree.goType, 'v1.Branch')
  assert.deepEqual([...tree.byName.keys()], ['apiVersion', 'kind', 'exec', 'one', 'maybe', 'many', 'byName', 'words'])
  const many = tree.byName.get('many')
  assert.deepEqual(
    [many?.shape, many?.scalar, many?.listKeys, many?.patchStrategies, many?.patchMergeKey, many?.required],
    ['list', 'message', ['name'], ['merge', 'retainKeys'], 'name', false],
  )
  assert.equal(tree.byName.get('one')?.required, true)
  assert.equal(tree.byName.get('maybe')?.pointer, true)
  assert.equal(tree.hasDefaults, true)
})

test('a message has one tree, whatever holds it: cloned, optional, in a list or in a map', () => {
  const tree = treeOf(branch)
  const node = treeOf(leaf)
  for (const name of ['one', 'maybe', 'many', 'byName']) assert.equal(tree.byName.get(name)?.message, node, name)
  assert.equal(treeOf(branch), tree)
})

test('an inlined field keeps its meta data and knows where it was', () => {
  const field = treeOf(branch).byName.get('exec')
  assert.deepEqual([field?.number, field?.inlinedIn, field?.inlinedAs, field?.pointer], [1, [7], ['Handler'], true])
  const original = treeOf(handler).byName.get('exec')
  assert.deepEqual([original?.inlinedIn, original?.inlinedAs], [[], []])
})

test('only values are always present, not pointers', () => {
  assert.deepEqual(
    treeOf(branch).always.map((field) => field.name),
    ['apiVersion', 'kind', 'one', 'words'],
  )
})

test('a message may hold itself', () => {
  const shape: Record<string, z.ZodType> = {}
  const self = message('io.test.v1.Self', 'Itself.', shape)
  shape['next'] = object(1, self, 'The next.', { pointer: true })
  const tree: MessageNode = treeOf(message('io.test.v1.Holder', 'Holds it.', { self: object(1, self, 'It.', { pointer: true }) }))
  const node = tree.byName.get('self')?.message
  assert.equal(node?.byName.get('next')?.message, node)
})

test('what was not made by fields.ts is refused', () => {
  assert.throws(() => treeOf(z.object({})), /no message/)
  assert.throws(() => treeOf(message('io.test.v1.Bad', 'Bad.', { a: z.string() })), /io.test.v1.Bad.a carries no meta data/)
})

test('in every kind, field numbers are unique, defaults and merge keys fit', () => {
  const seen = new Set<MessageNode>()
  const check = (node: MessageNode): void => {
    if (seen.has(node)) return
    seen.add(node)
    const numbers = node.fields
      .filter((field) => field.number > 0)
      .map((field) => [...field.inlinedIn, ...(field.wrapper === undefined ? [] : [field.wrapper]), field.number].join('.'))
    assert.equal(new Set(numbers).size, numbers.length, `${node.name} has a number twice`)
    for (const field of node.fields) {
      const at = `${node.name}.${field.name}`
      for (const key of field.listKeys) assert.ok(field.message?.byName.has(key), `${at} has no list key ${key}`)
      if (field.patchMergeKey !== undefined) assert.ok(field.message?.byName.has(field.patchMergeKey), `${at} has no merge key`)
      if (field.listType === 'map') assert.ok(field.listKeys.length > 0, `${at} has no list keys`)
      if (field.message) check(field.message)
    }
  }
  for (const resource of resources) check(treeOf(resource.schema))
  assert.ok(seen.size > 150)
})

test('elements that are lists or maps themselves are nodes of their own', () => {
  const schema = message('test.v1.Extra', 'Nested.', {
    extra: map(1, list(1, 'string', 'Values.', { json: 'always' }), 'Values by key.'),
  })
  const extra = treeOf(schema).byName.get('extra')
  assert.equal(extra?.scalar, 'nested')
  assert.deepEqual([extra.nested?.shape, extra.nested?.scalar, extra.nested?.number], ['list', 'string', 1])
  assert.deepEqual(decodeMessage({ extra: { a: ['x', null], b: null } }, schema).object, { extra: { a: ['x', ''], b: [] } })
  assert.throws(
    () => decodeMessage({ extra: { a: 'x' } }, schema),
    /cannot unmarshal string into Go struct field Extra.extra of type \[\]string/,
  )
})
