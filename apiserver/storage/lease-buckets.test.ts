import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { LeaseBuckets } from './lease-buckets.ts'

function buckets(): { leases: LeaseBuckets; granted: number[]; clock: { ms: number } } {
  const granted: number[] = []
  const clock = { ms: 0 }
  const leases = new LeaseBuckets(async (seconds) => BigInt(granted.push(seconds)), { reuseSeconds: 60, now: () => clock.ms })
  return { leases, granted, clock }
}

describe('lease buckets', () => {
  it('shares a lease among keys of the same time to live', async () => {
    const { leases, granted } = buckets()
    assert.deepEqual(await Promise.all([leases.leaseFor(3600), leases.leaseFor(3600), leases.leaseFor(10)]), [1n, 1n, 2n])
    assert.deepEqual(granted, [3660, 70])
  })

  it('takes a new lease after a while, after many keys and after a loss', async () => {
    const { leases, granted, clock } = buckets()
    await leases.leaseFor(1)
    clock.ms = 60_000
    for (let n = 0; n < 1001; n++) await leases.leaseFor(1)
    assert.equal(granted.length, 3)
    leases.clear()
    await leases.leaseFor(1)
    assert.equal(granted.length, 4)
  })

  it('asks again after a failed grant', async () => {
    let calls = 0
    const leases = new LeaseBuckets(
      async () => {
        if (calls++ === 0) throw new Error('away')
        return 7n
      },
      { reuseSeconds: 60, now: () => 0 },
    )
    await assert.rejects(leases.leaseFor(1))
    assert.equal(await leases.leaseFor(1), 7n)
  })
})
