import assert from 'node:assert/strict'
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { type TestContext, test } from 'node:test'
import { createLogger } from '#component/logging.ts'
import { bridgeNetwork, parseNetwork } from '#kubelet/runtime/cni-config.ts'
import type { SandboxConfig } from '#kubelet/runtime/runtime.ts'
import { Sandboxes, type SandboxesOptions } from './sandboxes.ts'

/** Sandboxes whose namespaces are nothing, on a machine that has no bridge, with an ip(8) that notes what it is told. */
function rig(t: TestContext, isWiredByUs: boolean) {
  const dir = mkdtempSync(path.join(tmpdir(), 'sandboxes-'))
  const noted = path.join(dir, 'noted')
  const { PATH } = process.env
  t.after(() => {
    process.env['PATH'] = PATH
    rmSync(dir, { recursive: true })
  })
  writeFileSync(path.join(dir, 'ip'), `#!/bin/sh\necho "$*" >>${noted}\ntest "$2" != show && test ! -e ${dir}/broken\n`)
  chmodSync(path.join(dir, 'ip'), 0o755)
  process.env['PATH'] = `${dir}:${PATH}`
  const options = {
    runDir: dir,
    drivers: [
      {
        kind: 'pinned',
        plan: (record: object) => record,
        async create(record: object, how: { link: () => Promise<unknown> }) {
          await how.link()
          return record
        },
        netnsPath: async () => '',
        destroy: async () => undefined,
      },
    ],
    cni: {
      network: async () => parseNetwork(bridgeNetwork({ podCidr: '10.5.0.0/24' }), 'x'),
      begin: async () => (isWiredByUs ? {} : undefined),
      add: async () => ({ ips: ['10.5.0.2'] }),
      del: async () => undefined,
    },
    log: createLogger({ name: 'test', verbosity: 0, format: 'text', destination: { write: () => undefined } }),
    now: () => new Date(),
  }
  const sandboxes = new Sandboxes(options as unknown as SandboxesOptions)
  const config = { hostNetwork: false, dns: { servers: [], searches: [], options: [] }, labels: {}, portMappings: [] }
  const run = () => sandboxes.run(config as unknown as SandboxConfig, new AbortController().signal, {})
  const told = () => (existsSync(noted) ? readFileSync(noted, 'utf8').split('\n').filter(Boolean) : [])
  return { dir, run, told }
}

const making = ['link show cni0', 'link add cni0 type bridge', 'link set cni0 up']

test('the first pods of a node come at once: one makes the bridge for the plug-ins, all have it', async (t) => {
  const { run, told } = rig(t, false)
  await Promise.all([run(), run(), run(), run()])
  assert.deepEqual(told(), making)
  await run()
  assert.deepEqual(told(), making)
})

test('a bridge that could not be made is tried again', async (t) => {
  const { run, told, dir } = rig(t, false)
  writeFileSync(path.join(dir, 'broken'), '')
  await assert.rejects(run(), { name: 'ExecError' })
  rmSync(path.join(dir, 'broken'))
  await run()
  assert.deepEqual(told(), [...making, ...making])
})

test('a network that we wire ourselves makes its own bridge', async (t) => {
  const { run, told } = rig(t, true)
  await Promise.all([run(), run()])
  assert.deepEqual(told(), [])
})
