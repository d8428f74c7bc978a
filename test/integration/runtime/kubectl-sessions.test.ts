/** Stock kubectl of several versions: logs, exec, attach and port-forward through the API server's proxying to a kubelet with real containers. */
import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type Server } from 'node:http'
import { request as tlsRequest } from 'node:https'
import { type AddressInfo, connect } from 'node:net'
import path from 'node:path'
import type { Duplex, Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { after, before, test } from 'node:test'
import type { Pod } from '#api/core/pod.ts'
import { pathOf } from '#apiserver/endpoints/proxying/pod-streams.ts'
import { splice } from '#apiserver/endpoints/proxying/splice.ts'
import { createLogger } from '#component/logging.ts'
import { selfSigned } from '#component/self-signed.ts'
import { bridgeNetwork } from '#kubelet/runtime/cni-config.ts'
import { createDockerRuntime } from '#kubelet/runtime/docker.ts'
import type { ContainerConfig } from '#kubelet/runtime/runtime.ts'
import { kubeletServer } from '#kubelet/server/server.ts'
import { refuse } from '#streams/upgrade.ts'
import { eventually } from '#test/harness/cluster.ts'
import { cgroupRoot, inside, nodeDir, runInside, whyNot } from './node-with-docker.ts'

const places = ['1.27', '1.28', '1.29', '1.30', '1.31', '1.32', '1.33'].map((v) => `/usr/lib/google-cloud-sdk/bin/kubectl.${v}`)
/** A list of files with colons between in KUBECTLS narrows the choice. */
const named = process.env['KUBECTLS']?.split(':')
const kubectls = (named ?? [...places, '/usr/bin/kubectl', '/usr/local/bin/kubectl']).filter((file) => existsSync(file))
const reason = whyNot() ?? (kubectls.length === 0 ? 'no stock kubectl was found' : undefined)

if (!inside) {
  test('stock kubectl against the kubelet', { skip: reason ?? false, timeout: 290_000 }, async () => {
    assert.equal(await runInside(import.meta.filename, { withRuntime: true }), 0)
  })
} else suite()

function suite(): void {
  const signal = AbortSignal.timeout(280_000)
  const stop = new AbortController()
  const log = createLogger({ name: 'test', verbosity: 0, format: 'text' })
  const runtime = createDockerRuntime({ socketPath: path.join(nodeDir, 'docker.sock'), log })
  const spec = {
    containers: [
      { name: 'app', image: 'busybox:test', stdin: true },
      { name: 'cat', image: 'busybox:test', stdin: true },
    ],
  }
  const pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'web', namespace: 'default', uid: 'u1', creationTimestamp: '2026-11-21T08:00:00Z' },
    spec: { ...spec, nodeName: 'n1' },
    status: { phase: 'Running', containerStatuses: [] },
  } as unknown as Pod
  let api: Server
  let server = ''
  let running: Promise<void>

  before(async () => {
    mkdirSync('/etc/cni/net.d', { recursive: true })
    writeFileSync('/etc/cni/net.d/10-typernetes.conflist', bridgeNetwork({ podCidr: '10.78.0.0/24' }))
    const [serving, client] = await Promise.all([selfSigned('localhost'), selfSigned('kube-apiserver-kubelet-client')])
    const stats = { summary: async () => ({}), resource: async () => '', cadvisor: async () => '', kubelet: async () => '' }
    const host = { nodeName: 'n1', runtime, pods: () => [pod], stats, config: () => ({}), healthy: () => undefined, log }
    const kubelet = kubeletServer({
      host,
      access: { refusal: async () => undefined },
      bindAddress: '127.0.0.1',
      port: 0,
      tls: async () => ({ ...serving, clientCa: client.cert }),
    })
    running = kubelet.run(stop.signal)
    await kubelet.started
    const target = { secure: true, host: 'localhost', port: kubelet.port(), tls: { ...client, ca: serving.cert, rejectUnauthorized: true } }
    api = createServer((request, response) => {
      const url = new URL(request.url ?? '/', 'http://localhost')
      const answers: Record<string, object> = {
        '/api': { kind: 'APIVersions', versions: ['v1'], serverAddressByClientCIDRs: [] },
        '/apis': { kind: 'APIGroupList', apiVersion: 'v1', groups: [] },
        '/api/v1': {
          kind: 'APIResourceList',
          groupVersion: 'v1',
          resources: [{ name: 'pods', singularName: 'pod', namespaced: true, kind: 'Pod', verbs: ['get', 'list'] }],
        },
        '/api/v1/namespaces/default/pods/web': pod,
      }
      if (url.pathname.endsWith('/web/log')) {
        const container = url.searchParams.get('container') ?? 'app'
        const options = { ...target, ...target.tls, path: `/containerLogs/default/web/${container}${url.search}` }
        const call = tlsRequest(options, (answer) => {
          response.writeHead(answer.statusCode ?? 500, answer.headers)
          answer.pipe(response)
        })
        response.on('close', () => call.destroy())
        call.on('error', () => response.destroy())
        call.end()
        return
      }
      const answer = answers[url.pathname]
      response.writeHead(answer === undefined ? 404 : 200, { 'content-type': 'application/json' })
      response.end(JSON.stringify(answer ?? { kind: 'Status', apiVersion: 'v1', status: 'Failure', code: 404, reason: 'NotFound' }))
    })
    api.on('upgrade', (raw: IncomingMessage, socket: Duplex, head: Buffer) => {
      socket.on('error', () => socket.destroy())
      const url = new URL(raw.url ?? '/', 'http://localhost')
      const subresource = url.pathname.split('/').at(-1) ?? ''
      if (url.searchParams.get('container') === 'gone') return refuse(socket, 400, 'container gone is not valid for pod web')
      const to = pathOf({ namespace: 'default', name: 'web', query: url.searchParams, subresource } as Parameters<typeof pathOf>[0], pod)
      splice({ raw, socket, head } as Parameters<typeof splice>[0], target, to).catch(() => socket.destroy())
    })
    await new Promise<void>((resolve) => api.listen(0, '127.0.0.1', resolve))
    server = `http://127.0.0.1:${(api.address() as AddressInfo).port}`
    await startPod()
  })
  after(async () => {
    stop.abort()
    api.closeAllConnections()
    api.close()
    await running
    runtime.close()
  })

  async function startPod(): Promise<void> {
    const image = await runtime.imageStatus('busybox:test', signal)
    const sandbox = await runtime.runSandbox(
      {
        podUid: 'u1',
        namespace: 'default',
        name: 'web',
        attempt: 0,
        hostname: 'web',
        hostNetwork: false,
        hostPid: false,
        hostIpc: false,
        shareProcessNamespace: false,
        dns: { servers: [], searches: [], options: [] },
        portMappings: [],
        sysctls: {},
        cgroupParent: `${cgroupRoot}/web`,
        labels: {},
        annotations: {},
      },
      signal,
    )
    const container = (name: string, shell: string): ContainerConfig => ({
      podUid: 'u1',
      name,
      attempt: 0,
      imageId: image?.id ?? '',
      image: 'busybox:test',
      command: ['busybox', 'sh', '-c', shell],
      env: [],
      mounts: [],
      devices: [],
      resources: { oomScoreAdj: 0 },
      security: {
        privileged: false,
        readOnlyRootFilesystem: false,
        noNewPrivileges: false,
        supplementalGroups: [],
        addCapabilities: [],
        dropCapabilities: [],
        seccomp: { type: 'RuntimeDefault' },
        unmaskedProc: false,
      },
      tty: false,
      stdin: true,
      stdinOnce: false,
      labels: {},
    })
    const serve = 'busybox nc -ll -p 8080 -e busybox cat & i=0; while :; do echo tick $i; i=$((i+1)); busybox sleep 0.2; done'
    for (const config of [container('app', serve), container('cat', 'while read x; do echo "heard $x"; done')]) {
      const id = await runtime.createContainer(sandbox, config, signal)
      await runtime.startContainer(id, signal)
      const { path: log } = await runtime.logFile(id)
      if (config.name === 'app') await eventually('its first line', 60_000, async () => readFileSync(log, 'utf8').includes('tick'))
    }
  }

  interface Ran {
    code: number
    out: string
    err: string
  }
  const start = (kubectl: string, args: readonly string[]): ChildProcess =>
    spawn(kubectl, ['--server', server, '--cache-dir', path.join(nodeDir, 'cache'), ...args], {
      env: { PATH: '/bin:/usr/bin', HOME: nodeDir },
      stdio: ['pipe', 'pipe', 'pipe'],
    })
  async function run(kubectl: string, args: readonly string[], input?: string | Buffer): Promise<Ran> {
    const child = start(kubectl, args)
    const late = setTimeout(() => child.kill('SIGKILL'), 60_000)
    child.stdin?.end(input)
    const closed = new Promise<number>((resolve) => child.on('close', (code) => resolve(code ?? -1)))
    const [out, err] = await Promise.all([text(child.stdout as Readable), text(child.stderr as Readable)])
    clearTimeout(late)
    return { code: await closed, out, err }
  }

  /** What a running kubectl has printed once it is enough, or all of it. Its output stays open: closed, it would end by SIGPIPE. */
  const output = (child: ChildProcess, enough: (all: string) => boolean): Promise<string> =>
    new Promise((resolve) => {
      let all = ''
      child.stdout?.on('data', (data) => {
        all += String(data)
        if (enough(all)) resolve(all)
      })
      child.stdout?.on('close', () => resolve(all))
    })

  for (const kubectl of kubectls) {
    const name = path.basename(kubectl)
    test(`${name}: logs`, async () => {
      const tail = await run(kubectl, ['logs', 'web', '-c', 'app', '--tail=1', '--timestamps'])
      assert.match(tail.out, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z tick \d+\n$/, tail.err)
      const child = start(kubectl, ['logs', '-f', 'web', '-c', 'app', '--tail=1'])
      const seen = await output(child, (all) => all.split('\n').length > 3)
      child.kill()
      assert.match(seen, /^tick \d+\ntick \d+\ntick \d+\n/)
    })

    test(`${name}: exec`, async () => {
      const command = ['exec', 'web', '-c', 'app', '--', 'busybox', 'sh', '-c', 'echo out; echo err >&2; exit 7']
      const plain = await run(kubectl, command)
      assert.equal(plain.code, 7, plain.err)
      assert.equal(plain.out, 'out\n')
      // kubectl 1.29 to 1.32 read before they have made their streams, and may say so of the server's empty first message.
      const told = plain.err.replace(/^E\d{4} .*Unknown stream id 1, discarding message\n/, '')
      assert.match(told, /^err\ncommand terminated with exit code 7\n/)
      const big = Buffer.alloc(2_000_000, 'x')
      const piped = await run(kubectl, ['exec', '-i', 'web', '-c', 'app', '--', 'busybox', 'cat'], big)
      assert.equal(piped.out.length, big.length, piped.err)
      const missing = await run(kubectl, ['exec', 'web', '-c', 'gone', '--', 'true'])
      assert.notEqual(missing.code, 0)
      const unknown = await run(kubectl, ['exec', 'web', '-c', 'app', '--', '/no/such'])
      assert.deepEqual([unknown.code, unknown.out], [1, ''])
      assert.match(
        unknown.err,
        /Internal error occurred: error executing command in container: failed to exec in container: failed to start exec/,
      )
    })

    test(`${name}: a terminal`, { skip: existsSync('/usr/bin/script') ? false : 'needs script(1)' }, async () => {
      // The size comes a moment after the session.
      const script = 'until size=$(busybox stty size) && [ "$size" ]; do busybox sleep 0.1; done 2>/dev/null; read x; echo $size; exit 4'
      const remote = `${kubectl} --server ${server} exec -it web -c app -- busybox sh -c '${script}'`
      const child = spawn('script', ['-qec', `stty rows 33 cols 99; ${remote}`, '/dev/null'], {
        env: { PATH: '/bin:/usr/bin', HOME: nodeDir },
        stdio: ['pipe', 'pipe', 'pipe'],
      })
      const late = setTimeout(() => child.kill('SIGKILL'), 60_000)
      // A line that is typed before kubectl has taken the terminal may be lost.
      const typing = setInterval(() => child.stdin.write('\n'), 1000)
      const printed = await text(child.stdout)
      clearInterval(typing)
      clearTimeout(late)
      assert.match(printed, /33 99\r?\n/)
      assert.match(printed, /command terminated with exit code 4/)
    })

    test(`${name}: attach`, async () => {
      const child = start(kubectl, ['attach', '-i', 'web', '-c', 'cat'])
      const late = setTimeout(() => child.kill('SIGKILL'), 60_000)
      child.stdin?.write(`hello ${name}\n`)
      const seen = await output(child, (all) => all.includes(`heard hello ${name}\n`))
      clearTimeout(late)
      child.kill('SIGKILL')
      assert.match(seen, new RegExp(`heard hello ${name}`))
    })

    test(`${name}: port-forward`, async () => {
      const child = start(kubectl, ['port-forward', 'pod/web', ':8080'])
      const late = setTimeout(() => child.kill('SIGKILL'), 60_000)
      const told = await output(child, (all) => /Forwarding from 127.*\n/.test(all))
      const port = Number(/127\.0\.0\.1:(\d+)/.exec(told)?.[1])
      const talk = async (words: string) => {
        const socket = connect({ port, host: '127.0.0.1' })
        socket.write(words)
        let heard = ''
        for await (const data of socket) {
          heard += String(data)
          if (heard.length >= words.length) break
        }
        socket.destroy()
        return heard
      }
      assert.equal(await talk('ping'), 'ping')
      const long = 'y'.repeat(300_000)
      assert.deepEqual(await Promise.all([talk('one'), talk(long)]), ['one', long])
      clearTimeout(late)
      child.kill('SIGKILL')
    })
  }
}
