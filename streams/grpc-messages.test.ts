import assert from 'node:assert/strict'
import { test } from 'node:test'
import { framedMessage, MalformedMessage, MessageReader } from './grpc-messages.ts'

const texts = ['one', '', 'a longer one']
const bytes = Buffer.concat(texts.map((text) => framedMessage(Buffer.from(text))))

test('messages are the same wherever DATA is cut', () => {
  for (let size = 1; size <= bytes.length; size += 1) {
    const reader = new MessageReader()
    const found: string[] = []
    for (let at = 0; at < bytes.length; at += size) reader.take(bytes.subarray(at, at + size), (message) => found.push(message.toString()))
    assert.deepEqual(found, texts, `in pieces of ${size}`)
  }
})

test('what is too long is refused before it has come, what is compressed at once', () => {
  const take = (data: Buffer): void => new MessageReader(10).take(data, () => undefined)
  take(framedMessage(Buffer.alloc(10)))
  assert.throws(
    () => take(framedMessage(Buffer.alloc(11)).subarray(0, 5)),
    new MalformedMessage('a message of 11 bytes, of which 10 are taken'),
  )
  assert.throws(() => take(Buffer.from([1, 0, 0, 0, 0])), MalformedMessage)
})
