// Updates that begin with a cache which lags behind the store.
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type ConfigMap, ConfigMaps } from '#api/core/config-map.ts'
import { conflict } from '#api/meta/status.ts'
import type { KubeObject, Resource } from '#api/resource.ts'
import { Admission } from '#apiserver/admission/admission.ts'
import { cacheOn, type Fixture } from '#apiserver/cache/fixture.ts'
import { MemoryStorage } from '#apiserver/storage/memory.ts'
import type { StorageWatch } from '#apiserver/storage/storage.ts'
import { Companions } from './companions.ts'
import { ManagedFields } from './managed-fields.ts'
import { Registry, type UpdateRequest } from './registry.ts'
import type { Writer } from './write-context.ts'

/** Its watches tell nothing while `isSilent`, until somebody asks how far it is: who reads the cache alone reads what is old. */
class LaggingStorage extends MemoryStorage {
  isSilent = false
  #late: (() => void)[] = []

  override watch(...[prefix, after, onEvents]: Parameters<MemoryStorage['watch']>): Promise<StorageWatch> {
    return super.watch(prefix, after, (events, revision) => {
      const tell = (): void => onEvents(events, revision)
      if (this.isSilent) this.#late.push(tell)
      else tell()
    })
  }

  override async currentRevision(): Promise<number> {
    const revision = await super.currentRevision()
    if (this.isSilent) setImmediate(() => this.#speak())
    return revision
  }

  #speak(): void {
    this.isSilent = false
    for (const tell of this.#late.splice(0)) tell()
  }
}

const resource = ConfigMaps as unknown as Resource
const ref = { namespace: 'ns', name: 'm' }
const writer: Writer = { user: { name: 'u', groups: [] }, dryRun: false, namespace: 'ns', warn: () => undefined }
const textOf = (object: KubeObject | undefined): string | undefined => (object as ConfigMap | undefined)?.data?.['a']

/** Sets the value, as a patch does; `from`: refuses to change another one. */
const patched = (value: string, from?: string): UpdateRequest => ({
  resource,
  ref,
  subresource: '',
  retries: true,
  change: (prev) => {
    if (from !== undefined && textOf(prev) !== from) throw conflict(resource, ref.name, `the value is ${textOf(prev)}`)
    return { ...prev, data: { a: value } } as unknown as KubeObject
  },
})

interface Lagging extends AsyncDisposable {
  registry: Registry
}

/** A registry whose cache shows the value 1 where the store has 2. */
async function lagging(): Promise<Lagging> {
  const fixture: Fixture<LaggingStorage> = await cacheOn(new LaggingStorage(), { resources: [resource] })
  const { storage, store } = fixture
  const registry = new Registry({
    store,
    admission: new Admission([]),
    companions: new Companions({}),
    managedFields: new ManagedFields(() => undefined),
    ids: { uid: () => 'uid', suffix: () => 'abcde', now: () => new Date(0) },
  })
  await registry.create(
    resource,
    { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'm' }, data: { a: '1' } } as unknown as KubeObject,
    writer,
  )
  await fixture.cache.fresh()
  storage.isSilent = true
  await registry.update(patched('2'), writer)
  assert.equal(textOf((await store.current(resource, ref, 'cached'))?.object), '1')
  return { registry, [Symbol.asyncDispose]: () => fixture[Symbol.asyncDispose]() }
}

async function updated({ registry }: Lagging, request: UpdateRequest, as = writer): Promise<string | undefined> {
  return textOf((await registry.update(request, as)).object)
}

describe('an update on a cache that lags', () => {
  it('is written although the cache shows what it would write', async () => {
    await using world = await lagging()
    assert.equal(await updated(world, patched('1')), '1')
    assert.equal(textOf((await world.registry.store.current(resource, ref, 'consistent'))?.object), '1')
  })

  it('is not refused for what is no longer so', async () => {
    await using world = await lagging()
    assert.equal(await updated(world, patched('3', '2')), '3')
  })

  it('is refused for what is so', async () => {
    await using world = await lagging()
    await assert.rejects(updated(world, patched('3', '1')), /the value is 2/)
  })

  it('is played on the newest state where it is only played', async () => {
    await using world = await lagging()
    assert.equal(await updated(world, patched('3', '2'), { ...writer, dryRun: true }), '3')
  })
})
