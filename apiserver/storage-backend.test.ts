import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { StartupError } from '#component/daemon.ts'
import { parseFlags } from '#component/flags.ts'
import { createLogger } from '#component/logging.ts'
import { openStorage, storageBackendOf, storageFlags } from './storage-backend.ts'

const backendOf = (argv: readonly string[]) => storageBackendOf(parseFlags(storageFlags, argv))

describe('the backend that the flags choose', () => {
  it('is etcd unless sqlite is said', () => {
    assert.deepEqual(backendOf(['--etcd-servers=http://a:2379,http://b:2379']), {
      backend: 'etcd3',
      endpoints: ['http://a:2379', 'http://b:2379'],
    })
    assert.deepEqual(backendOf(['--storage-backend=sqlite', '--sqlite-file=/var/lib/x.db']), { backend: 'sqlite', file: '/var/lib/x.db' })
  })

  const refused: readonly (readonly [readonly string[], RegExp])[] = [
    [[], /--etcd-servers is required \(or --storage-backend=sqlite with --sqlite-file\)/],
    [['--etcd-servers=localhost:2379'], /"localhost:2379" is not of the form https:\/\/host:port/],
    [['--etcd-servers=http://a:1', '--sqlite-file=/x'], /--sqlite-file is for --storage-backend=sqlite/],
    [['--storage-backend=sqlite'], /--sqlite-file is required/],
    [['--storage-backend=sqlite', '--sqlite-file=x.db'], /"x.db" is not an absolute path/],
    [['--storage-backend=sqlite', '--sqlite-file=/x', '--etcd-servers=http://a:1'], /--etcd-servers is for --storage-backend=etcd3/],
    [['--storage-backend=sqlite', '--sqlite-file=/x', '--etcd-cafile=/ca'], /--etcd-cafile is for --storage-backend=etcd3/],
    [['--storage-backend=consul'], /"consul" is not there: it is etcd3 or sqlite/],
  ]
  for (const [argv, message] of refused) {
    it(`refuses ${argv.join(' ') || 'nothing'}`, () => {
      assert.throws(
        () => backendOf(argv),
        (error) => error instanceof StartupError && message.test(error.message),
      )
    })
  }

  it('is told as a sentence when the file is no store', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'backend-'))
    const file = join(folder, 'x.db')
    writeFileSync(file, 'this is a text, and long enough to be taken for the head of a database file'.repeat(20))
    const log = createLogger({ name: 'test', verbosity: 0, format: 'text', destination: { write: () => undefined } })
    await assert.rejects(
      openStorage({ backend: 'sqlite', file }, log),
      (error) => error instanceof StartupError && /is damaged or no database/.test(error.message),
    )
    await rm(folder, { recursive: true })
  })
})
