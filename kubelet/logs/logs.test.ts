import assert from 'node:assert/strict'
import { appendFileSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after, test } from 'node:test'
import { fixedTime, parseCriLine, parseDockerLine } from './log-line.ts'
import { LogTranslator } from './log-translator.ts'
import { type LogOptions, type LogSource, readLog } from './read-log.ts'

const dir = mkdtempSync(path.join(tmpdir(), 'logs-'))
after(() => rmSync(dir, { recursive: true }))
const never = new AbortController().signal
const ignore = () => undefined
const quiet = { debug: ignore, info: ignore, warn: ignore, error: ignore, child: () => quiet }

test('lines of both formats', () => {
  const time = '2026-11-21T08:00:00.123456789Z'
  assert.deepEqual(parseDockerLine(`{"log":"hi\\n","stream":"stderr","time":"${time}"}`), { time, stream: 'stderr', text: 'hi\n' })
  assert.equal(parseDockerLine('{"log":"cut'), undefined)
  assert.deepEqual(parseCriLine(`${time} stdout F a b`), { time, stream: 'stdout', text: 'a b\n' })
  assert.deepEqual(parseCriLine(`${time} stdout P a `), { time, stream: 'stdout', text: 'a ' })
  assert.deepEqual(parseCriLine(`${time} stdout F `), { time, stream: 'stdout', text: '\n' })
  assert.equal(parseCriLine('nothing of the sort'), undefined)
  assert.equal(fixedTime('2026-11-21T08:00:00.5Z'), '2026-11-21T08:00:00.500000000Z')
  assert.equal(fixedTime('2026-11-21T08:00:00+01:00'), '2026-11-21T07:00:00.000000000Z')
})

const entry = (second: number, text: string, stream = 'stdout') => ({ time: `2026-11-21T08:00:0${second}.5Z`, stream, text })
const entries = [entry(1, 'one\n'), entry(2, 'two\n', 'stderr'), entry(3, 'thr'), entry(4, 'ee\n'), entry(5, 'four\n')]
const dockerLog = entries.map(({ time, stream, text }) => `${JSON.stringify({ log: text, stream, time })}\n`).join('')
const criLog = entries.map(({ time, stream, text }) => `${time} ${stream} ${text.endsWith('\n') ? 'F' : 'P'} ${text.trimEnd()}\n`).join('')

async function read(file: { name: string; format: LogSource['format'] }, options: Partial<LogOptions>): Promise<string> {
  const parts: Buffer[] = []
  const source = { path: path.join(dir, file.name), format: file.format, running: async () => false }
  for await (const part of readLog(source, { follow: false, timestamps: false, ...options }, never)) parts.push(part)
  return Buffer.concat(parts).toString()
}

test('what users ask for', async () => {
  writeFileSync(path.join(dir, 'docker'), dockerLog)
  writeFileSync(path.join(dir, 'cri'), criLog)
  const at = (second: number) => new Date(`2026-11-21T08:00:0${second}Z`)
  const table: [Partial<LogOptions>, string][] = [
    [{}, 'one\ntwo\nthree\nfour\n'],
    [{ tailLines: 0 }, ''],
    [{ tailLines: 1 }, 'four\n'],
    [{ tailLines: 100 }, 'one\ntwo\nthree\nfour\n'],
    [{ since: at(5) }, 'four\n'],
    [{ since: at(9) }, ''],
    [{ limitBytes: 6 }, 'one\ntw'],
    [{ stream: 'stderr' }, 'two\n'],
    [{ stream: 'stdout', tailLines: 1 }, 'four\n'],
    [{ timestamps: true, since: at(3) }, '2026-11-21T08:00:03.500000000Z three\n2026-11-21T08:00:05.500000000Z four\n'],
    [{ follow: true }, 'one\ntwo\nthree\nfour\n'],
  ]
  for (const [options, expected] of table) {
    for (const format of ['docker-json', 'cri'] as const) {
      const name = format === 'cri' ? 'cri' : 'docker'
      assert.equal(await read({ name, format }, options), expected, `${format} ${JSON.stringify(options)}`)
    }
  }
})

test('a log larger than a block, from its end', async () => {
  const line = (n: number) =>
    `${JSON.stringify({ log: `line ${n} ${'é'.repeat(50)}\n`, stream: 'stdout', time: '2026-11-21T08:00:00Z' })}\n`
  writeFileSync(path.join(dir, 'large'), Array.from({ length: 5000 }, (_, n) => line(n)).join(''))
  const file = { name: 'large', format: 'docker-json' as const }
  const whole = (await read(file, {})).split('\n')
  assert.equal(whole.length, 5001)
  assert.equal(whole[4321], `line 4321 ${'é'.repeat(50)}`)
  assert.equal((await read(file, { tailLines: 2000 })).split('\n')[0], `line 3000 ${'é'.repeat(50)}`)
})

test('a missing log is an empty one', async () => {
  assert.equal(await read({ name: 'nowhere', format: 'cri' }, { follow: true }), '')
})

test('following: growth, rotation, truncation, and the end with the container', { timeout: 10_000 }, async () => {
  const file = path.join(dir, 'growing')
  const line = (text: string) => `2026-11-21T08:00:00Z stdout F ${text}\n`
  writeFileSync(file, line('old') + line('first'))
  let running = true
  const source = { path: file, format: 'cri' as const, running: async () => running }
  let seen = ''
  const steps: [string, () => void][] = [
    ['first\n', () => appendFileSync(file, line('second'))],
    ['second\n', () => appendFileSync(file, '2026-11-21T08:00:00Z stdout F half')],
    ['second\n', () => appendFileSync(file, ' and half\n')],
    [
      'half and half\n',
      () => {
        appendFileSync(file, line('before rotation'))
        renameSync(file, `${file}.1`)
        writeFileSync(file, line('after rotation'))
      },
    ],
    ['after rotation\n', () => writeFileSync(file, line('short'))],
    [
      'short\n',
      () => {
        appendFileSync(file, line('last'))
        running = false
      },
    ],
  ]
  let step = 0
  const advance = () => {
    for (let next = steps[step]; next !== undefined && seen.endsWith(next[0]); next = steps[step]) {
      step += 1
      next[1]()
    }
  }
  for await (const part of readLog(source, { follow: true, timestamps: false, tailLines: 1 }, never)) {
    seen += part.toString()
    advance()
  }
  assert.equal(seen, 'first\nsecond\nhalf and half\nbefore rotation\nafter rotation\nshort\nlast\n')
})

for (const [what, rotate] of [
  [
    'two rotations between two looks lose no line',
    (file, line) => {
      renameSync(file, `${file}.1`)
      writeFileSync(file, line('two'))
      renameSync(`${file}.1`, `${file}.2`)
      renameSync(file, `${file}.1`)
      writeFileSync(file, line('three'))
    },
  ],
  [
    'no file is passed over while Docker renames them',
    (file, line) => {
      // The second file has its new name, the newest has not yet: number 1 is missing.
      renameSync(file, `${file}.3`)
      writeFileSync(`${file}.2`, line('two'))
      writeFileSync(file, line('three'))
    },
  ],
] satisfies [string, (file: string, line: (text: string) => string) => void][]) {
  test(`following: ${what}`, { timeout: 10_000 }, async () => {
    const file = path.join(dir, what)
    const line = (text: string) => `2026-11-21T08:00:00Z stdout F ${text}\n`
    writeFileSync(file, line('one'))
    let running = true
    let seen = ''
    const source: LogSource = { path: file, format: 'cri', running: async () => running }
    for await (const part of readLog(source, { follow: true, timestamps: false }, never)) {
      seen += part.toString()
      if (seen !== 'one\n') continue
      rotate(file, line)
      running = false
    }
    assert.equal(seen, 'one\ntwo\nthree\n')
  })
}

test('who does not follow sees what was there when it was asked', async () => {
  const file = path.join(dir, 'endless')
  const line = (text: string) => `2026-11-21T08:00:00Z stdout F ${text}\n`
  writeFileSync(file, line('one') + line('two'))
  let seen = ''
  for await (const part of readLog(
    { path: file, format: 'cri', running: async () => true },
    { follow: false, timestamps: false, tailLines: 1 },
    never,
  )) {
    seen += part.toString()
    appendFileSync(file, line('more'))
  }
  assert.equal(seen, 'two\n')
})

test('translated into upstream’s format, rotated, and continued after a restart', { timeout: 10_000 }, async () => {
  const source = path.join(dir, 'docker.log')
  const target = path.join(dir, 'pods/default_web_u1/app/0.log')
  const line = (second: number, log: string) => `${JSON.stringify({ log, stream: 'stdout', time: `2026-11-21T08:00:0${second}.5Z` })}\n`
  const container = { id: 'c1', target, running: false }
  const translator = (maxBytes: number) =>
    new LogTranslator({
      containers: () => [container],
      logFile: async () => ({ path: source, format: 'docker-json' }),
      maxBytes,
      maxFiles: 2,
      now: () => new Date('2026-11-21T09:00:00Z'),
      log: quiet,
    })
  writeFileSync(source, line(0, 'one\n') + line(1, 'part'))
  await translator(1000).translate(container, never)
  assert.equal(readFileSync(target, 'utf8'), '2026-11-21T08:00:00.500000000Z stdout F one\n2026-11-21T08:00:01.500000000Z stdout P part\n')
  appendFileSync(source, line(2, ' of a line\n'))
  await translator(1000).translate(container, never)
  assert.match(readFileSync(target, 'utf8'), /P part\n\S+ stdout F {2}of a line\n$/)
  for (const second of [3, 4, 5]) {
    appendFileSync(source, line(second, 'more\n'))
    await translator(100).translate(container, never)
  }
  assert.deepEqual(readdirSync(path.dirname(target)).sort(), ['0.log', '0.log.20261121-090000.1'])
  assert.match(readFileSync(target, 'utf8'), /08:00:05.500000000Z stdout F more\n$/)
})

test('a follower leaves when it is told to', async () => {
  const stop = new AbortController()
  writeFileSync(path.join(dir, 'quiet'), '')
  setTimeout(() => stop.abort(), 20)
  const source = { path: path.join(dir, 'quiet'), format: 'cri' as const, running: async () => true }
  for await (const _ of readLog(source, { follow: true, timestamps: false }, stop.signal)) assert.fail('nothing was written')
})
