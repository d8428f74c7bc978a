// kubeconfigs: contexts, credentials as data and as files, merging, in-cluster, and what is refused.
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { inClusterConfig, kubeconfigPaths, loadKubeconfig } from './kubeconfig.ts'
import { mergeKubeconfigs } from './kubeconfig-file.ts'

const base = {
  'current-context': 'a',
  clusters: [
    { name: 'c', cluster: { server: 'https://10.0.0.1:6443/', 'certificate-authority-data': Buffer.from('CA').toString('base64') } },
  ],
  contexts: [
    { name: 'a', context: { cluster: 'c', user: 'u', namespace: 'ns' } },
    { name: 'b', context: { cluster: 'c', user: 'other' } },
  ],
  users: [
    { name: 'u', user: { token: 'tok' } },
    { name: 'other', user: { username: 'me', password: 'pw' } },
  ],
}
const text = (extra: object = {}): string => JSON.stringify({ ...base, ...extra })

test('the current context, or a named one', () => {
  assert.deepEqual(loadKubeconfig(text()), { server: 'https://10.0.0.1:6443', ca: 'CA', namespace: 'ns', token: 'tok' })
  assert.deepEqual(loadKubeconfig(text(), { context: 'b' }), { server: 'https://10.0.0.1:6443', ca: 'CA', username: 'me', password: 'pw' })
})

test('another cluster or user than those of the context', () => {
  const far = { name: 'far', cluster: { server: 'https://far' } }
  const source = text({ clusters: [...base.clusters, far] })
  assert.deepEqual(loadKubeconfig(source, { cluster: 'far' }), { server: 'https://far', namespace: 'ns', token: 'tok' })
  assert.equal(loadKubeconfig(source, { user: 'other' }).username, 'me')
  assert.throws(() => loadKubeconfig(source, { user: 'nobody' }), /user "nobody" of context "a" does not exist/)
})

test('YAML with files relative to it', () => {
  const folder = mkdtempSync(join(tmpdir(), 'kubeconfig-'))
  try {
    for (const name of ['ca.crt', 'me.crt', 'me.key']) writeFileSync(join(folder, name), name)
    const file = join(folder, 'config')
    writeFileSync(
      file,
      `
apiVersion: v1
kind: Config
current-context: x
clusters: [{name: c, cluster: {server: "https://h", certificate-authority: ca.crt, tls-server-name: k}}]
contexts: [{name: x, context: {cluster: c, user: u}}]
users: [{name: u, user: {client-certificate: me.crt, client-key: me.key}}]
`,
    )
    assert.deepEqual(loadKubeconfig(file), { server: 'https://h', ca: 'ca.crt', cert: 'me.crt', key: 'me.key', tlsServerName: 'k' })
  } finally {
    rmSync(folder, { recursive: true })
  }
})

const withServer = (server: string, more: object = {}): string => text({ clusters: [{ name: 'c', cluster: { server, ...more } }] })

test('a server without a scheme is https where something is about TLS, else http', () => {
  const ca = { 'certificate-authority-data': Buffer.from('CA').toString('base64') }
  assert.equal(loadKubeconfig(withServer('10.0.0.1:6443', ca)).server, 'https://10.0.0.1:6443')
  assert.equal(loadKubeconfig(withServer('kube', { 'insecure-skip-tls-verify': true })).server, 'https://kube')
  assert.equal(loadKubeconfig(withServer('localhost:8080')).server, 'http://localhost:8080')
  assert.equal(loadKubeconfig(withServer('https://proxy/cluster-1/')).server, 'https://proxy/cluster-1')
})

const refused: [name: string, source: string, context: string | undefined, message: RegExp][] = [
  ['no context', text({ 'current-context': '' }), undefined, /current-context is not set/],
  ['unknown context', text(), 'nope', /context "nope" does not exist/],
  ['unknown user', text({ users: [] }), undefined, /user "u" of context "a" does not exist/],
  ['unknown cluster', text({ clusters: null }), undefined, /cluster "c" of context "a" does not exist/],
  [
    'exec plug-in',
    text({ users: [{ name: 'u', user: { exec: { command: 'aws' } } }] }),
    undefined,
    /exec credential plugins \(aws\) are not supported/,
  ],
  ['half a key pair', text({ users: [{ name: 'u', user: { 'client-certificate-data': 'QQ==' } }] }), undefined, /must both be set/],
  ['a scheme of its own', withServer('ftp://h'), undefined, /server "ftp:\/\/h": unsupported protocol scheme "ftp"/],
  ['a host with a path', withServer('h/path'), undefined, /host must be a URL or a host:port pair: "h\/path"/],
  ['no URL', withServer('https://'), undefined, /host must be a URL or a host:port pair: "https:\/\/"/],
  ['not YAML', '{"a":\n', undefined, /error loading config file/],
  ['a list', '- a\n- b\n', undefined, /not a mapping/],
  ['absent file', '/nowhere/config', undefined, /stat \/nowhere\/config: no such file or directory/],
]
for (const [name, source, context, message] of refused) {
  test(`refused: ${name}`, () => assert.throws(() => loadKubeconfig(source, { context }), { name: 'KubeconfigError', message }))
}

test('of several files the first one wins, entry by entry', () => {
  const merged = mergeKubeconfigs([
    { users: [{ name: 'u', user: { token: '1' } }] },
    {
      'current-context': 'x',
      users: [
        { name: 'u', user: { token: '2' } },
        { name: 'v', user: {} },
      ],
    },
    { 'current-context': 'y' },
  ])
  assert.equal(merged['current-context'], 'x')
  assert.deepEqual(merged.users, [
    { name: 'u', user: { token: '1' } },
    { name: 'v', user: {} },
  ])
  assert.deepEqual(kubeconfigPaths('/a::/b'), ['/a', '/b'])
  assert.match(kubeconfigPaths('')[0] ?? '', /\.kube\/config$/)
})

test('in a pod', () => {
  const folder = mkdtempSync(join(tmpdir(), 'sa-'))
  try {
    assert.throws(() => inClusterConfig({}, folder), { name: 'KubeconfigError' })
    for (const [name, content] of [
      ['token', 't'],
      ['ca.crt', 'CA'],
      ['namespace', 'ns\n'],
    ] as const)
      writeFileSync(join(folder, name), content)
    const env = { KUBERNETES_SERVICE_HOST: 'fd00::1', KUBERNETES_SERVICE_PORT: '443' }
    assert.deepEqual(inClusterConfig(env, folder), {
      server: 'https://[fd00::1]:443',
      ca: 'CA',
      tokenFile: join(folder, 'token'),
      namespace: 'ns',
    })
  } finally {
    rmSync(folder, { recursive: true })
  }
})
