import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { writeAtomically } from './atomic-writer.ts'
import type { Payload } from './payload.ts'

const folder = mkdtempSync(join(tmpdir(), 'atomic-'))
after(() => rmSync(folder, { recursive: true }))
const payload = (files: Record<string, string>, mode = 0o644): Payload =>
  new Map(Object.entries(files).map(([path, text]) => [path, { data: Buffer.from(text), mode }]))
const keep = (): void => undefined
const now = new Date('2026-11-21T12:00:00.123Z')
const read = (path: string): string => readFileSync(join(folder, path), 'utf8')

test('files are seen through links that lead to one version', () => {
  assert.equal(writeAtomically(folder, payload({ a: '1', 'dir/b': '2' }, 0o400), keep, now), true)
  assert.deepEqual([read('a'), read('dir/b')], ['1', '2'])
  assert.equal(readlinkSync(join(folder, 'a')), '..data/a')
  assert.equal(readlinkSync(join(folder, '..data')), '..2026_11_21_12_00_00.123000000')
  assert.equal(statSync(join(folder, 'dir/b')).mode & 0o777, 0o400)
})

test('the same again changes nothing', () => {
  const before = readlinkSync(join(folder, '..data'))
  assert.equal(writeAtomically(folder, payload({ a: '1', 'dir/b': '2' }, 0o400), keep, new Date()), false)
  assert.equal(readlinkSync(join(folder, '..data')), before)
})

test('a new version replaces all of the old one', () => {
  assert.equal(writeAtomically(folder, payload({ a: '3', c: '4' }), keep, now), true)
  assert.deepEqual([read('a'), read('c')], ['3', '4'])
  assert.deepEqual(readdirSync(folder).sort(), ['..2026_11_21_12_00_00.123000001', '..data', 'a', 'c'])
})

test('whom the directory belongs to is settled before the new version is seen', () => {
  const before = readlinkSync(join(folder, '..data'))
  const seen: string[] = []
  const own = (directory: string): void => {
    seen.push(readlinkSync(join(directory, '..data')))
    for (const name of readdirSync(directory))
      if (name.startsWith('..2')) chmodSync(join(directory, name, name === before ? 'a' : 'd'), 0o440)
  }
  assert.equal(writeAtomically(folder, payload({ d: '5' }), own, now), true)
  assert.deepEqual(seen, [before])
  assert.equal(statSync(join(folder, 'd')).mode & 0o777, 0o440)
})

test('folders that others are mounted on stay, leftovers of a killed writer go', () => {
  mkdirSync(join(folder, 'nested'))
  mkdirSync(join(folder, '..half-written'))
  const current = readlinkSync(join(folder, '..data'))
  assert.equal(writeAtomically(folder, payload({ d: '5' }, 0o440), keep, now), false)
  assert.deepEqual(readdirSync(folder).sort(), [current, '..data', 'd', 'nested'])
})

test('a writer that is killed half way leaves the old version in force, and the next one cleans up', () => {
  const at = join(folder, 'killed')
  mkdirSync(at)
  writeAtomically(at, payload({ a: 'old', b: 'old' }), keep, now)
  const script = `
    const { writeAtomically } = await import(${JSON.stringify(join(import.meta.dirname, 'atomic-writer.ts'))})
    const file = { data: Buffer.from('new'), mode: 0o644 }
    writeAtomically(${JSON.stringify(at)}, new Map([['a', file], ['c', file]]), () => process.kill(process.pid, 'SIGKILL'), new Date())`
  assert.equal(spawnSync(process.execPath, ['--input-type=module', '-e', script]).signal, 'SIGKILL')
  const seen = (name: string): string => readFileSync(join(at, name), 'utf8')
  assert.deepEqual([seen('a'), seen('b')], ['old', 'old'])
  assert.equal(readdirSync(at).length, 5, 'two versions, the link to one, two names')
  assert.equal(writeAtomically(at, payload({ a: 'new', c: 'new' }), keep, now), true)
  assert.deepEqual([seen('a'), seen('c')], ['new', 'new'])
  assert.deepEqual(
    readdirSync(at)
      .filter((name) => !name.startsWith('..2'))
      .sort(),
    ['..data', 'a', 'c'],
  )
  assert.equal(readdirSync(at).length, 4)
})
