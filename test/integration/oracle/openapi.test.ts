/**
 * Differential test of OpenAPI: every document, path and definition of upstream's is here and the same, descriptions excepted. A reference
 * stands alone or in `allOf`: upstream wraps it where there is a description, and our descriptions are our own.
 */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openApiNames, openApiV2, openApiV3 } from '#api/openapi.ts'
import { groupVersions } from '#api/scheme.ts'
import { call } from './upstream.ts'

const skip = process.env['TYPERNETES_ORACLE'] === undefined && 'set TYPERNETES_ORACLE to compare with upstream'
const served = { groupVersions: () => groupVersions }

type Plain = Record<string, unknown>
const isPlain = (value: unknown): value is Plain => typeof value === 'object' && value !== null

/** Without descriptions, with shared parameters in their places, one spelling of references, required fields sorted. */
function normal(value: unknown, parameters: Plain): unknown {
  if (Array.isArray(value)) return value.map((item) => normal(item, parameters))
  if (!isPlain(value)) return value
  const { $ref, allOf } = value as { $ref?: unknown; allOf?: unknown[] }
  if (typeof $ref === 'string' && $ref.startsWith('#/parameters/'))
    return normal(parameters[$ref.slice('#/parameters/'.length)], parameters)
  const alone = allOf?.length === 1 && isPlain(allOf[0]) && '$ref' in allOf[0] ? allOf[0] : undefined
  const { allOf: _, ...rest } = value
  const given: Plain = alone ? { ...rest, ...alone } : value
  return Object.fromEntries(
    Object.entries(given)
      .filter(([key, item]) => key !== 'description' || typeof item !== 'string')
      .map(([key, item]) => [key, key === 'required' && Array.isArray(item) ? [...item].sort() : normal(item, parameters)]),
  )
}

function differences(theirs: unknown, ours: unknown, at: string): string[] {
  if (!isPlain(theirs) || !isPlain(ours))
    return theirs === ours ? [] : [`${at}: upstream ${JSON.stringify(theirs)}, ours ${JSON.stringify(ours)}`]
  return [...new Set([...Object.keys(theirs), ...Object.keys(ours)])].flatMap((key) => differences(theirs[key], ours[key], `${at}.${key}`))
}

/** Custom resources that somebody made there are nobody's business. */
const custom = /\bexample\b/

function compared(theirs: Plain, ours: Plain): string[] {
  const [left, right] = [theirs, ours].map((document) => normal(document, (document['parameters'] ?? {}) as Plain) as Plain)
  return differences(left, right, '').filter((line) => !custom.test(line.slice(0, line.indexOf(':'))))
}

const plain = (document: object): Plain => JSON.parse(JSON.stringify(document)) as Plain

test('the documents of OpenAPI v3', { skip }, async () => {
  const { body } = await call('GET', '/openapi/v3')
  const theirs = Object.keys(body['paths'] as Plain).filter((name) => !custom.test(name))
  assert.deepEqual(openApiNames(served), theirs.sort())
})

for (const name of openApiNames(served))
  test(`OpenAPI v3 of ${name}`, { skip }, async () => {
    const { body } = await call('GET', `/openapi/v3/${name}`)
    assert.deepEqual(compared(plain(body), plain(openApiV3(name, served) ?? {})), [])
  })

test('OpenAPI v2', { skip }, async () => {
  const { body } = await call('GET', '/openapi/v2')
  const { parameters: _, ...theirs } = normal(plain(body), body['parameters'] as Plain) as Plain
  const made = plain(openApiV2(served))
  const { parameters: __, ...ours } = normal(made, made['parameters'] as Plain) as Plain
  assert.deepEqual(compared(theirs, ours), [])
})
