import assert from 'node:assert/strict'
import { existsSync, mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { hostPathVolume } from './host-path.ts'
import { type VolumeContext, VolumeError } from './volume.ts'

const folder = mkdtempSync(join(tmpdir(), 'host-path-'))
const server = createServer().listen(join(folder, 'socket'))
after(() => {
  server.close()
  rmSync(folder, { recursive: true })
})
mkdirSync(join(folder, 'directory'))
writeFileSync(join(folder, 'file'), '')
symlinkSync('directory', join(folder, 'link'))

const setUp = (path: string, type: string) => hostPathVolume.setUp({ name: 'v', hostPath: { path, type } }, {} as VolumeContext)
const refused = (path: string, type: string, what: string) =>
  assert.rejects(setUp(path, type), new VolumeError(`hostPath type check failed: ${path} is not a ${what}`))

test('what is there must be what the type says', async () => {
  const at = (name: string): string => join(folder, name)
  for (const [name, type] of [
    ['none', ''],
    ['directory', 'Directory'],
    ['link', 'Directory'],
    ['directory', 'DirectoryOrCreate'],
    ['file', 'File'],
    ['file', 'FileOrCreate'],
    ['socket', 'Socket'],
  ] as const)
    assert.equal(await setUp(at(name), type), at(name), `${name} ${type}`)
  assert.equal(await setUp('/dev/null', 'CharDevice'), '/dev/null')
  await refused(at('none'), 'Directory', 'directory')
  await refused(at('file'), 'Directory', 'directory')
  await refused(at('file'), 'DirectoryOrCreate', 'directory')
  await refused(at('directory'), 'File', 'file')
  await refused(at('directory'), 'FileOrCreate', 'file')
  await refused(at('file'), 'Socket', 'socket file')
  await refused(at('file'), 'CharDevice', 'character device')
  await refused('/dev/null', 'BlockDevice', 'block device')
})

test('what may be made is made, but for the folder of a file', async () => {
  await setUp(join(folder, 'a/b'), 'DirectoryOrCreate')
  assert.equal(statSync(join(folder, 'a/b')).mode & 0o777, 0o755)
  await setUp(join(folder, 'a/c'), 'FileOrCreate')
  assert.equal(statSync(join(folder, 'a/c')).mode & 0o777, 0o644)
  await assert.rejects(setUp(join(folder, 'x/y'), 'FileOrCreate'))
  assert.equal(existsSync(join(folder, 'x')), false)
})

test('a path never climbs', async () => {
  await assert.rejects(setUp('/etc/../root', ''), new VolumeError("invalid HostPath `/etc/../root`: must not contain '..'"))
})
