import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { RenewedMap } from './renewed-map.ts'

test('it is a Map, also when it has begun anew', () => {
  const renewed = new RenewedMap<number, string>()
  const plain = new Map<number, string>()
  for (let i = 0; i < 1000; i++) {
    const key = (i * 7919) % 101
    if (i % 3 === 0) {
      renewed.delete(key)
      plain.delete(key)
    } else {
      renewed.set(key, String(i))
      plain.set(key, String(i))
    }
    assert.equal(renewed.size, plain.size)
    assert.equal(renewed.get(key), plain.get(key))
    assert.equal(renewed.has(key + 1), plain.has(key + 1))
  }
  assert.deepEqual([...renewed.keys()], [...plain.keys()])
  assert.deepEqual([...renewed.values()], [...plain.values()])
  renewed.clear()
  assert.deepEqual([renewed.size, [...renewed.values()]], [0, []])
})

test('what is deleted while it is walked is not seen', () => {
  const renewed = new RenewedMap<number, number>()
  for (let i = 0; i < 100; i++) renewed.set(i, i)
  const seen: number[] = []
  for (const value of renewed.values()) {
    seen.push(value)
    if (value === 0) for (let i = 1; i < 99; i++) renewed.delete(i)
  }
  assert.deepEqual(seen, [0, 99])
})

test('what was in it is forgotten by collections of the young generation alone', () => {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as (options?: { type: 'minor' | 'major' }) => void
  const kept = (map: { set(key: number, value: object): unknown; delete(key: number): unknown }): number => {
    let next = 0
    const change = (times: number): void => {
      for (const end = next + times; next < end; next++) {
        map.delete(next - 50)
        map.set(next, new Array(100).fill(next))
      }
    }
    change(100)
    // Both grow old here.
    collect({ type: 'major' })
    const before = process.memoryUsage().heapUsed
    for (let round = 0; round < 20; round++) {
      change(1000)
      collect({ type: 'minor' })
      collect({ type: 'minor' })
    }
    return process.memoryUsage().heapUsed - before
  }
  const [renewed, plain] = [kept(new RenewedMap()), kept(new Map())]
  assert.ok(renewed < plain / 4, `${renewed} bytes kept against ${plain} of a Map`)
})
