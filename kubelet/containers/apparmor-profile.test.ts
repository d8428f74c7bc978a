import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { checkApparmor, hasProfile } from './apparmor-profile.ts'

const text = 'k8s-test (enforce)\ndocker-default (enforce)\nwith a blank (complain)\n'

test('profiles that the kernel knows', () => {
  for (const name of ['k8s-test', 'docker-default', 'with a blank']) assert.ok(hasProfile(text, name), name)
  for (const name of ['k8s', 'k8s-test (enforce)', 'with', '', 'other']) assert.ok(!hasProfile(text, name), name)
})

test('a profile that is not loaded is refused; where nobody tells, none is', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'apparmor-'))
  t.after(() => rmSync(folder, { recursive: true }))
  writeFileSync(join(folder, 'profiles'), text)
  checkApparmor('k8s-test', join(folder, 'profiles'))
  assert.throws(() => checkApparmor('other', join(folder, 'profiles')), { message: 'apparmor profile not found other', code: 'other' })
  checkApparmor('other', join(folder, 'none'))
})
