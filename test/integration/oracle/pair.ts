/** A server of ours beside upstream's, with a namespace of the same name on both: the same raw request to either, and whether they agree. */
import assert from 'node:assert/strict'
import { setTimeout as delay } from 'node:timers/promises'
import { startTestApiServer } from '#test/harness/apiserver.ts'
import { administrator, agreed, type RawReply, type RawRequest, sendRaw } from './raw.ts'
import { upstream } from './upstream.ts'

export interface Pair extends AsyncDisposable {
  namespace: string
  /** Ours, then upstream's. A function makes the request for each, where they differ in versions or tokens. */
  ask(request: Request): Promise<readonly [RawReply, RawReply]>
  /** Fails where the answers differ in more than two servers must. */
  same(request: Request): Promise<void>
  /** The same for many, a few at a time; tells of all that differ. */
  allSame(requests: readonly Request[]): Promise<void>
  /** Asks until both answer like this; at most 30 s. */
  until(request: RawRequest, isThere: (reply: RawReply) => boolean): Promise<readonly [RawReply, RawReply]>
}

export type Request = RawRequest | ((server: 0 | 1) => RawRequest)

const atOnce = 12
const post = (path: string, body: unknown): RawRequest => ({ method: 'POST', path, body })

export const skipWithoutOracle = process.env['TYPERNETES_ORACLE'] === undefined && 'set TYPERNETES_ORACLE to compare with upstream'

export async function startPair(name: string): Promise<Pair> {
  const server = await startTestApiServer()
  const us = await administrator(server)
  // a new one for each run: without controllers upstream never empties the last
  const namespace = `${name}-${process.pid}`
  const requestFor = (request: Request, side: 0 | 1): RawRequest => (typeof request === 'function' ? request(side) : request)
  const ask = (request: Request): Promise<[RawReply, RawReply]> =>
    Promise.all([sendRaw(requestFor(request, 0), us), sendRaw(requestFor(request, 1), upstream)])
  const compare = async (request: Request): Promise<{ ours: unknown; theirs: unknown; title: string }> => {
    const { method, path, headers, body } = requestFor(request, 0)
    const [ours, theirs] = (await ask(request)).map((reply) => agreed(reply))
    return { ours, theirs, title: `${method} ${path} ${JSON.stringify(headers ?? {})} ${JSON.stringify(body ?? '')}` }
  }
  await ask(post('/api/v1/namespaces', { metadata: { name: namespace } }))
  await ask(post(`/api/v1/namespaces/${namespace}/serviceaccounts`, { metadata: { name: 'default' } }))
  return {
    namespace,
    ask,
    async same(request) {
      const { ours, theirs, title } = await compare(request)
      assert.deepEqual(ours, theirs, title)
    },
    async allSame(requests) {
      const waiting = [...requests]
      const differences: string[] = []
      const worker = async (): Promise<void> => {
        for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
          const { ours, theirs, title } = await compare(next)
          const [a, b] = [JSON.stringify(ours), JSON.stringify(theirs)]
          if (a !== b) differences.push(`${title}\n  ours     ${a}\n  upstream ${b}`)
        }
      }
      await Promise.all(Array.from({ length: atOnce }, worker))
      assert.equal(differences.length, 0, `${differences.length} of ${requests.length}\n${differences.slice(0, 20).join('\n')}`)
    },
    async until(request, isThere) {
      const deadline = Date.now() + 30_000
      for (;;) {
        const replies = await ask(request)
        if (replies.every(isThere)) return replies
        if (Date.now() > deadline) throw new Error(`not there in time: ${request.path}`)
        await delay(50)
      }
    },
    async [Symbol.asyncDispose]() {
      await ask({ method: 'DELETE', path: `/api/v1/namespaces/${namespace}` })
      await server[Symbol.asyncDispose]()
    },
  }
}

/** A definition of version v1, of the group `oracle.example.com`. */
export function definition(plural: string, schema: object, more: object = {}): object {
  const kind = plural.charAt(0).toUpperCase() + plural.slice(1, -1)
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.${customGroup}` },
    spec: {
      group: customGroup,
      scope: 'Namespaced',
      names: { plural, kind },
      versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: schema }, ...more }],
    },
  }
}

export const customGroup = 'oracle.example.com'
const definitions = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions'

/** Makes the definitions on both servers and waits until they are served; the result takes them away. */
export async function serveCustom(pair: Pair, made: readonly object[]): Promise<AsyncDisposable> {
  const names = made.map((one) => (one as { metadata: { name: string } }).metadata.name)
  for (const body of made) {
    const replies = await pair.ask(post(definitions, body))
    for (const { code, body: answer } of replies) assert.equal(code, 201, JSON.stringify(answer))
  }
  for (const name of names) {
    const path = `/apis/${customGroup}/v1/${name.slice(0, name.indexOf('.'))}`
    await pair.until({ method: 'GET', path }, ({ code }) => code === 200)
  }
  return {
    async [Symbol.asyncDispose]() {
      for (const name of names) await pair.ask({ method: 'DELETE', path: `${definitions}/${name}` })
    },
  }
}
