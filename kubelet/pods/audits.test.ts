import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import { auditor } from './audits.ts'

function parts(answers: (boolean | Error)[]) {
  const seen = { audits: 0, waits: [] as number[], warnings: 0, atOnce: 0 }
  let now = 0
  const ask = auditor(
    {
      async audit() {
        now += 1
        seen.audits += 1
        seen.atOnce = Math.max(seen.atOnce, now)
        await turn()
        now -= 1
        const answer = answers.shift() ?? true
        if (answer instanceof Error) throw answer
        return answer
      },
      log: {
        warn() {
          seen.warnings += 1
        },
      },
      async wait(ms) {
        seen.waits.push(ms)
        await turn()
      },
    },
    new AbortController().signal,
  )
  const over = async (): Promise<void> => {
    for (let i = 0; i < 100; i += 1) await turn()
  }
  return { seen, ask, over }
}

test('a look that passes nobody over is enough', async () => {
  const { seen, ask, over } = parts([true])
  ask()
  await over()
  assert.deepEqual(seen, { audits: 1, waits: [], warnings: 0, atOnce: 1 })
})

test('pods that are at work are looked at again, ever more rarely, and not for ever', async () => {
  const { seen, ask, over } = parts([false, false, true])
  ask()
  await over()
  assert.deepEqual([seen.audits, seen.waits], [3, [200, 500]])
  const busy = parts(Array(100).fill(false))
  busy.ask()
  await busy.over()
  assert.equal(busy.seen.audits, 6)
})

test('however often it is asked for, one is made after the other, and one after the last asking', async () => {
  const { seen, ask, over } = parts([])
  for (let i = 0; i < 40; i += 1) ask()
  await over()
  assert.deepEqual([seen.audits, seen.atOnce], [2, 1])
  ask()
  await turn()
  ask()
  await over()
  assert.deepEqual([seen.audits, seen.atOnce], [4, 1])
})

test('one that fails is told of, and the next is made', async () => {
  const { seen, ask, over } = parts([new Error('away')])
  ask()
  await over()
  ask()
  await over()
  assert.deepEqual([seen.audits, seen.warnings], [2, 1])
})
