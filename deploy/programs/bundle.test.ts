// Bundles: what a source names by its own place must be found beside the bundle, and a change of a source must make another one.
import assert from 'node:assert/strict'
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { test } from 'node:test'
import { entries } from './bundle.ts'
import { folders, sourcesState } from './sources.ts'

const checkout = join(import.meta.dirname, '../..')

test('sources name nothing by their own place but programs that are bundled beside them', () => {
  const beside = new Set<string>(Object.values(entries).flatMap((group) => Object.values(group).map((path) => basename(path))))
  for (const folder of folders)
    for (const { parentPath, name } of readdirSync(join(checkout, folder), { recursive: true, withFileTypes: true })) {
      if (!name.endsWith('.ts') || name.endsWith('.test.ts')) continue
      const text = readFileSync(join(parentPath, name), 'utf8')
      const known = text.replaceAll(/new URL\('\.\/([a-z-]+\.ts)', import\.meta\.url\)/g, (all, file: string) =>
        beside.has(file) ? '' : all,
      )
      assert.ok(!known.includes('import.meta'), `${join(parentPath, name)}: import.meta is another place in a bundle`)
    }
})

test('bundles have of zod what is used, not its ten megabytes', () => {
  for (const folder of folders.filter((name) => name !== 'api'))
    for (const { parentPath, name } of readdirSync(join(checkout, folder), { recursive: true, withFileTypes: true })) {
      if (!name.endsWith('.ts') || name.endsWith('.test.ts')) continue
      const text = readFileSync(join(parentPath, name), 'utf8')
      assert.ok(!/^import \{.*\bz\b.*\} from 'zod'/m.test(text), `${join(parentPath, name)}: say import * as z`)
    }
})

test('a bundle is of one state of the sources', () => {
  const copy = mkdtempSync(join(tmpdir(), 'typernetes-sources-'))
  try {
    for (const folder of folders) mkdirSync(join(copy, folder))
    mkdirSync(join(copy, 'deploy/programs'), { recursive: true })
    for (const file of ['package.json', 'package-lock.json', 'deploy/programs/bundle.ts']) cpSync(join(checkout, file), join(copy, file))
    const source = join(copy, 'api/a.ts')
    writeFileSync(source, '1')
    const before = sourcesState(copy)
    writeFileSync(join(copy, 'api/a.test.ts'), '')
    assert.equal(sourcesState(copy), before)
    writeFileSync(source, '12')
    assert.notEqual(sourcesState(copy), before)
  } finally {
    rmSync(copy, { recursive: true })
  }
})
