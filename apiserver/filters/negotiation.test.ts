import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { ApiError } from '#api/meta/status.ts'
import { accepted, bodyTypeOf } from './negotiation.ts'
import { Warnings } from './warnings.ts'

const none = new URLSearchParams()
const kubectl = 'kubectl/v1.35.0'

describe('accept headers', () => {
  const table: readonly [string | undefined, string][] = [
    [undefined, 'json object v1'],
    ['*/*', 'json object v1'],
    ['application/json', 'json object v1'],
    ['application/yaml', 'yaml object v1'],
    ['application/json;as=Table;v=v1;g=meta.k8s.io,application/json', 'json table v1'],
    ['application/json;as=Table;v=v1beta1;g=meta.k8s.io', 'json table v1beta1'],
    ['application/json;as=Table;v=v9;g=meta.k8s.io,application/json', 'json object v1'],
    ['application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io', 'json partialList v1'],
    ['application/vnd.kubernetes.protobuf,application/json', 'protobuf object v1'],
    ['application/vnd.kubernetes.protobuf;q=0.5,application/json', 'json object v1'],
    ['*/*,application/vnd.kubernetes.protobuf', 'protobuf object v1'],
    ['application/vnd.kubernetes.protobuf;as=Table;v=v1;g=meta.k8s.io,application/json;as=Table;v=v1;g=meta.k8s.io', 'json table v1'],
    ['application/vnd.kubernetes.protobuf;as=PartialObjectMetadata;v=v1;g=meta.k8s.io', 'protobuf partial v1'],
    ['application/cbor,application/json', 'json object v1'],
    ['application/yaml;q=0.5,application/json;q=0.9', 'json object v1'],
  ]
  for (const [header, wanted] of table)
    test(String(header), () => {
      const { mediaType, form, version } = accepted(header, none, kubectl)
      assert.equal(`${mediaType} ${form} ${version}`, wanted)
    })

  test('what cannot be served is 406', () => {
    for (const header of [
      'text/html',
      'application/cbor',
      'application/vnd.kubernetes.protobuf;as=Table;v=v1;g=meta.k8s.io',
      'application/json;as=Table;v=v9;g=meta.k8s.io',
      'application/json;as=__proto__;v=v1;g=meta.k8s.io',
    ])
      assert.throws(
        () => accepted(header, none, kubectl),
        (error: unknown) => error instanceof ApiError && error.code === 406,
      )
  })
  test('those who read by eye get indented answers', () => {
    assert.equal(accepted('*/*', none, 'curl/8.0').pretty, true)
    assert.equal(accepted('*/*', none, kubectl).pretty, false)
    assert.equal(accepted('*/*', new URLSearchParams('pretty=true'), kubectl).pretty, true)
    assert.equal(accepted('*/*', new URLSearchParams('pretty=false'), 'curl/8.0').pretty, false)
  })
  test('body types', () => {
    assert.equal(bodyTypeOf('Application/JSON; charset=utf-8'), 'application/json')
    assert.equal(bodyTypeOf(undefined), 'application/json')
  })
})

test('warnings are quoted, once each, and bounded', () => {
  const warnings = new Warnings()
  warnings.add('say "hi"\nthere')
  warnings.add('say "hi"\nthere')
  assert.deepEqual(warnings.headers(), ['299 - "say \\"hi\\" there"'])
  for (let i = 0; i < 1000; i++) warnings.add(`${i}`.padEnd(300, 'x'))
  const total = warnings.headers().reduce((sum, h) => sum + h.length, 0)
  assert.ok(total < 16 * 1024, String(total))
})
