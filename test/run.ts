/**
 * `npm test`: types, lint, unit, integration and end-to-end tests one after the other, with one summary at the end. `npm test -- all` (npm run
 * test:all) adds the long ones. Every part runs even if one before it failed; what the tests
 * leave on the machine is a failure too. At the end: where the time went and what failed. The exit code says whether all went well.
 */
import { spawn } from 'node:child_process'
import { chmodSync, existsSync, globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { dirname, join, relative } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { kernelThings, leftovers } from '#test/harness/leftovers.ts'
import { takeDownOrphans } from '#test/harness/state-directories.ts'
import type { Counts, Totals } from '#test/harness/totals-reporter.ts'

const checkout = dirname(import.meta.dirname)
const bin = (name: string): string => join(checkout, 'node_modules/.bin', name)
const results = mkdtempSync(join(tmpdir(), 'typernetes-results-'))
/** What the tests take for the machine's folder for temporary files: whatever is in it at the end, a test has left. Open to all, as that is. */
const temporary = mkdtempSync(join(tmpdir(), 'typernetes-test-'))
chmodSync(temporary, 0o1777)
const startedAt = Date.now()
const programs = '{api,client,component,streams,http2,apiserver,scheduler,controller-manager,kubelet,kube-proxy,kubectl,deploy}'

interface Part {
  name: string
  argv: readonly string[]
  /** Where its totals are written, if it is one of node:test. */
  totals?: string
  /** Of tests. */
  files?: number
  /** Why it cannot run on this machine. */
  skip?: string
}

/** npm before version 10 under Node 18 leaves out optional packages that ask for a newer Node, knip's parser among them. */
function whyNoParser(): string | undefined {
  const found = existsSync(join(checkout, `node_modules/@oxc-parser/binding-linux-${process.arch}-gnu`))
  return found ? undefined : "knip's parser was not installed by this machine's npm; with Node 20 or newer it is"
}

function nodeTest(name: string, pattern: string, options: { concurrency: number; timeoutMinutes: number }): Part[] {
  const files = globSync(pattern, { cwd: checkout }).sort()
  if (files.length === 0) return []
  const totals = join(results, `${name}.json`)
  const reporters = ['spec', join(checkout, 'test/harness/totals-reporter.ts')].map((reporter) => `--test-reporter=${reporter}`)
  const destinations = ['stdout', totals].map((destination) => `--test-reporter-destination=${destination}`)
  const limits = [`--test-concurrency=${options.concurrency}`, `--test-timeout=${options.timeoutMinutes * 60_000}`]
  return [{ name, argv: [process.execPath, '--test', ...limits, ...reporters, ...destinations, ...files], totals, files: files.length }]
}

function parts(all: boolean): readonly Part[] {
  const cores = availableParallelism()
  const parser = whyNoParser()
  return [
    { name: 'types', argv: [bin('tsc'), '--noEmit'] },
    { name: 'format and lint', argv: [bin('biome'), 'check', '--max-diagnostics=50', '.'] },
    { name: 'unused files, exports and packages', argv: [bin('knip'), '--no-progress'], ...(parser ? { skip: parser } : {}) },
    ...nodeTest('lint', 'test/lint/*.test.ts', { concurrency: cores, timeoutMinutes: 2 }),
    ...nodeTest('unit', `${programs}/**/*.test.ts`, { concurrency: cores, timeoutMinutes: 2 }),
    ...nodeTest('integration', 'test/integration/**/*.test.ts', { concurrency: 1, timeoutMinutes: 5 }),
    ...nodeTest('end-to-end', all ? 'test/e2e/**/*.test.ts' : 'test/e2e/*.test.ts', { concurrency: 1, timeoutMinutes: all ? 60 : 12 }),
  ]
}

const seconds = (since: number): string => `${((Date.now() - since) / 1000).toFixed(1)} s`

let current: ReturnType<typeof spawn> | undefined
function run(part: Part): Promise<boolean> {
  const [file = '', ...args] = part.argv
  const { promise, resolve } = Promise.withResolvers<boolean>()
  const env = { ...process.env, TMPDIR: temporary }
  const child = spawn(file, args, { cwd: checkout, stdio: ['ignore', 'inherit', 'inherit'], env })
  current = child
  child.on('error', (error) => {
    console.error(error.message)
    resolve(false)
  })
  child.on('close', (code) => resolve(code === 0))
  return promise
}

/** Undefined if the run ended before it could write them. */
function readTotals(path: string): Totals | undefined {
  const text = existsSync(path) ? readFileSync(path, 'utf8').trim() : ''
  return text === '' ? undefined : (JSON.parse(text) as Totals)
}

const shown = 10

/** Where most of the time went, and what failed. */
function printFiles(files: Totals['files'], failures: readonly string[]): void {
  const slowest = files.toSorted((one, other) => other.durationMs - one.durationMs).slice(0, shown)
  if (slowest.length > 0) console.log('\nThe slowest files:')
  for (const { file, durationMs } of slowest) console.log(`${(durationMs / 1000).toFixed(1).padStart(8)} s  ${relative(checkout, file)}`)
  if (failures.length > 0) console.log('\nThe tests that failed:')
  for (const failure of failures) console.log(`  ${failure.replace(`${checkout}/`, '')}`)
}

/** As node:test prints it, over all parts; a tool that is no node:test counts as one test. */
function printSummary(total: Counts): void {
  for (const [label, value] of [
    ['tests', total.tests],
    ['suites', total.suites],
    ['pass', total.passed],
    ['fail', total.failed],
    ['cancelled', total.cancelled],
    ['skipped', total.skipped],
    ['todo', total.todo],
    ['duration_ms', Date.now() - startedAt],
  ] as const) {
    console.log(`ℹ ${label} ${value}`)
  }
}

let interrupted = false

/** The tests' processes are gone, so clusters that still stand are nobody's: they go, and count as left like all that is found. */
async function cleanedUp(before: readonly string[]): Promise<boolean> {
  const clusters = await takeDownOrphans()
  // The kernel takes a network namespace and its links away some time after their last process has ended.
  const deadline = Date.now() + 10_000
  let things = await leftovers(temporary, before)
  for (; things.length > 0 && Date.now() < deadline; things = await leftovers(temporary, before)) await delay(250)
  const left = [...clusters.map((state) => `cluster ${state}`), ...things]
  for (const line of left) console.log(`  left: ${line}`)
  return left.length === 0
}

async function main(): Promise<void> {
  const wanted = process.argv.slice(2)
  const only = wanted.filter((word) => word !== 'all')
  const list = parts(wanted.includes('all')).filter((part) => only.length === 0 || only.some((word) => part.name.includes(word)))
  const total: Counts = { tests: 0, suites: 0, passed: 0, failed: 0, cancelled: 0, skipped: 0, todo: 0 }
  const failed: string[] = []
  const files: Totals['files'] = []
  const failures: string[] = []
  const before = await kernelThings(temporary)
  for (const [index, part] of list.entries()) {
    if (interrupted) break
    const since = Date.now()
    const count = part.files === undefined ? '' : `, ${part.files} files`
    console.log(`\n▶ [${index + 1}/${list.length}] ${part.name}${count} (at ${seconds(startedAt)})`)
    if (part.skip !== undefined) {
      console.log(`﹣ ${part.name} # ${part.skip}`)
      total.tests += 1
      total.skipped += 1
      continue
    }
    const ok = await run(part)
    if (!ok) failed.push(part.name)
    const totals = part.totals === undefined ? undefined : readTotals(part.totals)
    files.push(...(totals?.files ?? []))
    failures.push(...(totals?.failures ?? []))
    const add: Partial<Counts> = totals?.counts ?? { tests: 1, ...(ok ? { passed: 1 } : { failed: 1 }) }
    for (const key of Object.keys(total) as (keyof Counts)[]) total[key] += add[key] ?? 0
    console.log(`${ok ? '✔' : '✖'} ${part.name} (${seconds(since)})`)
  }
  const clean = await cleanedUp(before)
  if (!clean) failed.push('what the tests left on the machine')
  total.tests += 1
  total[clean ? 'passed' : 'failed'] += 1
  printFiles(files, failures)
  console.log(failed.length === 0 ? '\nAll parts passed.' : `\nFailed: ${failed.join(', ')}`)
  printSummary(total)
  process.exitCode = interrupted ? 130 : failed.length === 0 ? 0 : 1
}

// An interrupted test run still lets the tests clean up after themselves.
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    interrupted = true
    current?.kill(signal)
  })
}
await main()
for (const folder of [results, temporary]) rmSync(folder, { recursive: true, force: true })
