import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { readInside } from './image-users.ts'

const root = mkdtempSync(join(tmpdir(), 'image-users-'))
after(() => rmSync(root, { recursive: true }))
writeFileSync(join(root, 'outside'), 'not in the image')
mkdirSync(join(root, 'image'), { recursive: true })
const image = join(root, 'image')
mkdirSync(join(image, 'store/deep'), { recursive: true })
writeFileSync(join(image, 'store/group'), 'joe')
symlinkSync('/store', join(image, 'etc'))
symlinkSync('../group', join(image, 'store/deep/up'))
symlinkSync('/../../outside', join(image, 'store/escaping'))
symlinkSync('circle', join(image, 'store/circle'))

const table: [path: string, text: string][] = [
  ['/etc/group', 'joe'],
  ['/etc/deep/up', 'joe'],
  ['/etc/escaping', ''],
  ['/etc/circle', ''],
  ['/etc/passwd', ''],
  ['/etc/group/below', ''],
  ['/etc', ''],
]
for (const [path, text] of table) test(`${path} as the image means it`, () => assert.equal(readInside(image, path), text))
