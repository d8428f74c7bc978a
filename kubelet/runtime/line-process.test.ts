import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { type TestContext, test } from 'node:test'
import { LineProcess, LineProcessError } from './line-process.ts'

type Options = ConstructorParameters<typeof LineProcess>[0]

function started(t: TestContext, script: string, options: Partial<Options> = {}): LineProcess {
  const process = new LineProcess({ name: 'it', argv: ['sh', '-c', script], ...options })
  t.after(() => process.end())
  return process
}

const echo = 'while read -r line; do echo "$line"; done'
const one = (line: string) => [line]

/** What becomes of requests: their lines, or why there are none, `!` at the one that may have been begun. */
const outcomes = async (asked: readonly Promise<readonly string[]>[]): Promise<string[]> =>
  (await Promise.allSettled(asked)).map((each) => {
    if (each.status === 'fulfilled') return each.value.join(' ')
    assert.ok(each.reason instanceof LineProcessError)
    const { reason, isBegun, lines } = each.reason
    return [reason + (isBegun ? '!' : ''), ...lines].join(' ')
  })

test('requests are answered in the order in which they were made, each with all lines up to its last one', async (t) => {
  const it = started(t, 'while read -r word; do echo "$word 1"; echo; echo "$word end"; done')
  const ends = (line: string): boolean => line.endsWith(' end')
  assert.deepEqual(await Promise.all(['a', 'b', 'c'].map((word) => it.ask(`${word}\n`, ends))), [
    ['a 1', '', 'a end'],
    ['b 1', '', 'b end'],
    ['c 1', '', 'c end'],
  ])
})

test('a request of several lines is as many lines told, and all of them reach one process', async (t) => {
  const it = started(t, echo)
  assert.equal(it.linesTold, 0)
  assert.deepEqual(await it.ask('a\nb\nend\n', (line) => line === 'end'), ['a', 'b', 'end'])
  assert.deepEqual(await it.ask('c\n'), ['c'])
  assert.equal(it.linesTold, 4)
})

test('output comes in pieces of any size: in the midst of a line, of a character, of two lines', async (t) => {
  // ä is \303\244.
  const pieces = ['o', 'ne\\n', 't\\303', '\\244wo\\nth', 'ree', '\\nfo', 'ur\\n']
  const it = started(
    t,
    `read -r line; for piece in ${pieces.map((piece) => `'${piece}'`).join(' ')}; do printf "$piece"; sleep 0.02; done; cat`,
  )
  const all = [it.ask('\n'), it.ask(''), it.ask('', (line) => line === 'four')]
  assert.deepEqual(await Promise.all(all), [['one'], ['täwo'], ['three', 'four']])
})

test('a large answer and a large question are whole', async (t) => {
  const it = started(t, 'cat')
  const line = 'x'.repeat(300_000)
  assert.deepEqual(await Promise.all([it.ask(`${line}1\n`), it.ask(`${line}2\n`)]), [[`${line}1`], [`${line}2`]])
})

test('where it ends, the oldest request may have been begun, those behind it were not, and the next finds another process', async (t) => {
  let ends = 0
  const it = started(t, 'read -r a; echo "$a"; read -r b; echo "part of $b"; echo oh >&2; exit 3', { ended: () => ends++ })
  const never = (line: string): boolean => line === 'never'
  const asked = [it.ask('a\n'), it.ask('b\n', never), it.ask('c\n', never)]
  assert.deepEqual(await outcomes(asked), ['a', 'ended! part of b', 'ended'])
  await assert.rejects(asked[2] ?? Promise.resolve(), { message: 'it has ended: oh' })
  assert.deepEqual([ends, it.isRunning, it.linesTold], [1, false, 0])
  assert.deepEqual(await it.ask('again\n'), ['again'])
})

test('who is told of an end and asks again at once asks another process, in the order of before', async (t) => {
  const it = started(t, 'read -r first; [ "$first" = die ] || { echo "$first"; cat; }')
  const untilAnswered = async (word: string): Promise<readonly string[]> => {
    try {
      return await it.ask(`${word}\n`)
    } catch (error) {
      if (error instanceof LineProcessError && error.isBegun) return one(`${word}d`)
      return await untilAnswered(word)
    }
  }
  assert.deepEqual(await Promise.all(['die', 'b', 'c', 'd'].map(untilAnswered)), [one('died'), one('b'), one('c'), one('d')])
})

test('a process that does not answer is killed, and the time of a request begins when the one before it is answered', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const it = started(t, 'trap "" TERM; exec cat', { answerMs: 1000 })
  const asked = ['1', '2', '3'].map((number) => it.ask('', (line) => line === `end ${number}`))
  for (const number of ['1', '2']) {
    t.mock.timers.tick(900)
    it.tell(`end ${number}\npart\n`)
    await asked[Number(number) - 1]
  }
  t.mock.timers.tick(900)
  assert.ok(it.isRunning)
  t.mock.timers.tick(100)
  assert.deepEqual(await outcomes(asked), ['end 1', 'part end 2', 'late! part'])
  await assert.rejects(asked[2] ?? Promise.resolve(), { message: 'it does not answer' })
  assert.deepEqual(await outcomes([it.ask('again\n')]), ['again'])
})

test('a program that is not there, or ends before its greeting, has done nothing', async (t) => {
  const none = started(t, '', { argv: ['/no/such/program'] })
  assert.deepEqual(await outcomes([none.ask('a\n'), none.ask('b\n')]), ['notStarted!', 'notStarted'])
  await assert.rejects(none.ask('a\n'), { message: /^it cannot be started: .*ENOENT/ })
  const unwilling = started(t, 'echo hello; echo "no such kernel" >&2; exit 1', { greeting: 'ready' })
  await assert.rejects(unwilling.ask('a\n'), {
    reason: 'notStarted',
    isLate: false,
    lines: [],
    message: 'it cannot be started: no such kernel',
  })
  const mute = started(t, 'exec sleep 30', { greeting: 'ready', answerMs: 100 })
  await assert.rejects(mute.ask('a\n'), { reason: 'notStarted', isLate: true })
})

test('a greeting is nobody’s answer, and each process gives its own', async (t) => {
  const it = started(t, 'echo ready; read -r word; echo "$word"', { greeting: 'ready' })
  assert.deepEqual(await it.ask('a\n'), ['a'])
  assert.deepEqual(await outcomes([it.ask('late\n')]), ['ended!'])
  assert.deepEqual(await it.ask('b\n'), ['b'])
})

test('lines that nobody has asked for are heard', async (t) => {
  const heard: string[] = []
  let all: () => void = () => undefined
  const both = new Promise<void>((resolve) => {
    all = resolve
  })
  const it = started(t, echo, { heard: (line) => heard.push(line) === 2 && all() })
  it.tell('a\nb\n')
  await both
  assert.deepEqual(heard, ['a', 'b'])
})

test('one that is let go does what it was told, and the next request finds another', async (t) => {
  const it = started(t, 'while read -r word; do sleep 0.05; echo "$$ $word"; done')
  const pid = async (asked: Promise<readonly string[]>): Promise<string | undefined> => (await asked)[0]?.split(' ')[0]
  const [first, second] = [pid(it.ask('a\n')), pid(it.ask('b\n'))]
  it.end()
  assert.equal(it.isRunning, false)
  const third = pid(it.ask('c\n'))
  assert.equal(await first, await second)
  assert.notEqual(await third, await first)
  assert.equal(await pid(it.ask('d\n')), await third)
})

test('where it is outlived its own end counts, else the end of all that can still answer', async (t) => {
  const script = 'read -r word; { sleep 0.3; echo "$word"; } & exit 0'
  assert.deepEqual(await outcomes([started(t, script).ask('a\n')]), ['a'])
  assert.deepEqual(await outcomes([started(t, script, { isOutlived: true }).ask('a\n')]), ['ended!'])
})

test('it has the PATH of its start, and nothing else of the environment', async (t) => {
  const before = process.env['PATH']
  t.after(() => {
    process.env['PATH'] = before
  })
  process.env['A_SECRET'] = 'x'
  const it = started(t, 'read -r line; echo "$PATH|$A_SECRET"')
  process.env['PATH'] = `/later:${before}`
  assert.deepEqual(await it.ask('\n'), [`/later:${before}|`])
})

test('it keeps a process only while somebody waits for its answer', () => {
  const script = (more: string): string =>
    `import { LineProcess } from ${JSON.stringify(import.meta.resolve('./line-process.ts'))}
     const it = new LineProcess({ name: 'it', argv: ['sh', '-c', 'while read -r word; do sleep 0.2; echo "$word"; done'] })
     console.log(await it.ask('a\\n'))
     ${more}`
  const run = (more: string) =>
    spawnSync(process.execPath, ['--input-type=module', '--eval', script(more)], { encoding: 'utf8', timeout: 10_000 })
  const { stdout, status, stderr } = run("it.tell('b\\n')")
  assert.deepEqual([stdout, status, stderr], ["[ 'a' ]\n", 0, ''])
})
