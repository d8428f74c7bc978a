// What a server serves, from both forms of discovery.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { discover } from './discovery.ts'
import { Client } from './rest.ts'
import type { Transport } from './transport.ts'

/** A server that answers these paths; others are 503. */
function serverOf(pages: Readonly<Record<string, object>>): Client {
  const transport: Transport = {
    async request({ path }) {
      const page = pages[path]
      const body = page ?? { kind: 'Status', status: 'Failure', code: 503, reason: 'ServiceUnavailable', message: `${path} is away` }
      return { status: page ? 200 : 503, headers: {}, body: Buffer.from(JSON.stringify(body)) }
    },
    stream: () => Promise.reject(new Error('nothing is streamed')),
    close: () => undefined,
  }
  return new Client(transport)
}

async function shown(client: Client): Promise<{ resources: string[]; failures: string[] }> {
  const { resources, failures } = await discover(client)
  return {
    resources: resources.map(({ group, version, plural, preferred }) => `${plural}.${version}.${group}${preferred ? ' preferred' : ''}`),
    failures: failures.map(({ groupVersion }) => groupVersion),
  }
}

const verbs = ['delete', 'list']
// `old` is left at the version that it began with, as kinds of one group often are.
const wanted = ['pods.v1. preferred', 'new.v1.g preferred', 'new.v1beta1.g', 'old.v1beta1.g preferred']

test('a resource that the preferred version of its group does not have is preferred in another one', async () => {
  const resource = (name: string) => ({ resource: name, scope: 'Namespaced', verbs })
  const list = (items: object[]) => ({ kind: 'APIGroupDiscoveryList', items })
  const server = serverOf({
    '/api': list([{ metadata: {}, versions: [{ version: 'v1', resources: [resource('pods')] }] }]),
    '/apis': list([
      {
        metadata: { name: 'g' },
        versions: [
          { version: 'v1', resources: [resource('new')] },
          { version: 'v1beta1', resources: [resource('new'), resource('old')] },
        ],
      },
    ]),
  })
  assert.deepEqual(await shown(server), { resources: wanted, failures: [] })
})

test('so it is from servers that list group by group, in whatever order', async () => {
  const resources = (...names: string[]) => ({ resources: names.map((name) => ({ name, kind: name, namespaced: true, verbs })) })
  const version = (name: string) => ({ groupVersion: `g/${name}`, version: name })
  const server = serverOf({
    '/api': { kind: 'APIVersions', versions: ['v1'] },
    '/api/v1': resources('pods', 'pods/status'),
    '/apis': {
      kind: 'APIGroupList',
      groups: [{ name: 'g', versions: ['v1alpha1', 'v1beta1', 'v1'].map(version), preferredVersion: version('v1') }],
    },
    '/apis/g/v1beta1': resources('new', 'old'),
    '/apis/g/v1': resources('new'),
  })
  assert.deepEqual(await shown(server), { resources: wanted, failures: ['g/v1alpha1'] })
})
