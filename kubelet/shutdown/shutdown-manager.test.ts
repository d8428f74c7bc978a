import assert from 'node:assert/strict'
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { createLogger } from '#component/logging.ts'
import { criticalPriority } from '#kubelet/admission/preemption.ts'
import { desired, exited, pod, run } from '#kubelet/pods/pod-fixtures.ts'
import { PodWork } from '#kubelet/pods/pod-work.ts'
import { type Logind, logind } from './logind.ts'
import { ShutdownManager } from './shutdown-manager.ts'

const dir = mkdtempSync(join(tmpdir(), 'shutdown-'))
after(() => rmSync(dir, { recursive: true }))

const logged: string[] = []
const log = createLogger({ name: 't', verbosity: 0, format: 'text', destination: { write: (line: string) => void logged.push(line) } })

function workOf(name: string, priority: number): PodWork {
  const of = pod({ priority, terminationGracePeriodSeconds: 5 }, { name, uid: name })
  const work = new PodWork(desired(of), { hasCgroup: true, hasDirectories: false })
  work.containers = [run(of, { name: 'main' })]
  return work
}

/** A manager over pods that end as soon as they are told to, and a logind that says what `words` say. */
function rig(words: boolean[], works: PodWork[], overrides: Partial<Logind> = {}) {
  const did: string[] = []
  const fake: Logind = {
    allow: async (seconds) => void did.push(`allow ${seconds}`),
    inhibit: async () => {
      did.push('inhibit')
      return { release: () => void did.push('release') }
    },
    async *shutdowns() {
      yield* words
    },
    ...overrides,
  }
  const stop = new AbortController()
  const manager: ShutdownManager = new ShutdownManager({
    periods: [
      { priority: 0, shutdownGracePeriodSeconds: 20 },
      { priority: criticalPriority, shutdownGracePeriodSeconds: 10 },
    ],
    logind: fake,
    rootDir: dir,
    pods: {
      list: () => works,
      end: (uid, failure) => {
        did.push(`end ${uid} ${failure.graceSeconds} ${failure.reason}`)
        const work = works.find((each) => each.uid === uid)
        if (!work) return
        work.containers = [exited(work.pod, { name: 'main', exitCode: 0 })]
        work.desired = { ...work.desired, pod: { ...work.pod, status: { phase: 'Failed' } } }
      },
    },
    event: ({ message }) => did.push(message),
    changed: () => {
      did.push(`goes down: ${manager.goesDown}, takes pods: ${manager.admit(pod(), []) === undefined}`)
      if (did.filter((each) => each.startsWith('goes down')).length === words.length) setTimeout(() => stop.abort(), 50)
    },
    now: () => new Date('2026-11-21T12:00:00Z'),
    log,
  })
  return { did, run: () => manager.run(stop.signal), stop }
}

test('a shutdown: pods end by priority, then logind may go on', async () => {
  const { did, run: go } = rig([true], [workOf('critical', criticalPriority), workOf('plain', 0)])
  await go()
  assert.deepEqual(did, [
    'allow 30',
    'inhibit',
    'Shutdown manager detected shutdown event',
    'goes down: true, takes pods: false',
    'end plain 5 Terminated',
    'end critical 5 Terminated',
    'release',
  ])
  const state = JSON.parse(readFileSync(join(dir, 'graceful_node_shutdown_state'), 'utf8'))
  assert.deepEqual(Object.keys(state), ['startTime', 'endTime'])
})

test('one that is called off: the node takes pods again and holds the lock anew', async () => {
  const { did, run: go } = rig([true, false], [])
  await go()
  assert.deepEqual(did.slice(-5), [
    'release',
    'Shutdown manager detected shutdown cancellation',
    'goes down: false, takes pods: true',
    'inhibit',
    'release',
  ])
})

test('no logind: it is said, and the kubelet goes on', async () => {
  const { did, run: go, stop } = rig([], [], { allow: () => Promise.reject(new Error('no bus')) })
  setTimeout(() => stop.abort(), 50)
  await go()
  assert.deepEqual(did, [])
  assert.match(logged.join(''), /pods will not be ended in good order when this host goes down.*no bus/)
})

test('logind through systemd’s programs: the delay is raised, the lock held, the word heard', async () => {
  const bin = mkdtempSync(join(dir, 'bin-'))
  const program = (name: string, script: string) => {
    writeFileSync(join(bin, name), `#!/bin/sh\n${script}\n`)
    chmodSync(join(bin, name), 0o755)
  }
  const signal = JSON.stringify({ type: 'signal', member: 'PrepareForShutdown', payload: { type: 'b', data: [true] } })
  program(
    'busctl',
    `case "$*" in *get-property*) if [ -f ${bin}/reloaded ]; then echo 't 30000000'; else echo 't 5000000'; fi;; *monitor*) echo 'Monitoring'; echo '${signal}';; esac`,
  )
  program('systemctl', `echo "$*" > ${bin}/reloaded`)
  program('systemd-inhibit', `while [ "$1" != sh ]; do shift; done; "$@"; touch ${bin}/released`)
  const path = process.env['PATH']
  process.env['PATH'] = `${bin}:${path}`
  try {
    const found = logind(join(bin, 'logind.conf.d'))
    await found.allow(30)
    assert.equal(readFileSync(join(bin, 'reloaded'), 'utf8').trim(), 'kill --signal=SIGHUP systemd-logind.service')
    assert.match(readFileSync(join(bin, 'logind.conf.d/99-kubelet.conf'), 'utf8'), /InhibitDelayMaxSec=30/)
    const lock = await found.inhibit()
    const heard: boolean[] = []
    for await (const begins of found.shutdowns(new AbortController().signal)) heard.push(begins)
    assert.deepEqual(heard, [true])
    assert.equal(existsSync(join(bin, 'released')), false)
    lock.release()
    for (let i = 0; i < 6000 && !existsSync(join(bin, 'released')); i++) await new Promise((resolve) => setTimeout(resolve, 10))
    assert.equal(existsSync(join(bin, 'released')), true)
    // The real one goes on until it is told to end.
    program('busctl', `echo '${signal}'; exec sleep 60`)
    const controller = new AbortController()
    for await (const begins of found.shutdowns(controller.signal)) {
      assert.ok(begins)
      controller.abort()
    }
  } finally {
    process.env['PATH'] = path
  }
})
