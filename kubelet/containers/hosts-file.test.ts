import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { PodSpec } from '#api/core/pod-spec.ts'
import { pod } from '#kubelet/pods/pod-fixtures.ts'
import { hostsFile, sandboxHostname } from './hosts-file.ts'

const facts = { clusterDomain: 'cluster.local', nodeHosts: '127.0.0.1 localhost\n' }
const fixed = `# Kubernetes-managed hosts file.
127.0.0.1	localhost
::1	localhost ip6-localhost ip6-loopback
fe00::0	ip6-localnet
fe00::0	ip6-mcastprefix
fe00::1	ip6-allnodes
fe00::2	ip6-allrouters
`
const aliases = {
  hostAliases: [
    { ip: '1.2.3.4', hostnames: ['foo', 'bar'] },
    { ip: '1.2.3.5', hostnames: ['baz'] },
  ],
}
const added = '\n# Entries added by HostAliases.\n1.2.3.4\tfoo\tbar\n1.2.3.5\tbaz\n'

const files: [string, Partial<PodSpec>, string][] = [
  ['a pod', {}, `${fixed}10.0.0.5\tweb\nfd00::5\tweb\n`],
  [
    'with a service over it',
    { hostname: 'h', subdomain: 'sub' },
    `${fixed}10.0.0.5\th.sub.default.svc.cluster.local\th\nfd00::5\th.sub.default.svc.cluster.local\th\n`,
  ],
  ['with aliases', aliases, `${fixed}10.0.0.5\tweb\nfd00::5\tweb\n${added}`],
  [
    'on the network of the node',
    { hostNetwork: true, ...aliases },
    `# Kubernetes-managed hosts file (host network).\n127.0.0.1 localhost\n${added}`,
  ],
  ['with a name of its own', { hostnameOverride: 'a.b', subdomain: 'sub' }, `${fixed}10.0.0.5\ta.b\nfd00::5\ta.b\n`],
]
for (const [story, spec, expected] of files) {
  test(`hosts: ${story}`, () => assert.equal(hostsFile(pod(spec), ['10.0.0.5', 'fd00::5'], facts), expected))
}

const long = 'x'.repeat(62)
const names: [string, Partial<PodSpec>, string, string][] = [
  ['its own', {}, 'web', 'web'],
  ['as asked', { hostname: 'h' }, 'web', 'h'],
  ['cut, without a hyphen at the end', {}, `${long}-more`, long],
  ['in full', { subdomain: 'sub', setHostnameAsFQDN: true }, 'web', 'web.sub.default.svc.cluster.local'],
  ['in full without a subdomain', { setHostnameAsFQDN: true }, 'web', 'web'],
  ['over all', { hostnameOverride: 'a.b', hostname: 'h', subdomain: 'sub', setHostnameAsFQDN: true }, 'web', 'a.b'],
  ['of the node', { hostNetwork: true, hostname: 'h' }, 'web', 'node-1'],
]
for (const [story, spec, name, expected] of names) {
  test(`hostname: ${story}`, () => assert.equal(sandboxHostname(pod(spec, { name }), 'cluster.local', 'node-1'), expected))
}

test('hostname: a full one that the kernel cannot hold', () => {
  const spec = { subdomain: 'sub', setHostnameAsFQDN: true }
  const full = `${'x'.repeat(40)}.sub.default.svc.cluster.local`
  assert.throws(
    () => sandboxHostname(pod(spec, { name: 'x'.repeat(40) }), 'cluster.local', 'node-1'),
    new Error(
      `failed to construct FQDN from pod hostname and cluster domain, FQDN ${full} is too long (64 characters is the max, 70 characters requested)`,
    ),
  )
})
