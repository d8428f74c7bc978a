import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { rewriteSync } from './rewrite.ts'

const dir = mkdtempSync(join(tmpdir(), 'rewrite-'))
after(() => rmSync(dir, { recursive: true }))

test('a file has the text that was written last, and stays the same file', () => {
  const file = join(dir, 'file')
  rewriteSync(file, 'first', 0o640)
  const { ino, mode } = statSync(file)
  assert.equal(mode & 0o777, 0o640)
  for (const text of ['longer than before', 'short', 'größer', '']) {
    rewriteSync(file, text)
    assert.equal(readFileSync(file, 'utf8'), text)
    assert.equal(statSync(file).ino, ino)
  }
})

test('a folder that is not there is an error', () => {
  assert.throws(() => rewriteSync(join(dir, 'no', 'file'), ''), { code: 'ENOENT' })
})
