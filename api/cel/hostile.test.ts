// Whatever the text, compiling and running it answers within bounds and never throws.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compileExpression } from './compile.ts'
import { typeOfSchema, withTypeNames } from './decl-type.ts'
import { celEnvironment } from './environment.ts'
import { costLimits } from './program.ts'
import { schemaValue } from './schema-value.ts'

const schema = {
  type: 'object',
  properties: {
    text: { type: 'string' },
    list: { type: 'array', items: { type: 'string' } },
    any: { 'x-kubernetes-int-or-string': true },
    map: { type: 'object', additionalProperties: { type: 'integer' } },
  },
}
const decl = withTypeNames(typeOfSchema(schema, false) ?? assert.fail('the schema has no type'), 'selfType')
const env = celEnvironment({ variables: { self: decl }, bounds: decl })
const self = schemaValue(JSON.parse('{"text": "aaa", "list": ["x", "y"], "any": 1, "map": {"__proto__": 1, "constructor": 2}}'), schema)

/** Compiles, estimates and runs; answers the error or the value. */
function run(text: string): unknown {
  const compiled = compileExpression(text, env)
  if (!compiled.ok) return compiled.error
  const { min, max } = compiled.program.estimatedCost
  assert.ok(min >= 0 && max >= 0, text)
  const outcome = compiled.program.evaluate({ self }, costLimits.perCall)
  return outcome.ok ? outcome.value : outcome.error
}

/** Numbers that come again in every run (mulberry32). */
function random(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

const pieces =
  `self self.text self.list self.any self.map dyn(self) 1 2u -3 1.5 0x1F 'a' "b" b'c' r'\\d' """x""" true false null [ ] { } ( ) . , : ? ?. [? + - * / % == != < <= > >= && || ! in
  .all(x,x) .exists(k,v,true) .map(y,y) .filter(z,true) .sortBy(e,e) .matches('a') .split('') .format([1]) .size() .?a .orValue(1) has( has(self.text) size( optional.of( quantity('1') ip('::1')
  cidr( url('http://a') semver( duration('1h') timestamp('2024-01-01T00:00:00Z') .getHours('Asia/Tokyo') lists.range(9) sets.contains( format.uuid() .validate( __proto__ constructor \u{1f600} é \`a\` @ # $ \\ ' " // \n \t \0`.split(
    /[ \n]+/,
  )

test('random texts', () => {
  const next = random(7)
  for (let round = 0; round < 6000; round++) {
    const parts = Array.from({ length: 1 + Math.floor(next() * 12) }, () => pieces[Math.floor(next() * pieces.length)])
    run(parts.join(next() < 0.5 ? ' ' : ''))
  }
})

/** Text → the beginning of what is answered. */
const known: readonly [string, string, string][] = [
  ['deep parentheses', `${'('.repeat(20_000)}1${')'.repeat(20_000)}`, 'ERROR: <input>:-1:0: expression recursion limit exceeded: 250'],
  ['deep lists', '['.repeat(50_000), 'ERROR: <input>:-1:0: expression recursion limit exceeded: 250'],
  ['many signs', `${'!'.repeat(90_000)}true`, 'true'],
  ['long sums', `1${'+1'.repeat(40_000)}`, 'ERROR: <input>:-1:0: max recursion depth exceeded'],
  ['long text', 'a'.repeat(100_001), 'ERROR: <input>:-1:0: expression code point size exceeds limit: size: 100001, limit 100000'],
  ['an open string', `'${'\\n'.repeat(40_000)}`, "ERROR: <input>:1:1: Syntax error: token recognition error at: '"],
  ['nothing but errors', '1 1 '.repeat(5000), 'ERROR: <input>:-1:0: error recovery token lookahead limit exceeded: 256'],
  ['a huge range', 'lists.range(9223372036854775807).size() > 0', 'operation cancelled: actual cost limit exceeded'],
  ['nested ranges', 'lists.range(2000).all(i, lists.range(2000).all(j, i + j >= 0))', 'operation cancelled: actual cost limit exceeded'],
  ['doubling text', `'a'${".replace('', 'bbbbbbbb')".repeat(12)}.size() > 0`, 'operation cancelled: actual cost limit exceeded'],
  [
    'a pattern that backtracks',
    "self.text.matches('^(a+)+$') && !('a'.replace('a', 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa') + 'b').matches('^(a+)+$')",
    'true',
  ],
  ['members of every object', 'self.map.__proto__ == 1 && self.map.constructor == 2 && !has(self.map.toString)', 'true'],
]

for (const [name, text, answer] of known) {
  test(`bounded: ${name}`, () => {
    const began = process.cpuUsage()
    assert.equal(String(run(text)).slice(0, answer.length), answer)
    assert.ok(process.cpuUsage(began).user < 10_000_000)
  })
}
