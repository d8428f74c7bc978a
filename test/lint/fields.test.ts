// No field is ignored in silence: support.txt says of each what the project does with it, and docs/fields.md is made from that.
import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { fieldsPage } from '#test/fields/page.ts'
import { parseNotes, podFieldsPage, strayNotes } from '#test/fields/pod-page.ts'
import { gaps, messagesBelow, type Program, parseSupport, tops } from '#test/fields/support.ts'

const checkout = dirname(dirname(import.meta.dirname))
const support = parseSupport(readFileSync(join(checkout, 'test/fields/support.txt'), 'utf8'))
const kinds = tops()
const messages = [...new Set(kinds.flatMap(({ root }) => [...messagesBelow(root)]))]

test('every field of every kind is spoken of, and no other', () => {
  assert.ok(messages.length > 450)
  assert.deepEqual(gaps(support, messages), [])
})

test('a field that is missing, unknown or said to be both is found', () => {
  const [pod] = messages.filter((message) => message.name === 'io.k8s.api.core.v1.Pod')
  assert.ok(pod)
  const text = 'io.k8s.api.core.v1.Pod\n  kubelet: spec kind apiVersion\n  kubelet sets: status\n  stored: spec other\n'
  assert.deepEqual(gaps(parseSupport(text), [pod]), [
    'io.k8s.api.core.v1.Pod.metadata: nothing is said of it',
    'io.k8s.api.core.v1.Pod.spec: acted on and stored only',
    'io.k8s.api.core.v1.Pod.other: no such field',
  ])
  assert.throws(() => parseSupport('a.B\n  kublet: x\n'), /line 2/)
})

test('docs/fields.md is what npm run fields writes', () => {
  assert.ok(fieldsPage(support, kinds) === readFileSync(join(checkout, 'docs/fields.md'), 'utf8'), 'run npm run fields')
})

test('docs/pod-fields.md is what npm run fields writes, and its notes are about fields of pods', () => {
  const notes = parseNotes(readFileSync(join(checkout, 'test/fields/pod-notes.txt'), 'utf8'))
  assert.deepEqual(strayNotes(notes), [])
  assert.ok(podFieldsPage(support, notes) === readFileSync(join(checkout, 'docs/pod-fields.md'), 'utf8'), 'run npm run fields')
})

test('a program acts on no field whose name its sources do not know', () => {
  /** Rules of api/ that programs other than the apiserver share. */
  const rules = 'client/**/*.ts,api/core/rules/*.ts,api/quota/*.ts,api/meta/*.ts'
  const words = (pattern: string): ReadonlySet<string> =>
    new Set(
      globSync(pattern, { cwd: checkout })
        .filter((path) => !path.endsWith('.test.ts'))
        .flatMap((path) => readFileSync(join(checkout, path), 'utf8').match(/[\w$-]+/g) ?? []),
    )
  const known = new Map<Program, ReadonlySet<string>>()
  const knownTo = (program: Program): ReadonlySet<string> => {
    const found = known.get(program) ?? words(`{${program}/**/*.ts,${program === 'apiserver' ? 'api/**/*.ts' : rules}}`)
    known.set(program, found)
    return found
  }
  const wrong = [...support].flatMap(([name, { uses }]) =>
    uses.flatMap(({ program, fields }) =>
      fields.filter((field) => !knownTo(program).has(field)).map((field) => `${name}.${field}: ${program} does not read it`),
    ),
  )
  assert.deepEqual(wrong, [])
})
