/** A dockerd as its package sets it up, bridge and all, in namespaces of its own: what a pod's start is held against. */
import { spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { eventually } from '#test/harness/cluster.ts'
import { removeCgroups } from '#test/integration/runtime/node-with-docker.ts'

const cgroup = 'typernetes-bench'

const script = `set -eu
mount --make-rprivate /
mount -t tmpfs tmpfs /run
mkdir -p /run/docker
ip link set lo up
exec dockerd --data-root "$1/docker" --exec-root /run/docker/exec -H "unix://$1/docker.sock" -p /run/docker/pid --cgroup-parent /${cgroup} >"$1/dockerd.log" 2>&1
`

export interface RawDocker extends AsyncDisposable {
  /** Milliseconds of create and start of one container on the default bridge; it is removed again. */
  startOne(): Promise<number>
}

export async function rawDocker(): Promise<RawDocker> {
  const folder = await mkdtemp(join(tmpdir(), 'typernetes-bench-'))
  const namespaces = ['--pid', '--net', '--mount', '--uts', '--fork', '--mount-proc', '--kill-child']
  const child = spawn('unshare', [...namespaces, 'sh', '-c', script, 'sh', folder], { stdio: 'ignore' })
  const socket = join(folder, 'docker.sock')
  const call = (method: string, path: string, body?: object | Buffer): Promise<{ status: number; text: string }> =>
    ask(socket, { method, path, body })
  await eventually('the raw dockerd', 30_000, async () => (await call('GET', '/_ping')).status === 200)
  const archive = spawn('tar', ['-C', '/', '-c', 'bin/busybox'], { stdio: ['ignore', 'pipe', 'ignore'] })
  const chunks: Buffer[] = []
  for await (const chunk of archive.stdout) chunks.push(chunk as Buffer)
  await call('POST', '/images/create?fromSrc=-&repo=busybox&tag=bench', Buffer.concat(chunks))
  return {
    async startOne() {
      const started = performance.now()
      const made = await call('POST', '/containers/create', { Image: 'busybox:bench', Cmd: ['/bin/busybox', 'sleep', '1000'] })
      if (made.status !== 201) throw new Error(made.text)
      const { Id } = JSON.parse(made.text) as { Id: string }
      const answer = await call('POST', `/containers/${Id}/start`)
      const tookMs = performance.now() - started
      if (answer.status !== 204) throw new Error(answer.text)
      await call('DELETE', `/containers/${Id}?force=true`)
      return tookMs
    },
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL')
      await new Promise((resolve) => child.once('close', resolve))
      removeCgroups(cgroup)
      await rm(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 })
    },
  }
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
