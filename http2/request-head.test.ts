import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { HeaderField } from './header-table.ts'
import { areTrailers, requestHeadOf } from './request-head.ts'

const fieldsOf = (lines: readonly string[]): HeaderField[] =>
  lines.map((line) => {
    const colon = line.indexOf(':', 1)
    return new HeaderField(line.slice(0, colon), line.slice(colon + 1))
  })
const get = [':method:GET', ':scheme:https', ':path:/a?b', ':authority:host']
const headOf = (...more: string[]) => requestHeadOf(fieldsOf([...get, ...more]))

describe('the head of a request', () => {
  it('has its fields by name and in order', () => {
    const head = headOf('accept:a', 'x-a:1', 'accept:b', 'cookie:a=1', 'cookie:b=2', 'content-length:12')
    assert.equal(head?.method, 'GET')
    assert.equal(head.url, '/a?b')
    assert.equal(head.contentLength, 12)
    assert.equal(head.headers.accept, 'a, b')
    assert.equal(head.headers.cookie, 'a=1; b=2')
    assert.equal(head.headers[':authority'], 'host')
    assert.deepEqual(head.rawHeaders.slice(8, 12), ['accept', 'a', 'x-a', '1'])
  })

  it('takes the first of what may come once, and is not bent by names of its own', () => {
    const head = headOf('authorization:a', 'authorization:b', '__proto__:x', 'constructor:y')
    assert.equal(head?.headers.authorization, 'a')
    assert.equal(head.headers['constructor'], 'y')
    assert.equal(Object.getPrototypeOf(head.headers), null)
  })

  it('goes without a path where a tunnel is asked for', () => {
    assert.equal(requestHeadOf(fieldsOf([':method:CONNECT', ':authority:host:1']))?.url, '/')
    assert.equal(requestHeadOf(fieldsOf([':method:OPTIONS', ':scheme:https', ':path:*']))?.url, '*')
  })

  it('is refused', () => {
    const table: Record<string, readonly string[]> = {
      'without a method': [':scheme:https', ':path:/'],
      'without a path': [':method:GET', ':scheme:https'],
      'with an empty path': [':method:GET', ':scheme:https', ':path:'],
      'with a path that is none': [':method:GET', ':scheme:https', ':path:a'],
      'with another scheme': [':method:GET', ':scheme:ftp', ':path:/'],
      'with a method that is no token': [':method:G T', ':scheme:https', ':path:/'],
      'with a method twice': [...get, ':method:GET'],
      'with a field of answers': [...get, ':status:200'],
      'with a field that nobody knows': [...get, ':protocol:x'],
      'with a pseudo-field behind others': [':method:GET', 'a:b', ':scheme:https', ':path:/'],
      'with an upper-case name': [...get, 'Accept:x'],
      'with an empty name': [...get, ' :x'],
      'with a line break in a value': [...get, 'a:b\r\nc'],
      'with a zero in a value': [...get, 'a:b\0'],
      'with a space before a value': [...get, 'a: b'],
      'with a space behind a value': [...get, 'a:b '],
      'with connection': [...get, 'connection:close'],
      'with transfer-encoding': [...get, 'transfer-encoding:chunked'],
      'with upgrade': [...get, 'upgrade:x'],
      'with keep-alive': [...get, 'keep-alive:x'],
      'with proxy-connection': [...get, 'proxy-connection:x'],
      'with te that is not for trailers': [...get, 'te:gzip'],
      'with a length that is none': [...get, 'content-length:+1'],
      'with two lengths': [...get, 'content-length:1', 'content-length:2'],
    }
    for (const [what, lines] of Object.entries(table)) assert.equal(requestHeadOf(fieldsOf(lines)), undefined, what)
    assert.notEqual(headOf('te:trailers', 'content-length:1', 'content-length:1', 'a:', 'a:b\tc'), undefined)
  })

  it('is judged again for each request where its fields come from the table', () => {
    const fields = fieldsOf([...get, 'Bad:x'])
    for (let n = 0; n < 2; n++) assert.equal(requestHeadOf(fields), undefined)
  })

  it('has trailers without pseudo-fields', () => {
    assert.ok(areTrailers(fieldsOf(['x-checksum:1'])))
    for (const line of [':path:/', 'Upper:1', 'connection:x']) assert.ok(!areTrailers(fieldsOf([line])), line)
  })
})
