import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after, test } from 'node:test'
import { ContainerStarts } from './container-starts.ts'
import { type DockerApi, DockerError } from './docker-api.ts'
import { NamespaceFiles } from './namespace-files.ts'

const dir = mkdtempSync(path.join(tmpdir(), 'starts-'))
after(() => rmSync(dir, { recursive: true }))
const file = (id: string): string => readFileSync(path.join(dir, id), 'utf8')
const signal = new AbortController().signal
const wrapped = { network: '/run/netns/n' }

/** A dockerd whose starts end when the wrapper would let them. */
function parts() {
  const posted = new Map<string, (error?: Error) => void>()
  const removed: string[] = []
  const api = {
    call: (_method: string, at: string) =>
      new Promise<void>((resolve, reject) => {
        posted.set(at.split('/')[2] ?? '', (error) => (error ? reject(error) : resolve()))
      }),
  } as unknown as DockerApi
  const begun: string[] = []
  const starts = new ContainerStarts({
    api,
    namespaces: new NamespaceFiles(dir),
    remove: async (id) => void removed.push(id),
    begun: (id) => void begun.push(id),
  })
  return { starts, posted, removed, begun }
}
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

test('a start is sent while the sandbox is made, and held back until it is', async () => {
  const { starts, posted } = parts()
  const ready = Promise.withResolvers<void>()
  const started = starts.start({ id: 'held', wrapped, ready: ready.promise, holds: true }, signal)
  await turn()
  assert.equal(posted.has('held'), true)
  assert.equal(file('held'), 'wait\n')
  ready.resolve()
  await turn()
  assert.equal(file('held'), 'network=/run/netns/n\n')
  posted.get('held')?.()
  await started
})

test('behind others a start waits for its sandbox before it takes a place', async () => {
  const { starts, posted } = parts()
  const before = ['1', '2', '3', '4'].map((id) => starts.start({ id, wrapped, ready: undefined, holds: true }, signal))
  const ready = Promise.withResolvers<void>()
  const behind = starts.start({ id: 'behind', wrapped, ready: ready.promise, holds: true }, signal)
  const next = starts.start({ id: 'next', wrapped, ready: undefined, holds: true }, signal)
  await turn()
  posted.get('1')?.()
  await turn()
  assert.deepEqual([...posted.keys()], ['1', '2', '3', '4', 'next'])
  ready.resolve()
  posted.get('2')?.()
  await turn()
  assert.equal(file('behind'), 'network=/run/netns/n\n')
  for (const finish of posted.values()) finish()
  await Promise.all([...before, behind, next])
})

test('a sandbox that cannot be made ends the start and takes the container along', async () => {
  const { starts, posted, removed } = parts()
  const ready = Promise.withResolvers<void>()
  const started = starts.start({ id: 'lost', wrapped, ready: ready.promise, holds: true }, signal)
  await turn()
  ready.reject(new Error('no addresses left'))
  await turn()
  assert.equal(file('lost'), 'failed\n')
  posted.get('lost')?.(new DockerError(500, 'exit status 93'))
  await assert.rejects(started, { code: 'notFound' })
  assert.deepEqual(removed, ['lost'])
})

test('without the wrapper the start waits here', async () => {
  const { starts, posted, removed } = parts()
  const ready = Promise.withResolvers<void>()
  const started = starts.start({ id: 'plain', wrapped: {}, ready: ready.promise, holds: false }, signal)
  await turn()
  assert.equal(posted.has('plain'), false)
  ready.resolve()
  await turn()
  posted.get('plain')?.()
  await started
  const refused = starts.start({ id: 'none', wrapped: {}, ready: Promise.reject(new Error('no')), holds: false }, signal)
  await assert.rejects(refused, { code: 'notFound' })
  assert.deepEqual(removed, ['none'])
})

test('four at a time, and the words of Docker for what cannot start', async () => {
  const { starts, posted } = parts()
  const all = ['1', '2', '3', '4', '5'].map((id) => starts.start({ id, wrapped, ready: undefined, holds: true }, signal))
  await turn()
  assert.deepEqual([...posted.keys()], ['1', '2', '3', '4'])
  posted.get('1')?.(new DockerError(400, 'no such file'))
  await assert.rejects(all[0] ?? Promise.resolve(), { code: 'startFailed', message: 'no such file' })
  posted.get('2')?.(new DockerError(500, 'connection error: desc = "transport: … refused": unavailable'))
  await assert.rejects(all[1] ?? Promise.resolve(), { code: 'unavailable' })
  await turn()
  for (const id of ['3', '4', '5']) posted.get(id)?.()
  await Promise.all(all.slice(2))
})

test('what a killed process held back fails when the next one begins', () => {
  const files = new NamespaceFiles(dir)
  files.hold('waiting')
  files.write('entered', wrapped)
  files.failHeld()
  assert.deepEqual([file('waiting'), file('entered')], ['failed\n', 'network=/run/netns/n\n'])
  files.sweep(new Set(['entered']))
  assert.throws(() => file('waiting'), { code: 'ENOENT' })
})

test('a start that is under way for a while is told of, a short one is not', async (context) => {
  context.mock.timers.enable({ apis: ['setTimeout'] })
  const { starts, posted, begun } = parts()
  const start = (id: string): Promise<void> => starts.start({ id, wrapped, ready: undefined, holds: true }, signal)
  const short = start('short')
  await turn()
  posted.get('short')?.()
  await short
  const long = start('long')
  await turn()
  context.mock.timers.tick(1000)
  assert.deepEqual(begun, ['long'])
  posted.get('long')?.()
  await long
})
