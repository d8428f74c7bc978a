import assert from 'node:assert/strict'
import { duplexPair } from 'node:stream'
import { text } from 'node:stream/consumers'
import { test } from 'node:test'
import { constants, deflateSync, inflateSync } from 'node:zlib'
import {
  dataFrame,
  FrameParser,
  goAwayFrame,
  pingFrame,
  rstStreamFrame,
  synReplyFrame,
  synStreamFrame,
  windowUpdateFrame,
} from './frames.ts'
import { decodeHeaders, encodeHeaders, HeaderCompressor, HeaderDecompressor } from './header-block.ts'
import { headerDictionary } from './header-dictionary.ts'
import { SpdySession, type SpdyStream } from './session.ts'

const hex = (bytes: Buffer) => bytes.toString('hex')

test('frames have the bytes of the specification', () => {
  const block = Buffer.from('abcd', 'hex')
  const golden: [string, Buffer, string][] = [
    ['data', dataFrame(5, Buffer.from('hi'), false), '0000000500000002' + '6869'],
    ['data with FIN', dataFrame(5, Buffer.alloc(0), true), '0000000501000000'],
    ['SYN_STREAM', synStreamFrame(1, block, false), '800300010000000c' + '00000001' + '00000000' + '0000' + 'abcd'],
    ['SYN_REPLY', synReplyFrame(1, block, true), '8003000201000006' + '00000001' + 'abcd'],
    ['RST_STREAM', rstStreamFrame(3, 5), '8003000300000008' + '00000003' + '00000005'],
    ['PING', pingFrame(7), '8003000600000004' + '00000007'],
    ['GOAWAY', goAwayFrame(9, 0), '8003000700000008' + '00000009' + '00000000'],
    ['WINDOW_UPDATE', windowUpdateFrame(3, 65536), '8003000900000008' + '00000003' + '00010000'],
  ]
  for (const [name, frame, bytes] of golden) assert.equal(hex(frame), bytes, name)
})

test('the parser finds frames however the bytes are cut', () => {
  const bytes = Buffer.concat([pingFrame(1), dataFrame(3, Buffer.from('hello'), true), rstStreamFrame(3, 1)])
  for (let size = 1; size <= bytes.length; size += 1) {
    const parser = new FrameParser()
    const kinds: string[] = []
    for (let at = 0; at < bytes.length; at += size) kinds.push(...parser.feed(bytes.subarray(at, at + size)).map((frame) => frame.kind))
    assert.deepEqual(kinds, ['ping', 'data', 'rstStream'])
  }
})

test('what cannot be SPDY/3 is refused', () => {
  const bad = ['800200060000000400000001', '8003000600000001ff', '0000000100ffffff', '80030001000000020000']
  for (const bytes of bad) assert.throws(() => new FrameParser().feed(Buffer.from(bytes, 'hex')), { name: 'FrameError' }, bytes)
})

test('the dictionary is the one that zlib peers name by its checksum', () => {
  // A zlib stream with a preset dictionary carries the Adler-32 of it in bytes 2 to 5.
  const stream = deflateSync(Buffer.from('x'), { dictionary: headerDictionary })
  assert.equal(headerDictionary.length, 1423)
  assert.equal(hex(stream.subarray(2, 6)), 'e3c6a7c2')
})

test('header blocks: bytes, our compression read by zlib, a peer that compresses with the dictionary', async () => {
  const headers = { streamType: 'stdin', port: '80' }
  assert.equal(hex(encodeHeaders({ a: 'bc' })), '00000001' + '00000001' + '61' + '00000002' + '6263')
  assert.deepEqual({ ...decodeHeaders(encodeHeaders(headers)) }, { streamtype: 'stdin', port: '80' })
  const compressor = new HeaderCompressor()
  const ours = Buffer.concat([compressor.compress(Buffer.from('one')), compressor.compress(Buffer.from('two'))])
  assert.equal(inflateSync(ours, { finishFlush: constants.Z_SYNC_FLUSH }).toString(), 'onetwo')
  const theirs = deflateSync(encodeHeaders(headers), { dictionary: headerDictionary, finishFlush: constants.Z_SYNC_FLUSH })
  const decompressor = new HeaderDecompressor()
  assert.deepEqual({ ...decodeHeaders(await decompressor.decompress(theirs)) }, { streamtype: 'stdin', port: '80' })
  decompressor.close()
  assert.throws(() => decodeHeaders(Buffer.from('0000000100000005', 'hex')), { name: 'FrameError' })
})

test('a header block that inflates without end is refused', { timeout: 5000 }, async () => {
  const bomb = deflateSync(Buffer.alloc(50_000_000), { dictionary: headerDictionary, finishFlush: constants.Z_SYNC_FLUSH })
  await assert.rejects(new HeaderDecompressor().decompress(bomb), { name: 'FrameError' })
})

function pair(): { client: SpdySession; server: SpdySession; accepted: Promise<SpdyStream> } {
  const [a, b] = duplexPair()
  const client = new SpdySession(a, { server: false })
  const server = new SpdySession(b, { server: true })
  const accepted = new Promise<SpdyStream>((resolve) => {
    server.onStream = resolve
  })
  return { client, server, accepted }
}

test('a stream carries both directions and each end by itself', async () => {
  const { client, server, accepted } = pair()
  const near = await client.open({ streamType: 'data', port: '80' })
  const far = await accepted
  assert.equal(far.headers['streamtype'], 'data')
  const big = 'x'.repeat(3_000_000)
  near.end(big)
  assert.equal(await text(far), big)
  far.end('answer')
  assert.equal(await text(near), 'answer')
  await client.close()
  await Promise.all([client.closed, server.closed])
})

test('a reset and a lost connection end streams', async () => {
  const { client, server, accepted } = pair()
  const near = await client.open({})
  const far = await accepted
  far.destroy()
  assert.equal(await text(near), '')
  const second = new Promise<SpdyStream>((resolve) => {
    server.onStream = resolve
  })
  await client.open({})
  const open = await second
  client.destroy()
  await client.closed
  server.destroy()
  await server.closed
  assert.equal(open.destroyed, true)
})
