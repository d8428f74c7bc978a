import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseFlags } from '#component/flags.ts'
import { parseConfig } from './config-file.ts'
import { configFlags, configOverrides } from './config-flags.ts'

const overrides = (...argv: string[]) => configOverrides(parseFlags(configFlags, argv))

test('flags win over the file, and what they do not say is left to it', () => {
  const given = overrides(
    '--eviction-hard=memory.available<1Gi,nodefs.available<5%',
    '--image-gc-low-threshold=70',
    '--container-log-max-files',
    '3',
  )
  assert.deepEqual(given, {
    evictionHard: { 'memory.available': '1Gi', 'nodefs.available': '5%' },
    imageGCLowThresholdPercent: 70,
    containerLogMaxFiles: 3,
  })
  const head = 'apiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration\n'
  const config = parseConfig(`${head}containerLogMaxFiles: 9\nimageGCHighThresholdPercent: 75\n`, 'file', given)
  assert.deepEqual([config.containerLogMaxFiles, config.imageGCHighThresholdPercent, config.imageGCLowThresholdPercent], [3, 75, 70])
  assert.deepEqual(parseConfig('', '', given).evictionHard, given['evictionHard'])
})

test('what makes no sense is refused', () => {
  assert.throws(
    () => overrides('--eviction-hard=memory.available=1Gi'),
    /--eviction-hard: "memory.available=1Gi" is not of the form key<value/,
  )
  assert.throws(() => overrides('--image-gc-high-threshold=much'), /"much" is not a whole number/)
  assert.throws(() => parseConfig('', '', overrides('--eviction-soft=memory.available<1Gi')), /grace period must be specified/)
  assert.deepEqual(overrides(), {})
})

test('keys of the configuration with values of their own', () => {
  const head = 'apiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration\n'
  const read = (text: string) => parseConfig(`${head}${text}\n`, 'file')
  assert.deepEqual(
    ['', 'none', 'best-effort', 'restricted', 'single-numa-node'].map(
      (policy) => read(`topologyManagerPolicy: "${policy}"`).topologyManagerPolicy,
    ),
    ['none', 'none', 'best-effort', 'restricted', 'single-numa-node'],
  )
  assert.equal(read('topologyManagerScope: pod').topologyManagerScope, 'pod')
  assert.throws(
    () => read('topologyManagerPolicy: nearest'),
    /topologyManagerPolicy: is one of none, best-effort, restricted, single-numa-node/,
  )
  assert.throws(
    () => read('topologyManagerPolicyOptions: {prefer-closest-numa-nodes: "true"}'),
    /unknown key "topologyManagerPolicyOptions.prefer-closest-numa-nodes"/,
  )
  assert.throws(() => read('memoryManagerPolicy: Static'), /memoryManagerPolicy: only "None" or "" is supported/)
  assert.deepEqual([read('cpuCFSQuota: false').cpuCFSQuota, read('').cpuCFSQuota], [false, true])
  const { staticPodURL, staticPodURLHeader, httpCheckFrequency } = read(
    'staticPodURL: http://m/\nstaticPodURLHeader: {A: [b, c]}\nhttpCheckFrequency: 0s',
  )
  assert.deepEqual([staticPodURL, staticPodURLHeader, httpCheckFrequency], ['http://m/', { A: ['b', 'c'] }, 20_000])
})
