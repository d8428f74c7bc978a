/** Unknown and duplicate fields beside upstream: JSON, YAML, every patch and apply, of built-in kinds and of custom ones that are closed or open. */
import { after, before, describe, test } from 'node:test'
import { customGroup, definition, type Pair, type Request, serveCustom, skipWithoutOracle as skip, startPair } from './pair.ts'

const json = 'application/json'
const yaml = 'application/yaml'
const merge = 'application/merge-patch+json'
const strategic = 'application/strategic-merge-patch+json'
const jsonPatch = 'application/json-patch+json'
const apply = 'application/apply-patch+yaml'

const closed = definition('closeds', {
  type: 'object',
  properties: {
    spec: {
      type: 'object',
      properties: {
        a: { type: 'string' },
        list: { type: 'array', items: { type: 'object', properties: { x: { type: 'integer' } } } },
        inner: { type: 'object', 'x-kubernetes-embedded-resource': true, 'x-kubernetes-preserve-unknown-fields': true },
      },
    },
  },
})
const open = definition('opens', { type: 'object', 'x-kubernetes-preserve-unknown-fields': true })

const deployment = (spec: string, container = ''): string =>
  `{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"d"},"spec":{${spec}"selector":{"matchLabels":{"a":"b"}},` +
  `"template":{"metadata":{"labels":{"a":"b"}},"spec":{"containers":[{${container}"name":"c","image":"i"}]}}}}`
const deploymentYaml = (spec: string, container = ''): string =>
  `apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: d\nspec:\n${spec}  selector:\n    matchLabels:\n      a: b\n  template:\n    metadata:\n` +
  `      labels:\n        a: b\n    spec:\n      containers:\n      - name: c\n        image: i\n${container}`
const custom = (kind: string, spec = '', metadata = ''): string =>
  `{"apiVersion":"${customGroup}/v1","kind":"${kind}","metadata":{"name":"d"${metadata}},"spec":{"a":"x"${spec}}}`

const deployments: readonly (readonly [string, string])[] = [
  ['"replicas":1,"replicas":2,', ''],
  ['"bogus":1,', ''],
  ['"bogus":1,"bogus":2,"replicas":1,"replicas":1,', ''],
  ['"replicas":1,"replicas":1,"bogus":1,"bogus":2,', '"foo":1,"image":"x","bar":2,'],
  ['', '"foo":1,'],
  ['', '"image":"x",'],
  ['"Replicas":3,', ''],
]
const yamlDeployments: readonly (readonly [string, string])[] = [
  ['  replicas: 1\n  replicas: 2\n', ''],
  ['  bogus: 1\n', ''],
  ['  bogus: 1\n  bogus: 2\n', ''],
  ['', '        foo: 1\n'],
  ['', '        image: j\n'],
  ['  replicas: 1\n  replicas: 1\n', '        image: k\n'],
]
const customs: readonly (readonly [string, string])[] = [
  [',"a":"y"', ''],
  [',"b":1', ''],
  [',"list":[{"x":1,"y":2,"x":3}]', ''],
  [',"inner":{"apiVersion":"v1","kind":"X","metadata":{"name":"n","bogus":1},"z":1}', ''],
  ['', ',"bogus":1'],
  ['', ',"labels":{"a":"b","a":"c"}'],
  [',"b":1', ',"unknown":{}'],
]
const customYaml = (kind: string): string =>
  `apiVersion: ${customGroup}/v1\nkind: ${kind}\nmetadata:\n  name: d\nspec:\n  a: x\n  list: []\n  list: []\n  b: 1\n`

interface Body {
  method: 'POST' | 'PUT' | 'PATCH'
  type: string
  text: string
}

const both = (type: string, text: string): Body[] => [
  { method: 'POST', type, text },
  { method: 'PUT', type, text },
]
const patches = (text: string, types: readonly string[]): Body[] => types.map((type) => ({ method: 'PATCH', type, text }))

const validations = ['', 'Strict', 'Warn', 'Ignore', 'strict']

describe('field validation beside upstream', { skip }, () => {
  let pair: Pair
  let served: AsyncDisposable
  before(async () => {
    pair = await startPair('fields')
    served = await serveCustom(pair, [closed, open])
  })
  after(async () => {
    await served[Symbol.asyncDispose]()
    await pair[Symbol.asyncDispose]()
  })

  async function compare(collection: string, seed: string, bodies: readonly Body[]): Promise<void> {
    await pair.ask({ method: 'POST', path: collection, body: seed })
    const requests = bodies.flatMap(({ method, type, text }) =>
      validations.map((validation): Request => {
        const asked = validation === '' ? '' : `&fieldValidation=${validation}`
        const query = `dryRun=All${asked}${type === apply ? '&fieldManager=m&force=true' : ''}`
        const path = method === 'POST' ? collection : `${collection}/d`
        return { method, path: `${path}?${query}`, headers: { 'content-type': type }, body: text }
      }),
    )
    await pair.allSame(requests)
  }

  const apps = (): string => `/apis/apps/v1/namespaces/${pair.namespace}/deployments`
  const of = (plural: string): string => `/apis/${customGroup}/v1/namespaces/${pair.namespace}/${plural}`

  test('a deployment in JSON', () =>
    compare(
      apps(),
      deployment(''),
      deployments.flatMap(([spec, container]) => {
        const text = deployment(spec, container)
        // of several unknown fields apply tells those that it meets first in one of Go's maps
        const isOne = !text.includes('"bar"')
        return [...both(json, text), ...patches(text, [merge, strategic, ...(isOne ? [apply] : [])])]
      }),
    ))

  test('a deployment in YAML', () =>
    compare(
      apps(),
      deployment(''),
      yamlDeployments.flatMap(([spec, container]) => {
        const text = deploymentYaml(spec, container)
        return [...both(yaml, text), ...patches(text, [apply])]
      }),
    ))

  test('patches of a deployment', () =>
    compare(apps(), deployment(''), [
      ...patches('[{"op":"replace","path":"/spec/replicas","value":1,"foo":"bar"}]', [jsonPatch]),
      ...patches('[{"op":"add","path":"/spec/minReadySeconds","value":1,"foo":"bar","path":"/spec/replicas"}]', [jsonPatch]),
      ...patches('{"spec":{"replicas":1,"replicas":2}}', [strategic, merge]),
      ...patches('{"spec":{"bogus":1,"template":{"spec":{"containers":[{"name":"c","nope":1}]}}}}', [strategic]),
    ]))

  for (const [plural, kind] of [
    ['closeds', 'Closed'],
    ['opens', 'Open'],
  ] as const) {
    test(`a custom resource: ${plural}`, () =>
      compare(of(plural), custom(kind), [
        ...customs.flatMap(([spec, metadata]) => {
          const text = custom(kind, spec, metadata)
          return [...both(json, text), ...patches(text, text.includes('"unknown"') ? [merge] : [apply, merge])]
        }),
        ...both(yaml, customYaml(kind)),
        ...patches(customYaml(kind), [apply]),
      ]))
  }

  test('a config map', () =>
    compare(`/api/v1/namespaces/${pair.namespace}/configmaps`, '{"metadata":{"name":"d"},"data":{"a":"b"}}', [
      ...both(json, '{"metadata":{"name":"d"},"data":{"a":"b","a":"c"}}'),
      ...both(json, '{"metadata":{"name":"d","bogus":1},"data":{"a":"b"}}'),
      ...both(json, '{"metadata":{"name":"d","name":"d"},"data":{}}'),
      ...both(json, '{"apiVersion":"v1","apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"d"}}'),
      ...both(yaml, 'metadata:\n  name: d\ndata:\n  a: b\n  a: c\n'),
      ...both(yaml, 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: d}\nnope: 1\n'),
      ...both(yaml, 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: d}\n---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: e}\n'),
      ...both(yaml, 'apiVersion: v1\nkind: ConfigMap\nmetadata: &m {name: d}\ndata: {a: 1}\n'),
      ...both(yaml, ''),
    ]))
})
