/** Differential test of discovery: every list of groups, versions and resources is upstream's, in its order, aggregated or not. */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { startTestApiServer, type TestApiServer } from '#test/harness/apiserver.ts'
import { type Reply, send, type Target, upstream } from './upstream.ts'

const skip = process.env['TYPERNETES_ORACLE'] === undefined && 'set TYPERNETES_ORACLE to compare with upstream'

type Plain = Record<string, unknown>
const aggregated = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList'

/** Upstream stores these under a version that is no longer served; the hash is of the stored version. */
const storedElsewhere = new Set(['volumeattributesclasses', 'customresourcedefinitions'])

/** Custom groups that somebody made there, and the address, are nobody's business. */
function comparable(body: Plain): Plain {
  const { groups, items, serverAddressByClientCIDRs: _, resources, ...rest } = body as Record<string, Plain[]>
  const builtIn = (name: unknown): boolean => !/\bexample\b/.test(String(name ?? ''))
  return {
    ...rest,
    ...(groups ? { groups: groups.filter(({ name }) => builtIn(name)) } : {}),
    ...(items ? { items: items.filter(({ metadata }) => builtIn((metadata as Plain)['name'])) } : {}),
    ...(resources
      ? { resources: resources.map((one) => (storedElsewhere.has(String(one['name'])) ? { ...one, storageVersionHash: '' } : one)) }
      : {}),
  }
}

describe('discovery', { skip }, () => {
  let server: TestApiServer
  let ours: Target
  before(async () => {
    server = await startTestApiServer()
    const { certificate, key } = await server.identity('admin', 'system:masters')
    ours = { origin: server.url, cert: certificate, key }
  })
  after(() => server[Symbol.asyncDispose]())
  const both = (path: string, accept = 'application/json'): Promise<Reply[]> =>
    Promise.all([ours, upstream].map((target) => send({ method: 'GET', path, accept }, target)))

  test('groups, versions and resources', async () => {
    const [, groups] = await both('/apis')
    const names = (comparable(groups?.body ?? {})['groups'] as { name: string; versions: { groupVersion: string }[] }[]).flatMap(
      (group) => [`/apis/${group.name}`, ...group.versions.map(({ groupVersion }) => `/apis/${groupVersion}`)],
    )
    for (const path of ['/api', '/api/v1', '/apis', ...names]) {
      const [mine, theirs] = await both(path)
      assert.deepEqual(comparable(mine?.body ?? {}), comparable(theirs?.body ?? {}), path)
    }
  })
  for (const path of ['/api', '/apis'])
    test(`${path} aggregated`, async () => {
      const [mine, theirs] = await both(path, aggregated)
      assert.deepEqual(comparable(mine?.body ?? {}), comparable(theirs?.body ?? {}))
    })
})
