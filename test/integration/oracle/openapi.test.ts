/** Differential test of OpenAPI: every definition and path that we publish is upstream's, descriptions excepted. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openApiPathOf, openApiV2, openApiV3 } from '#api/openapi.ts'
import { groupVersions } from '#api/scheme.ts'
import { call } from './upstream.ts'

const skip = process.env['TYPERNETES_ORACLE'] === undefined && 'set TYPERNETES_ORACLE to compare with upstream'

/** These are registered in every group that there is, of which upstream has more. */
const everywhere = /(DeleteOptions|WatchEvent)\.x-kubernetes-group-version-kind/

function differences(theirs: unknown, ours: unknown, at: string): string[] {
  if (at.endsWith('.description') || everywhere.test(at)) return []
  if (at.endsWith('.required') && Array.isArray(theirs) && Array.isArray(ours)) {
    return differences([...theirs].sort().join(), [...ours].sort().join(), `${at} `)
  }
  if (typeof theirs !== 'object' || typeof ours !== 'object' || theirs === null || ours === null) {
    return theirs === ours ? [] : [`${at}: upstream ${JSON.stringify(theirs)}, ours ${JSON.stringify(ours)}`]
  }
  const [left, right] = [theirs as Record<string, unknown>, ours as Record<string, unknown>]
  return [...new Set([...Object.keys(left), ...Object.keys(right)])].flatMap((key) => differences(left[key], right[key], `${at}.${key}`))
}

const plain = (document: object): Record<string, Record<string, unknown>> => JSON.parse(JSON.stringify(document))

/** Only what we have: upstream has more kinds. */
const compared = (theirs: Record<string, unknown>, ours: Record<string, unknown>): string[] =>
  Object.keys(ours).flatMap((key) => differences(theirs[key], ours[key], key))

for (const groupVersion of groupVersions) {
  test(`OpenAPI v3 of ${openApiPathOf(groupVersion)}`, { skip }, async () => {
    const { body } = await call('GET', `/openapi/v3/${openApiPathOf(groupVersion)}`)
    const ours = plain(openApiV3(groupVersion))
    const theirs = plain(body)
    const schemas = (document: Record<string, Record<string, unknown>>) => document['components']?.['schemas'] as Record<string, unknown>
    assert.deepEqual(compared(schemas(theirs), schemas(ours)), [])
    assert.deepEqual(compared(theirs['paths'] ?? {}, ours['paths'] ?? {}), [])
  })
}

test('OpenAPI v2', { skip }, async () => {
  const { body } = await call('GET', '/openapi/v2')
  assert.deepEqual(compared(plain(body)['definitions'] ?? {}, plain(openApiV2())['definitions'] ?? {}), [])
})
