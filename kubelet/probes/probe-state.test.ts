import assert from 'node:assert/strict'
import { test } from 'node:test'
import { afterResult, initialState, type ProbeKind } from './probe-state.ts'

const verdicts = (kind: ProbeKind, results: string, probe: { successThreshold?: number; failureThreshold?: number } = {}): string => {
  let state = initialState(kind)
  let told = ''
  for (const result of results) {
    state = afterResult(state, result === '+', probe)
    told += { success: '+', failure: '-', unknown: '?' }[state.verdict]
  }
  return told
}

test('thresholds count results in a row', () => {
  assert.equal(verdicts('liveness', '--+---'), '+++++-')
  assert.equal(verdicts('readiness', '-+--+---'), '-++++++-')
  assert.equal(verdicts('readiness', '++-+++', { successThreshold: 3, failureThreshold: 1 }), '-----+')
  assert.equal(verdicts('startup', '--+'), '??+')
  assert.equal(verdicts('startup', '---'), '??-')
})
