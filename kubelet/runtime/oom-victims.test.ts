import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { createLogger } from '#component/logging.ts'
import { OomVictims, oomVictim } from './oom-victims.ts'

const folder = mkdtempSync(join(tmpdir(), 'kmsg-'))
after(() => rmSync(folder, { recursive: true }))

const id = 'b869b093cb532a75b425d09ecb8217dd09b1b3d33cffccc946f8c982cd5d6a78'
const pod = 'kubepods-burstable-pod13a7d020_109a_4987_94ba_67317c754bef.slice'
/** As Linux 6.1 writes it, with the memory cgroup of the task at `place`. */
const record = (place: string, priority = 6): string =>
  `${priority},1066,1066543010,-;oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),cpuset=docker-${id}.scope,mems_allowed=0,oom_memcg=/kubepods.slice/${pod},task_memcg=${place},task=dd,pid=1756,uid=0\n`

test('the container whose process the kernel has ended', () => {
  assert.equal(oomVictim(record(`/kubepods.slice/kubepods-burstable.slice/${pod}/docker-${id}.scope`)), id)
  assert.equal(oomVictim(record(`/kubepods/burstable/pod13a7d020/${id}`)), id)
  assert.equal(oomVictim(record(`/kubepods.slice/${pod}/docker-${id}.scope/init.scope`)), id, 'in a cgroup of its own making')
  assert.equal(oomVictim(record('/system.slice/ssh.service')), undefined)
  assert.equal(oomVictim(record(`/a/${id}`, 14)), undefined, 'written by a program')
  assert.equal(oomVictim(`6,1,1,-;Memory cgroup out of memory: Killed process 1756 (${id})\n`), undefined)
})

function logged() {
  const lines: string[] = []
  return { lines, log: createLogger({ name: 'test', verbosity: 0, format: 'text', destination: { write: (line) => lines.push(line) } }) }
}

test('a log that is read on', () => {
  const { log, lines } = logged()
  const file = join(folder, 'kmsg')
  writeFileSync(file, record(`/a/${id}`))
  const victims = new OomVictims(log, file)
  assert.ok(!victims.has('other'))
  assert.ok(victims.has(id))
  victims.forget(id)
  assert.ok(!victims.has(id))
  victims.close()
  assert.deepEqual(lines, [])
})

test('one that cannot be read is told of once, at the start, with what it means; it is tried again', () => {
  const { log, lines } = logged()
  const file = join(folder, 'none')
  const victims = new OomVictims(log, file)
  assert.equal(lines.length, 1)
  assert.match(lines[0] ?? '', /^W .*OOMKilled only where Docker knows.*ENOENT.*CAP_SYSLOG/)
  assert.ok(!victims.has(id))
  writeFileSync(file, record(`/a/${id}`))
  assert.ok(victims.has(id))
  victims.close()
  assert.equal(lines.length, 1)
})

test('one that can be opened and not read is told of when it is asked', () => {
  const { log, lines } = logged()
  const victims = new OomVictims(log, folder)
  assert.equal(lines.length, 0)
  assert.ok(!victims.has(id))
  assert.ok(!victims.has(id))
  victims.close()
  assert.equal(lines.length, 1)
})
