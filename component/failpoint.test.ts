import assert from 'node:assert/strict'
import { test } from 'node:test'
import { StartupError } from './daemon.ts'
import { parseFailpoint, withFailpoint } from './failpoint.ts'

test('a failpoint ends the process before or after the nth use of one entry', async () => {
  const told: string[] = []
  const record = { one: async () => void told.push('one'), two: async () => void told.push('two') }
  const die = (): void => void told.push('dies')
  const calls = async (text: string): Promise<string> => {
    told.length = 0
    const wrapped = withFailpoint(record, parseFailpoint(text), die)
    await wrapped.one()
    await wrapped.two()
    await wrapped.two()
    return told.join(' ')
  }
  assert.equal(await calls(''), 'one two two')
  assert.equal(await calls('before:two'), 'one dies two two')
  assert.equal(await calls('after:one'), 'one dies two two')
  assert.equal(await calls('before:two:2'), 'one two dies two')
})

test('a failpoint that means nothing is refused at start', () => {
  assert.throws(() => withFailpoint({}, { when: 'before', name: 'none', count: 1 }), StartupError)
  assert.throws(() => parseFailpoint('two'), /before:<name>/)
  assert.equal(parseFailpoint(undefined), undefined)
})
