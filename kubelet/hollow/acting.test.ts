import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Acted, answer, endOf, logText, usageOf } from './acting.ts'

const container: Acted = {
  id: 'c1',
  name: 'main',
  podName: 'web-0',
  image: 'docker.io/library/web:1',
  command: [],
  env: new Map([['A', 'b']]),
  startedAtMs: 1_000_000,
  cpuMillis: 100,
  memoryBytes: 100,
}

test('commands end as their words say, others run on', () => {
  const cases: [string[], ReturnType<typeof endOf>][] = [
    [[], undefined],
    [['/pause'], undefined],
    [['sleep', '3'], { afterMs: 3000, exitCode: 0 }],
    [['sleep', 'infinity'], undefined],
    [['/bin/true'], { afterMs: 0, exitCode: 0 }],
    [['sh', '-c', 'echo hello; exit 3'], { afterMs: 0, exitCode: 3 }],
    [['/bin/sh', '-c', 'date && sleep 5'], { afterMs: 5000, exitCode: 0 }],
    [['sh', '-c', 'while true; do sleep 1; done'], undefined],
  ]
  for (const [command, end] of cases) assert.deepEqual(endOf(command), end, command.join(' '))
})

test('logs grow with time and are the same for everyone who asks', () => {
  assert.equal(logText(container, 1_000_000).split('\n').length, 2)
  const later = logText(container, 1_035_000)
  assert.equal(later.split('\n').length, 5)
  assert.ok(later.startsWith(logText(container, 1_000_000)))
  assert.match(later, /^\{"log":"docker\.io\/library\/web:1 started\\n","stream":"stdout","time":"1970-01-01T00:16:40\.000Z"\}\n/)
  assert.equal(logText(container, 100_000_000, 50).split('\n').length, 51)
})

test('commands that are run inside answer', () => {
  assert.deepEqual(answer(container, ['echo', 'hello', 'there'], 0), { exitCode: 0, output: 'hello there\n' })
  assert.deepEqual(answer(container, ['sh', '-c', 'hostname'], 0), { exitCode: 0, output: 'web-0\n' })
  assert.deepEqual(answer(container, ['env'], 0), { exitCode: 0, output: 'A=b\n' })
  assert.equal(answer(container, ['psql'], 0).exitCode, 127)
})

test('usage never runs backwards and stays below what was asked for', () => {
  let last = 0
  for (let seconds = 0; seconds < 2000; seconds += 5) {
    const { cpuNanos, memoryBytes } = usageOf(container, container.startedAtMs + seconds * 1000)
    assert.ok(cpuNanos >= last, String(seconds))
    assert.ok(cpuNanos - last <= 0.1 * 5e9, String(seconds))
    assert.ok(memoryBytes > 50 && memoryBytes < 100)
    last = cpuNanos
  }
})
