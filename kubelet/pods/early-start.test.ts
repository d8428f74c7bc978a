import assert from 'node:assert/strict'
import { test } from 'node:test'
import { planPod } from '#kubelet/plan/plan-pod.ts'
import { startsEarly } from './early-start.ts'
import { actionKey } from './pod-actions.ts'
import { after, app, desired, pod, prepared, sandbox, seen } from './pod-fixtures.ts'

const planned = { sandbox: sandbox({ ips: [] }) }
const env = (fieldPath: string) => [{ name: 'X', valueFrom: { fieldRef: { fieldPath } } }]

test('only what needs no address starts before the sandbox is there', () => {
  assert.equal(startsEarly(app('main'), seen()), false)
  assert.equal(startsEarly(app('main'), seen({ planned })), true)
  assert.equal(startsEarly(app('main', { env: env('metadata.name') }), seen({ planned })), true)
  for (const path of ['status.podIP', 'status.podIPs']) assert.equal(startsEarly(app('main', { env: env(path) }), seen({ planned })), false)
  assert.equal(startsEarly(app('main'), seen({ planned, notBefore: new Map([['createSandbox', after(1)]]) })), false)
})

test('the plan starts the container beside the sandbox', () => {
  const creating = { action: { verb: 'createSandbox', attempt: 0, reason: '' } as const }
  const looks = prepared({ sandboxes: [], planned, inFlight: new Map([['createSandbox', creating]]) })
  assert.deepEqual(planPod(desired(pod()), looks, after(0)).actions.map(actionKey), ['startContainer/main'])
  const unplanned = prepared({ sandboxes: [], inFlight: new Map([['createSandbox', creating]]) })
  assert.deepEqual(planPod(desired(pod()), unplanned, after(0)).actions, [])
})
