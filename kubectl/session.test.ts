import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { runCli } from './cli.ts'
import { type Ctx, command } from './command.ts'

let folder: string
let kubeconfig: string
before(() => {
  folder = mkdtempSync(join(tmpdir(), 'session-'))
  kubeconfig = join(folder, 'config')
  writeFileSync(join(folder, 'token'), 'of-file\n')
  const config = {
    'current-context': 'near',
    clusters: ['near', 'far'].map((name) => ({ name, cluster: { server: `https://${name}` } })),
    contexts: [{ name: 'near', context: { cluster: 'near', user: 'plain' } }],
    users: [
      { name: 'plain', user: {} },
      { name: 'filed', user: { tokenFile: join(folder, 'token') } },
      { name: 'basic', user: { username: 'me', password: 'pw' } },
    ],
  }
  writeFileSync(kubeconfig, JSON.stringify(config))
})
after(() => rmSync(folder, { recursive: true }))

/** Where a stream of a command with these flags would go, and as whom. */
async function connectionWith(...flags: string[]): Promise<{ base: string; headers: object | undefined }> {
  const { promise, resolve } = Promise.withResolvers<ReturnType<Ctx['connection']>>()
  const demo = command({ name: 'demo', args: '', summary: '', examples: [], flags: {}, run: async ({ ctx }) => resolve(ctx.connection()) })
  assert.equal(await runCli({ demo: async () => demo }, ['demo', '--kubeconfig', kubeconfig, ...flags], process as never), 0)
  const { base, options } = await promise
  return { base, headers: options.headers }
}

test('flags choose the cluster and the user of the kubeconfig', async () => {
  assert.deepEqual(await connectionWith(), { base: 'wss://near', headers: {} })
  assert.equal((await connectionWith('--cluster=far')).base, 'wss://far')
  assert.deepEqual((await connectionWith('--user=basic')).headers, { Authorization: `Basic ${Buffer.from('me:pw').toString('base64')}` })
})

test('a stream is opened as whom requests are sent', async () => {
  assert.deepEqual((await connectionWith('--user=filed')).headers, { Authorization: 'Bearer of-file' })
  assert.deepEqual((await connectionWith('--user=filed', '--token=of-flag')).headers, { Authorization: 'Bearer of-flag' })
  assert.deepEqual((await connectionWith('--as=jo', '--as-group=dev', '--as-group=ops')).headers, {
    'Impersonate-User': 'jo',
    'Impersonate-Group': ['dev', 'ops'],
  })
})
