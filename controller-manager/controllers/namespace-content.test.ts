// What is found in a namespace that goes.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { DiscoveredResource, Discovery } from '#client/discovery.ts'
import type { Client } from '#client/rest.ts'
import { namespaceContentReader } from './namespace-content.ts'

const type = (plural: string): DiscoveredResource => ({
  group: 'g',
  version: 'v1',
  kind: plural,
  plural,
  scope: 'Namespaced',
  singular: '',
  shortNames: [],
  categories: [],
  verbs: ['delete', 'list'],
  subresources: [],
  preferred: true,
})

/** Reads with a discovery that knows `old` from a while ago, and these kinds now. */
async function read(
  now: Discovery,
  names: Readonly<Record<string, string[]>>,
): Promise<{ found: string[]; failures: number; asked: number }> {
  let asked = 0
  const client = {
    list: ({ plural }: { plural: string }) =>
      Promise.resolve({ items: (names[plural] ?? []).map((name) => ({ metadata: { name } })), metadata: {} }),
  } as unknown as Client
  const reader = namespaceContentReader(client, (_, maxAgeMs) => {
    asked++
    return Promise.resolve(maxAgeMs === 0 ? now : { resources: [type('old')], failures: [] })
  })
  const { kinds, failures } = await reader('ns', new AbortController().signal)
  const found = kinds.flatMap((kind) => kind.objects.map(({ name }) => `${kind.type.plural}/${name}`))
  return { found, failures: failures.length, asked }
}

test('a namespace is empty only by the newest list of kinds', async () => {
  const now = { resources: [type('old'), type('new')], failures: [] }
  assert.deepEqual(await read(now, { new: ['a'] }), { found: ['new/a'], failures: 0, asked: 2 })
  assert.deepEqual(await read(now, {}), { found: [], failures: 0, asked: 2 })
  assert.deepEqual(
    await read(now, { old: ['b'], new: ['a'] }),
    { found: ['old/b'], failures: 0, asked: 1 },
    'while something is left it may be old',
  )
  const away = { resources: [type('old')], failures: [{ groupVersion: 'h/v1', message: 'away' }] }
  assert.deepEqual(await read(away, {}), { found: [], failures: 1, asked: 2 })
})
