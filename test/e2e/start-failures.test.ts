// On a cluster with etcd. What goes wrong on the way of a new user: Ctrl-C in the middle, a port that is taken, flags that make no sense, an image that is nowhere.
import assert from 'node:assert/strict'
import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { after, test } from 'node:test'
import { attempt, run } from '#deploy/machine/exec.ts'
import { findSupervisor } from '#deploy/machine/programs.ts'
import { checkout, eventually, TestCluster, whyNoCluster } from '#test/harness/cluster.ts'
import { setOwner } from '#test/harness/state-directories.ts'

const skip = whyNoCluster() ?? false
const cluster = await TestCluster.prepare(24_680, '--nodes=1', '--no-example', '--store=etcd')
const { state } = cluster.layout
const { port } = cluster.layout.options

after(async () => {
  if (!skip) await cluster.down()
})

/** Start in a process group of its own, as a terminal does it. */
function startGroup(): ChildProcessByStdio<null, Readable, Readable> {
  const words = ['up', '--state', state, '--port', String(port), '--nodes', '1', '--no-example', '--store', 'etcd']
  return spawn('sh', [join(checkout, 'deploy/start.sh'), ...words], { stdio: ['ignore', 'pipe', 'pipe'], detached: true })
}

/** Runs start and kills it when its API server has been started: what it made stays. */
async function killStart(): Promise<void> {
  const child = startGroup()
  await eventually('kube-apiserver to be started', 120_000, () => findSupervisor(cluster.layout, 'kube-apiserver'))
  process.kill(-(child.pid ?? 0), 'SIGKILL')
  await once(child, 'close')
}

/** Runs start and sends SIGINT as soon as its output matches; resolves with exit code and output. */
async function interruptAt(pattern: RegExp): Promise<{ code: number | null; output: string }> {
  const child = startGroup()
  let output = ''
  let sent = false
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      output += chunk.toString()
      if (sent || !pattern.test(output)) return
      sent = true
      // As a terminal does it: to the whole group.
      process.kill(-(child.pid ?? 0), 'SIGINT')
    })
  }
  const [code] = (await once(child, 'close')) as [number | null]
  return { code, output }
}

test('a port that is taken: who holds it, and what to run', { skip }, async () => {
  const server = createServer().listen(port, '127.0.0.1')
  await once(server, 'listening')
  const { code, output } = await cluster.command('up')
  server.close()
  assert.equal(code, 1)
  assert.match(output, new RegExp(`port ${port} is taken`))
  assert.match(output, new RegExp(`process ${process.pid} `))
  assert.match(output, /run: npm start -- --port/)
})

test('flags that make no sense: one line, where the usage is, exit code 2', { skip }, async () => {
  const { code, output } = await cluster.command('up', '--nodes', 'many')
  assert.equal(code, 2)
  assert.match(output, /--nodes wants a whole number from 1 to 50, not "many"/)
  // `npm start --nodes 3`: npm keeps the flag.
  const swallowed = await cluster.command('up', '3')
  assert.equal(swallowed.code, 2)
  assert.match(swallowed.output, /unexpected word "3" \(flags follow a --: npm start -- --nodes 3\)/)
})

test('help is printed and nothing else is done', { skip }, async () => {
  const { code, output } = await cluster.command('up', '--help')
  assert.equal(code, 0)
  assert.match(output, /^usage: npm start -- /)
})

test('a port whose names are taken: a test cluster takes the next ones', { skip }, async () => {
  await run(['ip', 'link', 'add', cluster.layout.bridge, 'type', 'bridge'])
  try {
    const beside = await TestCluster.prepare(port)
    assert.notEqual(beside.layout.bridge, cluster.layout.bridge)
    await beside.down()
  } finally {
    await run(['ip', 'link', 'delete', cluster.layout.bridge])
  }
})

test('what a test that was killed has left goes before the next one', { skip }, async () => {
  await killStart()
  assert.ok((await cluster.remains()).includes(cluster.layout.bridge))
  await setOwner(state, { pid: process.pid, startTicks: 'of another life' })
  const next = await TestCluster.prepare(port)
  assert.equal(next.layout.options.port, port)
  await next.down()
  assert.deepEqual(await cluster.remains(), [])
})

test('a state directory deleted under a cluster: start says what to run, and that heals it', { skip }, async () => {
  await killStart()
  await rm(state, { recursive: true })
  const { code, output } = await cluster.command('up')
  assert.equal(code, 1)
  assert.match(output, new RegExp(`run: npm run down -- --state ${state} --port ${port} `))
  await cluster.mustRun('down', '--port', String(port))
  assert.deepEqual(await cluster.remains(), [])
})

test('the bridge of another cluster: whose it is; of none: what to run, and that heals it', { skip }, async () => {
  const { bridge } = cluster.layout
  const other = join(state, 'other')
  const record = join(other, 'cluster.json')
  await mkdir(other, { recursive: true })
  await writeFile(record, '{}')
  await run(['ip', 'link', 'add', bridge, 'type', 'bridge'])
  try {
    await run(['ip', 'link', 'set', bridge, 'alias', other])
    assert.match((await cluster.command('up')).output, new RegExp(`belongs to the cluster in ${other}`))
    await rm(record)
    assert.match((await cluster.command('up')).output, new RegExp(`run: npm run down -- --state ${other} --port ${port} `))
    const ended = await run(['sh', join(checkout, 'deploy/start.sh'), 'down', '--state', other, '--port', String(port)])
    assert.match(ended, new RegExp(`removed ${bridge}`))
  } finally {
    await attempt(['ip', 'link', 'delete', bridge])
  }
})

for (const pattern of [/\[3\/5\] Certificates/, /\[4\/5\] Control plane/]) {
  test(`Ctrl-C after ${pattern.source} leaves nothing running`, { skip }, async () => {
    const { code, output } = await interruptAt(pattern)
    assert.equal(code, 130, output)
    assert.match(output, /Interrupted/)
    assert.deepEqual(
      (await cluster.remains()).filter((line) => line !== state),
      [],
    )
  })
}

test('the next start after an interrupted one works', { skip }, async () => {
  assert.match(await cluster.mustRun('up'), /node-1 +Ready/)
})

test('load takes a folder and an archive; what is nowhere is refused with a reason', { skip }, async () => {
  const folder = join(state, 'image')
  await mkdir(folder, { recursive: true })
  await writeFile(join(folder, 'hello.txt'), 'hello')
  assert.match(await cluster.mustRun('load', folder, '--name', 'tried/folder:1'), /tried\/folder:1 on node-1/)
  const archive = join(state, 'saved.tar')
  await cluster.inNode('node-1', 'sh', '-c', `docker -H unix:///run/docker.sock save tried/folder:1 > ${archive}`)
  assert.match(await cluster.mustRun('load', archive), /tried\/folder:1 on node-1/)
  const { code, output } = await cluster.command('load', 'nowhere.example/none:1')
  assert.equal(code, 1)
  assert.match(output, /nowhere\.example\/none:1 is neither a file nor a folder here, and /)
})

test('down takes everything away, twice is no error', { skip }, async () => {
  await cluster.mustRun('down')
  assert.deepEqual(await cluster.remains(), [])
  await cluster.mustRun('down')
  assert.equal(await attempt(['ip', 'link', 'show', cluster.layout.bridge]), undefined)
})
