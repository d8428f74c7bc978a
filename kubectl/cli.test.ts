import assert from 'node:assert/strict'
import { Writable } from 'node:stream'
import { test } from 'node:test'
import { ApiError } from '#api/meta/status.ts'
import { ConnectionError } from '#client/transport.ts'
import { commandName, runCli } from './cli.ts'
import { command, ExitError, type Io, list, number, onOff, text, UsageError } from './command.ts'
import { commands } from './commands/index.ts'
import { rolloutStatus } from './commands/rollout.ts'
import { durationMs } from './duration.ts'
import { parseManifests } from './manifest/read.ts'

function screen() {
  const written = { out: '', err: '' }
  const into = (key: 'out' | 'err') =>
    new Writable({
      write(chunk, _, done) {
        written[key] += String(chunk)
        done()
      },
    })
  const io: Io = { in: process.stdin, out: into('out'), err: into('err') }
  return { io, written }
}

/** What a command line becomes, or what is said about it. */
async function parsed(argv: readonly string[]): Promise<unknown> {
  let seen: unknown
  const demo = command({
    name: 'group demo',
    args: '',
    summary: 'Shows how flags are read',
    examples: [],
    flags: {
      output: text('', { short: 'o' }),
      watch: onOff('', { short: 'w' }),
      wait: onOff('', { fallback: true }),
      'no-headers': onOff(''),
      tail: number(''),
      filename: list('', { short: 'f' }),
      'dry-run': text('', { fallback: 'none', bare: 'unchanged' }),
      stdin: onOff('', { short: 'i' }),
      tty: onOff('', { short: 't' }),
    },
    async run({ args, rest, flags }) {
      const { output, watch, wait, tail, filename, stdin, tty } = flags
      seen = { args, rest, output, watch, wait, tail, filename, it: stdin && tty, headers: !flags['no-headers'], dry: flags['dry-run'] }
    },
  })
  const { io, written } = screen()
  const code = await runCli({ 'group demo': async () => demo }, argv, io)
  return code === 0 ? seen : written.err
}

const none = {
  args: [],
  rest: [],
  output: '',
  watch: false,
  wait: true,
  tail: undefined,
  filename: [],
  it: false,
  headers: true,
  dry: 'none',
}

test('flags are read as pflag reads them', async () => {
  const cases: [string, object][] = [
    ['group demo a b', { args: ['a', 'b'] }],
    ['group demo -o json a', { output: 'json', args: ['a'] }],
    ['group demo -ojson', { output: 'json' }],
    ['group demo -o=json', { output: 'json' }],
    ['group demo --output=json --output=yaml', { output: 'yaml' }],
    ['group demo --watch a', { watch: true, args: ['a'] }],
    ['group demo a -w b', { watch: true, args: ['a', 'b'] }],
    ['group demo --wait=false', { wait: false }],
    ['group demo --no-headers', { headers: false }],
    ['group demo --tail=-1', { tail: -1 }],
    ['group demo --tail 5', { tail: 5 }],
    ['group demo -f a,b -f c', { filename: ['a', 'b', 'c'] }],
    ['group demo -f -', { filename: ['-'] }],
    ['group demo --dry-run a', { dry: 'unchanged', args: ['a'] }],
    ['group demo --dry-run=client', { dry: 'client' }],
    ['group demo -it pod -- ls -l --all', { it: true, args: ['pod'], rest: ['ls', '-l', '--all'] }],
    ['-n shop group demo x', { args: ['x'] }],
  ]
  for (const [line, expected] of cases) assert.deepEqual(await parsed(line.split(' ')), { ...none, ...expected }, line)
})

test('bad command lines say what is wrong', async () => {
  const cases: [string, RegExp][] = [
    ['group demo --bogus', /^error: unknown flag: --bogus\n/],
    ['group demo --tail=x', /invalid argument "x" for "--tail"/],
    ['group demo --watch=maybe', /invalid argument "maybe" for "--watch"/],
    ['nonsense', /^error: unknown command "nonsense" for "kubectl"\n/],
  ]
  for (const [line, expected] of cases) assert.match(String(await parsed(line.split(' '))), expected, line)
})

test('failures are told in upstream’s words, with its exit codes', async () => {
  const refused = new ConnectionError('connect ECONNREFUSED', 'ECONNREFUSED')
  const cases: [Error, number, RegExp][] = [
    [new ApiError(404, 'NotFound', 'pods "x" not found'), 1, /^Error from server \(NotFound\): pods "x" not found\n$/],
    [new ApiError(422, 'Invalid', 'Pod "x" is invalid: spec: y'), 1, /^The Pod "x" is invalid: spec: y\n$/],
    [new ApiError(401, 'Unauthorized', 'Unauthorized'), 1, /must be logged in to the server \(Unauthorized\)/],
    [new UsageError('resource name may not be empty'), 1, /^error: resource name may not be empty\n$/],
    [refused, 1, /was refused - did you specify the right host or port\?\n/],
    [new ExitError(7), 7, /^$/],
  ]
  for (const [failure, expectedCode, expected] of cases) {
    const failing = command({ name: 'fail', args: '', summary: '', examples: [], flags: {}, run: () => Promise.reject(failure) })
    const { io, written } = screen()
    assert.equal(await runCli({ fail: async () => failing }, ['fail', '-s', 'https://127.0.0.1:1'], io), expectedCode)
    assert.match(written.err, expected)
  }
})

test('without a kubeconfig it says where it looked and what helps', async () => {
  const { io, written } = screen()
  assert.equal(await runCli(commands, ['get', 'pods', '--kubeconfig', '/nonexistent/config'], io), 1)
  assert.match(written.err, /\/nonexistent\/config/)
})

test('every command has help with an example', async () => {
  for (const name of Object.keys(commands)) {
    const { io, written } = screen()
    assert.equal(await runCli(commands, [...name.split(' '), '--help'], io), 0)
    assert.match(written.out, /Examples:\n {2}kubectl /, name)
  }
})

test('durations', () => {
  for (const [words, ms] of [
    ['30s', 30_000],
    ['1m30s', 90_000],
    ['0', 0],
    ['5', 5000],
    ['500ms', 500],
  ] as const)
    assert.equal(durationMs(words), ms)
  for (const words of ['', 'x', '5 s', '1d']) assert.throws(() => durationMs(words), /invalid duration/)
})

test('manifests are read as Go reads YAML', () => {
  const [one, two, ...none] = parseManifests(
    'apiVersion: v1\nkind: List\nitems:\n- {apiVersion: v1, kind: A, mode: 0644, on: yes, port: 22:22, date: 2020-01-01}\n---\n---\nkind: B\napiVersion: x/v1\n',
    'f',
  )
  assert.deepEqual(one?.object, { apiVersion: 'v1', kind: 'A', mode: 420, true: true, port: '22:22', date: '2020-01-01', metadata: {} })
  assert.equal(two?.object.kind, 'B')
  assert.equal(none.length, 0)
  assert.throws(() => parseManifests('a: 1\na: 2', 'f'), /unique/)
  assert.throws(() => parseManifests('kind: A', 'f'), /apiVersion not set/)
  assert.throws(() => parseManifests('- a', 'f'), /must be a mapping/)
})

test('how far a rollout is', () => {
  const deployment = (status: object, more: object = {}) =>
    rolloutStatus({
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'web', generation: 2 },
      spec: { replicas: 3, ...more } as never,
      status: { observedGeneration: 2, ...status },
    })
  assert.match(deployment({ observedGeneration: 1 }).message, /spec update to be observed/)
  assert.equal(
    deployment({ updatedReplicas: 1 }).message,
    'Waiting for deployment "web" rollout to finish: 1 out of 3 new replicas have been updated...\n',
  )
  assert.equal(
    deployment({ updatedReplicas: 3, replicas: 4 }).message,
    'Waiting for deployment "web" rollout to finish: 1 old replicas are pending termination...\n',
  )
  assert.equal(
    deployment({ updatedReplicas: 3, replicas: 3, availableReplicas: 2 }).message,
    'Waiting for deployment "web" rollout to finish: 2 of 3 updated replicas are available...\n',
  )
  assert.deepEqual(deployment({ updatedReplicas: 3, replicas: 3, availableReplicas: 3 }), {
    message: 'deployment "web" successfully rolled out\n',
    done: true,
  })
  assert.match(
    deployment({ conditions: [{ type: 'Progressing', status: 'False', reason: 'ProgressDeadlineExceeded' }] }).failed ?? '',
    /exceeded its progress deadline/,
  )
})

test('which command a line means', () => {
  const names = Object.keys(commands)
  const cases: [string, string | undefined][] = [
    ['get scale', 'get'],
    ['-n wait get pods', 'get'],
    ['--namespace=x rollout status deploy/web', 'rollout status'],
    ['--insecure-skip-tls-verify delete pod x', 'delete'],
    ['config -n x view', 'config view'],
    ['rollout', undefined],
    ['--help', undefined],
    ['bogus get', undefined],
  ]
  for (const [line, expected] of cases) assert.equal(commandName(line.split(' '), names), expected, line)
})
