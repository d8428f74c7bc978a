import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { ConnectionFault, ENHANCE_YOUR_CALM } from './errors.ts'
import { CONTINUATION, END_HEADERS, END_STREAM, HEADERS } from './frames.ts'
import { HeaderBlocks } from './header-blocks.ts'

const part = (type: number, flags: number, bytes: number, stream = 1) => ({ type, flags, stream, payload: Buffer.alloc(bytes, 'x') })

describe('header blocks', () => {
  it('are put together from their frames', () => {
    const blocks = new HeaderBlocks()
    assert.deepEqual(blocks.take(part(HEADERS, END_HEADERS, 3)), { stream: 1, isEnd: false, bytes: Buffer.from('xxx') })
    assert.equal(blocks.take(part(HEADERS, END_STREAM, 2)), undefined)
    assert.equal(blocks.take(part(CONTINUATION, 0, 0)), undefined)
    assert.deepEqual(blocks.take(part(CONTINUATION, END_HEADERS, 2)), { stream: 1, isEnd: true, bytes: Buffer.from('xxxx') })
  })

  it('are not interrupted, and continue only what began', () => {
    const blocks = new HeaderBlocks()
    assert.throws(() => blocks.check(part(CONTINUATION, END_HEADERS, 1)), ConnectionFault)
    blocks.check(part(HEADERS, 0, 1))
    blocks.take(part(HEADERS, 0, 1))
    assert.throws(() => blocks.check(part(HEADERS, 0, 1)), ConnectionFault)
    assert.throws(() => blocks.check(part(CONTINUATION, 0, 1, 3)), ConnectionFault)
    blocks.check(part(CONTINUATION, END_HEADERS, 1))
  })

  it('have an end, in bytes and in frames', () => {
    for (const [bytes, most] of [
      [16_384, 5],
      [0, 65],
    ] as const) {
      const blocks = new HeaderBlocks()
      const flood = (): void => {
        blocks.take(part(HEADERS, 0, bytes))
        for (let frame = 2; frame <= most; frame++) blocks.take(part(CONTINUATION, 0, bytes))
      }
      assert.throws(flood, { code: ENHANCE_YOUR_CALM })
    }
  })
})
