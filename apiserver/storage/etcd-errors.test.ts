import assert from 'node:assert/strict'
import { it } from 'node:test'
import { kindOfFailure } from './etcd-errors.ts'

const table: readonly [string, ReturnType<typeof kindOfFailure>][] = [
  ['14 UNAVAILABLE: No connection established. Last error: connect ECONNREFUSED 127.0.0.1:2379', 'not applied'],
  ['14 UNAVAILABLE: read ECONNRESET', 'unknown'],
  ['14 UNAVAILABLE: etcdserver: request timed out', 'unknown'],
  ['14 UNAVAILABLE: etcdserver: leader changed', 'unknown'],
  ['14 UNAVAILABLE: etcdserver: no leader', 'not applied'],
  ['4 DEADLINE_EXCEEDED: Deadline exceeded', 'unknown'],
  ['3 INVALID_ARGUMENT: etcdserver: request is too large', 'too large'],
  ['8 RESOURCE_EXHAUSTED: grpc: received message larger than max (3145785 vs. 2097152)', 'too large'],
  ['8 RESOURCE_EXHAUSTED: Attempted to send message with a size larger than 2097152', 'too large'],
  ['11 OUT_OF_RANGE: etcdserver: mvcc: required revision has been compacted', 'compacted'],
  ['5 NOT_FOUND: etcdserver: requested lease not found', 'lease gone'],
  ['8 RESOURCE_EXHAUSTED: etcdserver: mvcc: database space exceeded', 'refused'],
]

it('tells what an error says of the call that failed', () => {
  for (const [message, kind] of table) assert.equal(kindOfFailure(new Error(message)), kind, message)
})
