/** subPath mounts with real bind mounts: what is made on the way is as open as the volume, and no link leads out of it. */
import assert from 'node:assert/strict'
import { chmodSync, mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { exec } from '#component/exec.ts'
import { bindSubPath } from '#kubelet/volumes/sub-path.ts'

const skip = process.getuid?.() === 0 ? false : 'bind mounts need root'
const root = mkdtempSync(join(tmpdir(), 'sub-path-'))
const mounted: string[] = []
after(async () => {
  for (const target of mounted) await exec(['umount', target])
  rmSync(root, { recursive: true })
})

test('directories made for a subPath are as open as the volume', { skip }, async () => {
  const volume = join(root, 'volume')
  mkdirSync(volume)
  chmodSync(volume, 0o2777)
  const target = await bindSubPath(volume, 'some/deep', join(root, 'targets', '0'))
  mounted.push(target)
  assert.equal(statSync(join(volume, 'some')).mode & 0o7777, 0o2777)
  assert.equal(statSync(target).mode & 0o7777, 0o2777)
})

test('a link out of the volume is refused', { skip }, async () => {
  const volume = join(root, 'other')
  mkdirSync(volume)
  symlinkSync('/etc', join(volume, 'out'))
  await assert.rejects(bindSubPath(volume, 'out/ssl', join(root, 'targets', '1')), /not within volume path/)
})
