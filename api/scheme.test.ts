import assert from 'node:assert/strict'
import { test } from 'node:test'
import { apiVersionOf } from './resource.ts'
import { groupVersions, kindOf, listKindOf, resourceOf, resources } from './scheme.ts'

test('resources are found by plural and by kind', () => {
  for (const resource of resources) {
    assert.equal(resourceOf(resource.group, resource.version, resource.plural), resource)
    assert.equal(kindOf(apiVersionOf(resource), resource.kind), resource)
  }
  assert.equal(resourceOf('', 'v1', 'constructor'), undefined)
  assert.equal(kindOf('v2', 'Pod'), undefined)
})

test('plurals, kinds and short names are unique in their group version', () => {
  for (const { resources: members } of groupVersions) {
    for (const names of [members.map((r) => r.plural), members.map((r) => r.kind), members.flatMap((r) => r.shortNames ?? [])]) {
      assert.equal(new Set(names).size, names.length, names.join())
    }
  }
})

test('a list is named after its kind', () => {
  assert.equal(listKindOf({ kind: 'Pod' }), 'PodList')
})
