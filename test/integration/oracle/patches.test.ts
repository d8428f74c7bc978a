/** Differential test of patches: random strategic merge patches on a deployment, and a table of odd ones on a config map. */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { canonical } from '#api/canonical.ts'
import { applyDefaults } from '#api/defaulting.ts'
import { ApiError } from '#api/meta/status.ts'
import { applyPatch, type PatchType, parsePatch } from '#api/patch/patch.ts'
import type { KubeObject, Resource } from '#api/resource.ts'
import { kindOf } from '#api/scheme.ts'
import { type RandomPatches, randomPatches } from './random-patches.ts'
import { call, send } from './upstream.ts'

const skip = process.env['TYPERNETES_ORACLE'] === undefined && 'set TYPERNETES_ORACLE to compare with upstream'
const contentTypes: Record<PatchType, string> = {
  json: 'application/json-patch+json',
  merge: 'application/merge-patch+json',
  strategic: 'application/strategic-merge-patch+json',
}

interface Outcome {
  code: number
  message?: string
  object?: unknown
}

/** Without what the server sets anew on each write. */
function comparable(object: object): unknown {
  const copy = structuredClone(object) as KubeObject & { status?: unknown }
  for (const key of ['managedFields', 'generation', 'resourceVersion', 'uid', 'creationTimestamp'] as const) delete copy.metadata[key]
  return copy
}

function ours(resource: Resource, current: object, type: PatchType, text: string): Outcome {
  try {
    const { object } = applyPatch(current, parsePatch(type, text, 'Warn'), { ...resource, schema: resource.schema }, 'Warn')
    const filled = applyDefaults(object, resource.schema)
    return { code: 200, object: comparable(canonical(resource.defaults?.(filled) ?? filled, resource.schema)) }
  } catch (error) {
    if (error instanceof ApiError) return { code: error.code, message: error.message }
    throw error
  }
}

const odd: readonly [PatchType, string][] = [
  ...[
    '[{"op":"test","path":"/data/x","value":"2"}]',
    '[{"op":"test","path":"/data/none","value":null}]',
    '[{"op":"remove","path":"/data/y"}]',
  ].map(json),
  ...[
    '[{"op":"replace","path":"/data/y","value":"1"}]',
    '[{"op":"add","path":"/foo/y","value":"1"}]',
    '[{"op":"foo","path":"/data/y"}]',
  ].map(json),
  ...[
    '[{"op":"add","path":"/data/y"}]',
    '{"op":"add"}',
    '[{"op":"add","path":"data/z","value":"5"}]',
    '[{',
    '',
    '[null]',
    '[]',
    'null',
  ].map(json),
  ...['[{"op":"move","from":"/data/x","path":"/data/y"}]', '[{"op":"copy","from":"/data/q","path":"/data/y"}]'].map(json),
  ...['[]', '{', 'null', '', '{"data":{"x":null,"z":"1"}}', '{"data":null}', '{"metadata":{"labels":{"a":null,"b":"c"}}}'].map(merge),
  ...[
    '[]',
    '{',
    'null',
    '{"data":{"x":5}}',
    '{"data":{"x":true}}',
    '{"data":{"$patch":"replace","q":"1"}}',
    '{"data":{"$patch":"foo"}}',
  ].map(strategic),
  ...[
    '{"metadata":{"labels":"x"}}',
    '{"data":{"x":{"a":1}}}',
    '{"immutable":"x"}',
    '{"metadata":5}',
    '{"metadata":{"finalizers":"x"}}',
  ].map(strategic),
  ...['{"$retainKeys":["metadata"]}', '{"binaryData":{"a":"!!"}}', '{"metadata":{"creationTimestamp":"x"}}', '{"kind":"Pod"}'].map(
    strategic,
  ),
]

function json(text: string): [PatchType, string] {
  return ['json', text]
}
function merge(text: string): [PatchType, string] {
  return ['merge', text]
}
function strategic(text: string): [PatchType, string] {
  return ['strategic', text]
}

describe('patches as upstream applies them', { skip }, () => {
  const configMaps = '/api/v1/namespaces/default/configmaps'
  const deployments = '/apis/apps/v1/namespaces/default/deployments'

  before(async () => {
    await call('POST', configMaps, { metadata: { name: 'odd-patches', labels: { a: 'b' } }, data: { x: '1' } })
  })
  after(() => call('DELETE', `${configMaps}/odd-patches`))

  test('odd patches', async () => {
    const resource = kindOf('v1', 'ConfigMap')
    assert.ok(resource)
    const { body: current } = await call('GET', `${configMaps}/odd-patches`)
    for (const [type, text] of odd) {
      const reply = await send({ method: 'PATCH', path: `${configMaps}/odd-patches?dryRun=All`, text, contentType: contentTypes[type] })
      const found = ours(resource, current, type, text)
      if (reply.code === 200) assert.deepEqual(found, { code: 200, object: comparable(reply.body) }, `${type} ${text}`)
      else
        assert.deepEqual([found.code, withoutObject(found.message)], [reply.code, withoutObject(reply.body['message'])], `${type} ${text}`)
    }
  })

  test('random strategic merge patches', { timeout: 120_000 }, async () => {
    const resource = kindOf('apps/v1', 'Deployment')
    assert.ok(resource)
    const random = randomPatches(20_26)
    for (let round = 0; round < 12; round++) await comparePatches(resource, `${deployments}/random-patches-${round}`, random)
  })

  async function comparePatches(resource: Resource, path: string, random: RandomPatches): Promise<void> {
    const name = path.slice(path.lastIndexOf('/') + 1)
    const { code, body: current } = await call('POST', deployments, random.deployment(name))
    assert.equal(code, 201)
    for (let i = 0; i < 15; i++) {
      const text = JSON.stringify(random.patch())
      const reply = await send({ method: 'PATCH', path: `${path}?dryRun=All`, text, contentType: contentTypes.strategic })
      const found = ours(resource, current, 'strategic', text)
      // Validation comes after patching, and is compared elsewhere.
      if (reply.code === 422 && /^Deployment/.test(String(reply.body['message']))) assert.equal(found.code, 200, text)
      else if (reply.code === 200) assert.deepEqual(found, { code: 200, object: comparable(reply.body) }, text)
      else assert.equal(found.code, reply.code, text)
    }
    await send({ method: 'PATCH', path, text: '{"metadata":{"finalizers":null}}', contentType: contentTypes.merge })
    await call('DELETE', path)
  }
})

/** Messages hold the whole patched object, whose keys stand in another order. */
const withoutObject = (message: unknown): string => String(message).replace(/Invalid value: "\{.*\}": /s, '')
