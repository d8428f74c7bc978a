/** An etcd of the test's own, on free ports and in a folder that goes away with it. */
import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

export interface TestEtcd extends AsyncDisposable {
  endpoint: string
  pid: number
  /** kill -9; the data stays. */
  kill(): Promise<void>
  /** Starts it again on the same port and data. */
  restart(): Promise<void>
}

/** Where Debian and the usual archives put it; ETCD names another one. */
export const etcdBinary = (): string | undefined =>
  [process.env['ETCD'] ?? '', '/usr/bin/etcd', '/usr/local/bin/etcd'].find((path) => path !== '' && existsSync(path))

/** A reason to skip a test, or false. */
export const noEtcd = (): string | false => (etcdBinary() === undefined ? 'there is no etcd on this machine' : false)

export async function startEtcd(flags: readonly string[] = []): Promise<TestEtcd> {
  const binary = etcdBinary()
  if (binary === undefined) throw new Error('there is no etcd on this machine')
  const folder = await mkdtemp(join(tmpdir(), 'etcd-'))
  const [client, peer] = await Promise.all([freePort(), freePort()])
  const endpoint = `http://127.0.0.1:${client}`
  const peerUrl = `http://127.0.0.1:${peer}`
  const argv = [
    ...['--data-dir', folder, '--listen-client-urls', endpoint, '--advertise-client-urls', endpoint],
    ...['--listen-peer-urls', peerUrl, '--initial-advertise-peer-urls', peerUrl, '--initial-cluster', `default=${peerUrl}`],
    ...['--log-level', 'error', ...flags],
  ]
  let child = await launched(binary, argv, endpoint)
  return {
    endpoint,
    get pid() {
      return child.pid ?? 0
    },
    kill: () => killed(child),
    async restart() {
      child = await launched(binary, argv, endpoint)
    },
    async [Symbol.asyncDispose]() {
      await killed(child)
      await rm(folder, { recursive: true, force: true })
    },
  }
}

async function launched(binary: string, argv: readonly string[], endpoint: string): Promise<ChildProcess> {
  const child = spawn(binary, argv, { stdio: 'ignore', env: { ...process.env, ETCD_UNSUPPORTED_ARCH: process.arch } })
  const deadline = Date.now() + 20_000
  for (;;) {
    if (child.exitCode !== null) throw new Error(`etcd ended with code ${child.exitCode}`)
    const isHealthy = await fetch(`${endpoint}/health`).then(
      async (response) => (await response.text()).includes('"true"'),
      () => false,
    )
    if (isHealthy) return child
    if (Date.now() > deadline) throw new Error('etcd did not become healthy')
    await sleep(20)
  }
}

async function killed(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const gone = new Promise((resolve) => child.once('exit', resolve))
  child.kill('SIGKILL')
  await gone
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  if (address === null || typeof address === 'string') throw new Error('no port')
  return address.port
}
