/** Streams through the apiserver to a kubelet: splicing, refusals that leave no tunnel, redirects, logs, proxies. The kubelet is a stand-in. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { connect as connectHttp2 } from 'node:http2'
import { createServer, request, type Server } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import { after, before, describe, test } from 'node:test'
import { Nodes } from '#api/core/node.ts'
import { Pods } from '#api/core/pod.ts'
import type { KubeObject, Resource } from '#api/resource.ts'
import { isProxyable, splitName } from '#apiserver/endpoints/proxying/proxy-target.ts'
import type { Writer } from '#apiserver/registry/write-context.ts'
import { startTestApiServer, type TestApiServer } from '#test/harness/apiserver.ts'

interface Seen {
  url: string
  headers: IncomingMessage['headers']
  clientName: string
}

/** Echoes upgraded connections, except where the path says otherwise. */
class StandInKubelet {
  readonly seen: Seen[] = []
  readonly sockets = new Set<Duplex>()
  /** How many requests it has cut that came on a connection of an earlier one. */
  cut = 0
  readonly #used = new WeakSet<Duplex>()
  readonly #server: Server

  constructor(pem: { certificate: string; key: string; ca: string }) {
    this.#server = createServer({ cert: pem.certificate, key: pem.key, ca: pem.ca, requestCert: true, rejectUnauthorized: true })
    this.#server.on('connection', (socket) => {
      this.sockets.add(socket)
      socket.on('close', () => this.sockets.delete(socket))
    })
    this.#server.on('upgrade', (message: IncomingMessage, socket: Duplex) => this.#upgrade(message, socket))
    this.#server.on('request', (message, response) => {
      this.#note(message)
      const isReused = this.#used.has(message.socket)
      this.#used.add(message.socket)
      if (isReused && message.url?.includes('sinceSeconds=77')) {
        this.cut += 1
        return void message.socket.destroy()
      }
      if (message.url?.includes('redirect')) return void response.writeHead(302, { location: 'https://192.0.2.7/evil' }).end()
      if (message.url?.includes('/containerLogs/default/p/main') && message.url.includes('previous')) {
        return void response.writeHead(400).end('previous terminated container "main" in pod "p" not found')
      }
      response.writeHead(200, { 'content-type': 'text/plain' })
      response.write('first line\n')
      setImmediate(() => response.end('second line\n'))
    })
  }

  #note(message: IncomingMessage): void {
    const socket = message.socket as import('node:tls').TLSSocket
    this.seen.push({ url: message.url ?? '', headers: message.headers, clientName: String(socket.getPeerCertificate().subject?.CN ?? '') })
  }

  #upgrade(message: IncomingMessage, socket: Duplex): void {
    this.#note(message)
    if (message.url?.includes('refuse')) return void socket.end('HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno')
    if (message.url?.includes('redirect'))
      return void socket.end('HTTP/1.1 302 Found\r\nLocation: https://192.0.2.7/\r\nContent-Length: 0\r\n\r\n')
    if (message.url?.includes('plain')) return void socket.end('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok')
    socket.write(
      'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: SPDY/3.1\r\nX-Stream-Protocol-Version: v4.channel.k8s.io\r\n\r\nhello',
    )
    socket.pipe(socket)
  }

  async listen(): Promise<number> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve))
    return (this.#server.address() as AddressInfo).port
  }

  close(): void {
    this.#server.close()
    this.#server.closeAllConnections()
    for (const socket of this.sockets) socket.destroy()
  }
}

const admin: Writer = { user: { name: 'test', groups: ['system:masters'] }, dryRun: false, namespace: '', warn: () => undefined }

describe('streams through the apiserver', () => {
  let server: TestApiServer
  let kubelet: StandInKubelet
  let identity: { cert: string; key: string }

  before(async () => {
    server = await startTestApiServer()
    const serving = await server.ca.issue({
      commonName: 'system:node:n',
      usages: ['server'],
      names: [{ type: 'ip', value: '127.0.0.1' }],
      days: 1,
    })
    kubelet = new StandInKubelet({ ...serving, ca: server.caPem })
    const port = await kubelet.listen()
    const { registry } = server.parts
    const node = {
      apiVersion: 'v1',
      kind: 'Node',
      metadata: { name: 'n' },
      spec: {},
      status: { addresses: [{ type: 'InternalIP', address: '127.0.0.1' }], daemonEndpoints: { kubeletEndpoint: { Port: port } } },
    } as unknown as KubeObject
    await registry.create(Nodes as unknown as Resource, node, admin)
    for (const [name, containers] of [
      ['p', ['main']],
      ['two', ['one', 'other']],
    ] as const) {
      const pod = {
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { name, namespace: 'default' },
        spec: { nodeName: 'n', containers: containers.map((c) => ({ name: c, image: 'app' })) },
        status: {},
      } as unknown as KubeObject
      await registry.create(Pods as unknown as Resource, pod, { ...admin, namespace: 'default' })
    }
    const pair = await server.identity('admin', 'system:masters')
    identity = { cert: pair.certificate, key: pair.key }
  })
  after(async () => {
    kubelet.close()
    await server[Symbol.asyncDispose]()
  })

  interface Outcome {
    code: number
    body: string
    socket?: Duplex
    early?: string
    headers: IncomingMessage['headers']
  }

  function send(path: string, headers: Record<string, string> = {}, method = 'GET'): Promise<Outcome> {
    return new Promise((resolve, reject) => {
      const call = request(`${server.url}${path}`, { method, headers, agent: false, ca: server.caPem, ...identity })
      call.on('upgrade', (response, socket, head) =>
        resolve({ code: 101, body: '', socket, early: head.toString(), headers: response.headers }),
      )
      call.on('response', (response) => {
        const chunks: Buffer[] = []
        response.on('data', (chunk: Buffer) => chunks.push(chunk))
        response.on('end', () =>
          resolve({ code: response.statusCode ?? 0, body: Buffer.concat(chunks).toString(), headers: response.headers }),
        )
      })
      call.on('error', reject)
      call.end()
    })
  }
  const upgrade = { connection: 'Upgrade', upgrade: 'SPDY/3.1', 'x-stream-protocol-version': 'v4.channel.k8s.io' }
  const pods = '/api/v1/namespaces/default/pods'

  test('exec becomes a raw stream both ways, with the kubelet’s own words for the parameters', async () => {
    const { code, socket, early, headers } = await send(
      `${pods}/p/exec?command=ls&command=-l&stdout=true&stdin=1&tty=0`,
      { ...upgrade, authorization: 'Bearer secret' },
      'POST',
    )
    assert.equal(code, 101)
    assert.equal(headers['x-stream-protocol-version'], 'v4.channel.k8s.io')
    assert.ok(socket)
    let text = early ?? ''
    const done = new Promise<void>((resolve) => {
      socket.on('data', (chunk: Buffer) => {
        text += chunk.toString()
        if (text.endsWith('ping')) resolve()
      })
    })
    socket.write('ping')
    await done
    assert.equal(text, 'helloping')
    socket.destroy()
    const seen = kubelet.seen.at(-1)
    assert.equal(seen?.url, '/exec/default/p/main?input=1&output=1&command=ls&command=-l')
    assert.equal(seen?.headers.authorization, undefined, 'credentials of the client stay here')
    assert.equal(seen?.clientName, 'kube-apiserver-kubelet-client')
  })

  test('attach and portforward find their paths', async () => {
    for (const [path, wanted] of [
      [`${pods}/two/attach?container=other&stdout=1`, '/attach/default/two/other?output=1'],
      [`${pods}/p/portforward?ports=80`, '/portForward/default/p?port=80'],
    ] as const) {
      const { code, socket } = await send(path, upgrade)
      assert.equal(code, 101)
      socket?.destroy()
      assert.equal(kubelet.seen.at(-1)?.url, wanted)
    }
  })

  test('a refused upgrade leaves no tunnel', async () => {
    const before = kubelet.seen.length
    for (const [word, code] of [
      ['refuse', 403],
      ['redirect', 502],
      ['plain', 502],
    ] as const) {
      const outcome = await send(`${pods}/p/exec?command=${word}&stdout=1`, upgrade)
      assert.equal(outcome.code, code)
      assert.equal(outcome.socket, undefined)
      assert.equal(outcome.headers.connection, 'close')
    }
    assert.equal(kubelet.seen.length, before + 3)
    const deadline = Date.now() + 60_000
    while (kubelet.sockets.size > 0 && Date.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 20))
    assert.equal(kubelet.sockets.size, 0, 'connections to the kubelet are closed')
  })

  test('what is wrong is told before a kubelet is asked', async () => {
    const before = kubelet.seen.length
    const status = async (path: string, headers: Record<string, string> = upgrade): Promise<string> => {
      const { code, body } = await send(path, headers)
      return `${code} ${(JSON.parse(body) as { message: string }).message}`
    }
    assert.equal(await status(`${pods}/absent/exec?command=ls`), '404 pods "absent" not found')
    assert.equal(
      await status(`${pods}/two/exec?command=ls`),
      '400 a container name must be specified for pod two, choose one of: [one other]',
    )
    assert.equal(await status(`${pods}/two/exec?command=ls&container=x`), '400 container x is not valid for pod two')
    assert.equal(await status(`${pods}/p/exec?command=ls`, {}), '400 Upgrade request required')
    assert.equal(kubelet.seen.length, before)
  })

  test('an upgrade without credentials is refused', async () => {
    const outcome = await new Promise<number>((resolve, reject) => {
      const call = request(`${server.url}${pods}/p/exec?command=ls`, { headers: upgrade, agent: false, ca: server.caPem })
      call.on('upgrade', () => resolve(101))
      call.on('response', (response) => resolve(response.statusCode ?? 0))
      call.on('error', reject)
      call.end()
    })
    assert.equal(outcome, 403)
  })

  test('logs come as they are; the kubelet’s refusal is a Status', async () => {
    const log = await send(`${pods}/p/log?tailLines=5&timestamps=true`)
    assert.equal(log.code, 200)
    assert.equal(log.body, 'first line\nsecond line\n')
    assert.equal(kubelet.seen.at(-1)?.url, '/containerLogs/default/p/main?timestamps=true&tailLines=5')
    const previous = await send(`${pods}/p/log?previous=true`)
    assert.equal(previous.code, 400)
    assert.match(previous.body, /previous terminated container \\"main\\" in pod \\"p\\" not found/)
  })

  test('a connection that the kubelet has let go of is no failure', async () => {
    const before = kubelet.cut
    assert.equal((await send(`${pods}/p/log`)).code, 200)
    assert.equal((await send(`${pods}/p/log?sinceSeconds=77`)).body, 'first line\nsecond line\n')
    assert.equal(kubelet.cut, before + 1, 'the connection was kept')
  })

  test('logs over HTTP/2 come in their pieces', async () => {
    const session = connectHttp2(server.url, { ca: server.caPem, ...identity })
    const log = session.request({ ':path': `${pods}/p/log?follow=true` })
    const [headers] = (await once(log, 'response')) as [Record<string, unknown>]
    assert.equal(headers[':status'], 200)
    assert.equal(headers['content-type'], 'text/plain')
    let text = ''
    for await (const chunk of log) text += chunk
    assert.equal(text, 'first line\nsecond line\n')
    session.destroy()
  })

  test('logs over WebSocket: their pieces as messages; a refusal before the switch', async () => {
    const { WebSocket } = await import('ws')
    const read = (query: string, protocols: string[]) =>
      new Promise<string[]>((resolve, reject) => {
        const socket = new WebSocket(`${server.url.replace('https', 'wss')}${pods}/p/log?${query}`, protocols, {
          ca: server.caPem,
          ...identity,
        })
        const messages: string[] = []
        socket.on('message', (data, isBinary) => messages.push(`${isBinary ? 'binary' : 'text'} ${String(data)}`))
        socket.on('close', (code) => resolve([...messages, `end ${code}`]))
        socket.on('unexpected-response', (_request, response) => reject(new Error(`status ${response.statusCode}`)))
        socket.on('error', reject)
      })
    const plain = await read('container=main', ['binary.k8s.io'])
    assert.equal(plain[0], 'binary ')
    assert.equal(
      plain
        .slice(1, -1)
        .map((message) => message.replace('binary ', ''))
        .join(''),
      'first line\nsecond line\n',
    )
    assert.equal(plain.at(-1), 'end 1000')
    const encoded = await read('container=main', ['base64.binary.k8s.io'])
    const pieces = encoded.slice(1, -1).map((message) => Buffer.from(message.replace('text ', ''), 'base64').toString())
    assert.equal(pieces.join(''), 'first line\nsecond line\n')
    await assert.rejects(read('previous=true', []), /status 400/)
  })

  test('a node whose address is this machine is not proxied to', async () => {
    const { code, body } = await send('/api/v1/nodes/n/proxy/pods')
    assert.equal(code, 400)
    assert.match(body, /address not allowed/)
  })

  test('proxy paths without a slash are sent to the one with it', async () => {
    const { code, headers } = await send('/api/v1/namespaces/default/services/s/proxy?a=b')
    assert.equal(code, 301)
    assert.equal(headers.location, '/api/v1/namespaces/default/services/s/proxy/?a=b')
  })

  test('a watch over WebSocket sends one message per event', async () => {
    const { WebSocket } = await import('ws')
    const socket = new WebSocket(`${server.url.replace('https', 'wss')}/api/v1/namespaces?watch=1&resourceVersion=0`, {
      ca: server.caPem,
      ...identity,
    })
    const first = await new Promise<string>((resolve, reject) => {
      socket.once('message', (data) => resolve(String(data)))
      socket.once('error', reject)
    })
    socket.close()
    const event = JSON.parse(first) as { type: string; object: { kind: string } }
    assert.deepEqual([event.type, event.object.kind], ['ADDED', 'Namespace'])
  })
})

test('names of proxied things', () => {
  assert.deepEqual(splitName('web'), { scheme: '', name: 'web', port: '' })
  assert.deepEqual(splitName('web:80'), { scheme: '', name: 'web', port: '80' })
  assert.deepEqual(splitName('https:web:http'), { scheme: 'https', name: 'web', port: 'http' })
  assert.equal(splitName('ftp:web:80'), undefined)
  assert.equal(splitName('a:b:c:d'), undefined)
})

test('addresses that are never dialled for a client', () => {
  for (const address of ['127.0.0.1', '0.0.0.0', '169.254.169.254', '::1', '::', 'fe80::1', 'ff02::1', '224.0.0.1', 'example.com'])
    assert.equal(isProxyable(address), false, address)
  for (const address of ['10.0.0.1', '192.168.1.1', 'fd00::1', '8.8.8.8']) assert.equal(isProxyable(address), true, address)
})
