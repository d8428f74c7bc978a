import assert from 'node:assert/strict'
import { test } from 'node:test'
import { subPathProblem } from './sub-path.ts'

test('what a subPath may not be', () => {
  assert.equal(subPathProblem('a/..b/c'), undefined)
  assert.equal(subPathProblem('/tmp'), 'error SubPath `/tmp` must not be an absolute path')
  assert.equal(subPathProblem('a/../../b'), "unable to provision SubPath `a/../../b`: must not contain '..'")
})
