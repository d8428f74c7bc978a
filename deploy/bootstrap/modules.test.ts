import assert from 'node:assert/strict'
import { chown, mkdir, mkdtemp, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { giveToOwner, installArguments, modulesComplete } from './modules.mjs'

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

test('folders that root has made in the checkout of another user are given to that user', {
  skip: process.getuid?.() === 0 ? false : 'needs root',
}, async () => {
  const [uid, gid] = [54_321, 54_322]
  const ofAnother = await mkdtemp(join(checkout, 'another-'))
  const folders = ['node_modules/.cache', 'node_modules/.cache/compile', 'node_modules/.cache/compile/version']
  await mkdir(join(ofAnother, folders[2] ?? ''), { recursive: true })
  giveToOwner(ofAnother)
  const owners = () => Promise.all(folders.map(async (folder) => (await stat(join(ofAnother, folder))).uid))
  assert.deepEqual(await owners(), [0, 0, 0], 'root keeps what is in its own checkout')
  await chown(ofAnother, uid, gid)
  giveToOwner(ofAnother)
  assert.deepEqual(await owners(), [uid, uid, uid])
})
