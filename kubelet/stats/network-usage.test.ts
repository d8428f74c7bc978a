import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseNetDev } from './network-usage.ts'

test('the interfaces of a pod, without loopback', () => {
  const text = `Inter-|   Receive                                                |  Transmit
 face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed
    lo:     560       8    0    0    0     0          0         0      560       8    0    0    0     0       0          0
  eth0:1000050     120    1    2    0     0          0         0    20060      80    3    4    0     0       0          0
`
  assert.deepEqual(parseNetDev(text), [
    { name: 'eth0', rxBytes: 1000050, rxPackets: 120, rxErrors: 1, rxDropped: 2, txBytes: 20060, txPackets: 80, txErrors: 3, txDropped: 4 },
  ])
  assert.deepEqual(parseNetDev(''), [])
})
