/** Container registries on the loopback of a lab node, where its dockerd takes them without TLS: Debian's docker-registry, and one that misbehaves. */
import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { run } from '#deploy/machine/exec.ts'
import { checkout, eventually, type TestCluster } from './cluster.ts'

export const whyNoRegistry = (): string | undefined =>
  existsSync('/usr/bin/docker-registry') ? undefined : 'not installed: docker-registry'

/** User `me`, password `secret`; made by htpasswd -B. */
const htpasswd = 'me:$2y$05$M9B8uFtfp3r4900.p0wbWuhZZWGQPU1DJJ7A3aBIBf2OvRSh2Ospy\n'

/** Enters the network of the node alone: files and process ids stay the test's own. */
async function inNetwork(cluster: TestCluster, node: string, argv: readonly string[], stdio: 'pipe' | 'ignore'): Promise<ChildProcess> {
  const { pid } = await cluster.firstProcess(node)
  return spawn('nsenter', ['-t', String(pid), '-n', ...argv], { stdio: [stdio, stdio, 'inherit'], cwd: checkout })
}

export interface Registries {
  /** For everybody. */
  open: string
  /** The same images, for `me` with `secret`. */
  guarded: string
  /** Copies an image of the node into both. */
  push(image: string, repository: string): Promise<void>
  stop(): void
}

export async function startRegistries(cluster: TestCluster, node: string, folder: string): Promise<Registries> {
  await writeFile(join(folder, 'htpasswd'), htpasswd)
  const settings = (port: number) => ({
    version: '0.1',
    log: { level: 'error' },
    storage: { filesystem: { rootdirectory: join(folder, 'data') } },
    http: { addr: `127.0.0.1:${port}`, secret: 'test' },
  })
  const auth = { htpasswd: { realm: 'test', path: join(folder, 'htpasswd') } }
  await writeFile(join(folder, 'open.yml'), JSON.stringify(settings(5000)))
  await writeFile(join(folder, 'guarded.yml'), JSON.stringify({ ...settings(5001), auth }))
  const children = await Promise.all(
    ['open', 'guarded'].map((name) => inNetwork(cluster, node, ['docker-registry', 'serve', join(folder, `${name}.yml`)], 'ignore')),
  )
  const [open, guarded] = ['127.0.0.1:5000', '127.0.0.1:5001'] as const
  for (const [address, answer] of [
    [open, '200'],
    [guarded, '401'],
  ] as const) {
    const ask = () => cluster.inNode(node, 'curl', '-s', '-o', '/dev/null', '-w', '%{http_code}', `http://${address}/v2/`)
    await eventually(`the registry at ${address}`, 60_000, async () => (await ask()) === answer)
  }
  return {
    open,
    guarded,
    async push(image, repository) {
      const docker = ['docker', '-H', `unix://${await cluster.docker(node)}`]
      await run([...docker, 'tag', image, `${open}/${repository}`])
      await run([...docker, 'push', '-q', `${open}/${repository}`])
      await run([...docker, 'rmi', `${open}/${repository}`])
    },
    stop() {
      for (const child of children) child.kill('SIGKILL')
    },
  }
}

export interface MoodyRegistry {
  address: string
  feel(mood: 'well' | 'failing' | 'busy' | 'truncated'): Promise<void>
  stop(): void
}

/** Serves `app:v1`, in one mood or another. */
export async function startMoodyRegistry(cluster: TestCluster, node: string): Promise<MoodyRegistry> {
  const child = await inNetwork(cluster, node, [process.execPath, join(import.meta.dirname, 'small-registry-process.ts')], 'pipe')
  if (!child.stdout || !child.stdin) throw new Error('no pipes')
  const { stdin } = child
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const address = String((await lines.next()).value)
  return {
    address,
    async feel(mood) {
      stdin.write(`${mood}\n`)
      await lines.next()
    },
    stop() {
      child.kill('SIGKILL')
    },
  }
}
