import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Entry } from './entry.ts'
import { SortedCells } from './sorted-cells.ts'

const entry = (key: string): Entry => ({ key }) as Entry
const keys = (cells: readonly { key: string }[]): string[] => cells.map((cell) => cell.key)

describe('sorted cells', () => {
  it('are the same as a sorted array, through thousands of random changes', () => {
    const cells = new SortedCells()
    const model = new Set<string>()
    let seed = 7
    const random = (n: number): number => {
      seed = (seed * 1103515245 + 12345) % 2147483648
      return seed % n
    }
    for (let step = 0; step < 12_000; step++) {
      const key = `k${random(6000)}`
      if (random(3) === 0) {
        assert.equal(cells.delete(key) !== undefined, model.delete(key))
      } else {
        cells.put(entry(key))
        model.add(key)
      }
      if (step % 1500 !== 0) continue
      const sorted = [...model].sort()
      assert.deepEqual(keys(cells.slice('', '~')), sorted)
      const [from = '', to = ''] = [`k${random(6000)}`, `k${random(6000)}`].sort()
      assert.deepEqual(
        keys(cells.slice(from, to)),
        sorted.filter((k) => k >= from && k < to),
      )
    }
    assert.equal(cells.size, model.size)
    for (const key of model) assert.equal(cells.delete(key)?.key, key)
    assert.deepEqual([cells.size, cells.slice('', '~')], [0, []])
  })

  it('take sorted input, and count what a walk leaves behind', () => {
    const cells = new SortedCells()
    const sorted = Array.from({ length: 5000 }, (_, i) => `k${String(i).padStart(5, '0')}`)
    for (const key of sorted) cells.put(entry(key))
    const visited: string[] = []
    const left = cells.walk('k00100', 'k04000', (cell) => visited.push(cell.key) < 1500)
    assert.deepEqual([visited, left], [sorted.slice(100, 1600), 2400])
    assert.equal(
      cells.walk('k00100', 'k00200', () => true),
      0,
    )
    assert.equal(
      cells.walk('x', 'y', () => assert.fail()),
      0,
    )
  })

  it('keep the place of a key while its entry is replaced', () => {
    const cells = new SortedCells()
    const place = cells.put(entry('a'))
    const next = entry('a')
    assert.equal(cells.put(next), place)
    assert.equal(place.entry, next)
  })
})
