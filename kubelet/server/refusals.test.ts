import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Refusal, refusalOf } from './refusals.ts'

const noMethod = (allow: string): Refusal => ({ code: 405, body: '405: Method Not Allowed', allow })
const noRoute: Refusal = { code: 404, body: '404: Page Not Found' }
const nothing: Refusal = { code: 404, body: '404 page not found\n', nosniff: true }

const table: [path: string, refusal: Refusal][] = [
  ['/logs', { redirect: '/logs/' }],
  ['/logs/', noMethod('GET')],
  ['/pods', noMethod('GET')],
  ['/pods/', noMethod('GET')],
  ['/pods/x', noRoute],
  ['/podsandmore', nothing],
  ['/stats/summary', noMethod('GET, POST')],
  ['/stats/x', noRoute],
  ['/run/ns/pod/main', noMethod('POST')],
  ['/run/ns', noRoute],
  ['/exec/ns/pod/main', noMethod('GET, POST')],
  ['/exec/ns/pod/uid/main', noMethod('GET, POST')],
  ['/exec/ns/pod', noRoute],
  ['/exec/', noRoute],
  ['/exec', noRoute],
  ['/attach/ns/pod/uid/main/more', noRoute],
  ['/portForward/ns/pod', noMethod('GET, POST')],
  ['/portForward/ns/pod/uid/more', noRoute],
  ['/debug/pprof/', noRoute],
  ['/', nothing],
  ['/metrics/x', nothing],
]
for (const [path, refusal] of table) test(`nobody answers ${path}`, () => assert.deepEqual(refusalOf(path), refusal))
