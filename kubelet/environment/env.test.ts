import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Service } from '#api/core/service.ts'
import { app, pod } from '#kubelet/pods/pod-fixtures.ts'
import { ConfigError, containerEnv, type EnvSources } from './env.ts'
import { expand } from './expansion.ts'

const facts = { podIps: ['10.0.0.5', 'fd00::5'], hostIps: ['10.1.0.1'], nodeName: 'node-1', allocatable: { cpu: '2', memory: '1Gi' } }
const meta = (name: string) => ({ apiVersion: 'v1', metadata: { name, namespace: 'default' } })
const sources: EnvSources = {
  configMap: (name) =>
    name === 'settings' ? { ...meta(name), kind: 'ConfigMap', data: { colour: 'red', 'odd.name-1': 'x', odd: '$(colour)' } } : undefined,
  secret: (name) =>
    name === 'secret' ? { ...meta(name), kind: 'Secret', data: { word: Buffer.from('sesame').toString('base64') } } : undefined,
  services: [],
  file: (volume, path) => {
    if (volume !== 'shared' || path !== 'made/env') throw new ConfigError(`cannot find the volume "${volume}" referenced by FileKeyRef`)
    return "WORD='open'\nBAD"
  },
}
const envOf = (extra: Parameters<typeof app>[1], from = sources) => {
  const main = app('main', extra)
  return containerEnv(
    pod({ containers: [main], enableServiceLinks: true, serviceAccountName: 'robot' }, { labels: { a: 'b' } }),
    main,
    from,
    facts,
  )
}
const value = (valueFrom: object) => envOf({ env: [{ name: 'X', valueFrom }] }).get('X')

test('references: known, unknown, escaped, unfinished', () => {
  const lookup = (name: string): string | undefined => ({ A: '1', B: '$(A)' })[name]
  const table: [string, string][] = [
    ['$(A)', '1'],
    ['x$(A)y$(A)', 'x1y1'],
    ['$(B)', '$(A)'],
    ['$(NO)', '$(NO)'],
    ['$$(A)', '$(A)'],
    ['$$$(A)', '$1'],
    ['$A $', '$A $'],
    ['$(A', '$(A'],
    ['$()', '$()'],
    ['$$$$', '$$'],
  ]
  for (const [text, wanted] of table) assert.equal(expand(text, lookup), wanted, text)
})

test('sources in order: services, envFrom, env; later ones win and may refer to earlier ones', () => {
  const variables = envOf({
    envFrom: [{ prefix: 'P_', configMapRef: { name: 'settings' } }, { secretRef: { name: 'secret' } }],
    env: [
      { name: 'A', value: '$(P_colour)-$(word)' },
      { name: 'word', value: 'own' },
      { name: 'C', value: '$(A)/$(word)' },
    ],
  })
  assert.equal(variables.get('A'), 'red-sesame')
  assert.equal(variables.get('C'), 'red-sesame/own')
  // Values of ConfigMaps are taken as they are.
  assert.equal(variables.get('P_odd'), '$(colour)')
  // Names that no shell takes are names.
  assert.equal(variables.get('P_odd.name-1'), 'x')
})

test('the downward API', () => {
  assert.equal(value({ fieldRef: { fieldPath: 'metadata.name' } }), 'web')
  assert.equal(value({ fieldRef: { fieldPath: "metadata.labels['a']" } }), 'b')
  assert.equal(value({ fieldRef: { fieldPath: "metadata.labels['none']" } }), '')
  assert.equal(value({ fieldRef: { fieldPath: 'status.podIP' } }), '10.0.0.5')
  assert.equal(value({ fieldRef: { fieldPath: 'status.podIPs' } }), '10.0.0.5,fd00::5')
  assert.equal(value({ fieldRef: { fieldPath: 'status.hostIP' } }), '10.1.0.1')
  assert.equal(value({ fieldRef: { fieldPath: 'spec.serviceAccountName' } }), 'robot')
  assert.equal(value({ resourceFieldRef: { resource: 'limits.cpu' } }), '2')
  assert.equal(value({ resourceFieldRef: { resource: 'limits.memory', divisor: '1Mi' } }), '1024')
  assert.equal(value({ resourceFieldRef: { resource: 'requests.cpu', divisor: '1m' } }), '0')
})

test('what is missing', () => {
  const fails = (extra: Parameters<typeof app>[1], message: string) => assert.throws(() => envOf(extra), new ConfigError(message))
  fails({ envFrom: [{ configMapRef: { name: 'none' } }] }, 'configmap "none" not found')
  fails({ envFrom: [{ secretRef: { name: 'none' } }] }, 'secret "none" not found')
  fails({ env: [{ name: 'X', valueFrom: { configMapKeyRef: { name: 'none', key: 'k' } } }] }, 'configmap "none" not found')
  fails(
    { env: [{ name: 'X', valueFrom: { configMapKeyRef: { name: 'settings', key: 'k' } } }] },
    "couldn't find key k in ConfigMap default/settings",
  )
  fails({ env: [{ name: 'X', valueFrom: { secretKeyRef: { name: 'secret', key: 'k' } } }] }, "couldn't find key k in Secret default/secret")
  assert.equal(value({ configMapKeyRef: { name: 'none', key: 'k', optional: true } }), undefined)
  assert.equal(value({ secretKeyRef: { name: 'secret', key: 'constructor', optional: true } }), undefined)
  assert.equal(envOf({ envFrom: [{ secretRef: { name: 'none', optional: true } }] }).size, 0)
})

test('a pod’s own limits stand in before what the node has', () => {
  const main = app('main', { resources: { limits: { 'ephemeral-storage': '0' } } })
  const ask = (resource: string): string | undefined => {
    const container = { ...main, env: [{ name: 'X', valueFrom: { resourceFieldRef: { resource } } }] }
    const of = pod({ containers: [container], resources: { limits: { cpu: '1500m' } } })
    return containerEnv(of, container, sources, { ...facts, allocatable: { ...facts.allocatable, 'ephemeral-storage': '7' } }).get('X')
  }
  assert.deepEqual(['limits.cpu', 'limits.memory', 'limits.ephemeral-storage'].map(ask), ['2', '1073741824', '7'])
})

test('keys of files that another container left', () => {
  const ref = (key: string, extra: object = {}) => ({ fileKeyRef: { volumeName: 'shared', path: 'made/env', key, ...extra } })
  assert.equal(value(ref('WORD')), 'open')
  assert.throws(() => value(ref('OTHER')), new ConfigError("couldn't parse env file"))
  assert.throws(() => value({ fileKeyRef: { volumeName: 'none', path: 'x', key: 'k' } }), /cannot find the volume "none"/)
  const from = { ...sources, file: () => "WORD=''" }
  const asked = (extra: object) => envOf({ env: [{ name: 'X', valueFrom: ref('WORD', extra) }] }, from).get('X')
  assert.equal(asked({ optional: true }), undefined)
  assert.throws(() => asked({}), new ConfigError('environment variable key "WORD" not found in file "made/env"'))
})

test('services of the namespace, and the API server always', () => {
  const service = (namespace: string, name: string, clusterIP: string): Service => ({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { namespace, name },
    spec: { clusterIP, ports: [{ name: 'http-alt', port: 80, protocol: 'TCP' }] },
    status: {},
  })
  const services = [
    service('default', 'kubernetes', '10.96.0.1'),
    service('default', 'my-web', '10.96.0.7'),
    service('other', 'far', '10.96.0.8'),
    service('default', 'headless', 'None'),
  ]
  const variables = envOf({}, { ...sources, services })
  assert.equal(variables.get('MY_WEB_SERVICE_HOST'), '10.96.0.7')
  assert.equal(variables.get('MY_WEB_SERVICE_PORT_HTTP_ALT'), '80')
  assert.equal(variables.get('MY_WEB_PORT_80_TCP'), 'tcp://10.96.0.7:80')
  assert.equal(variables.get('KUBERNETES_SERVICE_HOST'), '10.96.0.1')
  assert.equal(
    [...variables.keys()].some((name) => name.startsWith('FAR') || name.startsWith('HEADLESS')),
    false,
  )
})
