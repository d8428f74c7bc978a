import assert from 'node:assert/strict'
import { test } from 'node:test'
import { processUsage, softLimit, virtualBytes } from './process-usage.ts'

test('limits and memory as the kernel writes them', () => {
  const limits = [
    'Limit                     Soft Limit           Hard Limit           Units     ',
    'Max open files            20000                20000                files     ',
    'Max address space         unlimited            unlimited            bytes     ',
  ].join('\n')
  assert.equal(softLimit(limits, 'Max open files'), 20000)
  assert.equal(softLimit(limits, 'Max address space'), undefined)
  const stat =
    '4711 (odd) name) S 1 4711 4711 0 -1 4194560 81 0 0 0 12 3 0 0 20 0 11 0 6970700 1231237120 22801 18446744073709551615 1 1 0 0 0 0 0 4096'
  assert.equal(virtualBytes(stat), 1_231_237_120)
  assert.equal(virtualBytes(''), undefined)
})

test('this process', () => {
  const { openFiles, maxFiles, virtualBytes: bytes } = processUsage()
  assert.ok(openFiles > 2 && openFiles <= (maxFiles ?? Number.POSITIVE_INFINITY))
  assert.ok((bytes ?? 0) > process.memoryUsage.rss())
})
