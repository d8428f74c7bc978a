// A kind, a controller, a scheduler plug-in or a command is one file and one line in its registry: no file may be forgotten there.
import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { test } from 'node:test'

const checkout = dirname(dirname(import.meta.dirname))
const read = (path: string): string => readFileSync(join(checkout, path), 'utf8')

interface Registry {
  what: string
  registry: string
  files: string
  /** What a file of this kind exports; files beside them that export something else are parts of it. */
  exports: RegExp
}

const registries: readonly Registry[] = [
  {
    what: 'kind',
    registry: 'api/scheme.ts',
    files: 'api/*/*.ts',
    exports: /^export const \w+(: Resource<| = \{[^}]*\} satisfies Resource)/m,
  },
  {
    what: 'controller',
    registry: 'controller-manager/controllers/index.ts',
    files: 'controller-manager/controllers/{*.ts,*/*.ts}',
    exports: /^export (const|function) \w+(\([^)]*\))?: Controller\b/m,
  },
  {
    what: 'scheduler plug-in',
    registry: 'scheduler/plugins/index.ts',
    files: 'scheduler/plugins/*.ts',
    exports: /^export const \w+: \w*Plugin\b/m,
  },
  {
    what: 'command',
    registry: 'kubectl/commands/index.ts',
    files: 'kubectl/commands/{*.ts,*/*.ts}',
    exports: /^export const \w+(: (Any)?Command\b| = (define)?[cC]ommand\()/m,
  },
]

for (const { what, registry, files, exports } of registries) {
  const found = globSync(files, { cwd: checkout }).filter(
    (path) => !path.endsWith('.test.ts') && path !== registry && exports.test(read(path)),
  )
  test(`every ${what} stands in ${registry}`, { skip: found.length === 0 && `no ${what} here yet` }, () => {
    const text = read(registry)
    const folder = dirname(registry)
    const missing = found.filter((path) => !text.includes(`'./${path.slice(folder.length + 1)}'`))
    assert.deepEqual(missing, [])
  })
}
