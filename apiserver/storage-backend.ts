/** Which store the server keeps its objects in: flags, what they come to, and opening it. */
import { isAbsolute } from 'node:path'
import { type Runnable, StartupError } from '#component/daemon.ts'
import { durationFlag, type FlagValues, listFlag, stringFlag } from '#component/flags.ts'
import type { Logger } from '#component/logging.ts'
import { readCertificates, readPair } from '#component/tls-files.ts'
import type { Storage } from './storage/storage.ts'

export const storageFlags = {
  'storage-backend': stringFlag('Where objects are kept: etcd3, or sqlite in a file of this server alone.', 'etcd3'),
  'sqlite-file': stringFlag('File of the sqlite backend; made where there is none.'),
  'etcd-servers': listFlag('Endpoints of etcd, comma separated.'),
  'etcd-cafile': stringFlag('CA of etcd.'),
  'etcd-certfile': stringFlag('Client certificate for etcd.'),
  'etcd-keyfile': stringFlag('Key of the client certificate for etcd.'),
  'etcd-compaction-interval': durationFlag("Time between compactions of the store's history.", 300_000),
}

type StorageFlags = FlagValues<typeof storageFlags>

export type StorageBackend =
  | { backend: 'etcd3'; endpoints: readonly string[]; tls?: { ca: Buffer; cert: Buffer; key: Buffer } }
  | { backend: 'sqlite'; file: string }

const etcdFlags = ['etcd-servers', 'etcd-cafile', 'etcd-certfile', 'etcd-keyfile'] as const

/** Reads the files that the flags name. Throws StartupError. */
export function storageBackendOf(values: StorageFlags): StorageBackend {
  const backend = values['storage-backend']
  const file = values['sqlite-file']
  if (backend === 'etcd3') {
    if (file !== '') throw new StartupError('--sqlite-file is for --storage-backend=sqlite')
    return etcdOf(values)
  }
  if (backend !== 'sqlite') throw new StartupError(`--storage-backend: ${JSON.stringify(backend)} is not there: it is etcd3 or sqlite`)
  const odd = etcdFlags.find((name) => values[name].length > 0)
  if (odd !== undefined) throw new StartupError(`--${odd} is for --storage-backend=etcd3`)
  if (file === '') throw new StartupError('--sqlite-file is required with --storage-backend=sqlite')
  if (!isAbsolute(file)) throw new StartupError(`--sqlite-file: ${JSON.stringify(file)} is not an absolute path`)
  return { backend, file }
}

function etcdOf(values: StorageFlags): StorageBackend {
  const endpoints = values['etcd-servers']
  if (endpoints.length === 0) throw new StartupError('--etcd-servers is required (or --storage-backend=sqlite with --sqlite-file)')
  const odd = endpoints.find((e) => !/^https?:\/\/[^/]+$/.test(e))
  if (odd !== undefined) throw new StartupError(`--etcd-servers: ${JSON.stringify(odd)} is not of the form https://host:port`)
  const ca = readCertificates({ name: '--etcd-cafile', path: values['etcd-cafile'] })
  const pair = readPair(
    { name: '--etcd-certfile', path: values['etcd-certfile'] },
    { name: '--etcd-keyfile', path: values['etcd-keyfile'] },
  )
  if (!ca && !pair) return { backend: 'etcd3', endpoints }
  if (!ca || !pair) throw new StartupError('--etcd-cafile, --etcd-certfile and --etcd-keyfile come together')
  return { backend: 'etcd3', endpoints, tls: { ca: Buffer.from(ca), cert: Buffer.from(pair.cert), key: Buffer.from(pair.key) } }
}

/** While etcd is away its absence is told this often. */
const quietMs = 30_000

/** Each backend is loaded only where it is used. A store that cannot be used any more ends the daemon by its runnable. Throws StartupError. */
export async function openStorage(config: StorageBackend, log: Logger): Promise<{ storage: Storage; runnables: readonly Runnable[] }> {
  if (config.backend === 'sqlite') return await openSqlite(config.file)
  const { EtcdStorage } = await import('./storage/etcd.ts')
  const onReconnect = atMostEvery(quietMs, (error: Error) => log.warn({ error }, 'lost the connection to etcd'))
  return { storage: new EtcdStorage({ ...config, onReconnect }), runnables: [] }
}

async function openSqlite(file: string): Promise<{ storage: Storage; runnables: readonly Runnable[] }> {
  const [{ SqliteStorage }, { SqliteUnusable }] = await Promise.all([import('./storage/sqlite.ts'), import('./storage/sqlite-errors.ts')])
  const { promise: died, reject } = Promise.withResolvers<never>()
  // A death before or after the store is run is nobody's: what is asked of it fails.
  died.catch(() => undefined)
  try {
    const storage = await SqliteStorage.open({ file, onDeath: reject })
    const run = async (signal: AbortSignal): Promise<void> => {
      const { promise: stopped, resolve } = Promise.withResolvers<void>()
      signal.addEventListener('abort', () => resolve(), { once: true })
      await Promise.race([died, stopped])
    }
    return { storage, runnables: [{ name: 'store', run }] }
  } catch (error) {
    if (error instanceof SqliteUnusable) throw new StartupError(`--sqlite-file: ${error.message}`)
    throw error
  }
}

function atMostEvery<T>(ms: number, tell: (value: T) => void): (value: T) => void {
  let next = 0
  return (value) => {
    const now = Date.now()
    if (now < next) return
    next = now + ms
    tell(value)
  }
}
