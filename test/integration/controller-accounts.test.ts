/** Every controller acts as a service account of its own: each must have a role, and the rights that its watches need are the manager's. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { controllerRules } from '#apiserver/authorization/policy/controller-roles.ts'
import { controllers } from '#controller-manager/controllers/index.ts'

test('the account of every controller has a role', () => {
  for (const { name, account } of controllers) assert.ok(Object.hasOwn(controllerRules, account), `${name} acts as ${account}`)
})
