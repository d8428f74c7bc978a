import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { headerBlock, headersOf, MalformedHeaders } from './hpack.ts'

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(' ', ''), 'hex')

describe('HPACK', () => {
  it('reads its own literals', () => {
    const path = `/${'p'.repeat(300)}`
    const headers = headersOf(headerBlock('https', { ':path': path, te: 'trailers' }))
    assert.deepEqual(
      [...headers],
      [
        [':path', path],
        ['te', 'trailers'],
      ],
    )
  })

  it('reads the examples of RFC 7541 that need no table', () => {
    assert.deepEqual(
      [...headersOf(hex('400a 6375 7374 6f6d 2d6b 6579 0d63 7573 746f 6d2d 6865 6164 6572'))],
      [['custom-key', 'custom-header']],
    )
    assert.deepEqual([...headersOf(hex('4882 6402'))], [[':status', '302']])
    assert.deepEqual([...headersOf(hex('88'))], [[':status', '200']])
    assert.deepEqual([...headersOf(hex('4088 25a8 49e9 5ba9 7d7f 8925 a849 e95b b8e8 b4bf'))], [['custom-key', 'custom-value']])
    assert.deepEqual(
      [...headersOf(hex('408825a849e95ba97d7f 96d07abe941054d444a8200595040b8166e082a62d1bff'))],
      [['custom-key', 'Mon, 21 Oct 2013 20:13:21 GMT']],
    )
  })

  it('takes the announcement that no table is kept, and refuses everything that needs one', () => {
    assert.deepEqual([...headersOf(hex('20 88'))], [[':status', '200']])
    for (const block of ['3fe11f', 'be', '7f01 01 61', '00 05 61', '00 01 61 81 00', 'ff ff ff ff ff ff'])
      assert.throws(() => headersOf(hex(block)), MalformedHeaders, block)
  })
})
