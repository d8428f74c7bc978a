import assert from 'node:assert/strict'
import { it } from 'node:test'
import fc from 'fast-check'
import { BodyCollector, maxBodyBytes } from './body.ts'

it('puts a body together from parts of any size', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 200 })), (parts) => {
      const collector = new BodyCollector()
      for (const part of parts) assert.ok(collector.take(Buffer.from(part)))
      assert.ok(collector.whole().equals(Buffer.concat(parts)))
    }),
  )
})

it('takes no more than is allowed', () => {
  const collector = new BodyCollector()
  assert.ok(collector.take(Buffer.alloc(maxBodyBytes - 1)))
  assert.ok(collector.take(Buffer.alloc(1)))
  assert.ok(!collector.take(Buffer.alloc(1)))
  assert.equal(collector.whole().length, maxBodyBytes)
})
