import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { ConnectionFault, FRAME_SIZE_ERROR } from './errors.ts'
import * as frames from './frames.ts'

const bytesOf = ({ payload, ...frame }: frames.Frame): Buffer => {
  const bytes = Buffer.alloc(frames.HEADER_BYTES + payload.length)
  frames.writeFrameHeader(bytes, 0, payload.length, frame)
  payload.copy(bytes, frames.HEADER_BYTES)
  return bytes
}

describe('frames', () => {
  it('are read as they were written, however the bytes are cut', () => {
    const shape = {
      type: fc.nat(255),
      flags: fc.nat(255),
      stream: fc.nat(0x7fffffff),
      payload: fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
    }
    const frame = fc.record(shape, { noNullPrototype: true })
    fc.assert(
      fc.property(fc.array(frame, { maxLength: 20 }), fc.array(fc.integer({ min: 1, max: 200 }), { minLength: 1 }), (sent, cuts) => {
        const bytes = Buffer.concat(sent.map(bytesOf))
        const reader = new frames.FrameReader()
        const got: frames.Frame[] = []
        for (let at = 0, i = 0; at < bytes.length; i++) {
          const end = at + (cuts[i % cuts.length] ?? 1)
          reader.take(bytes.subarray(at, end), (one) => got.push({ ...one, payload: Buffer.from(one.payload) }))
          at = end
        }
        assert.deepEqual(got, sent)
      }),
    )
  })

  it('are not longer than was allowed', () => {
    const read = (length: number) =>
      new frames.FrameReader().take(Buffer.from([length >> 16, length >> 8, length, 0, 0, 0, 0, 0, 1]), () => assert.fail())
    read(16_384)
    assert.throws(() => read(16_385), { code: FRAME_SIZE_ERROR })
  })

  it('lose their padding and priority', () => {
    const content = (type: number, flags: number, payload: string) =>
      frames.contentOf({ type, flags, stream: 1, payload: Buffer.from(payload, 'latin1') }).toString('latin1')
    assert.equal(content(frames.DATA, 0, 'abc'), 'abc')
    assert.equal(content(frames.DATA, frames.PADDED, '\x02abc..'), 'abc')
    assert.equal(content(frames.HEADERS, frames.PADDED | frames.HAS_PRIORITY, '\x01ppppwabc.'), 'abc')
    assert.throws(() => content(frames.DATA, frames.PADDED, '\x04abc'), ConnectionFault)
    assert.throws(() => content(frames.HEADERS, frames.HAS_PRIORITY, 'abc'), ConnectionFault)
  })
})
