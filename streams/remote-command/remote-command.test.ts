import assert from 'node:assert/strict'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { PassThrough } from 'node:stream'
import { text } from 'node:stream/consumers'
import { after, before, test } from 'node:test'
import { WebSocket } from 'ws'
import { refuse } from '#streams/upgrade.ts'
import { runRemoteCommand } from './client.ts'
import { choose, endingText, outcomeOf, parseSize } from './protocol.ts'
import { acceptRemoteCommand, type RemoteCommandSession } from './server.ts'

test('outcomes survive the wire', () => {
  const table: [Parameters<typeof endingText>[0], string, string][] = [
    [{ exitCode: 0 }, 'v4.channel.k8s.io', '{"metadata":{},"status":"Success"}'],
    [
      { exitCode: 3 },
      'v5.channel.k8s.io',
      '{"metadata":{},"status":"Failure","message":"command terminated with non-zero exit code: exit status 3","reason":"NonZeroExitCode","details":{"causes":[{"reason":"ExitCode","message":"3"}]}}',
    ],
    [{ exitCode: 0 }, 'v3.channel.k8s.io', ''],
    [{ exitCode: 3 }, 'channel.k8s.io', 'command terminated with non-zero exit code: exit status 3'],
  ]
  for (const [outcome, protocol, expected] of table) assert.equal(endingText(outcome, protocol), expected)
  assert.deepEqual(outcomeOf(endingText({ exitCode: 3 }, 'v4.channel.k8s.io')), { exitCode: 3 })
  assert.deepEqual(outcomeOf(endingText({ error: 'gone' }, 'v4.channel.k8s.io')), { error: 'Internal error occurred: gone' })
  assert.deepEqual(outcomeOf(''), { exitCode: 0 })
})

test('sizes and sub-protocols', () => {
  assert.deepEqual(parseSize('{"Width":80,"Height":24}'), { width: 80, height: 24 })
  assert.equal(parseSize('{"Width":"80"}'), undefined)
  assert.equal(choose(['v5', 'v4'], ['v3', 'v4']), 'v4')
  assert.equal(choose(['v5'], ['v1']), undefined)
  assert.equal(choose(['v5'], []), '')
})

let server: Server
let port = 0
let serve: (session: RemoteCommandSession) => Promise<void> = async () => undefined

before(async () => {
  server = createServer()
  server.on('upgrade', (request, socket, head) => {
    const wanted = { stdin: true, stdout: true, stderr: true, tty: request.url === '/tty' }
    acceptRemoteCommand({ request, socket, head }, wanted).then(serve, (error) => refuse(socket, error.code ?? 500, error.message))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  port = (server.address() as AddressInfo).port
})
after(() => server.close())

test('our client and server: stdin to its end, both outputs, the exit code', async () => {
  serve = async (session) => {
    const input = await text(session.stdin ?? new PassThrough())
    session.stdout?.write(`out ${input.length}`)
    session.stderr?.write('err')
    await session.finish({ exitCode: 42 })
  }
  const [stdin, stdout, stderr] = [new PassThrough(), new PassThrough(), new PassThrough()]
  stdin.end('y'.repeat(500_000))
  const outcome = await runRemoteCommand(`ws://127.0.0.1:${port}/`, {}, { stdin, stdout, stderr })
  stdout.end()
  stderr.end()
  assert.deepEqual([outcome, await text(stdout), await text(stderr)], [{ exitCode: 42 }, 'out 500000', 'err'])
})

test('terminal sizes arrive', async () => {
  serve = async (session) => {
    for await (const size of session.resize) {
      session.stdout?.write(`${size.width}x${size.height}`)
      break
    }
    await session.finish({ exitCode: 0 })
  }
  async function* sizes() {
    yield { width: 100, height: 30 }
  }
  const stdout = new PassThrough()
  assert.deepEqual(await runRemoteCommand(`ws://127.0.0.1:${port}/tty`, {}, { stdout, resize: sizes() }), { exitCode: 0 })
  stdout.end()
  assert.equal(await text(stdout), '100x30')
})

test('a client of the base64 form, as old dashboards are', async () => {
  serve = async (session) => {
    session.stdin?.once('data', (data: Buffer) => {
      session.stdout?.write(`echo ${data}`)
      session.finish({ exitCode: 0 })
    })
  }
  const socket = new WebSocket(`ws://127.0.0.1:${port}/`, ['base64.channel.k8s.io'])
  const messages: string[] = []
  socket.on('message', (data) => messages.push(String(data)))
  socket.on('open', () => socket.send(`0${Buffer.from('hi').toString('base64')}`))
  await new Promise((resolve) => socket.on('close', resolve))
  assert.deepEqual(messages, ['1', `1${Buffer.from('echo hi').toString('base64')}`])
})

test('a client that goes away is noticed, one that asks for the impossible is refused', async () => {
  const gone = new Promise<void>((resolve) => {
    serve = async (session) => session.closed.addEventListener('abort', () => resolve())
  })
  const socket = new WebSocket(`ws://127.0.0.1:${port}/`, ['v4.channel.k8s.io'])
  socket.on('open', () => socket.terminate())
  await gone
  const refused = new WebSocket(`ws://127.0.0.1:${port}/`, ['v9.channel.k8s.io'])
  const status = await new Promise((resolve) => refused.on('unexpected-response', (_, response) => resolve(response.statusCode)))
  assert.equal(status, 400)
})
