import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseConfig } from '#kubelet/config/config-file.ts'
import { configz, goDuration } from './configz.ts'

test('durations are texts, and what is no duration stays a number', () => {
  const { kubeletconfig } = configz(parseConfig('', '')) as { kubeletconfig: Record<string, unknown> }
  assert.equal(kubeletconfig['apiVersion'], undefined)
  assert.equal(kubeletconfig['nodeStatusUpdateFrequency'], '10s')
  assert.equal(kubeletconfig['evictionPressureTransitionPeriod'], '5m0s')
  assert.equal(kubeletconfig['imageMaximumGCAge'], '0s')
  assert.equal(kubeletconfig['shutdownGracePeriodCriticalPods'], '0s')
  for (const unset of ['evictionMaxPodGracePeriod', 'clusterDNS', 'kubeReserved', 'providerID'])
    assert.equal(Object.hasOwn(kubeletconfig, unset), false)
  assert.equal(kubeletconfig['maxPods'], 110)
  assert.deepEqual((kubeletconfig['authentication'] as { webhook: object }).webhook, { enabled: true, cacheTTL: '2m0s' })
})

for (const [ms, text] of [
  [250, '250ms'],
  [1500, '1.5s'],
  [60_000, '1m0s'],
  [3_600_000, '1h0m0s'],
  [3_661_500, '1h1m1.5s'],
  [-5000, '-5s'],
] as const)
  test(`${ms} ms are ${text}`, () => assert.equal(goDuration(ms), text))
