import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { parseFlags } from '#component/flags.ts'
import { flags, loadConfig } from './config.ts'

const folder = mkdtempSync(join(tmpdir(), 'proxy-config-'))
after(() => rmSync(folder, { recursive: true }))

const load = (...argv: string[]) => loadConfig(parseFlags(flags, ['--kubeconfig=/k', ...argv]))
const head = 'apiVersion: kubeproxy.config.k8s.io/v1alpha1\nkind: KubeProxyConfiguration\n'
const file = (text: string): string => {
  const path = join(folder, 'config.yaml')
  writeFileSync(path, text)
  return `--config=${path}`
}

test('flags and file make the settings; what the file says wins', () => {
  const config = load('--cluster-cidr=fd00::/64,10.244.0.0/16', '--healthz-bind-address=[::1]:10300', '--metrics-bind-address=127.0.0.2')
  assert.equal(config.clusterCidr, '10.244.0.0/16')
  assert.deepEqual(config.healthz, { bindAddress: '::1', port: 10300 })
  assert.deepEqual(config.metrics, { bindAddress: '127.0.0.2', port: 10249 })
  const said = load('--cluster-cidr=10.0.0.0/8', file(`${head}clusterCIDR: 10.1.0.0/16\niptables: {syncPeriod: 1m30s}\n`))
  assert.deepEqual([said.clusterCidr, said.syncPeriodMs], ['10.1.0.0/16', 90_000])
})

test('what cannot be is told by flag or key', () => {
  const cases: [() => string, RegExp][] = [
    [() => '--cluster-cidr=pods', /^--cluster-cidr \(clusterCIDR\): "pods" is not a CIDR/],
    [() => '--healthz-bind-address=here:1', /^--healthz-bind-address \(healthzBindAddress\): "here:1" is not of the form address:port$/],
    [() => '--metrics-bind-address=127.0.0.1:99999', /^--metrics-bind-address/],
    [() => '--proxy-mode=ipvs', /^proxy mode "ipvs" is not supported/],
    [() => file('a: [b\n'), /^--config \S+: not YAML: /],
    [() => file(`${head}iptables: {wait: 1s}\n`), /^--config \S+: unknown key "iptables.wait"$/],
    [() => file(`${head}iptables: {syncPeriod: soon}\n`), /^--config \S+: iptables.syncPeriod: "soon" is not a duration/],
  ]
  for (const [argument, message] of cases) assert.throws(() => load(argument()), { message })
})
