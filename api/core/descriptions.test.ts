import assert from 'node:assert/strict'
import { test } from 'node:test'
import { tokenRequestSchema } from '#api/authentication/token-request.ts'
import { scaleSchema } from '#api/autoscaling/scale.ts'
import { deleteOptionsSchema } from '#api/meta/options.ts'
import { evictionSchema } from '#api/policy/eviction.ts'
import { resources } from '#api/scheme.ts'
import { type MessageNode, treeOf } from '#api/tree.ts'
import { bindingSchema } from './binding.ts'

test('every message and field says in a few words of our own what it is', () => {
  const seen = new Set<MessageNode>()
  const visit = (node: MessageNode): void => {
    if (seen.has(node)) return
    seen.add(node)
    assert.match(node.description, /^[A-Z0-9$].*\.$/s, node.name)
    assert.doesNotMatch(node.description, /DESCRIBE/, node.name)
    for (const field of node.fields) {
      assert.match(field.description, /^\S.*\.$/s, `${node.name}.${field.name}`)
      assert.doesNotMatch(field.description, /DESCRIBE/, `${node.name}.${field.name}`)
      assert.ok(field.description.length < 120, `${node.name}.${field.name} is described too long`)
      if (field.message) visit(field.message)
    }
  }
  const schemas = [
    ...resources.map(({ schema }) => schema),
    scaleSchema,
    bindingSchema,
    evictionSchema,
    tokenRequestSchema,
    deleteOptionsSchema,
  ]
  for (const schema of schemas) visit(treeOf(schema))
  assert.ok(seen.size > 200)
})
