// Real processes, and a Docker that only kills them: who sends which signal, and when Docker is asked.
import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { test } from 'node:test'
import { isOf, signalNumber, stopContainer } from './container-stop.ts'
import { DockerError } from './docker-api.ts'
import type { Container } from './runtime.ts'

/** Part of every process's list of cgroups, so that it can stand for a container's id. */
const anyCgroup = ':'

async function started(script: string): Promise<{ child: ChildProcess; ended: Promise<unknown[]> }> {
  const child = spawn('sh', ['-c', `${script}; echo ready; while :; do sleep 0.05; done`], { stdio: ['ignore', 'pipe', 'ignore'] })
  const ended = once(child, 'exit')
  if (child.stdout) await once(child.stdout, 'data')
  return { child, ended }
}

function dockerOf(child: ChildProcess, ended: Promise<unknown>) {
  const asked: string[] = []
  const call = async (_method: string, path: string): Promise<unknown> => {
    const what = path.replace(/^\/containers\/[^/]+\//, '')
    asked.push(what)
    if (what.startsWith('kill')) child.kill('SIGKILL')
    if (what.startsWith('stop')) child.kill('SIGTERM')
    return await ended
  }
  return { api: { call: call as never }, asked }
}

const seenAs = (child: ChildProcess, more: Partial<Container> = {}): Container =>
  ({ id: anyCgroup, pid: child.pid, state: 'running', ...more }) as Container
const never = new AbortController().signal

const cases: [story: string, script: string, more: Partial<Container>, graceSeconds: number, asked: string[], signal: string | null][] = [
  ['one that obeys is only waited for', 'true', {}, 30, ['wait'], 'SIGTERM'],
  ['the image names another signal', 'true', { stopSignal: 'USR1' }, 30, ['wait'], 'SIGUSR1'],
  ['one that does not is killed', 'trap "" TERM', {}, 0.2, ['wait', 'kill?signal=KILL', 'wait'], 'SIGKILL'],
  ['a grace of a year, longer than a timer can be', 'trap "sleep 0.2; exit" TERM', {}, 31_536_000, ['wait'], null],
  ['no grace', 'true', {}, 0, ['kill?signal=KILL', 'wait'], 'SIGKILL'],
  ['a signal that only Docker knows', 'true', { stopSignal: 'SIGRTMIN+3' }, 30, ['stop?t=30'], 'SIGTERM'],
  ['a process that is another’s by now', 'true', { id: 'c0ffee' }, 30, ['stop?t=30'], 'SIGTERM'],
]
for (const [story, script, more, graceSeconds, expected, signal] of cases) {
  test(`stop: ${story}`, async () => {
    const { child, ended } = await started(script)
    const { api, asked } = dockerOf(child, ended)
    await stopContainer(api, { id: 'c', seen: seenAs(child, more), graceSeconds }, never)
    assert.deepEqual(asked, expected)
    assert.equal((await ended)[1], signal)
  })
}

test('stop: one that was never seen is left to Docker, and one that does not run is stopped already', async () => {
  const asked: string[] = []
  const call = async (_method: string, path: string): Promise<unknown> => {
    asked.push(path)
    throw new DockerError(409, 'Container c is not running')
  }
  await stopContainer({ call: call as never }, { id: 'c', seen: undefined, graceSeconds: 5 }, never)
  await stopContainer({ call: call as never }, { id: 'c', seen: undefined, graceSeconds: 0 }, never)
  assert.deepEqual(asked, ['/containers/c/stop?t=5', '/containers/c/kill?signal=KILL'])
})

test('signals go by name and by number; a process that is gone is nobody’s', () => {
  assert.deepEqual(['SIGTERM', 'term', '9', 'SIGRTMIN+3'].map(signalNumber), [15, 15, 9, undefined])
  assert.equal(isOf(2 ** 22 + 1, anyCgroup), false)
})
