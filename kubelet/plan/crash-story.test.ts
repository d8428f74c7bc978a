// A container that is over in 5 ms, a thousand times: what is planned and told, with a clock of the test's own.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { PodStatus } from '#api/core/pod-status.ts'
import { after, desired, exited, pod, prepared } from '#kubelet/pods/pod-fixtures.ts'
import type { Container } from '#kubelet/runtime/runtime.ts'
import { podStatus } from '#kubelet/status/pod-status.ts'
import { crashBackoff } from './crash-backoff.ts'
import { planPod } from './plan-pod.ts'

const plain = pod()

/** Does what is planned as soon as it is planned; answers when each start happened and the most containers that there were at once. */
function live(starts: number, longestBackoffSeconds?: number) {
  let seconds = 0
  let containers: Container[] = []
  let status: PodStatus = {}
  let most = 0
  const at: number[] = []
  const phases = new Set<string>()
  for (let turn = 0; at.length < starts && turn < starts * 5; turn++) {
    const see = prepared({ containers, ...(longestBackoffSeconds ? { longestBackoffSeconds } : {}) })
    status = podStatus(desired(plain), see, status, { hostIps: [], now: after(seconds) })
    phases.add(status.phase ?? '')
    const plan = planPod(desired(plain), see, after(seconds))
    for (const action of plan.actions) {
      if (action.verb === 'removeContainer') containers = containers.filter(({ id }) => id !== action.id)
      if (action.verb !== 'startContainer') continue
      at.push(seconds)
      const { attempt, backoffSeconds: backoff } = action
      const ended = { startedAt: after(seconds), finishedAt: after(seconds + 0.005) }
      containers = [exited(plain, { name: 'main', exitCode: 1, attempt, backoff, ...ended }), ...containers]
    }
    most = Math.max(most, containers.length)
    seconds += plan.actions.length > 0 ? 0.005 : (plan.recheckAfterMs ?? 0) / 1000
  }
  return { at, most, phases, status }
}

test('restarts grow apart up to the longest wait, and nothing piles up', () => {
  const { at, most, phases, status } = live(1000)
  assert.equal(at.length, 1000)
  const waits = at.slice(1, 9).map((seconds, i) => Math.round(seconds - (at[i] ?? 0)))
  assert.deepEqual(waits, [0, 10, 20, 40, 80, 160, 300, 300])
  assert.ok((at[999] ?? 0) - (at[998] ?? 0) >= 300)
  assert.equal(status.containerStatuses?.[0]?.restartCount, 998)
  assert.ok(most <= 2, `${most} containers`)
  assert.deepEqual([...phases], ['Pending', 'Running'])
})

test('with a shorter longest wait they come that much faster', () => {
  const { at } = live(1000, 1)
  assert.ok((at[999] ?? 0) < 1010, `${at[999]} s`)
})

test('what a probe ended is judged by the run before it, as upstream does', () => {
  // Each lives for so long and is then ended; what the next start waits, and what it is told for its own end.
  const waits = (aliveSeconds: number): number[] => {
    let [seconds, backoff] = [0, 0]
    let before: Date | undefined
    return [0, 1, 2, 3, 4].map((attempt) => {
      const ended = { startedAt: after(seconds), finishedAt: after(seconds + aliveSeconds) }
      const last = exited(plain, { name: 'main', exitCode: 137, attempt, backoff, ...ended })
      const { startAt, nextSeconds } = crashBackoff(last, { probeKills: new Map([[last.id, { before }]]) })
      const wait = startAt ? (startAt.getTime() - ended.finishedAt.getTime()) / 1000 : 0
      before = ended.finishedAt
      seconds += aliveSeconds + wait
      backoff = nextSeconds
      return wait
    })
  }
  assert.deepEqual(waits(3), [0, 0, 10, 20, 40])
  assert.deepEqual(waits(25), [0, 0, 0, 0, 40])
})
