/**
 * Server-side apply and managed fields beside upstream: written stories and random lives of objects that several managers share. Compared
 * are status code, message, causes, warnings, the object and its managedFields but for their times.
 */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { stories } from './apply-stories.ts'
import { type Both, type Step, startBoth } from './both.ts'
import { compared } from './compare-answers.ts'
import { kinds, randomSteps } from './random-applies.ts'

const skip = process.env['TYPERNETES_ORACLE'] === undefined && 'set TYPERNETES_ORACLE to compare with upstream'
const namespace = 'apply-beside-upstream'

const object = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } }

describe('managed fields as upstream keeps them', { skip }, () => {
  let both: Both

  const onBoth = async (step: Step): Promise<void> => {
    await both.ours(step)
    await both.upstream(step)
  }
  const remove = async (path: string): Promise<void> => {
    const contentType = 'application/merge-patch+json'
    await onBoth({ method: 'PATCH', path, body: { metadata: { finalizers: null } }, contentType })
    await onBoth({ method: 'DELETE', path: `${path}?gracePeriodSeconds=0` })
  }

  before(async () => {
    both = await startBoth()
    await onBoth({ method: 'POST', path: '/api/v1/namespaces', body: object })
    await onBoth({ method: 'POST', path: `/api/v1/namespaces/${namespace}/serviceaccounts`, body: { metadata: { name: 'default' } } })
  })
  after(async () => {
    await onBoth({ method: 'DELETE', path: `/api/v1/namespaces/${namespace}` })
    await onBoth({ method: 'PUT', path: `/api/v1/namespaces/${namespace}/finalize`, body: object })
    await both[Symbol.asyncDispose]()
  })

  async function play(collection: string, steps: Iterable<Step>, warns: boolean): Promise<void> {
    const base = collection.replace('{ns}', namespace)
    await remove(`${base}/x`)
    let i = 0
    for (const step of steps) {
      const path = step.path.startsWith('..') ? base + step.path.slice(2) : `${base}/x${step.path}`
      const [found, wanted] = await Promise.all([both.ours({ ...step, path }), both.upstream({ ...step, path })])
      assert.deepEqual(compared(found), compared(wanted), `step ${i}: ${step.method} ${path} ${JSON.stringify(step.body)}`)
      if (warns) assert.deepEqual(found.warnings, wanted.warnings, `warnings of step ${i}`)
      i++
    }
    await remove(`${base}/x`)
  }

  /** Where what is compared depends on the order of times: as often as the two servers may have seen different seconds. */
  async function playWithinOneSecond(path: string, steps: readonly Step[]): Promise<void> {
    const second = (): number => Math.floor(Date.now() / 1000)
    for (let attempt = 1; ; attempt++) {
      const start = second()
      try {
        await play(path, steps, true)
        return
      } catch (error) {
        if (second() === start || attempt === 20) throw error
      }
    }
  }

  for (const { name, path, steps, withinOneSecond } of stories)
    test(name, () => (withinOneSecond ? playWithinOneSecond(path, steps) : play(path, steps, true)))

  for (const kind of kinds) {
    test(`random managers of a ${kind.kind}`, { timeout: 120_000 }, async () => {
      for (let seed = 1; seed <= 4; seed++) await play(kind.path, randomSteps(kind, seed * 7919, 40), false)
    })
  }
})
