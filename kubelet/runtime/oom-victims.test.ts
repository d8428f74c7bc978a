import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
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

test('a log that is read on, and one that is not there', () => {
  const file = join(folder, 'kmsg')
  writeFileSync(file, record(`/a/${id}`))
  const victims = new OomVictims(file)
  assert.ok(!victims.has('other'))
  assert.ok(victims.has(id))
  victims.forget(id)
  assert.ok(!victims.has(id))
  victims.close()
  assert.ok(!new OomVictims(join(folder, 'none')).has(id))
})
