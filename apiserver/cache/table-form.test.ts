import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Pods } from '#api/core/pod.ts'
import type { KubeObject, Resource } from '#api/resource.ts'
import { answerOf } from '#apiserver/endpoints/list-body.ts'
import { type Entry, entryFrom, shapeOf, storedBytesOf } from './entry.ts'
import { partialForm, storedForm } from './form.ts'
import { FormBudget } from './form-cache.ts'
import { tableForm } from './table-form.ts'

const resource = Pods as unknown as Resource
const shape = shapeOf(resource)
const created = '2026-01-01T00:00:00Z'
const start = Date.parse(created)

const podEntry = (revision: number, status: object = {}): Entry => {
  const object = {
    metadata: { name: 'web', namespace: 'a', creationTimestamp: created },
    spec: { containers: [{ name: 'c' }] },
    status,
  } as unknown as KubeObject
  return entryFrom(shape, { key: '/registry/pods/a/web', value: storedBytesOf(resource, object), revision })
}

/** A table form whose clock the test moves, and that counts how often an object was read. */
function form() {
  const state = { now: start, reads: 0 }
  const object = storedForm(shape)
  const body = (entry: Entry, revision?: number): Buffer => {
    state.reads++
    return object.body(entry, revision)
  }
  const counted = { ...object, body }
  const partial = partialForm(shape, 'v1')
  const table = tableForm({
    resource,
    object: counted,
    partial,
    includeObject: 'None',
    version: 'v1',
    rows: new FormBudget().cache(),
    now: () => state.now,
  })
  const cells = (entry: Entry): unknown[] => (JSON.parse(table.item(entry).toString()) as { cells: unknown[] }).cells
  return { state, table, cells }
}

const at = (name: string): number => resource.columns.findIndex((column) => column.name === name)

describe('rows of tables', () => {
  it('say how a pod ended', () => {
    const conditionsOf = (phase: string): unknown => JSON.parse(form().table.item(podEntry(5, { phase })).toString()).conditions
    assert.equal(conditionsOf('Running'), undefined)
    assert.deepEqual(conditionsOf('Failed'), [{ type: 'Completed', status: 'True', reason: 'Failed', message: 'The pod failed.' }])
  })

  it('show the age of the moment, and are made once', () => {
    const { state, cells } = form()
    const entry = podEntry(5)
    const ages = [5, 65, 3600, 86_400].map((seconds) => {
      state.now = start + seconds * 1000
      return cells(entry)[at('Age')]
    })
    assert.deepEqual(ages, ['5s', '65s', '60m', '24h'])
    assert.equal(state.reads, 1)
    assert.equal(cells(entry)[at('Name')], 'web')
  })

  it('are made anew where more than the age changes with time', () => {
    const { state, cells } = form()
    const finishedAt = '2026-01-01T00:01:00Z'
    const containerStatuses = [
      { name: 'c', ready: true, restartCount: 2, lastState: { terminated: { finishedAt, exitCode: 1 } }, state: {} },
    ]
    const entry = podEntry(5, { containerStatuses })
    const shown = [120, 300].map((seconds) => {
      state.now = start + seconds * 1000
      return cells(entry)[at('Restarts')]
    })
    assert.deepEqual(shown, ['2 (60s ago)', '2 (4m ago)'])
  })

  it('are the same at first and later, whatever stands beside the age', () => {
    const { state, table } = form()
    const entry = podEntry(5)
    state.now = start + 9000
    const first = table.item(entry).toString()
    assert.equal(table.item(entry).toString(), first)
    assert.equal(table.item(podEntry(6)).toString(), first)
    assert.match(table.body(entry, 9).toString(), /"resourceVersion":"9".*"9s"/)
  })

  it('are the same in a list that fills the gaps as it writes', () => {
    const { state, table } = form()
    const entries = Array.from({ length: 300 }, (_, i) => podEntry(i + 1))
    state.now = start + 700_000
    const { body, bytes } = answerOf(table, { revision: 400 }, entries)
    const text = Buffer.isBuffer(body) ? body : Buffer.concat([...body.chunks()])
    assert.equal(text.length, bytes)
    const { rows } = JSON.parse(text.toString()) as { rows: { cells: unknown[] }[] }
    assert.equal(rows.length, 300)
    for (const [i, row] of rows.entries()) assert.deepEqual(row, JSON.parse(table.item(entries[i] as Entry).toString()))
    assert.equal(rows[0]?.cells[at('Age')], '11m')
  })
})
