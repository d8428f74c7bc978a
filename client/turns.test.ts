import assert from 'node:assert/strict'
import { test } from 'node:test'
import { settle } from './fake-clock.ts'
import { Turns } from './turns.ts'

function burst(count: number) {
  const turns = new Turns()
  const under: (() => void)[] = []
  const all = Array.from({ length: count }, () => turns.run(() => new Promise<void>((resolve) => under.push(resolve))))
  return { turns, under, all: Promise.all(all) }
}

test('a burst goes a few at a time', async (context) => {
  context.mock.timers.enable({ apis: ['setTimeout'] })
  const { under, all } = burst(20)
  await settle()
  assert.equal(under.length, 8)
  for (let ended = 0; ended < 20; ended++) {
    under[ended]?.()
    await settle()
    assert.equal(under.length, Math.min(20, ended + 9))
  }
  await all
})

test('who waited for slow ones goes beside them', async (context) => {
  context.mock.timers.enable({ apis: ['setTimeout'] })
  const { under, all } = burst(20)
  await settle()
  assert.equal(under.length, 8)
  context.mock.timers.tick(50)
  await settle()
  assert.equal(under.length, 16)
  for (const end of under) end()
  await settle()
  for (const end of under) end()
  await all
})

test('one that fails leaves its place', async () => {
  const { turns, under, all } = burst(8)
  await settle()
  for (const end of under) end()
  await all
  await assert.rejects(
    turns.run(() => Promise.reject(new Error('no'))),
    /no/,
  )
  assert.equal(await turns.run(async () => 'next'), 'next')
})
