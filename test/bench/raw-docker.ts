/** A dockerd as its package sets it up, bridge and all, in namespaces of its own: what pods are held against. */
import { spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { eventually } from '#test/harness/cluster.ts'
import { removeCgroups } from '#test/integration/runtime/node-with-docker.ts'

const script = `set -eu
mount --make-rprivate /
mount -t tmpfs tmpfs /run
mkdir -p /run/docker
ip link set lo up
exec dockerd --data-root "$1/docker" --exec-root /run/docker/exec -H "unix://$1/docker.sock" -p /run/docker/pid --cgroup-parent "/$2" >"$1/dockerd.log" 2>&1
`

/** Milliseconds of each step of one container's life. */
export interface RawLife {
  createStart: number
  /** Of a container that had run and was killed. */
  startAgain: number
  /** Its process obeys the stop signal. */
  stopRemove: number
}

export interface RawDocker extends AsyncDisposable {
  /** One container on the default bridge, from its creation to its removal. */
  life(): Promise<RawLife>
  /** Creates and starts so many containers, `atOnce` of them in the making at a time; their ids. */
  start(count: number, atOnce: number): Promise<readonly string[]>
  /** One after the other: Docker 20.10 may lock itself up for good where containers on its bridge end at once. */
  remove(ids: readonly string[]): Promise<void>
  /** Milliseconds until a Swarm service of `count` tasks runs. */
  service(count: number): Promise<number>
}

type Call = (method: string, path: string, body?: object | Buffer) => Promise<{ status: number; text: string }>

/** Ends on SIGTERM at once, as a process of pid 1 has to say. */
const obedient = ['/bin/busybox', 'sh', '-c', 'trap "exit 0" TERM; while :; do /bin/busybox sleep 1000 & wait; done']
const image = 'busybox:bench'

export async function rawDocker(): Promise<RawDocker> {
  const folder = await mkdtemp(join(tmpdir(), 'typernetes-bench-'))
  const cgroup = basename(folder)
  const namespaces = ['--pid', '--net', '--mount', '--uts', '--fork', '--mount-proc', '--kill-child']
  const child = spawn('unshare', [...namespaces, 'sh', '-c', script, 'sh', folder, cgroup], { stdio: 'ignore' })
  const socket = join(folder, 'docker.sock')
  const call: Call = (method, path, body) => ask(socket, { method, path, body })
  await eventually('the raw dockerd', 30_000, async () => (await call('GET', '/_ping')).status === 200)
  const archive = spawn('tar', ['-C', '/', '-c', 'bin/busybox'], { stdio: ['ignore', 'pipe', 'ignore'] })
  const chunks: Buffer[] = []
  for await (const chunk of archive.stdout) chunks.push(chunk as Buffer)
  await call('POST', '/images/create?fromSrc=-&repo=busybox&tag=bench', Buffer.concat(chunks))
  const must = mustSucceed(call)
  return {
    life: () => life(must),
    start: (count, atOnce) => start(must, count, atOnce),
    async remove(ids) {
      for (const id of ids) await must('DELETE', `/containers/${id}?force=true`)
    },
    service: (count) => service(must, count),
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL')
      await new Promise((resolve) => child.once('close', resolve))
      removeCgroups(cgroup)
      await rm(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 })
    },
  }
}

type Must = (method: string, path: string, body?: object) => Promise<string>

const mustSucceed =
  (call: Call): Must =>
  async (method, path, body) => {
    const { status, text } = await call(method, path, body)
    if (status >= 300 && status !== 304) throw new Error(`docker ${method} ${path}: ${text}`)
    return text
  }

async function createStart(must: Must): Promise<string> {
  const { Id } = JSON.parse(await must('POST', '/containers/create', { Image: image, Cmd: obedient })) as { Id: string }
  await must('POST', `/containers/${Id}/start`)
  return Id
}

async function life(must: Must): Promise<RawLife> {
  let id = ''
  const createStartMs = await timed(async () => {
    id = await createStart(must)
  })
  await must('POST', `/containers/${id}/kill?signal=KILL`)
  await must('POST', `/containers/${id}/wait`)
  const startAgain = await timed(() => must('POST', `/containers/${id}/start`))
  const stopRemoveMs = await timed(() => stopRemove(must, id))
  return { createStart: createStartMs, startAgain, stopRemove: stopRemoveMs }
}

async function stopRemove(must: Must, id: string): Promise<void> {
  await must('POST', `/containers/${id}/stop?t=10`)
  await must('DELETE', `/containers/${id}`)
}

async function start(must: Must, count: number, atOnce: number): Promise<readonly string[]> {
  const ids: string[] = []
  let left = count
  const worker = async (): Promise<void> => {
    while (left-- > 0) ids.push(await createStart(must))
  }
  await Promise.all(Array.from({ length: atOnce }, worker))
  return ids
}

async function service(must: Must, count: number): Promise<number> {
  await must('POST', '/swarm/init', { ListenAddr: '127.0.0.1:2377', AdvertiseAddr: '127.0.0.1' })
  const tookMs = await timed(async () => {
    const spec = {
      Name: 'bench',
      Mode: { Replicated: { Replicas: count } },
      TaskTemplate: { ContainerSpec: { Image: image, Command: obedient } },
    }
    await must('POST', '/services/create', spec)
    await eventually('the tasks of the service', 120_000, async () => {
      const tasks = JSON.parse(await must('GET', '/tasks')) as { Status: { State: string } }[]
      return tasks.filter(({ Status }) => Status.State === 'running').length === count
    })
  })
  await must('POST', '/swarm/leave?force=true')
  return tookMs
}

export async function timed(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now()
  await work()
  return performance.now() - started
}

function ask(
  socketPath: string,
  { method, path, body }: { method: string; path: string; body?: object | Buffer | undefined },
): Promise<{ status: number; text: string }> {
  const bytes = body === undefined ? undefined : Buffer.isBuffer(body) ? body : Buffer.from(JSON.stringify(body))
  const contentType = Buffer.isBuffer(body) ? 'application/x-tar' : 'application/json'
  return new Promise((resolve, reject) => {
    const headers = bytes ? { 'content-type': contentType, 'content-length': bytes.length } : {}
    request({ socketPath, method, path, headers }, (response) => {
      let text = ''
      response.on('data', (chunk: Buffer) => (text += chunk.toString()))
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text }))
    })
      .on('error', reject)
      .end(bytes)
  })
}
