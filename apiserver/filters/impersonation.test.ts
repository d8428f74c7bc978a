import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { ApiError } from '#api/meta/status.ts'
import type { User } from '#apiserver/authentication/user.ts'
import type { Authorizer } from '#apiserver/authorization/authorizer.ts'
import type { Attributes } from '#apiserver/authorization/rules.ts'
import { impersonated } from './impersonation.ts'

const root: User = { name: 'root', groups: ['admins'] }

const requestOf = (...rawHeaders: string[]) => ({ rawHeaders })
const may = (allowed: (attributes: Attributes) => boolean, seen: string[] = []): Authorizer => ({
  async authorize(_, attributes) {
    const { verb, group, resource, subresource, namespace, name } = attributes
    seen.push([verb, group, resource, subresource, namespace, name].join('|'))
    return { allowed: allowed(attributes), reason: '' }
  },
  rules: () => ({ rules: [], incomplete: false, error: '' }),
})
const all = may(() => true)

describe('impersonation', () => {
  const table: readonly [string, string[], User][] = [
    ['a user', ['Impersonate-User', 'jane'], { name: 'jane', groups: ['system:authenticated'] }],
    [
      'groups, each header one',
      ['Impersonate-User', 'jane', 'Impersonate-Group', 'a', 'impersonate-group', 'b, c'],
      { name: 'jane', groups: ['a', 'b, c', 'system:authenticated'] },
    ],
    [
      'a group that says who is proven is not doubled',
      ['Impersonate-User', 'jane', 'Impersonate-Group', 'system:unauthenticated'],
      { name: 'jane', groups: ['system:unauthenticated'] },
    ],
    ['nobody', ['Impersonate-User', 'system:anonymous'], { name: 'system:anonymous', groups: ['system:unauthenticated'] }],
    [
      'an account has its groups',
      ['Impersonate-User', 'system:serviceaccount:a:b'],
      { name: 'system:serviceaccount:a:b', groups: ['system:serviceaccounts', 'system:serviceaccounts:a', 'system:authenticated'] },
    ],
    [
      'an account whose groups are named has only those',
      ['Impersonate-User', 'system:serviceaccount:a:b', 'Impersonate-Group', 'g'],
      { name: 'system:serviceaccount:a:b', groups: ['g', 'system:authenticated'] },
    ],
    ['no user, nothing asked', ['Accept', '*/*'], root],
  ]
  for (const [name, headers, user] of table)
    test(name, async () => assert.deepEqual(await impersonated(requestOf(...headers), root, all), user))

  test('uid and extras', async () => {
    const headers = ['Impersonate-User', 'j', 'Impersonate-Uid', '7', 'Impersonate-Extra-A%2fb', 'v', 'Impersonate-Extra-a%2Fb', 'w']
    const user = await impersonated(requestOf(...headers, 'Impersonate-Extra-__proto__', 'x'), root, all)
    assert.equal(user.uid, '7')
    assert.deepEqual(Object.entries(user.extra ?? {}), [
      ['a/b', ['v', 'w']],
      ['__proto__', ['x']],
    ])
  })

  test('each part is asked for, in order', async () => {
    const seen: string[] = []
    const headers = [
      'Impersonate-Uid',
      '7',
      'Impersonate-Extra-k',
      'v',
      'Impersonate-Group',
      'g',
      'Impersonate-User',
      'system:serviceaccount:a:b',
    ]
    await impersonated(
      requestOf(...headers),
      root,
      may(() => true, seen),
    )
    assert.deepEqual(seen, [
      'impersonate||serviceaccounts||a|b',
      'impersonate||groups|||g',
      'impersonate|authentication.k8s.io|userextras|k||v',
      'impersonate|authentication.k8s.io|uids|||7',
    ])
  })

  const refused: readonly [string, string[], string][] = [
    [
      'users',
      ['Impersonate-User', 'jane'],
      'users "jane" is forbidden: User "root" cannot impersonate resource "users" in API group "" at the cluster scope',
    ],
    [
      'userextras',
      ['Impersonate-User', 'jane', 'Impersonate-Extra-k', 'v'],
      'userextras.authentication.k8s.io "v" is forbidden: User "root" cannot impersonate resource "userextras/k" in API group "authentication.k8s.io" at the cluster scope',
    ],
    [
      'serviceaccounts',
      ['Impersonate-User', 'system:serviceaccount:a:b'],
      'serviceaccounts "b" is forbidden: User "root" cannot impersonate resource "serviceaccounts" in API group "" in the namespace "a"',
    ],
  ]
  for (const [resource, headers, message] of refused)
    test(`${resource} need the verb`, async () => {
      const but = may((attributes) => attributes.resource !== resource)
      const error = await impersonated(requestOf(...headers), root, but).catch((e: unknown) => e)
      assert.ok(error instanceof ApiError)
      assert.equal(error.code, 403)
      assert.equal(error.message, message)
    })

  test('nothing without a user', async () => {
    const error = await impersonated(requestOf('Impersonate-Group', 'g', 'Impersonate-Uid', '7'), root, all).catch((e: unknown) => e)
    assert.ok(error instanceof ApiError)
    assert.equal(error.code, 400)
    assert.equal(error.message, 'requested [{Group  g    } {UID  7  authentication.k8s.io/v1  }] without impersonating a user')
  })
})
