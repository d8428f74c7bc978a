/** Bodies made to keep the API server busy, to fill its memory or to bend its objects: each is answered in bounds, and it serves on. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { Agent, request } from 'node:https'
import { after, afterEach, before, describe, test } from 'node:test'
import { connect } from 'node:tls'
import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { createLogger } from '#component/logging.ts'
import { startTestApiServer, type TestApiServer } from '#test/harness/apiserver.ts'
import { processorMs } from '#test/harness/processor-time.ts'

interface Answer {
  code: number
  // biome-ignore lint/suspicious/noExplicitAny: answers are looked into by path
  body: any
}

const base = '/api/v1/namespaces/default'
const customs = '/apis/example.com/v1/namespaces/default/tabs'
const types = {
  json: 'application/json',
  yaml: 'application/yaml',
  jsonPatch: 'application/json-patch+json',
  merge: 'application/merge-patch+json',
  strategic: 'application/strategic-merge-patch+json',
  apply: 'application/apply-patch+yaml',
} as const
type Type = keyof typeof types

const many = <T>(count: number, make: (i: number) => T): T[] => Array.from({ length: count }, (_, i) => make(i))
const pod = (spec: object, metadata: object = {}): object => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'p', ...metadata },
  spec: { containers: [{ name: 'c', image: 'i' }], ...spec },
})
const configMap = (metadata: object): object => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'x', ...metadata } })

const definition = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'tabs.example.com' },
  spec: {
    group: 'example.com',
    scope: 'Namespaced',
    names: { plural: 'tabs', kind: 'Tab' },
    versions: [
      {
        name: 'v1',
        served: true,
        storage: true,
        additionalPrinterColumns: [{ name: 'deep', type: 'string', jsonPath: '.spec.any.a.a.a' }],
        schema: {
          openAPIV3Schema: {
            type: 'object',
            properties: {
              spec: {
                type: 'object',
                properties: {
                  pattern: { type: 'string', pattern: '^(a+)+$' },
                  rule: {
                    type: 'array',
                    maxItems: 100_000,
                    items: { type: 'integer' },
                    'x-kubernetes-validations': [{ rule: 'self.all(x, x >= 0)' }],
                  },
                  set: { type: 'array', items: { type: 'string' }, 'x-kubernetes-list-type': 'set' },
                  map: { type: 'object', additionalProperties: { type: 'string' } },
                  any: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
                },
              },
            },
          },
        },
      },
    ],
  },
}

describe('hostile bodies', () => {
  let server: TestApiServer
  let agent: Agent
  /** What the server calls its own mistakes. */
  const failures: string[] = []
  const clean = Object.getOwnPropertyNames(Object.prototype).sort()

  before(async () => {
    const destination = { write: (line: string) => void (line.startsWith('E ') && failures.push(line)) }
    server = await startTestApiServer({ log: createLogger({ name: 'apiserver', verbosity: 0, format: 'text', destination }) })
    const { certificate, key } = await server.identity('admin', 'system:masters')
    agent = new Agent({ ca: server.caPem, cert: certificate, key, keepAlive: true })
    assert.equal((await send('POST', `${base}/configmaps`, configMap({ name: 'kept' }))).code, 201)
    assert.equal((await send('POST', `${base}/pods`, pod({}))).code, 201)
    assert.equal((await send('POST', '/apis/apiextensions.k8s.io/v1/customresourcedefinitions', definition)).code, 201)
    const deadline = performance.now() + 60_000
    while ((await send('GET', customs)).code !== 200) assert.ok(performance.now() < deadline, 'tabs are served')
    assert.equal((await send('POST', customs, tab('kept', {}))).code, 201)
  })
  after(async () => {
    agent.destroy()
    await server[Symbol.asyncDispose]()
    assert.deepEqual(failures, [])
  })
  afterEach(async () => {
    assert.equal((await send('GET', '/livez')).body, 'ok')
    assert.deepEqual(Object.getOwnPropertyNames(Object.prototype).sort(), clean)
  })

  const tab = (name: string, spec: object): object => ({ apiVersion: 'example.com/v1', kind: 'Tab', metadata: { name }, spec })

  function send(method: string, path: string, body?: object | string | Buffer, type: Type | 'gzip' = 'json'): Promise<Answer> {
    const headers = type === 'gzip' ? { 'content-type': types.json, 'content-encoding': 'gzip' } : { 'content-type': types[type] }
    return new Promise((resolve, reject) => {
      const sent = request(`${server.url}${path}`, { method, agent, headers }, (response) => {
        const chunks: Buffer[] = []
        response.on('data', (chunk: Buffer) => chunks.push(chunk))
        response.on('end', () => {
          const text = Buffer.concat(chunks).toString()
          resolve({ code: response.statusCode ?? 0, body: text.startsWith('{') ? JSON.parse(text) : text })
        })
      })
      sent.on('error', reject)
      sent.end(typeof body === 'object' && !Buffer.isBuffer(body) ? JSON.stringify(body) : body)
    })
  }
  const patch = (path: string, type: Type, body: object | string): Promise<Answer> =>
    send('PATCH', `${path}?dryRun=All&fieldManager=m${type === 'apply' ? '&force=true' : ''}`, body, type)

  /** The code; refusals are Status objects that say why. */
  function codeOf({ code, body }: Answer): number {
    if (code >= 400) assert.deepEqual([body.kind, body.apiVersion, body.status, body.code], ['Status', 'v1', 'Failure', code])
    return code
  }

  test('with tens of thousands of elements', async () => {
    const dry = '?dryRun=All'
    const ports = many(10_000, (i) => ({ name: `p${i}`, containerPort: 80, hostPort: i + 1 }))
    const managers = many(6000, (i) => ({
      manager: `m${i}`,
      operation: 'Update',
      apiVersion: 'v1',
      fieldsType: 'FieldsV1',
      fieldsV1: { 'f:data': { [`f:k${i}`]: {} } },
    }))
    const owners = many(10_000, (i) => ({ apiVersion: 'v1', kind: 'Pod', name: `n${i}`, uid: 'u' }))
    const table: readonly [string, () => Promise<Answer>, number][] = [
      [
        'ports of one number',
        () => send('POST', `${base}/pods${dry}`, pod({ containers: [{ name: 'c', image: 'i', ports }] }, { name: 'q' })),
        201,
      ],
      [
        'containers of one name',
        () => send('POST', `${base}/pods${dry}`, pod({ containers: many(5000, () => ({ name: 'c', image: 'i' })) })),
        422,
      ],
      ['field managers', () => send('POST', `${base}/configmaps${dry}`, configMap({ managedFields: managers })), 201],
      ['owners', () => send('POST', `${base}/configmaps${dry}`, configMap({ ownerReferences: owners })), 201],
      ['finalizers', () => patch(`${base}/pods/p`, 'apply', pod({}, { finalizers: many(20_000, (i) => `a.com/f${i}`) })), 200],
      [
        'applied items of one key',
        () => patch(`${base}/pods/p`, 'apply', pod({ containers: many(5000, () => ({ name: 'c', image: 'i' })) })),
        500,
      ],
      [
        'deletions',
        () => patch(`${base}/pods/p`, 'strategic', { spec: { containers: many(20_000, (i) => ({ $patch: 'delete', name: `x${i}` })) } }),
        200,
      ],
      [
        'an order',
        () =>
          patch(`${base}/pods/p`, 'strategic', {
            spec: { '$setElementOrder/volumes': many(20_000, (i) => ({ name: `v${i}` })), volumes: [] },
          }),
        200,
      ],
      [
        'unknown keys',
        () => send('POST', `${base}/configmaps${dry}&fieldValidation=Strict`, Object.fromEntries(many(20_000, (i) => [`k${i}`, 1]))),
        400,
      ],
      ['a set', () => send('POST', `${customs}${dry}`, tab('s', { set: many(20_000, (i) => `v${i}`) })), 201],
      ['the same in a set', () => send('POST', `${customs}${dry}`, tab('s', { set: many(5000, () => 'v') })), 422],
      [
        'moves to the front',
        () =>
          patch(`${base}/configmaps/kept`, 'jsonPatch', [
            { op: 'add', path: '/metadata/finalizers', value: many(20_000, (i) => `a.com/f${i}`) },
            ...many(9000, () => ({ op: 'move', from: '/metadata/finalizers/0', path: '/metadata/finalizers/-' })),
          ]),
        200,
      ],
    ]
    for (const [name, run, wanted] of table) {
      const took = await processorMs(async () => assert.equal(codeOf(await run()), wanted, name))
      assert.ok(took < 15_000, `${name}: ${Math.round(took)} ms`)
    }
  })

  test('with patterns and rules of others', async () => {
    const dry = `${customs}?dryRun=All`
    const took = await processorMs(async () => {
      assert.equal(codeOf(await send('POST', dry, tab('p', { pattern: `${'a'.repeat(100_000)}b` }))), 422)
      assert.equal(codeOf(await send('POST', dry, tab('p', { pattern: 'a'.repeat(100_000) }))), 201)
      assert.equal(codeOf(await send('POST', dry, tab('p', { rule: many(100_000, (i) => i) }))), 201)
      const long = await send('POST', dry, tab('p', { rule: many(100_001, (i) => i) }))
      assert.equal(codeOf(long), 422)
      assert.match(long.body.message, /must have at most 100000 items/)
    })
    assert.ok(took < 15_000, `${Math.round(took)} ms`)
    const with_ = (properties: object): object => {
      const [version] = definition.spec.versions
      const schema = { openAPIV3Schema: { type: 'object', properties: { spec: { type: 'object', properties } } } }
      const names = { plural: 'others', kind: 'Other' }
      return {
        ...definition,
        metadata: { name: 'others.example.com' },
        spec: { ...definition.spec, names, versions: [{ ...version, schema }] },
      }
    }
    const definitions = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions?dryRun=All'
    const list = { type: 'array', items: { type: 'array', items: { type: 'string' } } }
    const table: readonly [object, RegExp][] = [
      [{ a: { type: 'string', pattern: '((a{1000}){1000}){1000}' } }, /must be a valid regular expression/],
      [{ a: { type: 'string', pattern: '(?=a)' } }, /must be a valid regular expression/],
      [{ a: { ...list, 'x-kubernetes-validations': [{ rule: 'self.all(x, self.all(y, x == y))' }] } }, /exceeds budget by/],
      [{ a: { type: 'string', 'x-kubernetes-validations': [{ rule: '['.repeat(50_000) }] } }, /recursion/],
    ]
    for (const [properties, why] of table) {
      const answer = await send('POST', definitions, with_(properties))
      assert.equal(codeOf(answer), 422)
      assert.match(answer.body.message, why)
    }
  })

  test('with members of every object as keys', async () => {
    const spec =
      '{"any":{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}},"map":{"__proto__":"x"},"__proto__":{"polluted":1}}'
    const made = await send(
      'POST',
      customs,
      `{"apiVersion":"example.com/v1","kind":"Tab","metadata":{"name":"keys","__proto__":{"polluted":1}},"spec":${spec},"__proto__":{"polluted":1}}`,
    )
    assert.equal(codeOf(made), 201)
    const stored = JSON.stringify((await send('GET', `${customs}/keys`)).body.spec)
    assert.equal(stored, '{"any":{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}},"map":{"__proto__":"x"}}')
    const bodies: Readonly<Record<Type, string>> = {
      json: '{"metadata":{"name":"d"},"data":{"__proto__":"x","constructor":"z"},"__proto__":{"polluted":1}}',
      yaml: 'metadata: {name: d, __proto__: {polluted: 1}}\ndata: {__proto__: x, constructor: z}\n__proto__: {polluted: 1}\n',
      merge: '{"data":{"__proto__":"x","constructor":"z"},"__proto__":{"polluted":1}}',
      strategic: '{"data":{"__proto__":"x","constructor":"z"},"__proto__":{"polluted":1}}',
      jsonPatch: '[{"op":"add","path":"/data","value":{"constructor":"z"}},{"op":"add","path":"/data/__proto__","value":"x"}]',
      apply: 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: kept}\ndata: {__proto__: x, constructor: z}\n',
    }
    for (const [type, body] of Object.entries(bodies) as [Type, string][]) {
      const whole = type === 'json' || type === 'yaml'
      const answer = whole
        ? await send('POST', `${base}/configmaps?dryRun=All`, body, type)
        : await patch(`${base}/configmaps/kept`, type, body)
      assert.ok(codeOf(answer) < 300, type)
      assert.deepEqual(Object.entries(answer.body.data).sort(), [
        ['__proto__', 'x'],
        ['constructor', 'z'],
      ])
      assert.ok(!JSON.stringify(answer.body).includes('polluted'), type)
    }
  })

  test('of any shape, to every kind of body', async () => {
    const key = fc.constantFrom(
      'metadata',
      'spec',
      'containers',
      'name',
      'data',
      'any',
      '$patch',
      '$retainKeys',
      '$setElementOrder/containers',
      '__proto__',
      'a',
    )
    const { value } = fc.letrec((tie) => ({
      value: fc.oneof(
        { maxDepth: 5 },
        fc.constantFrom(null, 0, 1.5, true, '', 'x', 'delete', 'replace', 'merge'),
        tie('list'),
        tie('object'),
      ),
      list: fc.array(tie('value'), { maxLength: 3 }),
      object: fc.dictionary(key, tie('value'), { maxKeys: 4 }),
    }))
    const path = fc.array(fc.constantFrom('metadata', 'spec', 'containers', '0', '-', 'name', '', '~', '__proto__', 'length'), {
      maxLength: 4,
    })
    const pointer = path.map((parts) => parts.map((part) => `/${part}`).join(''))
    const operation = fc.record({
      op: fc.constantFrom('add', 'remove', 'replace', 'move', 'copy', 'test', 'x'),
      path: pointer,
      from: pointer,
      value,
    })
    const targets = [`${base}/pods/p`, `${base}/configmaps/kept`, `${customs}/kept`]
    const shot = fc.record({
      target: fc.constantFrom(...targets),
      type: fc.constantFrom<Type>('merge', 'strategic', 'apply', 'json', 'yaml'),
      body: value,
      operations: fc.array(operation, { maxLength: 4 }),
    })
    await fc.assert(
      fc.asyncProperty(shot, async ({ target, type, body, operations }) => {
        const text = JSON.stringify(body)
        const whole = type === 'json' || type === 'yaml'
        codeOf(whole ? await send('PUT', `${target}?dryRun=All`, text, type) : await patch(target, type, text))
        codeOf(await patch(target, 'jsonPatch', operations))
      }),
      { numRuns: 250 },
    )
  })

  test('whose length is not what was said', async () => {
    const before_ = process.memoryUsage().rss
    const zeros = gzipSync(Buffer.alloc(50 * 1024 * 1024))
    const zipped = await send('POST', `${base}/configmaps`, zeros, 'gzip')
    assert.ok(codeOf(zipped) >= 400)
    const post = `POST ${base}/configmaps HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n`
    const raw: readonly [string, string, RegExp][] = [
      ['two lengths', `${post}Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}x`, /^HTTP\/1.1 400 /],
      [
        'a length and chunks',
        `${post}Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /x HTTP/1.1\r\n\r\n`,
        /^HTTP\/1.1 400 /,
      ],
      ['a length below nothing', `${post}Content-Length: -1\r\n\r\n{}`, /^HTTP\/1.1 400 /],
      ['chunks of no size', `${post}Transfer-Encoding: chunked\r\n\r\nzz\r\n`, /^HTTP\/1.1 4\d\d /],
      ['twice in chunks', `${post}Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n`, /^HTTP\/1.1 4\d\d /],
      ['a length beyond what is taken', `${post}Content-Length: 99999999999\r\n\r\n{}`, /^HTTP\/1.1 4\d\d /],
      ['ten thousand headers', `${post}${many(10_000, (i) => `x-${i}: y\r\n`).join('')}\r\n`, /^HTTP\/1.1 431 /],
      ['a path without end', `GET /${'a'.repeat(100_000)} HTTP/1.1\r\nHost: x\r\n\r\n`, /^HTTP\/1.1 4(14|31) /],
      ['no protocol', 'hello\r\n\r\n', /^HTTP\/1.1 400 /],
      ['a line break in a header', `GET /livez HTTP/1.1\r\nHost: x\r\nX-A: a\rb\r\n\r\n`, /^HTTP\/1.1 400 /],
    ]
    for (const [name, text, wanted] of raw) {
      const { certificate, key } = await server.identity('admin', 'system:masters')
      const socket = connect({ port: server.port, host: '127.0.0.1', ca: server.caPem, cert: certificate, key })
      await once(socket, 'secureConnect')
      // The server may cut the connection in the middle of what is sent.
      socket.on('error', () => undefined)
      socket.write(text)
      const [answer] = (await once(socket, 'data')) as [Buffer]
      assert.match(answer.toString(), wanted, name)
      socket.destroy()
    }
    // A length that is never reached keeps a connection, and nobody else.
    const waiting = connect({ port: server.port, host: '127.0.0.1', ca: server.caPem })
    await once(waiting, 'secureConnect')
    waiting.write(`${post}Content-Length: 1000000\r\n\r\n{`)
    assert.equal((await send('GET', '/livez')).code, 200)
    waiting.destroy()
    assert.ok(process.memoryUsage().rss - before_ < 400 * 1024 * 1024)
  })

  test('make no series without end', async () => {
    const ask = (path: string): Promise<number> =>
      new Promise((resolve, reject) => {
        const to = { host: '127.0.0.1', port: server.port, ca: server.caPem, path, agent: false as const }
        const sent = request(to, (response) => response.resume().on('end', () => resolve(response.statusCode ?? 0)))
        sent.on('error', reject).end()
      })
    for (const i of many(5, String)) {
      assert.equal(await ask(`/apis/made-up-group-${i}/v1/namespaces/default/made-up-things`), 403)
      assert.equal(await ask(`/api/v1/made-up-things-${i}?watch=1`), 403)
      assert.equal((await send('GET', `/apis/made-up-group-${i}/v1/made-up-things?watch=1`)).code, 404)
    }
    assert.doesNotMatch((await send('GET', '/metrics')).body, /made-up/)
  })
})
