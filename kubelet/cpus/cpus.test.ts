import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import type { Pod } from '#api/core/pod.ts'
import { createLogger } from '#component/logging.ts'
import { app, pod } from '#kubelet/pods/pod-fixtures.ts'
import { CpuManager } from './cpu-manager.ts'
import { cpuSetText, parseCpuSet } from './cpu-set.ts'
import {
  assignPod,
  type CpuFacts,
  type CpuState,
  exclusiveCpus,
  policyOptions,
  releasePods,
  reservedCpus,
  stateProblem,
} from './static-policy.ts'
import { takeCpus } from './take.ts'
import type { Cpu } from './topology.ts'

/** Sockets of cores of two threads: thread two of a core has the number of the first plus the number of all cores, as on real machines. */
function machine(sockets: number, cores: number): Cpu[] {
  const all = sockets * cores
  return Array.from({ length: all * 2 }, (_, id) => {
    const core = id % all
    const socket = Math.floor(core / cores)
    return { id, core: `${socket}/${core % cores}`, socket, numaNode: socket }
  })
}
const eight = machine(1, 4)
const two = machine(2, 4)

test('sets as the kernel writes them', () => {
  for (const text of ['', '0', '0-3', '0-1,4,6-7']) assert.equal(cpuSetText(parseCpuSet(text)), text)
  assert.equal(cpuSetText(parseCpuSet(' 3,1,2 ')), '1-3')
  for (const bad of ['a', '3-1', '1,', '-1']) assert.throws(() => parseCpuSet(bad), /not a list/)
})

test('whole sockets, whole cores, and then threads where little is left', () => {
  const take = (topology: Cpu[], available: string, count: number) => {
    const set = takeCpus(topology, parseCpuSet(available), count)
    return set ? cpuSetText(set) : 'none'
  }
  assert.equal(take(eight, '0-7', 1), '0')
  assert.equal(take(eight, '0-7', 2), '0,4')
  assert.equal(take(eight, '1-7', 1), '4', 'the other thread of a core that is taken')
  assert.equal(take(eight, '1-7', 3), '1,4-5')
  assert.equal(take(two, '0-15', 8), '0-3,8-11')
  assert.equal(take(two, '1-15', 8), '4-7,12-15', 'the socket that is whole')
  assert.equal(take(two, '0-1', 3), 'none')
})

const facts = (options: Partial<CpuFacts['options']> = {}, reserved = '0'): CpuFacts => ({
  topology: eight,
  reserved: parseCpuSet(reserved),
  options: { fullCoresOnly: false, strictReservation: false, ...options },
})
const fresh: CpuState = { shared: parseCpuSet('0-7'), assigned: new Map() }

function guaranteed(uid: string, cpus: Record<string, string>, inits: Record<string, string> = {}): Pod {
  const containers = (of: Record<string, string>) =>
    Object.entries(of).map(([name, cpu]) => app(name, { resources: { requests: { cpu, memory: '1Gi' }, limits: { cpu, memory: '1Gi' } } }))
  const initContainers = containers(inits)
  return pod({ containers: containers(cpus), ...(initContainers.length > 0 ? { initContainers } : {}) }, { uid })
}

test('who gets processors alone', () => {
  const count = (of: Pod) => (of.spec?.containers ?? []).map((each) => exclusiveCpus(of, each))
  assert.deepEqual(count(guaranteed('a', { one: '2', half: '500m', none: '1500m' })), [2, 0, 0])
  assert.deepEqual(count(pod({ containers: [app('a', { resources: { requests: { cpu: '2' } } })] })), [0], 'Burstable')
  const resources = { requests: { cpu: '2', memory: '1Gi' }, limits: { cpu: '2', memory: '1Gi' } }
  assert.deepEqual(
    count({ ...guaranteed('a', { one: '2' }), spec: { resources, containers: [app('one', { resources })] } } as Pod),
    [0],
    'by the pod as a whole',
  )
})

function assigned(of: Pod, state: CpuState, on = facts()): { own: Record<string, string>; shared: string; state: CpuState } {
  const result = assignPod(of, state, on)
  assert.ok('state' in result, 'message' in result ? result.message : '')
  const own = [...(result.state.assigned.get(of.metadata.uid ?? '') ?? [])].map(([name, set]) => [name, cpuSetText(set)])
  return { own: Object.fromEntries(own), shared: cpuSetText(result.state.shared), state: result.state }
}

test('assigned, kept and given back', () => {
  const first = assigned(guaranteed('a', { one: '2', two: '1' }), fresh)
  assert.deepEqual([first.own, first.shared], [{ one: '1,5', two: '4' }, '0,2-3,6-7'])
  assert.deepEqual(assigned(guaranteed('a', { one: '2', two: '1' }), first.state).own, first.own, 'asked again after a restart')
  const second = assigned(guaranteed('b', { one: '4' }), first.state)
  assert.equal(second.shared, '0')
  assert.deepEqual(assignPod(guaranteed('c', { one: '1' }), second.state, facts()), {
    reason: 'UnexpectedAdmissionError',
    message: 'Allocate failed due to not enough cpus available to satisfy request: requested=1, available=0, which is unexpected',
  })
  const released = releasePods((uid) => uid === 'a', second.state)
  assert.equal(cpuSetText(released.shared), '0-1,4-5')
  assert.equal(
    releasePods(() => false, released),
    released,
  )
})

test('what an init container had its pod’s later containers have again', () => {
  const { own, shared } = assigned(guaranteed('a', { main: '2' }, { init: '2' }), fresh)
  assert.deepEqual([own, shared], [{ init: '1,5', main: '1,5' }, '0,2-4,6-7'])
})

test('full-pcpus-only refuses what would share a core', () => {
  const on = facts({ fullCoresOnly: true })
  const refused = (cpu: string) => assignPod(guaranteed('a', { main: cpu }), fresh, on)
  assert.deepEqual(refused('1'), {
    reason: 'SMTAlignmentError',
    message: 'SMT Alignment Error: requested 1 cpus not multiple cpus per core = 2',
  })
  assert.deepEqual(refused('8'), {
    reason: 'SMTAlignmentError',
    message: 'SMT Alignment Error: not enough free physical CPUs: available physical CPUs = 6, requested CPUs = 8, CPUs per core = 2',
  })
  assert.deepEqual(assigned(guaranteed('a', { main: '2' }), fresh, on).own, { main: '1,5' })
})

test('options and reservations that cannot be are refused', () => {
  assert.deepEqual(policyOptions({ 'full-pcpus-only': 'true' }), { fullCoresOnly: true, strictReservation: false })
  assert.throws(() => policyOptions({ nonsense: 'true' }), /unknown CPU Manager Policy option: "nonsense"/)
  assert.throws(() => policyOptions({ 'align-by-socket': 'true' }), /not supported/)
  assert.throws(() => policyOptions({ 'full-pcpus-only': 'yes' }), /bad value/)
  assert.equal(cpuSetText(reservedCpus(eight, new Set(), 1500)), '0,4')
  assert.equal(cpuSetText(reservedCpus(eight, parseCpuSet('1-2'), 5000)), '1-2')
  assert.throws(() => reservedCpus(eight, new Set(), 0), /greater than zero/)
  assert.throws(() => reservedCpus(eight, parseCpuSet('9'), 0), /unable to reserve/)
})

test('a state that does not fit the machine is not gone on with', () => {
  const problem = (shared: string, own = '', on = facts()) =>
    stateProblem({ shared: parseCpuSet(shared), assigned: new Map(own === '' ? [] : [['a', new Map([['c', parseCpuSet(own)]])]]) }, on)
  assert.equal(problem('0-7'), undefined)
  assert.equal(problem('0,2-7', '1'), undefined)
  assert.match(problem('1-7') ?? '', /not all reserved cpus: "0" are present/)
  assert.match(problem('0-7', '1') ?? '', /overlaps/)
  assert.match(problem('0-6') ?? '', /"0-7" doesn't match with CPUs in state "0-6"/)
  assert.match(problem('0-7', '', facts({ strictReservation: true })) ?? '', /strictly reserved/)
  assert.equal(problem('1-7', '', facts({ strictReservation: true })), undefined)
})

test('the manager: its file, containers that share what is left, and what it does not start with', async () => {
  const rootDir = mkdtempSync(join(tmpdir(), 'cpus-'))
  const stop = new AbortController()
  try {
    const mine = guaranteed('a', { one: '2' })
    const other = pod({ containers: [app('main')] }, { uid: 'b' })
    const set: string[] = []
    let told: (() => void) | undefined
    const running = ['a', 'b'].map((uid) => ({ id: `of-${uid}`, podUid: uid, name: uid === 'a' ? 'one' : 'main', state: 'running' }))
    const runtime = {
      listContainers: async () => running as never,
      updateResources: async (id: string, { cpusetCpus }: { cpusetCpus?: string }) => {
        set.push(`${id} ${cpusetCpus}`)
        if (set.length === 2) told?.()
      },
    }
    const config = {
      cpuManagerPolicy: 'static',
      cpuManagerPolicyOptions: {},
      cpuManagerReconcilePeriod: 60_000,
      reservedSystemCPUs: '0',
      systemReserved: {},
      kubeReserved: {},
    } as const
    const log = createLogger({ name: 'test', verbosity: 0, format: 'text', destination: { write: () => undefined } })
    const manager = () => new CpuManager({ config, rootDir, pods: () => [mine, other], runtime, log, topology: eight })
    const first = manager()
    assert.equal(first.admit(mine), undefined)
    assert.deepEqual(
      [first.cpusOf(mine, 'one'), first.cpusOf(other, 'main')],
      [
        { cpus: '1,5', exclusive: true },
        { cpus: '0,2-4,6-7', exclusive: false },
      ],
    )
    const file = join(rootDir, 'cpu_manager_state')
    assert.deepEqual(JSON.parse(readFileSync(file, 'utf8')), {
      policyName: 'static',
      defaultCpuSet: '0,2-4,6-7',
      entries: { a: { one: '1,5' } },
      checksum: 0,
    })
    const again = manager()
    assert.equal(again.cpusOf(mine, 'one').cpus, '1,5')
    const both = new Promise<void>((resolve) => {
      told = resolve
    })
    const ended = again.run(stop.signal)
    await both
    assert.deepEqual(set, ['of-a 1,5', 'of-b 0,2-4,6-7'])
    stop.abort()
    await ended
    writeFileSync(file, JSON.stringify({ policyName: 'none', defaultCpuSet: '' }))
    assert.throws(manager, /differs from state checkpoint policy "none"/)
  } finally {
    stop.abort()
    rmSync(rootDir, { recursive: true })
  }
})
