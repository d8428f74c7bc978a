// Expressions with what upstream (cel-go in Kubernetes' environment) makes of them: errors with positions, types, costs and values.
// testdata/upstream.jsonl holds a schema and an object in its first line, and then one expression per line with upstream's answer.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { goQuote } from '#api/meta/go-quote.ts'
import { compileExpression } from './compile.ts'
import { type CelSchema, typeOfSchema, withTypeAndObjectMeta, withTypeNames } from './decl-type.ts'
import { plainDouble } from './double-text.ts'
import { celEnvironment } from './environment.ts'
import { formatSeconds, formatTimestamp } from './instant.ts'
import { costLimits } from './program.ts'
import { schemaValue } from './schema-value.ts'
import { formatType, optionalType } from './type.ts'
import { Bytes, CelList, CelMap, type CelValue, Duration, elementsOf, Optional, Timestamp, TypeValue, Uint } from './value.ts'

interface Answer {
  expression: string
  /** It does not compile. */
  error?: string
  type?: string
  /** It compiles, but no program can be made of it. */
  fault?: string
  /** Estimated cost; `max` is the largest 64-bit number. */
  min?: string
  max?: string
  cost?: number
  value?: string
  /** The evaluation fails. */
  failure?: string
}

const [first = '', ...lines] = readFileSync(join(import.meta.dirname, 'testdata/upstream.jsonl'), 'utf8')
  .trim()
  .split('\n')
const { schema, self: object } = JSON.parse(first) as { schema: CelSchema; self: unknown }
const answers = lines.map((line) => JSON.parse(line) as Answer)

const decl = withTypeNames(typeOfSchema(schema, true) ?? assert.fail('the schema has no type'), 'selfType')
const env = celEnvironment({ variables: { self: decl, oldSelf: optionalType(decl.type) }, bounds: decl })
const self = schemaValue(object, withTypeAndObjectMeta(schema))

const estimate = (cost: number): string => (cost >= 2 ** 64 ? 'max' : BigInt(cost).toString())

/** A value as CEL writes it. */
function literal(value: CelValue): string {
  if (typeof value === 'string') return goQuote(value)
  if (typeof value === 'number') return doubleLiteral(value)
  if (value instanceof Uint) return `${value.value}u`
  if (value instanceof Bytes) return `b"${[...value.bytes].map((byte) => `\\${byte.toString(8).padStart(3, '0')}`).join('')}"`
  if (value instanceof Timestamp) return `timestamp("${formatTimestamp(new Timestamp(value.nanos))}")`
  if (value instanceof Duration) return `duration("${formatSeconds(value)}")`
  if (value instanceof TypeValue) return value.name
  if (value instanceof Optional) return value.value === undefined ? 'optional.none()' : `optional.of(${literal(value.value)})`
  if (value instanceof CelList) return `[${elementsOf(value).map(literal).join(', ')}]`
  if (value instanceof CelMap)
    return `{${value
      .keys()
      .map((key) => `${literal(key)}: ${literal(value.find(key) ?? null)}`)
      .join(', ')}}`
  return String(value)
}

function doubleLiteral(value: number): string {
  if (Number.isNaN(value)) return 'double("NaN")'
  if (!Number.isFinite(value)) return `double("${value < 0 ? '-' : ''}Infinity")`
  const text = plainDouble(value)
  return text.includes('.') ? text : `${text}.0`
}

/** Largest numbers are doubles to us. */
const near = (ours: string, theirs: string | undefined): boolean =>
  ours === theirs || Math.abs(Number(ours) - Number(theirs)) <= Number(theirs) * 1e-12

function answerTo(expression: string, theirs: Answer): Answer {
  const compiled = compileExpression(expression, env)
  if (!compiled.ok) return { expression, error: compiled.error }
  const { program } = compiled
  const type = formatType(program.outputType)
  if (program.fault !== undefined) return { expression, type, fault: program.fault }
  const [min, max] = [estimate(program.estimatedCost.min), estimate(program.estimatedCost.max)]
  const outcome = program.evaluate({ self }, costLimits.perCall)
  return {
    expression,
    type,
    min: near(min, theirs.min) ? (theirs.min ?? min) : min,
    max: near(max, theirs.max) ? (theirs.max ?? max) : max,
    cost: outcome.cost,
    ...(outcome.ok ? { value: literal(outcome.value) } : { failure: outcome.error }),
  }
}

test(`${answers.length} expressions are answered as upstream answers them`, () => {
  assert.ok(answers.length > 1000)
  for (const theirs of answers) assert.deepEqual(answerTo(theirs.expression, theirs), theirs)
})
