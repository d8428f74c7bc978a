import assert from 'node:assert/strict'
import { test } from 'node:test'
import { chosenDriver, type SandboxChoice } from './choice.ts'

test('the kind of sandbox follows the setting, and what dockerd knows', () => {
  const cases: [SandboxChoice, string[], 'pinned' | 'pause'][] = [
    ['auto', ['runc', 'typernetes'], 'pinned'],
    ['auto', ['runc'], 'pause'],
    ['pause', ['runc', 'typernetes'], 'pause'],
    ['pause', ['runc'], 'pause'],
    ['pinned', ['typernetes'], 'pinned'],
  ]
  for (const [asked, runtimes, kind] of cases) assert.equal(chosenDriver(asked, runtimes).kind, kind, `${asked} ${runtimes}`)
  assert.throws(() => chosenDriver('pinned', ['runc']), { name: 'RuntimeError', code: 'unavailable' })
})
