import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { PolicyRule } from '#api/rbac/role.ts'
import { describeRules, missingRules } from './coverage.ts'

const pods = (...verbs: string[]): PolicyRule => ({ verbs, apiGroups: [''], resources: ['pods'] })

describe('which rules are missing', () => {
  const table: readonly [string, PolicyRule[], PolicyRule[], string[]][] = [
    ['all are held', [pods('get', 'list')], [pods('get')], []],
    [
      'verbs of one resource stand in one line',
      [pods('get')],
      [pods('get', 'list', 'watch')],
      ['{APIGroups:[""], Resources:["pods"], Verbs:["list" "watch"]}'],
    ],
    ['a star is held by a star only', [pods('get', 'list')], [pods('*')], ['{APIGroups:[""], Resources:["pods"], Verbs:["*"]}']],
    ['two rules together do not hold a star', [pods('get'), pods('list')], [pods('get', 'list')], []],
    [
      'a name does not hold the whole',
      [{ ...pods('get'), resourceNames: ['p'] }],
      [pods('get')],
      ['{APIGroups:[""], Resources:["pods"], Verbs:["get"]}'],
    ],
    ['the whole holds a name', [pods('get')], [{ ...pods('get'), resourceNames: ['p'] }], []],
    ['a subresource of all', [{ ...pods('get'), resources: ['*/log'] }], [{ ...pods('get'), resources: ['pods/log'] }], []],
    ['paths below', [{ verbs: ['get'], nonResourceURLs: ['/logs/*'] }], [{ verbs: ['get'], nonResourceURLs: ['/logs/a*'] }], []],
    [
      'paths',
      [],
      [{ verbs: ['get'], nonResourceURLs: ['/logs', '*'] }],
      ['{NonResourceURLs:["*"], Verbs:["get"]}', '{NonResourceURLs:["/logs"], Verbs:["get"]}'],
    ],
  ]
  for (const [name, held, wanted, lines] of table) test(name, () => assert.deepEqual(describeRules(missingRules(held, wanted)), lines))
})
