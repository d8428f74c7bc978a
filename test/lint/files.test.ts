// File names and openings: names say what is inside, and every file says its job in its first comment.
import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { test } from 'node:test'

const checkout = dirname(dirname(import.meta.dirname))
const folders = '{api,client,component,streams,http2,apiserver,scheduler,controller-manager,kubelet,kube-proxy,kubectl,deploy,test}'
const sources = globSync(`${folders}/**/*.ts`, { cwd: checkout })

test('no file is named after a drawer', () => {
  const drawers = new Set(['utils', 'util', 'helpers', 'helper', 'common', 'misc', 'shared', 'types', 'lib'])
  const wrong = sources.filter((path) =>
    path
      .replace(/\.(test\.)?ts$/, '')
      .split('/')
      .some((part) => drawers.has(part)),
  )
  assert.deepEqual(wrong, [])
})

test('an index is a registry, nothing else', () => {
  const registries = ['controllers', 'plugins', 'commands', 'describe', 'volumes']
  const wrong = sources.filter((path) => basename(path) === 'index.ts' && !registries.includes(basename(dirname(path))))
  assert.deepEqual(wrong, [])
})

test('every file opens with a comment on its job', () => {
  const wrong = sources.filter(
    (path) => !path.endsWith('.test.ts') && !/^(#![^\n]*\n)?\s*(\/\*\*|\/\/)/.test(readFileSync(join(checkout, path), 'utf8')),
  )
  assert.deepEqual(wrong, [])
})

test('nothing is left for later in the code', () => {
  const wrong = sources
    .filter((path) => path !== 'test/lint/files.test.ts')
    .filter((path) => /\b(TODO|FIXME|XXX)\b/.test(readFileSync(join(checkout, path), 'utf8')))
  assert.deepEqual(wrong, [])
})
