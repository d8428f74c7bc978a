/** Our kubectl against an API server: what it prints, what it changes, and its exit codes. */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { startTestApiServer, type TestApiServer } from '#test/harness/apiserver.ts'
import { checkout } from '#test/harness/cluster.ts'

let server: TestApiServer
before(async () => {
  server = await startTestApiServer()
})
after(async () => {
  await server[Symbol.asyncDispose]()
})

interface Ended {
  code: number
  out: string
  err: string
}

function kubectl(words: readonly string[], input = ''): Promise<Ended> {
  const argv = [join(checkout, 'kubectl/main.ts'), '--kubeconfig', server.kubeconfigFile, ...words]
  const child = spawn(process.execPath, argv, { env: { ...process.env, NODE_TEST_CONTEXT: undefined }, timeout: 30_000 })
  const { promise, resolve } = Promise.withResolvers<Ended>()
  let [out, err] = ['', '']
  child.stdout.on('data', (chunk) => (out += chunk))
  child.stderr.on('data', (chunk) => (err += chunk))
  child.on('close', (code) => resolve({ code: code ?? -1, out, err }))
  child.stdin.end(input)
  return promise
}

const manifest = (replicas: number, extra = ''): string => `
apiVersion: v1
kind: ConfigMap
metadata: {name: settings}
data: {mode: "0644"${extra}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, labels: {tier: front}}
spec:
  replicas: ${replicas}
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: web, image: "web:1"}${extra === '' ? ', {name: side, image: "side:1"}' : ''}]}
`

test('apply creates, leaves alone, and merges three ways', async () => {
  const first = await kubectl(['apply', '-f', '-'], manifest(2))
  assert.deepEqual(first, { code: 0, out: 'configmap/settings created\ndeployment.apps/web created\n', err: '' })
  assert.equal((await kubectl(['apply', '-f', '-'], manifest(2))).out, 'configmap/settings unchanged\ndeployment.apps/web unchanged\n')
  assert.equal((await kubectl(['scale', 'deploy/web', '--replicas=5'])).out, 'deployment.apps/web scaled\n')
  const second = await kubectl(['apply', '-f', '-'], manifest(3, ', level: high'))
  assert.equal(second.out, 'configmap/settings configured\ndeployment.apps/web configured\n')
  const path = '{.spec.replicas} {.spec.template.spec.containers[*].name}'
  assert.equal(
    (await kubectl(['get', 'deploy', 'web', '-o', `jsonpath=${path}`])).out,
    '3 web',
    'the container that left the manifest is gone',
  )
  assert.match(
    (await kubectl(['apply', '--dry-run=server', '-f', '-'], manifest(4))).out,
    /deployment\.apps\/web configured \(server dry run\)/,
  )
  assert.equal((await kubectl(['get', 'deploy', 'web', '-o', 'jsonpath={.spec.replicas}'])).out, '3')
})

test('get prints the server’s tables and every form of -o', async () => {
  const table = await kubectl(['get', 'deploy,cm', '--show-labels'])
  assert.match(
    table.out,
    /^NAME +READY +UP-TO-DATE +AVAILABLE +AGE +LABELS\ndeployment\.apps\/web +0\/3 +0 +0 +\S+ +tier=front\n\nNAME +DATA +AGE/,
  )
  assert.equal((await kubectl(['get', 'deploy', '-o', 'name'])).out, 'deployment.apps/web\n')
  assert.match(
    (await kubectl(['get', 'cm', 'settings', '-o', 'yaml'])).out,
    /^apiVersion: v1\ndata:\n {2}level: high\n {2}mode: "0644"\nkind: ConfigMap\n/,
  )
  assert.deepEqual(await kubectl(['get', 'pods']), { code: 0, out: '', err: 'No resources found in default namespace.\n' })
  assert.deepEqual(await kubectl(['get', 'pod', 'nope']), {
    code: 1,
    out: '',
    err: 'Error from server (NotFound): pods "nope" not found\n',
  })
  assert.equal((await kubectl(['get', 'nonsense'])).err, `error: the server doesn't have a resource type "nonsense"\n`)
})

test('describe, explain, api-resources and version speak of this server', async () => {
  assert.match(
    (await kubectl(['describe', 'deploy', 'web'])).out,
    /^Name: +web\nNamespace: +default\n[\s\S]*Replicas: +3 desired \| 0 updated[\s\S]*Image: +web:1/,
  )
  assert.match(
    (await kubectl(['explain', 'deploy.spec.replicas'])).out,
    /^GROUP: +apps\nKIND: +Deployment\nVERSION: +v1\n\nFIELD: replicas <integer>\n/,
  )
  assert.match((await kubectl(['api-resources'])).out, /\ndeployments +deploy +apps\/v1 +true +Deployment\n/)
  assert.match((await kubectl(['version'])).out, /^Client Version: v1\.35\.\S+\nServer Version: v1\.35\.\S+\n$/)
})

test('wait, delete and their time-outs', async () => {
  const late = await kubectl(['wait', '--for=condition=Available', 'deploy/web', '--timeout=1s'])
  assert.deepEqual([late.code, late.err], [1, 'error: timed out waiting for the condition on deployment.apps/web\n'])
  assert.equal((await kubectl(['wait', '--for=jsonpath={.spec.replicas}=3', 'deploy/web'])).out, 'deployment.apps/web condition met\n')
  assert.equal((await kubectl(['delete', 'cm', 'settings'])).out, 'configmap "settings" deleted from default namespace\n')
  assert.equal((await kubectl(['delete', 'cm', 'settings'])).code, 1)
  assert.deepEqual(await kubectl(['delete', 'cm', 'settings', '--ignore-not-found']), { code: 0, out: '', err: '' })
})

test('what the server refuses is told in its own words', async () => {
  const invalid = await kubectl(['apply', '-f', '-'], 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: Bad_Name}')
  assert.match(
    invalid.err,
    /^The ConfigMap "Bad_Name" is invalid: metadata\.name: Invalid value: "Bad_Name": a lowercase RFC 1123 subdomain/,
  )
  const unknown = await kubectl(['create', '-f', '-'], 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\ndta: {}')
  assert.match(unknown.err, /strict decoding error: unknown field "dta"/)
  assert.equal((await kubectl(['apply', '-f', '-'], 'apiVersion: x/v1\nkind: Foo\nmetadata: {name: x}')).code, 1)
})

test('server-side apply: conflicts, force, and the way from client-side apply', async () => {
  const settings = (data: string): string => `{apiVersion: v1, kind: ConfigMap, metadata: {name: shared}, data: ${data}}`
  const owners = (): Promise<Ended> =>
    kubectl(['get', 'cm/shared', '--show-managed-fields', '-o', 'jsonpath={range .metadata.managedFields[*]}{.manager}:{.operation} {end}'])
  const apply = (data: string, ...words: string[]): Promise<Ended> =>
    kubectl(['apply', '--server-side', ...words, '-f', '-'], settings(data))
  assert.deepEqual(await apply('{a: "1", b: "1"}'), { code: 0, out: 'configmap/shared serverside-applied\n', err: '' })
  assert.equal((await apply('{a: "1"}', '--dry-run=server')).out, 'configmap/shared serverside-applied (server dry run)\n')
  const refused = await apply('{a: "2"}', '--field-manager=other')
  assert.equal(refused.code, 1)
  assert.match(refused.err, /^error: Apply failed with 1 conflict: conflict with "kubectl": \.data\.a\nOthers manage these fields/)
  assert.equal((await apply('{a: "2"}', '--field-manager=other', '--force-conflicts')).code, 0)
  assert.equal((await owners()).out, 'kubectl:Apply other:Apply ')

  assert.equal((await kubectl(['apply', '-f', '-'], settings('{c: "1", d: "1"}').replace('shared', 'moved'))).code, 0)
  assert.equal((await kubectl(['apply', '--server-side', '-f', '-'], settings('{c: "1"}').replace('shared', 'moved'))).code, 0)
  const moved = await kubectl(['get', 'cm/moved', '-o', 'jsonpath={.data}'])
  assert.equal(moved.out, '{"c":"1"}', 'what the manifest leaves out is gone')

  const table: readonly [string[], RegExp][] = [
    [['--force-conflicts'], /--force-conflicts only works with --server-side/],
    [['--server-side', '--force'], /--force cannot be used with --server-side/],
    [['--server-side', '--dry-run=client'], /did you mean --dry-run=server instead/],
  ]
  for (const [words, wanted] of table) assert.match((await kubectl(['apply', ...words, '-f', '-'], settings('{}'))).err, wanted)
})

const configMap = (name: string, more = ''): string => `---\n{apiVersion: v1, kind: ConfigMap, metadata: {name: ${name}${more}}}\n`

test('apply takes only what -l selects, and makes anew with --force what cannot be changed', async () => {
  const both = configMap('chosen', ', labels: {a: b}') + configMap('left')
  assert.equal((await kubectl(['apply', '-l', 'a=b', '-f', '-'], both)).out, 'configmap/chosen created\n')
  assert.match((await kubectl(['apply', '-l', 'a=c', '-f', '-'], both)).err, /no objects passed to apply/)

  const fixed = (value: string): string =>
    `{apiVersion: v1, kind: ConfigMap, metadata: {name: fixed}, immutable: true, data: {v: "${value}"}}`
  assert.equal((await kubectl(['apply', '-f', '-'], fixed('1'))).code, 0)
  assert.match((await kubectl(['apply', '-f', '-'], fixed('2'))).err, /field is immutable/)
  assert.deepEqual(await kubectl(['apply', '--force', '-f', '-'], fixed('2')), { code: 0, out: 'configmap/fixed configured\n', err: '' })
  assert.equal((await kubectl(['get', 'cm', 'fixed', '-o', 'jsonpath={.data.v}'])).out, '2')
  assert.match((await kubectl(['apply', '--overwrite=false', '-f', '-'], fixed('2'))).err, /--overwrite=false is not supported/)
})

test('create goes on behind a manifest that fails', async () => {
  const made = await kubectl(['create', '-f', '-'], configMap('Bad_Name') + configMap('after'))
  assert.deepEqual([made.code, made.out], [1, 'configmap/after created\n'])
})

test('get --sort-by orders tables by any field', async () => {
  const role = (name: string, verb: string): string =>
    `---\n{apiVersion: rbac.authorization.k8s.io/v1, kind: Role, metadata: {name: ${name}}, rules: [{apiGroups: [""], resources: [pods], verbs: [${verb}]}]}\n`
  assert.equal((await kubectl(['create', '-f', '-'], role('r1', 'watch') + role('r2', 'get'))).code, 0)
  const table = await kubectl(['get', 'roles', '--no-headers', '--sort-by=.rules[0].verbs[0]'])
  assert.match(table.out, /^r2 .*\nr1 /)
})

test('-f speaks of the namespace that the manifest names', async () => {
  assert.equal((await kubectl(['create', 'namespace', 'shop'])).code, 0)
  const there = manifest(1).replaceAll('metadata: {name:', 'metadata: {namespace: shop, name:')
  assert.equal((await kubectl(['create', '-f', '-'], there)).code, 0)
  assert.match((await kubectl(['describe', '-f', '-'], there)).out, /^Name: +settings\nNamespace: +shop\n/)
  assert.equal((await kubectl(['wait', '--for=create', '-f', '-'], there)).code, 0)
  const deployment = there.slice(there.indexOf('---'))
  assert.equal((await kubectl(['scale', '--replicas=7', '-f', '-'], deployment)).out, 'deployment.apps/web scaled\n')
  assert.equal((await kubectl(['get', 'deploy', 'web', '-n', 'shop', '-o', 'jsonpath={.spec.replicas}'])).out, '7')
})
