/** The OCI runtime wrapper on its own, with a runc that does nothing: what it makes of a container's config.json, and how it lets one begin. */
import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { exec } from '#component/exec.ts'
import { eventually } from '#test/harness/cluster.ts'

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

async function made(capabilities: readonly string[], hooks: object = {}): Promise<{ bounding: string[]; effective: string[] }> {
  mkdirSync('/run/typernetes/containers', { recursive: true })
  writeFileSync(told, 'network=/run/netns/x\n')
  const sets = { bounding: capabilities, effective: capabilities }
  const config = { process: { args: ['"CAP_SYS_BOOT"'], capabilities: sets }, hooks, linux: { namespaces: [{ type: 'network' }] } }
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

interface Waiting extends Disposable {
  init: ChildProcess
  die: () => void
  isAtFifo: () => boolean
  /** What `start` does: whether runc was asked. */
  start: () => Promise<'let go' | 'runc'>
}

/** A process that waits at its fifo as runc's containers do before they begin, `afterMs` from now. */
async function waiting(afterMs: number): Promise<Waiting> {
  const root = mkdtempSync(join(tmpdir(), 'runc-'))
  const fifo = join(root, id, 'exec.fifo')
  mkdirSync(join(root, id))
  await exec(['mkfifo', fifo])
  const init = spawn('sh', ['-c', 'sleep "$1"; printf 0 >"$2"; echo begun; exec sleep 60', 'sh', String(afterMs / 1000), fifo], {
    detached: true,
  })
  const die = () => process.kill(-(init.pid ?? 0), 'SIGKILL')
  writeFileSync(join(bundle, 'init.pid'), String(init.pid))
  return {
    init,
    die,
    isAtFifo: () => existsSync(fifo),
    start: async () => {
      const words = ['sh', wrapper, '--root', root, '--log', '/dev/null', '--log-format', 'json', 'start', id]
      const { stdout } = await exec(['env', '-C', bundle, 'TYPERNETES_RUNC=echo', ...words], { timeoutMs: 60_000 })
      return stdout === '' ? 'let go' : 'runc'
    },
    [Symbol.dispose]: () => {
      if (init.exitCode === null && init.signalCode === null) die()
      rmSync(root, { recursive: true })
    },
  }
}

for (const [name, afterMs] of [
  ['waits', 0],
  ['will come to wait', 150],
] as const)
  test(`a container that ${name} is let go without runc`, { skip }, async () => {
    await made([])
    using container = await waiting(afterMs)
    const begun = once(container.init.stdout ?? container.init, 'data')
    assert.equal(await container.start(), 'let go')
    assert.equal(String((await begun)[0]), 'begun\n')
    assert.equal(container.isAtFifo(), false)
    assert.equal(await container.start(), 'runc', 'of one that runs it is runc that says so')
  })

for (const afterMs of [0, 60_000])
  test(`runc is asked of a container that died ${afterMs === 0 ? 'as it waited' : 'before'}`, { skip }, async () => {
    await made([])
    using container = await waiting(afterMs)
    if (afterMs === 0) await eventually('the container at its fifo', 60_000, async () => waitsToOpen(container.init.pid ?? 0))
    container.die()
    await once(container.init, 'exit')
    assert.equal(await container.start(), 'runc')
    assert.equal(container.isAtFifo(), true)
  })

test('a container that dies while the wrapper waits for it holds nothing up', { skip }, async () => {
  await made([])
  using container = await waiting(60_000)
  const started = container.start()
  setTimeout(container.die, 100)
  assert.equal(await started, 'runc')
})

test("a container with hooks for after its start, and one that is not ours, are runc's to start", { skip }, async () => {
  const marker = join(bundle, 'typernetes-begin')
  await made([])
  assert.ok(existsSync(marker))
  rmSync(marker)
  await made([], { poststart: [{ path: '/bin/true' }] })
  assert.equal(existsSync(marker), false)
  using container = await waiting(0)
  assert.equal(await container.start(), 'runc')
  assert.equal(container.isAtFifo(), true)
})

/** The kernel's word for a process that waits for the other end of a fifo; some kernels say nothing. */
const waitsToOpen = (pid: number): boolean => /fifo_open|wait_for_partner|^0$/.test(readFileSync(`/proc/${pid}/wchan`, 'utf8'))
