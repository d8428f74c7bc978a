/** subPath mounts with real bind mounts: what is made on the way is as open as the volume, and no link leads out of it. */
import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import {
  chmodSync,
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { exec } from '#component/exec.ts'
import { isMountPoint, unmountBelow } from '#kubelet/volumes/mounts.ts'
import { bindSubPath, openInside } from '#kubelet/volumes/sub-path.ts'

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

test('a file that was swapped for a newer one is bound anew', { skip }, async () => {
  const volume = join(root, 'swapped')
  const target = join(root, 'targets', '2')
  mkdirSync(volume)
  for (const version of ['1', '2']) {
    mkdirSync(join(volume, `..${version}`))
    writeFileSync(join(volume, `..${version}`, 'word'), version)
    rmSync(join(volume, 'word'), { force: true })
    symlinkSync(`..${version}/word`, join(volume, 'word'))
    for (let again = 0; again < 2; again++) await bindSubPath(volume, 'word', target)
    assert.equal(readFileSync(target, 'utf8'), version)
  }
  mounted.push(target)
  rmSync(join(volume, 'word'))
  mkdirSync(join(volume, 'word'))
  await bindSubPath(volume, 'word', target)
  assert.ok(statSync(target).isDirectory())
  const table = readFileSync('/proc/self/mounts', 'utf8')
  assert.equal(table.split('\n').filter((line) => line.includes(target)).length, 1)
})

test('mounts are found, and taken away, through a link to the kubelet’s root', { skip }, async () => {
  mkdirSync(join(root, 'disk/pod/volume'), { recursive: true })
  symlinkSync('disk', join(root, 'linked'))
  const at = join(root, 'linked/pod/volume')
  assert.equal(isMountPoint(at), false)
  for (let i = 0; i < 2; i++) await exec(['mount', '-t', 'tmpfs', 'tmpfs', at])
  assert.equal(isMountPoint(at), true)
  await unmountBelow(join(root, 'linked/pod'))
  assert.equal(isMountPoint(at), false)
})

/** Swaps `at` between a folder and a link to `outside` as fast as it can, like a container that races the kubelet. */
function racing(at: string, outside: string): ChildProcess {
  const script = `
    const fs = require('node:fs')
    fs.symlinkSync(${JSON.stringify(outside)}, ${JSON.stringify(`${at}-link`)})
    for (;;) {
      try { fs.renameSync(${JSON.stringify(at)}, ${JSON.stringify(`${at}-folder`)}) } catch {}
      try { fs.renameSync(${JSON.stringify(`${at}-link`)}, ${JSON.stringify(at)}) } catch {}
      try { fs.renameSync(${JSON.stringify(at)}, ${JSON.stringify(`${at}-link`)}) } catch {}
      try { fs.renameSync(${JSON.stringify(`${at}-folder`)}, ${JSON.stringify(at)}) } catch {}
      try { fs.rmdirSync(${JSON.stringify(`${at}/made`)}) } catch {}
    }`
  return spawn(process.execPath, ['-e', script], { stdio: 'ignore' })
}

test('a link that is swapped in while the path is walked leads nowhere', { skip, timeout: 60_000 }, async () => {
  const volume = join(root, 'raced')
  const outside = join(root, 'outside')
  mkdirSync(join(volume, 'dir'), { recursive: true })
  mkdirSync(outside, { mode: 0o700 })
  chmodSync(volume, 0o777)
  const other = racing(join(volume, 'dir'), outside)
  const outcomes = { inside: 0, refused: 0 }
  try {
    while (!existsSync(join(volume, 'dir-link')) && !existsSync(join(volume, 'dir-folder'))) await new Promise(setImmediate)
    // Both processes have to have had their turns.
    const isEnough = (turns: number): boolean => turns >= 10_000 && outcomes.inside > 0 && outcomes.refused > 0
    const deadline = Date.now() + 50_000
    for (let turns = 0; !isEnough(turns) && Date.now() < deadline; turns++) {
      let handle: number
      try {
        handle = openInside(volume, 'dir/made', { create: true })
      } catch {
        outcomes.refused++
        continue
      }
      const reached = readlinkSync(`/proc/self/fd/${handle}`)
      closeSync(handle)
      assert.ok(reached.startsWith(`${volume}/`), reached)
      outcomes.inside++
    }
  } finally {
    other.kill('SIGKILL')
  }
  assert.deepEqual(readdirSync(outside), [])
  assert.equal(statSync(outside).mode & 0o777, 0o700)
  assert.ok(outcomes.inside > 0 && outcomes.refused > 0, JSON.stringify(outcomes))
})
