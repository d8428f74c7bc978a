/** An etcd of the test's own, on free ports and in a folder that goes away with it. */
import { type ChildProcess, spawn } from 'node:child_process'
import { randomInt } from 'node:crypto'
import { once } from 'node:events'
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
  const [etcd] = await startMembers(1, flags)
  if (etcd === undefined) throw new Error('no member')
  return etcd
}

/** Members of one cluster; each is killed, restarted and disposed of by itself. */
export async function startMembers(count: number, flags: readonly string[] = []): Promise<TestEtcd[]> {
  const binary = etcdBinary()
  if (binary === undefined) throw new Error('there is no etcd on this machine')
  const ports = await freePorts(count * 2)
  const names = Array.from({ length: count }, (_, i) => `m${i}`)
  const url = (at: number): string => `http://127.0.0.1:${ports[at]}`
  const cluster = names.map((name, i) => `${name}=${url(count + i)}`).join(',')
  return await Promise.all(
    names.map(async (name, i) => {
      const folder = await mkdtemp(join(tmpdir(), 'etcd-'))
      const argv = [
        ...['--name', name, '--data-dir', folder, '--listen-client-urls', url(i), '--advertise-client-urls', url(i)],
        ...['--listen-peer-urls', url(count + i), '--initial-advertise-peer-urls', url(count + i), '--initial-cluster', cluster],
        ...['--log-level', 'error', ...flags],
      ]
      return await member({ binary, argv, folder, endpoint: url(i) })
    }),
  )
}

async function member({
  binary,
  argv,
  folder,
  endpoint,
}: {
  binary: string
  argv: readonly string[]
  folder: string
  endpoint: string
}): Promise<TestEtcd> {
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
  const deadline = Date.now() + 60_000
  for (;;) {
    if (child.exitCode !== null || child.signalCode !== null) throw new Error(`etcd ended with ${child.exitCode ?? child.signalCode}`)
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

/**
 * Free ports of the loopback, one after the other. Not of those that the kernel gives to connections: in the time until it is listened on, and while a
 * server that is killed is away, one of these could take it, and who tries to reach it could even reach himself.
 */
export async function freePorts(count: number): Promise<number[]> {
  for (let tries = 0; tries < 100; tries++) {
    const first = randomInt(11_000, 20_000 - count)
    const ports = Array.from({ length: count }, (_, i) => first + i)
    if (await areFree(ports)) return ports
  }
  throw new Error('there are no free ports on this machine')
}

async function areFree(ports: readonly number[]): Promise<boolean> {
  const servers = ports.map((port) => createServer().listen(port, '127.0.0.1'))
  const opened = await Promise.allSettled(servers.map((server) => once(server, 'listening')))
  await Promise.all(servers.filter((server) => server.listening).map((server) => once(server.close(), 'close')))
  return opened.every(({ status }) => status === 'fulfilled')
}
