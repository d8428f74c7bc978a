import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseEnvFile } from './env-file.ts'

const file = `# made by init
A='1'
  B='two words'   # a comment

LONG='first
  # second
third'
EMPTY=''
LOOSE= 'x'
C='it $HOME \\n'
`

test('values stand in single quotes, as they are', () => {
  const expected = { A: '1', B: 'two words', LONG: 'first\n  # second\nthird', EMPTY: '', LOOSE: '', C: 'it $HOME \\n', MISSING: '' }
  for (const [key, value] of Object.entries(expected)) assert.equal(parseEnvFile(file, key), value, key)
})

test('what is not of the form is told with its line', () => {
  const cases: Record<string, string> = {
    "A='1'\nB": "invalid environment variable format at line 2: missing '='",
    "='1'": 'invalid environment variable format at line 1: empty variable name',
    "A ='1'": "invalid environment variable format at line 1: whitespace before '=' is not allowed",
    'A=1': 'invalid environment variable format at line 1: value must be enclosed in single quotes',
    'A=': 'invalid environment variable format at line 1: value must be enclosed in single quotes',
    "A='1' x": 'invalid environment variable format at line 1: unexpected content after closing quote',
    "\nA='1\n2": 'invalid environment variable format starting at line 2: unclosed single quote',
  }
  for (const [text, message] of Object.entries(cases)) assert.throws(() => parseEnvFile(text, 'Z'), { message })
})

test('what stands behind the key is not judged', () => {
  assert.equal(parseEnvFile("A='1'\nnonsense", 'A'), '1')
})
