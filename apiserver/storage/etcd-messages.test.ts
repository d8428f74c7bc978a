// The bytes were made by a general protobuf library from etcd's definitions.
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import * as etcd from './etcd-messages.ts'

const a = Buffer.from('/a')
const b = Buffer.from('/b')
const v = Buffer.from('v')
const header = '0a1208ffffffffffffffffff01100518ad022002'
const kvA = '0a022f61100718ac0220032a01763009'

const sent: readonly [string, Buffer, string][] = [
  [
    'a transaction',
    etcd.txnRequest({
      compare: [
        { key: a, modRevision: Number.MAX_SAFE_INTEGER },
        { key: b, createRevision: 0 },
      ],
      success: [{ put: { key: a, value: v, lease: -2n } }, { deleteRange: b }],
      failure: [{ range: a }, { range: b }],
    }),
    '0a0f10021a022f6130ffffffffffffff0f0a0810011a022f622800121412120a022f6112017618feffffffffffffffff0112061a040a022f621a060a040a022f611a060a040a022f62',
  ],
  [
    'a range',
    etcd.rangeRequest({ key: a, rangeEnd: b, limit: 500, revision: 300, serializable: true, countOnly: true }),
    '0a022f6112022f6218f40320ac0238014801',
  ],
  ['a watch', etcd.watchCreateRequest({ key: a, rangeEnd: b, startRevision: 300 }), '0a0b0a022f6112022f6218ac02'],
  ['a compaction', etcd.compactionRequest(300), '08ac02'],
  ['the grant of a lease', etcd.leaseGrantRequest(3660), '08cc1c'],
]

describe("etcd's messages", () => {
  for (const [what, bytes, expected] of sent) {
    it(`asks for ${what}`, () => assert.equal(bytes.toString('hex'), expected))
  }

  it('reads what answers a range', () => {
    const bytes = Buffer.from(`${header}1210${kvA}120f0a022f62100718ac0220032a0030091801200c`, 'hex')
    assert.deepEqual(etcd.rangeResponse(bytes), {
      revision: 301,
      kvs: [
        { key: a, modRevision: 300, value: v },
        { key: b, modRevision: 300, value: Buffer.alloc(0) },
      ],
      more: true,
    })
  })

  it('reads what answers a transaction', () => {
    const bytes = Buffer.from(`${header}10001a280a26${header}1210${kvA}1a160a14${header}1a161214${header}`, 'hex')
    const ranges = [[{ key: a, modRevision: 300, value: v }], [], undefined]
    assert.deepEqual(etcd.txnResponse(bytes), { revision: 301, succeeded: false, ranges })
  })

  it('reads a lease as all its 64 bits', () => {
    assert.equal(etcd.leaseGranted(Buffer.from(`${header}10d9cbf2b8968ddda66918cc1c`, 'hex')), 7587848943239472601n)
  })

  it('reads what a watch tells', () => {
    const bytes = Buffer.from(
      `${header}100118012001280c32037768795a2412100a022f61100718ac0220032a01763009`.concat(`1a10${kvA}`, '5a0b080112070a022f6218ad02'),
      'hex',
    )
    assert.deepEqual(etcd.watchResponse(bytes), {
      revision: 301,
      created: true,
      canceled: true,
      compactRevision: 12,
      cancelReason: 'why',
      events: [
        { type: 'put', kv: { key: a, modRevision: 300, value: v } },
        { type: 'delete', kv: { key: b, modRevision: 301, value: Buffer.alloc(0) } },
      ],
    })
  })

  it('refuses bytes that end in the middle, at every place', () => {
    const whole = Buffer.from(`${header}1210${kvA}`, 'hex')
    const sound = [0, 20, 38]
    for (let end = 0; end < whole.length; end++) {
      if (sound.includes(end)) continue
      assert.throws(() => etcd.rangeResponse(whole.subarray(0, end)), etcd.MalformedMessage, `${end} bytes`)
    }
  })
})
