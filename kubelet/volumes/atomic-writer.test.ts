import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { writeAtomically } from './atomic-writer.ts'
import type { Payload } from './payload.ts'

const folder = mkdtempSync(join(tmpdir(), 'atomic-'))
after(() => rmSync(folder, { recursive: true }))
const payload = (files: Record<string, string>, mode = 0o644): Payload =>
  new Map(Object.entries(files).map(([path, text]) => [path, { data: Buffer.from(text), mode }]))
const now = new Date('2026-11-21T12:00:00.123Z')
const read = (path: string): string => readFileSync(join(folder, path), 'utf8')

test('files are seen through links that lead to one version', () => {
  assert.equal(writeAtomically(folder, payload({ a: '1', 'dir/b': '2' }, 0o400), {}, now), true)
  assert.deepEqual([read('a'), read('dir/b')], ['1', '2'])
  assert.equal(readlinkSync(join(folder, 'a')), '..data/a')
  assert.equal(readlinkSync(join(folder, '..data')), '..2026_11_21_12_00_00.123000000')
  assert.equal(statSync(join(folder, 'dir/b')).mode & 0o777, 0o400)
})

test('the same again changes nothing', () => {
  const before = readlinkSync(join(folder, '..data'))
  assert.equal(writeAtomically(folder, payload({ a: '1', 'dir/b': '2' }, 0o400), {}, new Date()), false)
  assert.equal(readlinkSync(join(folder, '..data')), before)
})

test('a new version replaces all of the old one', () => {
  assert.equal(writeAtomically(folder, payload({ a: '3', c: '4' }), {}, now), true)
  assert.deepEqual([read('a'), read('c')], ['3', '4'])
  assert.deepEqual(readdirSync(folder).sort(), ['..2026_11_21_12_00_00.123000001', '..data', 'a', 'c'])
})
