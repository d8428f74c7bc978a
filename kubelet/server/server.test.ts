import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { request } from 'node:https'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { duplexPair, PassThrough } from 'node:stream'
import { text } from 'node:stream/consumers'
import { after, before, test } from 'node:test'
import type { Pod } from '#api/core/pod.ts'
import { selfSigned } from '#component/self-signed.ts'
import { FakeRuntime } from '#kubelet/runtime/fake.ts'
import type { Container } from '#kubelet/runtime/runtime.ts'
import { PortForwardClient } from '#streams/port-forward/client.ts'
import { runRemoteCommand } from '#streams/remote-command/client.ts'
import { Access } from './access.ts'
import { askedOf } from './authorization.ts'
import { chooseAttempt, parseLogQuery } from './container-logs.ts'
import { kubeletServer, sessionPath } from './server.ts'
import { wantedStreams } from './sessions.ts'

const ignore = () => undefined
const quiet = { debug: ignore, info: ignore, warn: ignore, error: ignore, child: () => quiet }
const pod = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'web', namespace: 'default', uid: 'u1' },
  spec: { containers: [{ name: 'app', image: 'app:1' }] },
  status: { containerStatuses: [{ name: 'app', state: { waiting: { reason: 'ContainerCreating' } } }] },
} as unknown as Pod

const runtime = new FakeRuntime(() => new Date())
const stop = new AbortController()
const dir = mkdtempSync(path.join(tmpdir(), 'server-'))
const stats = {
  summary: async (onlyCpuAndMemory: boolean) => ({ node: { nodeName: 'n1' }, onlyCpuAndMemory }),
  resource: async () => 'resource 1\n',
  cadvisor: async () => 'cadvisor 1\n',
  kubelet: async () => 'kubelet_looked_at 1\n',
}
const host = { nodeName: 'n1', runtime, pods: () => [pod], stats, config: () => ({ maxPods: 110 }), healthy: ignore, log: quiet }
const reviewed: string[] = []
const access = new Access(
  { anonymous: false, tokenTtlMs: 1000, verdictTtlMs: { allowed: 1000, denied: 1000 } },
  {
    token: async (token) => {
      reviewed.push(`token ${token}`)
      if (token === 'broken') throw new Error('no answer')
      return token.startsWith('of-') ? { name: token.slice(3), groups: [] } : undefined
    },
    access: async ({ name, groups }, { verb, subresource }) => {
      reviewed.push(`${name} ${groups.join(',')} ${verb} ${subresource}`)
      if (name === 'unlucky') throw new Error('no answer')
      return name === 'kube-apiserver-kubelet-client' || (name === 'reader' && subresource === 'metrics')
    },
  },
  { log: quiet, now: () => new Date() },
)
let client: { cert: string; key: string }
let stranger: { cert: string; key: string }
let serving: { cert: string; key: string }
let base = ''
let running: Promise<void>
let containerId = ''

before(async () => {
  ;[serving, client, stranger] = await Promise.all([
    selfSigned('localhost'),
    selfSigned('kube-apiserver-kubelet-client'),
    selfSigned('system:node:n2'),
  ])
  const tls = { ...serving, clientCa: `${client.cert}\n${stranger.cert}` }
  const server = kubeletServer({ host, access, bindAddress: '127.0.0.1', port: 0, tls: async () => tls })
  running = server.run(stop.signal)
  await server.started
  base = `localhost:${server.port()}`
  const image = runtime.addImage('app:1')
  const never = new AbortController().signal
  const sandbox = await runtime.runSandbox(
    { podUid: 'u1', namespace: 'default', name: 'web', attempt: 0, hostNetwork: false, labels: {} } as never,
    never,
  )
  const config = { podUid: 'u1', name: 'app', attempt: 0, imageId: image.id, image: 'app:1', labels: {}, resources: { oomScoreAdj: 0 } }
  containerId = await runtime.createContainer(sandbox, config as never, never)
  await runtime.startContainer(containerId, never)
  const log = path.join(dir, 'log')
  writeFileSync(
    log,
    `{"log":"one\\n","stream":"stdout","time":"2026-11-21T08:00:00Z"}\n{"log":"two\\n","stream":"stderr","time":"2026-11-21T08:00:01Z"}\n`,
  )
  runtime.logPaths.set(containerId, log)
})
after(async () => {
  stop.abort()
  await running
  rmSync(dir, { recursive: true })
})

const get = (url: string, identity?: { cert: string; key: string }, headers: Record<string, string> = {}) =>
  new Promise<{ status: number; body: string }>((resolve, reject) => {
    const sent = request(`https://${base}${url}`, { ca: serving.cert, ...identity, headers, agent: false }, (response) => {
      text(response).then((body) => resolve({ status: response.statusCode ?? 0, body }), reject)
    })
    sent.on('error', reject)
    sent.end()
  })

test('only clients of the kubelet API get in, everywhere', async () => {
  for (const url of ['/pods', '/healthz', '/metrics', '/containerLogs/default/web/app', '/nothing']) {
    assert.equal((await get(url)).status, 401, url)
    assert.equal((await get(url, undefined, { authorization: 'Bearer x' })).status, 401, url)
    assert.equal((await get(url, stranger)).status, 403, url)
  }
  const forbidden = await get('/pods', stranger)
  assert.equal(forbidden.body, 'Forbidden (user=system:node:n2, verb=get, resource=nodes, subresource(s)=[pods proxy])\n')
  await assert.rejects(runRemoteCommand(`wss://${base}/exec/default/web/app?command=x&output=1`, { ca: serving.cert }, {}), { code: 401 })
})

test('tokens are reviewed, and what they may do; verdicts are remembered', async () => {
  const as = (token: string, url: string) => get(url, undefined, { authorization: `Bearer ${token}` })
  reviewed.length = 0
  assert.equal((await as('of-reader', '/metrics')).status, 200)
  assert.equal((await as('of-reader', '/metrics')).status, 200)
  assert.deepEqual(reviewed, ['token of-reader', 'reader system:authenticated get metrics'])
  const forbidden = await as('of-reader', '/configz')
  assert.deepEqual(forbidden, { status: 403, body: 'Forbidden (user=reader, verb=get, resource=nodes, subresource(s)=[configz proxy])\n' })
  assert.deepEqual(reviewed.slice(2), ['reader system:authenticated get configz', 'reader system:authenticated get proxy'])
  assert.deepEqual(await as('broken', '/metrics'), { status: 401, body: 'Unauthorized' })
  assert.deepEqual(await as('of-unlucky', '/pods'), {
    status: 500,
    body: 'Authorization error (user=unlucky, verb=get, resource=nodes, subresource=pods)',
  })
})

test('what each path asks for', () => {
  const table: [string, string, string, string[]][] = [
    ['GET', '/pods', 'get', ['pods', 'proxy']],
    ['GET', '/podsandmore', 'get', ['proxy']],
    ['GET', '/runningpods/', 'get', ['pods', 'proxy']],
    ['GET', '/stats/summary', 'get', ['stats']],
    ['GET', '/metrics/cadvisor', 'get', ['metrics']],
    ['GET', '/logs/syslog', 'get', ['log']],
    ['POST', '/exec/ns/p/c', 'create', ['proxy']],
    ['POST', '/checkpoint/ns/p/c', 'create', ['checkpoint']],
    ['GET', '/flagz', 'get', ['configz']],
  ]
  for (const [method, url, verb, subresources] of table) assert.deepEqual(askedOf(method, url), { verb, subresources, path: url })
})

test('what is observed', async () => {
  assert.deepEqual(await get('/healthz', client), { status: 200, body: 'ok' })
  assert.equal(JSON.parse((await get('/pods', client)).body).items[0].metadata.name, 'web')
  assert.equal(JSON.parse((await get('/runningpods/', client)).body).items[0].spec.containers[0].name, 'app')
  assert.deepEqual(JSON.parse((await get('/configz', client)).body), { kubeletconfig: { maxPods: 110 } })
  assert.deepEqual(JSON.parse((await get('/stats/summary', client)).body), { node: { nodeName: 'n1' }, onlyCpuAndMemory: false })
  assert.equal(JSON.parse((await get('/stats/summary?only_cpu_and_memory=true', client)).body).onlyCpuAndMemory, true)
  assert.equal((await get('/metrics/resource', client)).body, 'resource 1\n')
  const metrics = (await get('/metrics', client)).body
  assert.match(metrics, /^kubelet_looked_at 1$/m)
  assert.match(metrics, /^kubelet_http_requests_total\{method="GET",path="stats",server_type="readwrite",long_running="false"\} 2$/m)
  // Neither those that were refused nor those that were answered are still being answered.
  assert.doesNotMatch(metrics, /^kubelet_http_inflight_requests\{[^}]*\} -/m)
  assert.equal((await get('/metrics/cadvisor', client)).body, 'cadvisor 1\n')
  assert.equal((await get('/nothing', client)).status, 404)
})

test('logs', async () => {
  const logs = (query: string, container = 'app') => get(`/containerLogs/default/web/${container}${query}`, client)
  assert.deepEqual(await logs(''), { status: 200, body: 'one\ntwo\n' })
  assert.deepEqual(await logs('?tailLines=1&timestamps=true'), { status: 200, body: '2026-11-21T08:00:01.000000000Z two\n' })
  assert.deepEqual(await logs('?tailLines=x'), { status: 400, body: '{"message": "Unable to decode query."}' })
  assert.deepEqual(await logs('?limitBytes=0'), { status: 422, body: '{"message": "Invalid request."}' })
  assert.deepEqual(await logs('', 'nope'), { status: 404, body: 'container "nope" not found in pod "web"' })
  assert.deepEqual(await logs('?previous=true'), { status: 400, body: 'previous terminated container "app" in pod "web" not found' })
})

test('the query of a log and the attempt that is meant', () => {
  const now = new Date('2026-11-21T08:00:00Z')
  assert.deepEqual(parseLogQuery(new URLSearchParams('sinceSeconds=60&follow=true&stream=Stderr'), now), {
    follow: true,
    previous: false,
    timestamps: false,
    since: new Date('2026-11-21T07:59:00Z'),
    stream: 'stderr',
  })
  assert.throws(() => parseLogQuery(new URLSearchParams('sinceSeconds=1&sinceTime=2026-01-01T00:00:00Z'), now), { code: 422 })
  const attempt = (number: number, state: Container['state']) => ({ id: String(number), attempt: number, state }) as Container
  const [running, failed, older] = [attempt(2, 'running'), attempt(1, 'exited'), attempt(0, 'exited')]
  const table: [Container[], boolean, string][] = [
    [[running, failed, older], false, '2'],
    [[running, failed, older], true, '1'],
    [[failed, older], true, '0'],
    [[attempt(2, 'created'), failed], false, '1'],
    [[attempt(2, 'created'), failed], true, '1'],
  ]
  for (const [attempts, previous, id] of table) assert.equal(chooseAttempt(pod, 'app', attempts, previous).id, id)
  const lastState = { terminated: { containerID: 'docker://1' } }
  const waiting = { ...pod, status: { containerStatuses: [{ name: 'app', state: { waiting: {} }, lastState }] } } as unknown as Pod
  assert.equal(chooseAttempt(waiting, 'app', [failed, older], true).id, '1')
  assert.throws(() => chooseAttempt(pod, 'app', [], false), {
    message: 'container "app" in pod "web" is waiting to start: ContainerCreating',
  })
  const collected = { message: 'unable to retrieve container logs for docker://1' }
  const over = { ...pod, status: { containerStatuses: [{ name: 'app', state: lastState }] } } as unknown as Pod
  assert.throws(() => chooseAttempt(over, 'app', [], false), collected)
  assert.throws(() => chooseAttempt(waiting, 'app', [], true), collected)
  assert.throws(() => chooseAttempt({ ...over, status: {} }, 'app', [], true), {
    message: 'container "app" in pod "web" is not available',
  })
  assert.throws(() => chooseAttempt(over, 'app', [], true), { message: 'previous terminated container "app" in pod "web" not found' })
})

test('paths with and without their slash, and methods that they do not have', async () => {
  assert.equal((await get('/pods/', client)).status, 200)
  for (const url of ['/logs', '/runningpods', '/stats']) assert.equal((await get(url, client)).status, 307, url)
  for (const url of ['/run/default/web/app', '/checkpoint/default/web/app'])
    assert.deepEqual(await get(url, client), { status: 405, body: '405: Method Not Allowed' })
  assert.equal((await get('/nothing', client)).status, 404)
})

test('exec: streams and exit code; a pod that is not there', async () => {
  runtime.session = async (_id, command, streams) => {
    const input = await text(streams.stdin ?? new PassThrough())
    streams.stdout?.write(`${command.join(' ')}: ${input}`)
    return 3
  }
  const [stdin, stdout] = [new PassThrough(), new PassThrough()]
  stdin.end('hello')
  const url = `wss://${base}/exec/default/web/app?command=cat&command=-n&input=1&output=1&error=1`
  assert.deepEqual(await runRemoteCommand(url, { ca: serving.cert, ...client }, { stdin, stdout }), { exitCode: 3 })
  stdout.end()
  assert.equal(await text(stdout), 'cat -n: hello')
  const missing = url.replace('/web/', '/gone/')
  await assert.rejects(runRemoteCommand(missing, { ca: serving.cert, ...client }, {}), { code: 404, body: 'pod does not exist' })
})

test('sessions without the headers that ask for them: what else is wrong is told first', async () => {
  const table: [path: string, status: number, body: string][] = [
    ['/exec/default/web/app?command=x', 400, 'you must specify at least 1 of stdin, stdout, stderr'],
    ['/exec/default/web/app?command=x&stdout=1', 400, 'you must specify at least 1 of stdin, stdout, stderr'],
    ['/exec/default/web/app?command=x&tty=1&error=1', 400, 'you must specify at least 1 of stdin, stdout, stderr'],
    ['/exec/default/gone/app?command=x&output=1', 404, 'pod does not exist'],
    ['/exec/default/web/nope?command=x&output=1', 500, 'container not found ("nope")'],
    ['/exec/default/web/other-uid/app?command=x&output=1', 500, 'Upgrade request required\n'],
    ['/attach/default/web/other-uid/app?output=1', 500, 'pod web_default not found'],
    ['/exec/default/web/app?command=x&output=1', 500, 'Upgrade request required\n'],
    ['/exec/default/web/u1/app?command=x&output=1', 500, 'Upgrade request required\n'],
    ['/attach/default/web/nope?output=1', 500, 'container nope not found in pod web_default'],
    ['/attach/default/web/app?output=1', 500, 'Upgrade request required\n'],
    ['/portForward/default/gone', 404, 'pod does not exist'],
    ['/portForward/default/web/other-uid', 404, 'pod not found'],
    ['/portForward/default/web', 500, 'Upgrade request required\n'],
  ]
  for (const [path, status, body] of table) assert.deepEqual(await get(path, client), { status, body }, path)
})

test('open sessions do not hold up the end', async () => {
  const ending = new AbortController()
  const tls = { ...serving, clientCa: client.cert }
  const server = kubeletServer({ host, access, bindAddress: '127.0.0.1', port: 0, tls: async () => tls })
  const ended = server.run(ending.signal)
  await server.started
  const begun = Promise.withResolvers<void>()
  runtime.session = (_id, _command, streams) => {
    begun.resolve()
    return new Promise((done) => streams.stdout?.once('close', () => done(0)))
  }
  const url = `wss://localhost:${server.port()}/exec/default/web/app?command=cat&output=1`
  const session = runRemoteCommand(url, { ca: serving.cert, ...client }, { stdout: new PassThrough() }).catch(ignore)
  await begun.promise
  ending.abort()
  await ended
  await session
})

test('port-forward', async () => {
  runtime.dial = (_sandbox, port, far) => {
    far.end(`port ${port}`)
    far.resume()
  }
  const forward = await PortForwardClient.connect(`wss://${base}/portForward/default/web/u1`, { ca: serving.cert, ...client })
  const [local, ours] = duplexPair()
  const done = forward.forward(ours, 8080)
  local.end()
  assert.equal(await text(local), 'port 8080')
  await done
  runtime.dial = undefined
  const [, again] = duplexPair()
  await assert.rejects(forward.forward(again, 9), /error forwarding port 9 to pod default\/web, uid u1: connect ECONNREFUSED/)
  await forward.close()
})

test('paths and streams of sessions', () => {
  assert.deepEqual(sessionPath('/exec/ns/p/c'), { verb: 'exec', namespace: 'ns', pod: 'p', container: 'c' })
  assert.deepEqual(sessionPath('/attach/ns/p/u/c'), { verb: 'attach', namespace: 'ns', pod: 'p', uid: 'u', container: 'c' })
  assert.deepEqual(sessionPath('/portForward/ns/p'), { verb: 'portForward', namespace: 'ns', pod: 'p' })
  for (const path of ['/exec/ns/p', '/pods', '/portForward/ns/p/u/x', '/exec/ns/p/u/c/x']) assert.equal(sessionPath(path), undefined, path)
  assert.deepEqual(wantedStreams(new URLSearchParams('input=1&output=1&error=1&tty=1')), {
    stdin: true,
    stdout: true,
    stderr: false,
    tty: true,
  })
  assert.throws(() => wantedStreams(new URLSearchParams('tty=1')), { code: 400 })
})
