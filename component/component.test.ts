import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { request } from 'node:https'
import { test } from 'node:test'
import { Backoff, sleep } from './clock.ts'
import { ExecError, exec } from './exec.ts'
import { boolFlag, durationFlag, FlagError, intFlag, listFlag, mapFlag, parseDuration, parseFlags, portFlag, stringFlag } from './flags.ts'
import { createLogger, textLine } from './logging.ts'
import { healthServer, report } from './serving.ts'

const flags = {
  name: stringFlag('a name', 'x'),
  wait: durationFlag('a time', 5),
  on: boolFlag('a switch'),
  count: intFlag('a number', 1),
  port: portFlag('a port', 80),
  items: listFlag('a list'),
  labels: mapFlag('a map'),
}

test('flags are read in all forms', () => {
  const cases: [string[], Partial<Record<keyof typeof flags, unknown>>][] = [
    [[], { name: 'x', wait: 5, on: false, count: 1 }],
    [['--name=a=b', '--on'], { name: 'a=b', on: true }],
    [['--name', 'b', '--on=false', '--wait', '1m30s'], { name: 'b', on: false, wait: 90_000 }],
    [['--items=a,b', '--items', 'c'], { items: ['a', 'b', 'c'] }],
    [
      ['--labels=a=1,b=', '-count=3'],
      {
        labels: new Map([
          ['a', '1'],
          ['b', ''],
        ]),
        count: 3,
      },
    ],
  ]
  for (const [argv, expected] of cases) {
    const values = parseFlags(flags, argv)
    for (const [key, value] of Object.entries(expected)) assert.deepEqual(values[key as keyof typeof flags], value, argv.join(' '))
  }
})

test('bad flags say what is wrong', () => {
  const cases: [string[], RegExp][] = [
    [['--nmae=x'], /unknown flag: --nmae/],
    [['--constructor=x'], /unknown flag: --constructor/],
    [['--name'], /needs an argument: --name/],
    [['--count=two'], /--count: "two" is not a whole number/],
    [['--port=65536'], /--port: 65536 is not a port/],
    [['--port=-1'], /--port: -1 is not a port/],
    [['--wait=3'], /not a duration/],
    [['--on=maybe'], /neither true nor false/],
    [['stray'], /unexpected argument "stray"/],
    [['--labels=a'], /key=value/],
  ]
  for (const [argv, expected] of cases)
    assert.throws(
      () => parseFlags(flags, argv),
      (error) => error instanceof FlagError && expected.test(error.message),
    )
})

test('durations are Go durations', () => {
  const cases: [string, number][] = [
    ['0', 0],
    ['1.5s', 1500],
    ['1h2m3s', 3_723_000],
    ['100ms', 100],
    ['-5s', -5000],
    ['1us', 0.001],
  ]
  for (const [text, ms] of cases) assert.equal(parseDuration(text), ms, text)
})

test('exec gives output, exit codes and time-outs', async () => {
  assert.equal((await exec(['cat'], { input: 'hello' })).stdout, 'hello')
  await assert.rejects(exec(['sh', '-c', 'echo no >&2; exit 3']), (e) => e instanceof ExecError && e.exitCode === 3 && e.stderr === 'no\n')
  await assert.rejects(exec(['sleep', '10'], { timeoutMs: 20 }), (e) => e instanceof ExecError && e.timedOut)
  await assert.rejects(exec(['/does/not/exist']), (e) => e instanceof ExecError && e.exitCode === undefined)
  await exec(['true'], { input: 'x'.repeat(1 << 20) })
})

test('sleep ends early when cancelled, back-off grows to its limit', async () => {
  const stop = new AbortController()
  setTimeout(() => stop.abort(), 5)
  await sleep(60_000, stop.signal)
  const backoff = new Backoff({ firstMs: 100, maxMs: 300, jitter: 0 })
  assert.deepEqual([backoff.next(), backoff.next(), backoff.next()], [100, 200, 300])
  backoff.reset()
  assert.equal(backoff.next(), 100)
})

test('a log line carries its fields', () => {
  const lines: string[] = []
  const log = createLogger({ name: 'kubelet', verbosity: 0, format: 'text', destination: { write: (line) => lines.push(line) } })
  log.info({ pod: 'default/a', error: new Error('boom') }, 'pod failed')
  log.debug({}, 'hidden')
  const refused = new Error('connect ECONNREFUSED')
  log.info({ error: new Error(`docker: ${refused.message}`, { cause: refused }) }, 'told once')
  log.info({ error: new Error('no answer', { cause: refused }) }, 'told both')
  assert.match(lines[1] ?? '', /error="docker: connect ECONNREFUSED"\n$/)
  assert.match(lines[2] ?? '', /error="no answer: connect ECONNREFUSED"\n$/)
  assert.equal(lines.length, 3)
  assert.match(lines[0] ?? '', /^I \d{4}-.*Z kubelet "pod failed" pod="default\/a" error="boom"\n$/)
  assert.equal(textLine({ level: 50, time: 0, name: 'x', msg: 'm' }), 'E 1970-01-01T00:00:00.000Z x "m"\n')
})

test('health pages are worded as upstream words them', async () => {
  const checks = {
    ping: () => undefined,
    etcd: () => {
      throw new Error('no answer')
    },
  }
  const bad = { status: 500, body: '[+]ping ok\n[-]etcd failed: no answer\nreadyz check failed\n' }
  assert.deepEqual(await report(checks, { name: 'readyz', verbose: false }), bad)
  assert.deepEqual(await report(checks, { name: 'readyz', single: 'ping', verbose: false }), { status: 200, body: 'ok' })
  assert.equal((await report(checks, { name: 'readyz', single: 'nope', verbose: false })).status, 404)
})

test('the health port serves TLS by itself and keeps metrics closed to strangers', async () => {
  const server = healthServer({ bindAddress: '127.0.0.1', port: 0, tls: {}, livez: { ping: () => undefined }, readyz: {} })
  const stop = new AbortController()
  const ended = server.run(stop.signal)
  await server.started
  assert.deepEqual(await get(server.port(), '/healthz'), { status: 200, body: 'ok' })
  assert.equal((await get(server.port(), '/metrics')).status, 403)
  const second = healthServer({ bindAddress: '127.0.0.1', port: server.port(), livez: {}, readyz: {} })
  await assert.rejects(second.run(stop.signal), /the port is taken/)
  await assert.rejects(second.started)
  stop.abort()
  await ended
})

function get(port: number, path: string): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    request({ port, path, host: '127.0.0.1', rejectUnauthorized: false, agent: false }, (response) => {
      let body = ''
      response.on('data', (chunk) => (body += chunk))
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body }))
    })
      .on('error', reject)
      .end()
  })
}

test('a daemon stops in reverse order with code 0, fails with 1 and refuses flags with 2', async () => {
  const program = (body: string) => `
    import { runDaemon, StartupError } from '#component/daemon.ts'
    import { stringFlag } from '#component/flags.ts'
    const part = (name) => ({ name, run: (s) => new Promise((r) => s.addEventListener('abort', () => { console.log(name); r() })) })
    await runDaemon({ name: 'demo', version: '1', flags: { mode: stringFlag('m') }, startupErrors: [RangeError], build: async () => { ${body} } }, process.argv.slice(1))`
  const cases: { argv: string[]; body: string; kill?: boolean; code: number; out: RegExp }[] = [
    {
      argv: [],
      body: `setTimeout(() => console.log('up'), 10); return [part('first'), part('second')]`,
      kill: true,
      code: 0,
      out: /up\n(.*"stopping".*\n)?second\nfirst\n/,
    },
    { argv: [], body: `throw new StartupError('cannot read /x: no such file')`, code: 1, out: /^demo: cannot read \/x: no such file\n$/ },
    { argv: [], body: `throw new RangeError('no port 99999')`, code: 1, out: /^demo: no port 99999\n$/ },
    { argv: [], body: `throw new TypeError('oh')`, code: 1, out: /"cannot start".*TypeError: oh/ },
    { argv: [], body: `return [{ name: 'short', run: async () => undefined }]`, code: 1, out: /ended unasked/ },
    { argv: ['--bogus'], body: `return []`, code: 2, out: /^demo: unknown flag: --bogus/ },
    { argv: ['--help'], body: `return []`, code: 0, out: /--mode\n/ },
  ]
  for (const { argv, body, kill, code, out } of cases) {
    const child = spawn(process.execPath, ['--input-type=module', '-e', program(body), '--', ...argv], { cwd: import.meta.dirname })
    let text = ''
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk) => {
        text += chunk
        if (kill && text.includes('up\n') && !child.killed) child.kill('SIGTERM')
      })
    const [status] = await once(child, 'close')
    assert.match(text, out)
    assert.equal(status, code, text)
  }
})
