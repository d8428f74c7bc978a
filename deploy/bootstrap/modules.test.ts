import assert from 'node:assert/strict'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { installArguments, modulesComplete } from './modules.mjs'

const checkout = await mkdtemp(join(tmpdir(), 'modules-'))
after(() => rm(checkout, { recursive: true }))

const locked = { 'node_modules/ws': { version: '2.0.0' }, 'node_modules/biome': { version: '1.0.0', dev: true } }

async function install(packages: object): Promise<void> {
  await mkdir(join(checkout, 'node_modules/.bin'), { recursive: true })
  await writeFile(join(checkout, 'node_modules/.bin/node'), '')
  await writeFile(join(checkout, 'package-lock.json'), JSON.stringify({ packages: { '': {}, ...locked } }))
  await writeFile(join(checkout, 'node_modules/.package-lock.json'), JSON.stringify({ packages }))
}

const omits = (dev: boolean) => installArguments(checkout, { dev }).includes('--omit=dev')

test('start wants no tools for tests, and keeps those that are there when the lock file has changed', async () => {
  assert.equal(modulesComplete(checkout, { dev: false }), false)
  assert.equal(omits(false), true)
  await install({ 'node_modules/ws': locked['node_modules/ws'] })
  assert.equal(modulesComplete(checkout, { dev: false }), true)
  assert.equal(modulesComplete(checkout, { dev: true }), false)
  assert.equal(omits(false), true)
  assert.equal(omits(true), false)
  await install({ ...locked, 'node_modules/ws': { version: '1.0.0' } })
  assert.equal(modulesComplete(checkout, { dev: false }), false)
  assert.equal(omits(false), false)
})
