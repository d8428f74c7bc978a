import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Deployments } from './apps/deployment.ts'
import { ConfigMaps } from './core/config-map.ts'
import { Pods } from './core/pod.ts'
import { applyFieldValidation, decodeBody, decodeMessage, decodeValue } from './decode.ts'
import { deleteOptionsSchema } from './meta/options.ts'

const pod = (spec: string, meta = ''): string => `{"apiVersion":"v1","kind":"Pod","metadata":{"name":"x"${meta}},"spec":${spec}}`
const good = '"containers":[{"name":"a","image":"b"}]'
const prefix = 'Pod in version "v1" cannot be handled as a Pod: '

test('a body becomes an object with all that is always there', () => {
  const { object, problems } = decodeBody('{"metadata":{"name":"x"},"spec":{"containers":[null]}}', Pods)
  assert.deepEqual(object, {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'x' },
    spec: { containers: [{ name: '' }] },
    status: {},
  })
  assert.deepEqual(problems, [])
})

test('values of the wrong type are refused in the words of Go', () => {
  const field = (text: string): string => `${prefix}json: cannot unmarshal ${text}`
  const cases: [string, string][] = [
    [pod('{"containers":"x"}'), field('string into Go struct field PodSpec.spec.containers of type []v1.Container')],
    [pod('5'), field('number into Go struct field Pod.spec of type v1.PodSpec')],
    [pod('{"containers":[{"name":5}]}'), field('number into Go struct field Container.spec.containers.name of type string')],
    [pod(`{${good},"hostNetwork":"true"}`), field('string into Go struct field PodSpec.spec.hostNetwork of type bool')],
    [
      pod(`{${good},"terminationGracePeriodSeconds":30.0}`),
      field('number 30.0 into Go struct field PodSpec.spec.terminationGracePeriodSeconds of type int64'),
    ],
    [
      pod('{"containers":[{"ports":[{"containerPort":99999999999}]}]}'),
      field('number 99999999999 into Go struct field ContainerPort.spec.containers.ports.containerPort of type int32'),
    ],
    [pod('{}', ',"labels":{"a":5}'), field('number into Go struct field ObjectMeta.metadata.labels of type string')],
    [pod('{}', ',"labels":[]'), field('array into Go struct field ObjectMeta.metadata.labels of type map[string]string')],
    [
      pod('{"containers":[{"livenessProbe":{"httpGet":{"port":true}}}]}'),
      field('bool into Go struct field HTTPGetAction.spec.containers.livenessProbe.ProbeHandler.httpGet.port of type int32'),
    ],
    [pod('{"containers":[{"resources":{"limits":{"cpu":"1kk"}}}]}'), `${prefix}unable to parse quantity's suffix`],
    [pod('{}', ',"creationTimestamp":5'), field('number into Go struct field ObjectMeta.metadata.creationTimestamp of type string')],
  ]
  for (const [body, message] of cases) assert.throws(() => decodeBody(body, Pods), { code: 400, reason: 'BadRequest', message }, body)
})

test('bodies that are no object of the kind are refused', () => {
  const unrecognized = "the object provided is unrecognized (must be of type Pod): couldn't get version/kind; json parse error: "
  const cases: [string, string][] = [
    ['', `${unrecognized}unexpected end of JSON input (<empty>)`],
    ['{"apiVersion":"v1","kind":"Pod",', `${unrecognized}unexpected end of JSON input ({"apiVersion":"v1","kind":"Pod ...)`],
    ['{"kind":5}', `${unrecognized}json: cannot unmarshal number into Go struct field .kind of type string ({"kind":5})`],
    [
      '{"apiVersion":"v1","kind":"Foo"}',
      'Foo in version "v1" cannot be handled as a Pod: no kind "Foo" is registered for version "v1" in scheme "pkg/runtime/scheme.go:111"',
    ],
  ]
  for (const [body, message] of cases) assert.throws(() => decodeBody(body, Pods), { code: 400, message }, body)
  assert.throws(() => decodeBody('{"apiVersion":"v1","kind":"Service"}', { ...Pods, isKnown: () => true }), {
    message: 'Service in version "v1" cannot be handled as a Pod: converting (v1.Service) to (core.Pod): unknown conversion',
  })
})

test('unknown and duplicate fields are pruned and named', () => {
  const body = pod(
    '{"containers":[{"name":"a","foo":1,"bar":{"x":1,"x":2},"env":[{"name":"x","valu":"z"}]}],"foo":2,"nodeName":"a","nodeName":"b"}',
    ',"labelz":{"a":"b"}',
  )
  const { object, problems } = decodeBody(body, Pods)
  // in the order of the text, a duplicate where it comes again
  assert.deepEqual(problems, [
    'unknown field "metadata.labelz"',
    'unknown field "spec.containers[0].foo"',
    'unknown field "spec.containers[0].bar"',
    'unknown field "spec.containers[0].env[0].valu"',
    'unknown field "spec.foo"',
    'duplicate field "spec.nodeName"',
  ])
  assert.deepEqual(object.spec, { containers: [{ name: 'a', env: [{ name: 'x' }] }], nodeName: 'b' })
  assert.deepEqual(applyFieldValidation(problems.slice(0, 1), 'Warn', Pods), ['unknown field "metadata.labelz"'])
  assert.deepEqual(applyFieldValidation(problems, 'Ignore', Pods), [])
  assert.throws(() => applyFieldValidation(problems.slice(-2), 'Strict', Pods), {
    code: 400,
    message: `${prefix}strict decoding error: unknown field "spec.foo", duplicate field "spec.nodeName"`,
  })
})

test('names count letter by letter', () => {
  assert.deepEqual(decodeBody(pod('{"Containers":[]}'), Pods).problems, ['unknown field "spec.Containers"'])
})

test('null is the zero value of its type', () => {
  const body = '{"metadata":{"name":"c","labels":{"a":null},"creationTimestamp":null},"data":{"a":null},"binaryData":null}'
  assert.deepEqual(decodeBody(body, ConfigMaps).object, {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'c', labels: { a: '' } },
    data: { a: '' },
  })
})

test('keys of Object.prototype are keys like any other', () => {
  const { object, problems } = decodeBody('{"metadata":{"name":"c"},"data":{"__proto__":"a","constructor":"b"}}', ConfigMaps)
  assert.deepEqual(Object.keys(object.data ?? {}), ['__proto__', 'constructor'])
  assert.equal(Object.getPrototypeOf(object.data), Object.prototype)
  assert.deepEqual(problems, [])
  assert.deepEqual(decodeBody('{"__proto__":{"x":1},"spec":{"__proto__":{"nodeName":"x"}}}', Pods).problems, [
    'unknown field "__proto__"',
    'unknown field "spec.__proto__"',
  ])
})

test('scalars take their canonical form', () => {
  const { object } = decodeBody(
    pod('{"containers":[{"resources":{"limits":{"cpu":0.5,"memory":1e3}}}]}', ',"creationTimestamp":"2024-01-01T01:00:00.5+01:00"'),
    Pods,
  )
  assert.deepEqual(object.spec.containers[0]?.resources?.limits, { cpu: '500m', memory: '1e3' })
  assert.equal(object.metadata.creationTimestamp, '2024-01-01T00:00:00Z')
})

test('raw values stay as they were written, duplicates and long numbers too', () => {
  const body = '{"metadata":{"name":"c","managedFields":[{"fieldsV1":{"f:a":{},"n":9007199254740993}}]}}'
  const { object, problems } = decodeBody(body, ConfigMaps)
  assert.equal(JSON.stringify(object.metadata.managedFields), '[{"fieldsV1":{"f:a":{},"n":9007199254740993}}]')
  assert.deepEqual(problems, [])
})

test('a deep body is refused', () => {
  const deep = `{"metadata":{"managedFields":[{"fieldsV1":${'{"a":'.repeat(2000)}1${'}'.repeat(2000)}}]}}`
  assert.throws(() => decodeBody(deep, ConfigMaps), { code: 400, message: /exceeded max depth/ })
})

test('values and stored objects are read without a text', () => {
  assert.equal(decodeValue({ metadata: { name: 'x' } }, Deployments).object.kind, 'Deployment')
  assert.throws(() => decodeValue([], Deployments), { code: 400 })
  assert.throws(() => decodeMessage({ spec: 5 }, Pods.schema), { name: 'Error', message: /cannot unmarshal number/ })
  assert.throws(() => decodeMessage(5, Pods.schema), { message: /cannot unmarshal number/ })
})

test('options are read under any group', () => {
  const expected = { group: '', version: 'v1', kind: 'DeleteOptions', schema: deleteOptionsSchema, anyVersion: true }
  assert.equal(decodeBody('{"apiVersion":"apps/v1","kind":"DeleteOptions","gracePeriodSeconds":0}', expected).object.gracePeriodSeconds, 0)
})

test('lists of nothing end somewhere', () => {
  const body = (elements: number): string => `{"kind":"Pod","apiVersion":"v1","spec":{"containers":[${Array(elements).fill('{}').join()}]}}`
  const expected = { group: '', version: 'v1', kind: 'Pod', schema: Pods.schema }
  assert.equal(decodeBody(body(1000), expected).object.spec.containers.length, 1000)
  assert.throws(() => decodeBody(body(300_001), expected), /more than 300000 elements in lists/)
})
