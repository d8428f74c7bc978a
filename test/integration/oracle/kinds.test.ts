/** Differential test: upstream's apiserver and our rules must fill in, refuse and say the same about a corpus of objects. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { KubeObject } from '#api/resource.ts'
import { kindOf } from '#api/scheme.ts'
import { admit, causesOf, comparable, pathOf, sorted } from './compare.ts'
import { kindCases } from './kind-corpus.ts'
import { create } from './ours.ts'
import { type Case, podCases } from './pod-corpus.ts'
import { storageCases } from './storage-corpus.ts'
import { unwiseCases } from './unwise-corpus.ts'
import { call } from './upstream.ts'
import { workloadCases } from './workload-corpus.ts'

const skip = process.env['TYPERNETES_ORACLE'] === undefined && 'set TYPERNETES_ORACLE to compare with upstream'

async function compare({ object }: Case): Promise<void> {
  const resource = kindOf(String(object['apiVersion']), String(object['kind']))
  assert.ok(resource)
  const [theirs, ours] = [await call('POST', `${pathOf(resource)}?dryRun=All`, object), create(resource, object, admit)]
  if (theirs.code === 201) {
    assert.deepEqual(sorted(ours.causes), [], 'upstream takes it')
    assert.deepEqual(
      [...ours.warnings, ...(resource.deprecation === undefined ? [] : [resource.deprecation])].sort(),
      [...theirs.warnings].sort(),
    )
    assert.deepEqual(ours.object && comparable(ours.object), comparable(theirs.body as unknown as KubeObject))
  } else {
    assert.equal(theirs.code, 422, JSON.stringify(theirs.body))
    assert.deepEqual(sorted(ours.causes), sorted(causesOf(theirs)))
  }
}

for (const one of [...podCases, ...unwiseCases, ...kindCases, ...workloadCases, ...storageCases])
  test(one.name, { skip }, () => compare(one))
