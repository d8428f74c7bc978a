import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { describe, test } from 'node:test'
import { canonical } from '#api/canonical.ts'
import { decodeMessage as decodeJson } from '#api/decode.ts'
import { optionalResources } from '#api/optional-kinds.ts'
import { apiVersionOf } from '#api/resource.ts'
import { resources } from '#api/scheme.ts'
import { decodeMessage } from './decode-object.ts'
import { encodeMessage } from './encode-object.ts'
import { type CorpusKind, corpusOf } from './field-corpus.ts'
import { wireKinds } from './kinds.ts'

/** SHA-256 over what upstream's encoder makes of the corpus: the messages' own digests, sorted. */
const golden = JSON.parse(readFileSync(new URL('./corpus.golden.json', import.meta.url), 'utf8')) as Record<string, string>

/** Of kinds that are off by default new ones may come before somebody has upstream's encoder at hand. */
const isOptional = (kind: CorpusKind): boolean => /(alpha|beta)/.test(kind.version)

function kinds(): CorpusKind[] {
  const others = Object.entries(wireKinds).map(([key, schema]): CorpusKind => {
    const [version = '', group = ''] = key.split('/').slice(0, -1).reverse()
    return { group, version, kind: key.slice(key.lastIndexOf('/') + 1), schema }
  })
  return [...resources, ...optionalResources(), ...others]
}

const sha = (bytes: Buffer | string): string => createHash('sha256').update(bytes).digest('hex')

describe('every field of every kind', () => {
  for (const kind of kinds()) {
    const name = `${apiVersionOf(kind)}/${kind.kind}`
    const known = golden[name]
    if (known !== undefined)
      test(`${name} is encoded as upstream encodes it`, () => {
        const digests = [...corpusOf(kind)].map((object) => sha(encodeMessage(object, kind.schema)))
        assert.equal(sha(digests.sort().join('\n')), known)
      })
    test(`${name} is decoded as JSON would have given it`, () => {
      for (const object of corpusOf(kind)) {
        const fromJson = canonical(decodeJson(structuredClone(object), kind.schema).object, kind.schema)
        const { object: decoded, unknownFields } = decodeMessage(encodeMessage(fromJson as never, kind.schema), kind.schema)
        const given = decodeJson({ kind: kind.kind, apiVersion: apiVersionOf(kind), ...decoded }, kind.schema)
        assert.deepEqual(given.problems, [])
        assert.equal(JSON.stringify(canonical(given.object, kind.schema)), JSON.stringify(fromJson))
        assert.equal(unknownFields, 0)
      }
    })
  }
  test('every kind that is on by default was compared with upstream', () => {
    const missing = kinds()
      .filter((kind) => !isOptional(kind))
      .map((kind) => `${apiVersionOf(kind)}/${kind.kind}`)
      .filter((name) => golden[name] === undefined)
    assert.deepEqual(missing, [])
  })
  test('what upstream encoded is all here', () => {
    const names = new Set(kinds().map((kind) => `${apiVersionOf(kind)}/${kind.kind}`))
    assert.deepEqual(
      Object.keys(golden).filter((name) => !names.has(name)),
      [],
    )
  })
})
