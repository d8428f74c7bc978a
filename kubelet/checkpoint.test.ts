import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { createLogger } from '#component/logging.ts'
import { Checkpoint, checkpointText, checkpointValue, checksum } from './checkpoint.ts'

test('the checksum is upstream’s', () => {
  assert.equal(checksum('{"entries":{"u":{"a":"1"}}}'), 2_254_798_658)
  assert.deepEqual(checkpointValue(checkpointText({ a: ['ü'] })), { a: ['ü'] })
  assert.throws(() => checkpointValue(checkpointText({ a: 1 }).replace('1', '2')), /checksum/)
})

test('a file is written whole, and what is damaged is passed over', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'checkpoint-'))
  try {
    const path = join(folder, 'below', 'state')
    const log = createLogger({ name: 'test', verbosity: 0, format: 'text', destination: { write: () => undefined } })
    const file = new Checkpoint(path, log)
    assert.equal(file.read(), undefined)
    let value = 1
    file.changed(() => ({ value }))
    value = 2
    file.changed(() => ({ value: 3 }))
    const deadline = Date.now() + 60_000
    while (file.read() === undefined && Date.now() < deadline) await delay(10)
    assert.deepEqual(file.read(), { value: 2 })
    writeFileSync(path, '{')
    assert.equal(file.read(), undefined)
  } finally {
    rmSync(folder, { recursive: true })
  }
})
