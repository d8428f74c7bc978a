// The examples are those of RFC 7541, appendix C.
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { COMPRESSION_ERROR, ConnectionFault } from './errors.ts'
import { HeaderReader } from './header-reader.ts'
import { field, repeatedField } from './header-writer.ts'

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(/\s/g, ''), 'hex')
const read = (reader: HeaderReader, block: Buffer): string[] => reader.read(block).map(({ name, value }) => `${name}: ${value}`)

const requests = [
  [':method: GET', ':scheme: http', ':path: /', ':authority: www.example.com'],
  [':method: GET', ':scheme: http', ':path: /', ':authority: www.example.com', 'cache-control: no-cache'],
  [':method: GET', ':scheme: https', ':path: /index.html', ':authority: www.example.com', 'custom-key: custom-value'],
]
const cookie = 'set-cookie: foo=ASDJKHQKBZXOQWEOPIUAXQWEOIU; max-age=3600; version=1'
const [first, second, third] = ['Mon, 21 Oct 2013 20:13:21 GMT', 'Mon, 21 Oct 2013 20:13:21 GMT', 'Mon, 21 Oct 2013 20:13:22 GMT']
const responses = [
  [':status: 302', 'cache-control: private', `date: ${first}`, 'location: https://www.example.com'],
  [':status: 307', 'cache-control: private', `date: ${second}`, 'location: https://www.example.com'],
  [':status: 200', 'cache-control: private', `date: ${third}`, 'location: https://www.example.com', 'content-encoding: gzip', cookie],
]

describe('HPACK', () => {
  const sequences = [
    {
      what: 'C.3, requests without Huffman coding',
      table: 4096,
      blocks: [
        '8286 8441 0f77 7777 2e65 7861 6d70 6c65 2e63 6f6d',
        '8286 84be 5808 6e6f 2d63 6163 6865',
        '8287 85bf 400a 6375 7374 6f6d 2d6b 6579 0c63 7573 746f 6d2d 7661 6c75 65',
      ],
      lists: requests,
    },
    {
      what: 'C.4, requests with Huffman coding',
      table: 4096,
      blocks: [
        '8286 8441 8cf1 e3c2 e5f2 3a6b a0ab 90f4 ff',
        '8286 84be 5886 a8eb 1064 9cbf',
        '8287 85bf 4088 25a8 49e9 5ba9 7d7f 8925 a849 e95b b8e8 b4bf',
      ],
      lists: requests,
    },
    {
      what: 'C.5, responses whose table is full',
      table: 256,
      blocks: [
        `4803 3330 3258 0770 7269 7661 7465 611d 4d6f 6e2c 2032 3120 4f63 7420 3230 3133 2032 303a 3133 3a32 3120 474d 546e 1768 7474
         7073 3a2f 2f77 7777 2e65 7861 6d70 6c65 2e63 6f6d`,
        '4803 3330 37c1 c0bf',
        `88c1 611d 4d6f 6e2c 2032 3120 4f63 7420 3230 3133 2032 303a 3133 3a32 3220 474d 54c0 5a04 677a 6970 7738 666f 6f3d 4153 444a
         4b48 514b 425a 584f 5157 454f 5049 5541 5851 5745 4f49 553b 206d 6178 2d61 6765 3d33 3630 303b 2076 6572 7369 6f6e 3d31`,
      ],
      lists: responses,
    },
    {
      what: 'C.6, the same with Huffman coding',
      table: 256,
      blocks: [
        '4882 6402 5885 aec3 771a 4b61 96d0 7abe 9410 54d4 44a8 2005 9504 0b81 66e0 82a6 2d1b ff6e 919d 29ad 1718 63c7 8f0b 97c8 e9ae 82ae 43d3',
        '4883 640e ffc1 c0bf',
        `88c1 6196 d07a be94 1054 d444 a820 0595 040b 8166 e084 a62d 1bff c05a 839b d9ab 77ad 94e7 821d d7f2 e6c7 b335 dfdf cd5b 3960
         d5af 2708 7f36 72c1 ab27 0fb5 291f 9587 3160 65c0 03ed 4ee5 b106 3d50 07`,
      ],
      lists: responses,
    },
  ]
  for (const { what, table, blocks, lists } of sequences)
    it(`reads ${what}`, () => {
      const reader = new HeaderReader(table)
      assert.deepEqual(
        blocks.map((block) => read(reader, hex(block))),
        lists,
      )
    })

  it('refuses what is no block', () => {
    const table: Record<string, string> = {
      'a place that nothing has': 'be',
      'the place 0': '80',
      'a name at such a place': '7f01 01 61',
      'a text longer than the block': '00 05 61',
      'a block that ends before its value': '00 01 61',
      'a Huffman code with too much padding': '00 01 61 82 1f ff',
      'a Huffman code that ends in zeros': '00 01 61 81 00',
      'the end of a string within one': '00 01 61 84 ff ff ff ff',
      'a number without end': 'ff ff ff ff ff ff',
      'a larger table than was allowed': '3fe2 1f',
      'a size of the table behind fields': '82 20',
    }
    for (const [what, block] of Object.entries(table))
      assert.throws(() => new HeaderReader(4096).read(hex(block)), { code: COMPRESSION_ERROR }, what)
  })

  it('keeps no table where it was told to', () => {
    const reader = new HeaderReader(0)
    assert.deepEqual(read(reader, hex('20 88')), [':status: 200'])
    assert.deepEqual(read(reader, hex('400a 6375 7374 6f6d 2d6b 6579 0d63 7573 746f 6d2d 6865 6164 6572')), ['custom-key: custom-header'])
    for (const block of ['be', '3fe11f']) assert.throws(() => reader.read(hex(block)), ConnectionFault)
  })

  it('forgets as the size of the table says, and goes on', () => {
    const reader = new HeaderReader(4096)
    assert.deepEqual(read(reader, hex('4001 6101 31 4001 6201 32 bf be')), ['a: 1', 'b: 2', 'a: 1', 'b: 2'])
    // Room for one entry of 34 bytes, and then for many again.
    assert.deepEqual(read(reader, hex('3f0f 3fe11f be')), ['b: 2'])
    assert.throws(() => reader.read(hex('bf')), ConnectionFault)
  })

  it('keeps the order of its entries however many come and go', () => {
    const reader = new HeaderReader(4096)
    for (let n = 1000; n < 3000; n++) reader.read(Buffer.from(`\x40\x01n\x04${n}`, 'latin1'))
    // 4096 bytes hold 110 entries of 37.
    assert.deepEqual(read(reader, hex('be fe ff2c')), ['n: 2999', 'n: 2935', 'n: 2890'])
    assert.throws(() => reader.read(hex('ff2d')), ConnectionFault)
  })

  it('names by their places what is long, and costs no more than the block', () => {
    const reader = new HeaderReader(4096)
    reader.read(Buffer.concat([hex('4001 61 7fa11e'), Buffer.alloc(4000, 'x')]))
    const before = process.memoryUsage().heapUsed
    const fields = reader.read(Buffer.alloc(60_000, 0xbe))
    assert.equal(fields.length, 60_000)
    assert.ok(fields.every((one) => one === fields[0]))
    assert.ok(process.memoryUsage().heapUsed - before < 20e6)
  })

  it('reads what it writes', () => {
    const name = fc.stringMatching(/^[a-z0-9-]{1,20}$/)
    const value = fc.string({ unit: fc.integer({ min: 0x20, max: 0xff }).map((code) => String.fromCharCode(code)), maxLength: 400 })
    fc.assert(
      fc.property(fc.array(fc.tuple(name, value, fc.boolean())), (list) => {
        const block = list.map(([key, text, isRepeated]) => (isRepeated ? repeatedField(key, text) : field(key, text))).join('')
        assert.deepEqual(
          read(new HeaderReader(4096), Buffer.from(block, 'latin1')),
          list.map(([key, text]) => `${key}: ${text}`),
        )
      }),
    )
  })

  it('writes known fields as one byte, and what is not Latin as UTF-8', () => {
    assert.equal(repeatedField(':status', '200'), '\x88')
    assert.equal(field('content-type', 'a'), '\x0f\x10\x01a')
    assert.deepEqual(read(new HeaderReader(0), Buffer.from(field('x', 'é€'), 'latin1')), [`x: ${Buffer.from('é€').toString('latin1')}`])
  })
})
