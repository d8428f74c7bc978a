import assert from 'node:assert/strict'
import { it } from 'node:test'
import { setTimeout as sleep, setImmediate as turn } from 'node:timers/promises'
import { SharedQuestion } from './fence.ts'

it('asks once for all who came before, again for who came later, and never answers with an older question', async () => {
  const asked: PromiseWithResolvers<number>[] = []
  const question = new SharedQuestion(() => {
    const answer = Promise.withResolvers<number>()
    asked.push(answer)
    return answer.promise
  })
  const first = Array.from({ length: 20 }, () => question.answer())
  while (asked.length < 1) await turn()
  const second = Array.from({ length: 20 }, () => question.answer())
  await sleep(10)
  assert.equal(asked.length, 1, 'one question at a time')
  asked[0]?.resolve(1)
  assert.deepEqual(new Set(await Promise.all(first)), new Set([1]))
  while (asked.length < 2) await turn()
  asked[1]?.reject(new Error('away'))
  for (const answer of second) await assert.rejects(answer, /away/)
  const third = question.answer()
  while (asked.length < 3) await turn()
  asked[2]?.resolve(3)
  assert.equal(await third, 3)
})
