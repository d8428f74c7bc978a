import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { DockerApi } from './docker-api.ts'
import { DockerError } from './docker-api.ts'
import type { DockerImages } from './docker-images.ts'
import { DockerListing } from './docker-listing.ts'

const labels = (podUid: string) => ({
  'io.kubernetes.docker.type': 'container',
  'io.kubernetes.pod.uid': podUid,
  'io.kubernetes.sandbox.id': 's',
})

/** A dockerd with containers by id, which counts what it is asked. */
function played() {
  const states = new Map<string, { podUid: string; state: string }>()
  const asked: string[] = []
  let beforeInspect: (() => void) | undefined
  const inspect = (id: string) => {
    const found = states.get(id)
    beforeInspect?.()
    if (!found) throw new DockerError(404, 'no such container')
    const { podUid, state } = found
    const wasStarted = state !== 'created'
    return {
      Id: id,
      Created: '2026-01-01T00:00:00Z',
      Image: 'sha256:i',
      LogPath: '',
      State: {
        Status: state,
        Running: state === 'running',
        OOMKilled: false,
        Pid: 7,
        ExitCode: 0,
        Error: '',
        StartedAt: wasStarted ? '2026-01-01T00:00:01Z' : '0001-01-01T00:00:00Z',
        FinishedAt: '0001-01-01T00:00:00Z',
      },
      Config: { Image: 'i', Labels: labels(podUid), Tty: false, OpenStdin: false, StdinOnce: false },
    }
  }
  const api = {
    async call(_method: string, path: string, { query }: { query?: { filters?: string } } = {}) {
      if (path !== '/containers/json') {
        asked.push(`inspect ${path.split('/')[2]}`)
        return inspect(path.split('/')[2] ?? '')
      }
      asked.push('list')
      const uid = /pod\.uid=([^"]+)/.exec(query?.filters ?? '')?.[1]
      return [...states]
        .filter(([, { podUid }]) => uid === undefined || podUid === uid)
        .map(([Id, { podUid, state }]) => ({ Id, State: state, Labels: labels(podUid) }))
    },
  } as unknown as DockerApi
  const images = { status: async () => undefined } as unknown as DockerImages
  const listing = new DockerListing(api, images)
  const signal = new AbortController().signal
  const look = async (podUid?: string): Promise<string[]> =>
    (await listing.list(podUid === undefined ? {} : { podUid }, signal)).map(({ id, state }) => `${id} ${state}`)
  const questions = (): string[] => asked.splice(0)
  return { states, listing, look, questions, onInspect: (work: (() => void) | undefined) => (beforeInspect = work) }
}

test('while events are heard, a pod is looked at without a list, and a container only when something was told of it', async () => {
  const { states, listing, look, questions } = played()
  states.set('a', { podUid: 'p', state: 'running' })
  states.set('b', { podUid: 'q', state: 'running' })
  listing.hear(true)
  await look()
  questions()
  assert.deepEqual(await look('p'), ['a running'])
  assert.deepEqual(questions(), [])
  states.set('a', { podUid: 'p', state: 'exited' })
  listing.forget('a')
  assert.deepEqual(await look('p'), ['a exited'])
  assert.deepEqual(questions(), ['inspect a'])
  states.set('c', { podUid: 'p', state: 'created' })
  listing.created('c', { podUid: 'p', sandboxId: 's' })
  assert.deepEqual(await look('p'), ['a exited', 'c created'])
  states.delete('a')
  listing.removed('a')
  assert.deepEqual(await look('p'), ['c created'])
  assert.deepEqual(await listing.bySandbox('s', new AbortController().signal), [
    { id: 'b', running: true },
    { id: 'c', running: false },
  ])
  assert.equal(questions().includes('list'), false)
})

test('deaf, or deaf in between, it asks again', async () => {
  const { states, listing, look, questions } = played()
  states.set('a', { podUid: 'p', state: 'running' })
  assert.deepEqual(await look('p'), ['a running'])
  assert.deepEqual(questions(), ['list', 'inspect a'])
  listing.hear(true)
  await look()
  questions()
  listing.hear(false)
  states.set('a', { podUid: 'p', state: 'exited' })
  listing.hear(true)
  assert.deepEqual(await look('p'), ['a exited'])
  assert.deepEqual(questions(), ['list', 'inspect a'])
})

test('an inspect that was overtaken by an event is not kept', async () => {
  const { states, listing, look, onInspect } = played()
  states.set('a', { podUid: 'p', state: 'running' })
  listing.hear(true)
  onInspect(() => {
    onInspect(undefined)
    // It dies while the answer is on its way.
    states.set('a', { podUid: 'p', state: 'exited' })
    listing.forget('a')
  })
  assert.deepEqual(await look(), ['a running'])
  assert.deepEqual(await look('p'), ['a exited'])
})

test('what is told of while a list is under way is known after it', async () => {
  const { states, listing, look } = played()
  listing.hear(true)
  const listed = look()
  states.set('new', { podUid: 'p', state: 'running' })
  listing.created('new', { podUid: 'p', sandboxId: 's' })
  await listed
  assert.deepEqual(await look('p'), ['new running'])
})

test('a start of this process is looked at once, whenever the event comes', async () => {
  const { states, listing, look, questions } = played()
  listing.hear(true)
  await look()
  states.set('a', { podUid: 'p', state: 'created' })
  listing.created('a', { podUid: 'p', sandboxId: 's' })
  listing.starting('a')
  states.set('a', { podUid: 'p', state: 'running' })
  questions()
  await look('p')
  listing.started('a')
  assert.deepEqual(await look('p'), ['a running'])
  assert.deepEqual(questions(), ['inspect a'])
})

test('an answer that came with the end of a start is not asked for again, one from before its end is', async () => {
  const { states, listing, look, questions } = played()
  for (const id of ['a', 'b']) states.set(id, { podUid: id, state: 'created' })
  listing.hear(true)
  await look()
  for (const id of ['a', 'b']) listing.starting(id)
  questions()
  await listing.lookAhead('b')
  for (const id of ['a', 'b']) states.set(id, { podUid: id, state: 'running' })
  const ahead = listing.lookAhead('a')
  for (const id of ['a', 'b']) listing.started(id)
  assert.deepEqual([await look('a'), await look('b')], [['a running'], ['b running']])
  await ahead
  assert.deepEqual(questions(), ['inspect b', 'inspect a', 'inspect b'])
})
