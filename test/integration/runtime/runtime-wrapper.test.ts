/** The OCI runtime wrapper on its own, with a runc that does nothing: what it makes of a container's config.json. */
import assert from 'node:assert/strict'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { exec } from '#component/exec.ts'

const wrapper = fileURLToPath(new URL('../../../kubelet/runtime/sandbox/typernetes-runc.sh', import.meta.url))
const skip = process.getuid?.() !== 0 ? 'needs root' : existsSync('/usr/bin/setpriv') ? false : 'needs setpriv (util-linux)'
const bundle = mkdtempSync(join(tmpdir(), 'bundle-'))
const id = `wrapper-test-${process.pid}`
const told = join('/run/typernetes/containers', id)
after(() => {
  rmSync(bundle, { recursive: true })
  rmSync(told, { force: true })
})

const all = [...readFileSync(wrapper, 'utf8').matchAll(/^capabilities='([^']*)'/gm)].flatMap(([, names = '']) =>
  names.split(/\s+/).map((name) => `CAP_${name}`),
)

async function made(capabilities: readonly string[]): Promise<{ bounding: string[]; effective: string[] }> {
  mkdirSync('/run/typernetes/containers', { recursive: true })
  writeFileSync(told, 'network=/run/netns/x\n')
  const sets = { bounding: capabilities, effective: capabilities }
  const config = { process: { args: ['"CAP_SYS_BOOT"'], capabilities: sets }, linux: { namespaces: [{ type: 'network' }] } }
  writeFileSync(join(bundle, 'config.json'), JSON.stringify(config))
  await exec(['setpriv', '--bounding-set=-sys_boot,-chown', 'env', 'TYPERNETES_RUNC=true', 'sh', wrapper, 'create', '--bundle', bundle, id])
  const written = JSON.parse(readFileSync(join(bundle, 'config.json'), 'utf8'))
  assert.deepEqual(written.linux.namespaces, [{ type: 'network', path: '/run/netns/x' }])
  assert.deepEqual(written.process.args, ['"CAP_SYS_BOOT"'])
  return written.process.capabilities
}

test('who asks for every capability gets those that there are', { skip }, async () => {
  assert.equal(all.length, 41)
  const { bounding, effective } = await made(all)
  assert.deepEqual(effective, bounding)
  assert.equal(bounding.includes('CAP_SYS_BOOT') || bounding.includes('CAP_CHOWN'), false)
  assert.ok(bounding.includes('CAP_SYS_ADMIN') && bounding.includes('CAP_AUDIT_READ'))
})

test('what is run later in such a container gets as much, and in no other', { skip }, async () => {
  const file = join(bundle, 'process.json')
  const asking = (capabilities: readonly string[]) => ({
    args: ['sh', '"CAP_MAC_ADMIN"'],
    capabilities: { bounding: capabilities, effective: capabilities },
  })
  const executed = async (): Promise<ReturnType<typeof asking>> => {
    writeFileSync(file, JSON.stringify(asking(all)))
    const words = ['--root', '/run/x', 'exec', '--process', file, '--detach', '--pid-file', join(bundle, 'pid'), id]
    await exec(['setpriv', '--bounding-set=-sys_boot,-chown', 'env', '-C', bundle, 'TYPERNETES_RUNC=true', 'sh', wrapper, ...words])
    return JSON.parse(readFileSync(file, 'utf8'))
  }
  const { bounding } = await made(all)
  const { args, capabilities } = await executed()
  assert.deepEqual(args, ['sh', '"CAP_MAC_ADMIN"'])
  assert.deepEqual([capabilities.bounding, capabilities.effective], [bounding, bounding])
  rmSync(join(bundle, 'typernetes-lent'))
  await made(['CAP_CHOWN', 'CAP_SYS_BOOT'])
  assert.deepEqual(await executed(), asking(all))
})

test('who asks for some is not given fewer in silence', { skip }, async () => {
  assert.deepEqual((await made(['CAP_CHOWN', 'CAP_SYS_BOOT'])).bounding, ['CAP_CHOWN', 'CAP_SYS_BOOT'])
})
