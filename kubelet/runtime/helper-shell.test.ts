import assert from 'node:assert/strict'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after, test } from 'node:test'
import { HelperShell, jobText } from './helper-shell.ts'

const dir = mkdtempSync(path.join(tmpdir(), 'helper-'))
const helper = new HelperShell(dir)
after(() => {
  helper.close()
  rmSync(dir, { recursive: true, force: true })
})

test('a program gets its words, variables and input as they are, and answers with its output', async () => {
  const input = "it's\nEND\n$HOME `id` \\"
  const { stdout, stderr } = await helper.exec(['sh', '-c', 'printf "%s|" "$0" "$1" "$WORD"; cat; echo no >&2', 'a b', "c'd"], {
    env: { WORD: '$x "y"' },
    input,
  })
  assert.deepEqual([stdout, stderr], [`a b|c'd|$x "y"|${input}\n`, 'no\n'])
})

test('a script gets its words as they are, ends as it says, and changes nothing for the next', async () => {
  const text = 'set -eu; cd /; word=$2; printf "%s|" "$#" "$1" "$word"\nexec printf %s "$(pwd)"'
  assert.equal((await helper.script(text, ['a b', "c'd"])).stdout, "2|a b|c'd|/")
  await assert.rejects(helper.script('set -eu; false; echo no', []), { exitCode: 1, stdout: '' })
  assert.equal((await helper.script('set -u; (echo "$word") 2>/dev/null || echo none $(pwd)', [])).stdout, `none ${process.cwd()}\n`)
})

test('failures tell the exit code and what was printed', async () => {
  await assert.rejects(helper.exec(['sh', '-c', 'echo why; echo oh >&2; exit 3']), {
    name: 'ExecError',
    exitCode: 3,
    stdout: 'why\n',
    stderr: 'oh\n',
  })
  await assert.rejects(helper.exec(['/no/such/program']), { exitCode: 127 })
})

test('programs run side by side, and leave no files', async () => {
  const all = await Promise.all(Array.from({ length: 20 }, (_, i) => helper.exec(['sh', '-c', `sleep 0.0$((RANDOM % 5)); echo ${i}`])))
  assert.deepEqual(
    all.map(({ stdout }) => stdout.trim()),
    Array.from({ length: 20 }, (_, i) => String(i)),
  )
  const deadline = Date.now() + 60_000
  const files = (): string[] => readdirSync(dir).flatMap((name) => readdirSync(path.join(dir, name)))
  while (files().length > 0 && Date.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 10))
  assert.deepEqual(files(), [])
})

test('a program past its time, or not wanted any more, is killed with all that it started', async () => {
  const marker = path.join(dir, 'late')
  await assert.rejects(helper.exec(['sh', '-c', `sleep 30; touch ${marker}`], { timeoutMs: 100 }), { timedOut: true })
  const stop = new AbortController()
  const running = helper.exec(['sh', '-c', 'sleep 30'], { signal: stop.signal })
  stop.abort()
  await assert.rejects(running, { name: 'ExecError', timedOut: false })
  await assert.rejects(helper.exec(['true'], { signal: stop.signal }))
  assert.equal(existsSync(marker), false)
})

test('a shell that dies takes its jobs along, and the next job finds another', async () => {
  // The parent of the job's own shell is the helper.
  const dying = helper.exec(['sh', '-c', 'kill -9 $(ps -o ppid= -p $PPID); sleep 1'])
  await assert.rejects(dying, { name: 'ExecError', exitCode: undefined })
  assert.equal((await helper.exec(['echo', 'again'])).stdout, 'again\n')
})

test('folders of processes that are gone are swept', () => {
  mkdirSync(path.join(dir, 'helper-999999999-1'))
  HelperShell.sweep(dir)
  assert.equal(existsSync(path.join(dir, 'helper-999999999-1')), false)
  assert.equal(readdirSync(dir).length, 1)
})

test('names of variables that a shell would take for something else are refused', () => {
  assert.throws(() => jobText(1, 'true', { env: { 'A;reboot': 'x' }, out: '/o', err: '/e' }), /bad name/)
})
