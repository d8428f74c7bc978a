/** Differential test of request bodies: what upstream refuses, warns of and echoes, word by word. */
import assert from 'node:assert/strict'
import { before, describe, test } from 'node:test'
import { applyFieldValidation, decodeBody } from '#api/decode.ts'
import { canonicalQuantity } from '#api/meta/quantity.ts'
import { ApiError } from '#api/meta/status.ts'
import { kindOf } from '#api/scheme.ts'
import { call, send } from './upstream.ts'

const skip = process.env['TYPERNETES_ORACLE'] === undefined && 'set TYPERNETES_ORACLE to compare with upstream'
const pods = '/api/v1/namespaces/default/pods?dryRun=All'

const pod = (spec: string, meta = ''): string => `{"apiVersion":"v1","kind":"Pod","metadata":{"name":"x"${meta}},"spec":${spec}}`
const good = '"containers":[{"name":"a","image":"b"}]'
const spec = (more: string): string => pod(`{${good},${more}}`)
const meta = (more: string): string => pod(`{${good}}`, `,${more}`)
const container = (more: string): string => pod(`{"containers":[{"name":"a","image":"b",${more}}]}`)
const cpu = (value: string): string => container(`"resources":{"limits":{"cpu":${value}}}`)
const created = (value: string): string => meta(`"creationTimestamp":${value}`)

const bodies: readonly string[] = [
  ...['5', '[]', '{"containers":"x"}', '{"containers":[5]}', '{"containers":[null]}', '{"nodeSelector":{"a":true}}'].map((text) =>
    pod(text),
  ),
  ...[
    '"hostNetwork":"true"',
    '"terminationGracePeriodSeconds":"30"',
    '"terminationGracePeriodSeconds":30.0',
    '"foo":1,"bar":{"a":1,"a":2}',
  ].map(spec),
  ...['"terminationGracePeriodSeconds":3e1', '"terminationGracePeriodSeconds":92233720368547758070', '"hostNetwork":5,"nodeName":5'].map(
    spec,
  ),
  ...['"nodeName":"a","nodeName":"b","nodeName":"c"', '"Containers":[]', '"volumes":[{"name":"v","emptyDir":{"x":1}}]'].map(spec),
  ...['"labels":{"a":5}', '"labels":[]', '"labels":{"a":null}', '"labelz":{}', '"annotations":{"a":"1","a":"2"}', '"generation":1.5'].map(
    meta,
  ),
  ...['"ownerReferences":[{"controller":"x"}]', '"managedFields":[{"fieldsV1":{"a":1,"a":2}}]'].map(meta),
  ...[
    '"command":[null,"x"]',
    '"command":[5]',
    '"ports":[{"containerPort":99999999999}]',
    '"env":[{"name":"x","valu":"z"}],"Image":"c"',
  ].map(container),
  ...['"livenessProbe":{"exec":5}', '"livenessProbe":{"httpGet":{"port":true}}', '"livenessProbe":{"httpGet":{"port":1.5}}'].map(container),
  ...['"abc"', 'true', '""', '"1Q"', '"1e"', '{}', '"1.2.3"', '"--1"', '"1kk"', '0.5'].map(cpu),
  ...['5', '"yesterday"', '"2020-13-01T00:00:00Z"', '"2020-02-30T00:00:00Z"', '"2020-01-01T25:00:00Z"', '"2020-01-01 00:00:00Z"'].map(
    created,
  ),
  ...['"2020-01-01T00:00:00"', '"2020-01-01T00:00:00Zx"', '""', '"2020-01-01T00:00:00+25:00"', '"20"'].map(created),
  ...[
    '',
    '  ',
    '[]',
    '"x"',
    'null',
    '{"apiVersion":"v1","kind":"Pod",',
    '{"kind":5}',
    '{"kind":"Foo"}',
    '{"apiVersion":"v2","kind":"Pod"}',
  ],
  ...['{"kind":"Service","apiVersion":"v1"}', `${pod('{}')} x`, '{"a":tru}', '{"a":1,}', '{"a" 1}', '{a:1}', '{"a":"\\x"}', '{"a":01}'],
  ...['{"a":1.}', '{"a":[1 2]}', '{"a":"\n"}', '{"a":-}', '{"a":"\\u12"}', "{'a':1}", 'apiVersion: v1\nkind: Pod\n'],
]

const quantities = [
  '0',
  '0Ki',
  '.',
  '.5',
  '0.5',
  '1.500',
  '+1',
  '01',
  '1000',
  '1000E',
  '1025Ki',
  '0.1n',
  '1.5Gi',
  '1024',
  '0.5Ki',
  '1E3',
  '2e4',
  '12e6',
]
const moreQuantities = [
  '1024Ki',
  '1.1Ki',
  '0.1Ki',
  '9E9',
  '999999999999999999',
  '9999999999999999999',
  '1e20',
  '1e-10',
  '8Ei',
  '7.9Ei',
  '1000000000Ki',
]

describe('bodies as upstream reads them', { skip }, () => {
  // Pods need it, and no controller makes it there.
  before(() => call('POST', '/api/v1/namespaces/default/serviceaccounts', { metadata: { name: 'default' } }))

  const Pod = kindOf('v1', 'Pod')
  assert.ok(Pod)
  const expected = { ...Pod, schema: Pod.schema, isKnown: (apiVersion: string, kind: string) => kindOf(apiVersion, kind) !== undefined }

  for (const mode of ['Strict', 'Warn'] as const) {
    test(`wrong, unknown and duplicate fields, ${mode}`, async () => {
      for (const text of bodies) {
        const { code, body, warnings } = await send({ method: 'POST', path: `${pods}&fieldValidation=${mode}`, text })
        const ours = outcome(() => applyFieldValidation(decodeBody(text, expected).problems, mode, Pod))
        // Other refusals come from validation, after decoding.
        if (code === 400) assert.equal(ours.refused, body['message'], text)
        else assert.deepEqual(ours, { warnings: warnings.filter((warning) => /^(unknown|duplicate) field/.test(warning)) }, text)
      }
    })
  }

  test('quantities', async () => {
    const all = [...quantities, ...moreQuantities]
    const volumes = all.map((sizeLimit, i) => ({ name: `v${i}`, emptyDir: { sizeLimit } }))
    const template = { metadata: { labels: { a: 'b' } }, spec: { containers: [{ name: 'a', image: 'b' }], volumes } }
    const object = { metadata: { name: 'q' }, spec: { selector: { matchLabels: { a: 'b' } }, template } }
    const { body } = await call('POST', '/apis/apps/v1/namespaces/default/replicasets?dryRun=All', object)
    const answered = (body['spec'] as { template: { spec: { volumes: { emptyDir: { sizeLimit: string } }[] } } }).template.spec.volumes
    assert.deepEqual(
      all.map((text) => [text, canonicalQuantity(text)]),
      all.map((text, i) => [text, answered[i]?.emptyDir.sizeLimit]),
    )
  })
})

function outcome(decode: () => readonly string[]): { refused?: string; warnings?: readonly string[] } {
  try {
    return { warnings: decode() }
  } catch (error) {
    if (error instanceof ApiError) return { refused: error.message }
    throw error
  }
}
