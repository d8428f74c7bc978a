import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { DaemonSets } from '#api/apps/daemon-set.ts'
import { HorizontalPodAutoscalersV1 } from '#api/autoscaling/horizontal-pod-autoscaler-v1.ts'
import type { ManagedFieldsEntry } from '#api/meta/object-meta.ts'
import type { KubeObject, Resource } from '#api/resource.ts'
import { kindOf } from '#api/scheme.ts'
import { canonicalOf } from './engine.ts'
import { keepTimes, ManagedFields, managerOf } from './managed-fields.ts'

const fields = new ManagedFields(kindOf)
const at = (second: number): Date => new Date(Date.UTC(2026, 0, 1, 0, 0, second))
const configMaps = kindOf('v1', 'ConfigMap') as Resource
const write = (manager: string, second = 0, resource = configMaps, subresource = '') => ({
  resource,
  subresource,
  manager,
  now: at(second),
})
const configMap = (data: Record<string, string>, metadata: object = {}): KubeObject =>
  ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'x', ...metadata }, data }) as never

/** `manager operation version time: fields`, one line for each. */
const lines = (object: KubeObject): string[] =>
  (object.metadata.managedFields ?? []).map(
    ({ manager, operation, apiVersion, time, fieldsV1 }) =>
      `${manager} ${operation} ${apiVersion} ${time?.slice(17, 19)}: ${JSON.stringify(fieldsV1)}`,
  )

describe('the name of a manager', () => {
  const table: readonly [string | null, string | undefined, string][] = [
    ['given', 'kubectl/1', 'given'],
    [null, 'kubectl/v1.35 (linux)', 'kubectl'],
    ['', 'curl', 'curl'],
    [null, undefined, ''],
    [null, 'a\u0001b/1', 'ab'],
    [null, 'x'.repeat(200), 'x'.repeat(128)],
    [null, Buffer.from('é/1').toString('latin1'), 'é'],
  ]
  for (const [given, agent, wanted] of table) test(`${given} ${agent?.slice(0, 20)}`, () => assert.equal(managerOf(given, agent), wanted))
})

describe('what a write owns', async () => {
  const made = configMap({ a: '1' }, { labels: { l: '1' }, uid: 'u', deletionTimestamp: '2026-01-01T00:00:00Z', finalizers: ['x/y'] })
  await fields.create(made, write('c'))
  test('a creation owns all that it wrote, but what it cannot set', () =>
    assert.deepEqual(lines(made), [
      'c Update v1 00: {"f:data":{".":{},"f:a":{}},"f:metadata":{"f:finalizers":{".":{},"v:\\"x/y\\"":{}},"f:labels":{".":{},"f:l":{}}}}',
    ]))
  test('an update takes what it changes', async () => {
    const next = configMap({ a: '2', b: '1' }, { uid: 'u', managedFields: made.metadata.managedFields })
    await fields.update(next, made, write('u', 5))
    assert.deepEqual(lines(next), ['c Update v1 00: {"f:data":{}}', 'u Update v1 05: {"f:data":{"f:a":{},"f:b":{}}}'])
  })
  test('without managed fields there is nothing to keep', async () => {
    const next = configMap({ a: '2' }, { uid: 'u' })
    await fields.update(next, configMap({ a: '1' }, { uid: 'u' }), write('u'))
    assert.equal(next.metadata.managedFields, undefined)
  })
  test('clients may begin anew, and cannot by accident', async () => {
    const changed = async (managedFields: ManagedFieldsEntry[]): Promise<string[]> => {
      const next = configMap({ a: '1' }, { uid: 'u', labels: { l: '1' }, finalizers: ['x/y'], managedFields })
      await fields.update(next, made, write('u'))
      return lines(next)
    }
    assert.deepEqual(await changed([{}]), [])
    assert.deepEqual(await changed([]), [])
    assert.deepEqual(await changed([{ manager: 'x', operation: 'Foo' }]), lines(made))
    const other = { manager: 'o', operation: 'Apply', apiVersion: 'v1', fieldsType: 'FieldsV1', fieldsV1: { 'f:data': { 'f:a': {} } } }
    assert.deepEqual(await changed([other]), ['o Apply v1 undefined: {"f:data":{"f:a":{}}}'])
  })
  test('what a client says of fields below one value means the value', async () => {
    const services = kindOf('v1', 'Service') as Resource
    const entry = (fieldsV1: object): object => ({ manager: 'o', operation: 'Apply', apiVersion: 'v1', fieldsType: 'FieldsV1', fieldsV1 })
    const service = (metadata: object): KubeObject =>
      ({ apiVersion: 'v1', kind: 'Service', metadata: { name: 'x', uid: 'u', ...metadata }, spec: { selector: { a: 'b' } } }) as never
    const next = service({ managedFields: [entry({ 'f:spec': { 'f:selector': { 'f:a': {} } } })] })
    await fields.update(next, service({}), write('u', 0, services))
    assert.deepEqual(lines(next), ['o Apply v1 undefined: {"f:spec":{"f:selector":{}}}'])
  })
  test('a subresource does not take managed fields from clients', async () => {
    const next = configMap({ a: '1' }, { uid: 'u', labels: { l: '1' }, finalizers: ['x/y'], managedFields: [{}] })
    await fields.update(next, made, write('u', 0, configMaps, 'status'))
    assert.deepEqual(lines(next), lines(made))
  })
})

test('times alone are no change', () => {
  const entries = (time: string): ManagedFieldsEntry[] => [
    { manager: 'a', operation: 'Apply', apiVersion: 'v1', time, fieldsType: 'FieldsV1', fieldsV1: { 'f:data': { 'f:a': {} } } },
  ]
  const prev = configMap({ a: '1' }, { managedFields: entries('2026-01-01T00:00:00Z') })
  const same = configMap({ a: '1' }, { managedFields: entries('2026-01-01T00:00:09Z') })
  keepTimes(same, prev)
  assert.equal(same.metadata.managedFields, prev.metadata.managedFields)
  const other = configMap({ a: '2' }, { managedFields: entries('2026-01-01T00:00:09Z') })
  keepTimes(other, prev)
  assert.equal(other.metadata.managedFields?.[0]?.time, '2026-01-01T00:00:09Z')
})

describe('several versions of a kind', async () => {
  const v1 = HorizontalPodAutoscalersV1 as unknown as Resource
  const v2 = kindOf('autoscaling/v2', 'HorizontalPodAutoscaler') as Resource
  const object = (spec: object): KubeObject =>
    ({
      apiVersion: 'autoscaling/v1',
      kind: 'HorizontalPodAutoscaler',
      metadata: { name: 'x', uid: 'u' },
      spec: { maxReplicas: 3, scaleTargetRef: { kind: 'Deployment', name: 'd' }, ...spec },
    }) as never
  const made = object({ targetCPUUtilizationPercentage: 50 })
  await fields.create(made, write('c', 0, v1))
  test('what conversion adds is owned as well', () => assert.match(lines(made)[0] ?? '', /"f:targetCPUUtilizationPercentage"/))
  test('a manager of another version loses what changes at this one', async () => {
    const stored = v1.storedAs?.toStored(canonicalOf(v1, made)) as KubeObject
    const live = {
      ...stored,
      apiVersion: 'autoscaling/v2',
      metadata: { ...stored.metadata, managedFields: made.metadata.managedFields },
    } as KubeObject
    const next = structuredClone(live) as KubeObject & { spec: { maxReplicas: number } }
    next.spec.maxReplicas = 9
    await fields.update(next, live, write('u', 5, v2))
    const [first = '', second = ''] = lines(next)
    assert.match(first, /^c Update autoscaling\/v1/)
    assert.doesNotMatch(first, /maxReplicas/)
    assert.equal(second, 'u Update autoscaling/v2 05: {"f:spec":{"f:maxReplicas":{}}}')
  })
})

test('daemon sets own the annotation that upstream keeps their template generation in', async () => {
  const object = {
    apiVersion: 'apps/v1',
    kind: 'DaemonSet',
    metadata: { name: 'x' },
    spec: { selector: {}, template: {} },
  } as unknown as KubeObject
  await fields.create(object, write('c', 0, DaemonSets as unknown as Resource))
  assert.match(lines(object)[0] ?? '', /"f:deprecated.daemonset.template.generation"/)
})

test('where a webhook converts, it is asked', async () => {
  const asked: string[] = []
  const renamed = (object: KubeObject, from: string, to: string, apiVersion: string): KubeObject => {
    const { [from]: value, ...data } = (object as unknown as { data: Record<string, string> }).data
    return { ...object, apiVersion, data: { ...data, ...(value === undefined ? {} : { [to]: value }) } } as KubeObject
  }
  const v2: Resource = {
    ...configMaps,
    version: 'v2',
    storedAs: {
      resource: configMaps,
      toStored: (object) => object,
      fromStored: (object) => object,
      convert: async (objects, to) => {
        asked.push(to)
        return objects.map((object) => (to === 'face' ? renamed(object, 'old', 'new', 'v2') : renamed(object, 'new', 'old', 'v1')))
      },
    },
  }
  const kinds = new ManagedFields((apiVersion) => (apiVersion === 'v2' ? v2 : configMaps))
  const made = configMap({ old: '1', other: '1' }, { uid: 'u' })
  await kinds.create(made, write('c'))
  const live = renamed(made, 'old', 'new', 'v2')
  const next = { ...structuredClone(live), data: { new: '2', other: '1' } } as unknown as KubeObject
  await kinds.update(next, live, write('u', 5, v2))
  assert.deepEqual(lines(next), ['c Update v1 00: {"f:data":{".":{},"f:other":{}}}', 'u Update v2 05: {"f:data":{"f:new":{}}}'])
  assert.deepEqual(asked, ['stored', 'stored'])
})
