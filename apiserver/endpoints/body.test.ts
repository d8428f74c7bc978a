import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ApiError } from '#api/meta/status.ts'
import { yamlToJson } from './body.ts'

const codeOf = (text: string): number => {
  try {
    yamlToJson(Buffer.from(text))
    return 200
  } catch (error) {
    if (error instanceof ApiError) return error.code
    throw error
  }
}

test('YAML that would keep the server busy is refused', () => {
  const anchors = Array.from({ length: 20_000 }, (_, i) => `k${i}: &a${i} v\nj${i}: *a${i}`).join('\n')
  const table: readonly [string, string, number][] = [
    ['an alias for each anchor', anchors, 400],
    ['a few aliases', 'a: &a {x: 1}\nb: *a\nc: *a', 200],
    [
      'aliases of aliases',
      'a: &a [x,x]\n'.concat(...'bcdefghijkl'.split('').map((c, i) => `${c}: &${c} [${Array(9).fill(`*${'abcdefghijkl'[i]}`)}]\n`)),
      400,
    ],
    ['an anchor in itself', 'a: &a [*a]', 400],
    ['depth', '['.repeat(50_000), 400],
    ['length', `a: ${'x'.repeat(1024 * 1024)}`, 413],
    ['keys that are lists', '? [a, b]\n: c', 200],
  ]
  for (const [name, text, code] of table) assert.equal(codeOf(text), code, name)
})
