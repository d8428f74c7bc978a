import assert from 'node:assert/strict'
import { it } from 'node:test'
import { ConfigMaps } from '#api/core/config-map.ts'
import { Pods } from '#api/core/pod.ts'
import type { Resource } from '#api/resource.ts'
import { ServedKinds } from './served-kinds.ts'

it('serves custom kinds beside the built-in ones until they are taken away', () => {
  const kinds = new ServedKinds([Pods, ConfigMaps] as unknown as Resource[])
  const before = kinds.all()
  let changes = 0
  const stop = kinds.onChange(() => changes++)
  const tab: Resource = { ...(ConfigMaps as unknown as Resource), group: 'example.com', kind: 'CronTab', plural: 'crontabs' }
  kinds.setCustom('crontabs.example.com', [tab])
  assert.equal(kinds.find('example.com', 'v1', 'crontabs'), tab)
  assert.equal(kinds.kind('example.com/v1', 'CronTab'), tab)
  assert.equal(kinds.isCustom(tab), true)
  assert.equal(kinds.isCustom(Pods as unknown as Resource), false)
  assert.deepEqual(
    kinds.groupVersions().map(({ group, version, resources }) => `${group}/${version} ${resources.length}`),
    ['/v1 2', 'example.com/v1 1'],
  )
  kinds.setCustom('crontabs.example.com', [])
  kinds.setCustom('unknown.example.com', [])
  stop()
  assert.equal(kinds.find('example.com', 'v1', 'crontabs'), undefined)
  assert.deepEqual(kinds.all(), before)
  assert.equal(changes, 2)
})
