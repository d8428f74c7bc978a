import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { nothingAssigned } from '#kubelet/containers/container-config.ts'
import { desired, pod, prepared, run } from '#kubelet/pods/pod-fixtures.ts'
import { PodWork } from '#kubelet/pods/pod-work.ts'
import { type ContainerExecutorDeps, containerExecutors } from './containers.ts'

const dir = mkdtempSync(join(tmpdir(), 'containers-'))
after(() => rmSync(dir, { recursive: true }))

/** Runs one start; answers what was asked of the runtime and the cgroups, in order. */
async function started(attempt: number): Promise<string[]> {
  const calls: string[] = []
  const deps = {
    runtime: {
      createContainer: async () => {
        calls.push('create container')
        return 'c1'
      },
      startContainer: async () => void calls.push('start'),
    },
    cgroups: { create: () => void calls.push('cgroup'), containerStarted: () => undefined },
    objects: {},
    volumes: { placed: () => undefined, groups: () => [] },
    event: () => undefined,
    services: () => [],
    downward: () => ({ podIps: [], hostIps: [], nodeName: 'n1', allocatable: {} }),
    podDir: () => dir,
    node: { hostname: 'n1', dns: () => ({ clusterDns: [], clusterDomain: '', node: {} }) },
    nodeMemoryBytes: 1,
    assigned: () => nothingAssigned,
    prepare: async () => nothingAssigned,
    seccomp: { directory: dir, isDefault: false },
  } as unknown as ContainerExecutorDeps
  const work = new PodWork(desired(pod()), { hasCgroup: true, hasDirectories: true })
  const seen = prepared()
  work.sandboxes = seen.sandboxes
  for (const [name, image] of seen.images) work.images.set(name, image)
  if (attempt > 0) work.containers = [run(pod(), { name: 'main', state: 'exited', exitCode: 1 })]
  const action = { verb: 'startContainer', name: 'main', kind: 'app', attempt, backoffSeconds: 0, reason: '' } as const
  await containerExecutors(deps).startContainer(action, work, new AbortController().signal)
  return calls
}

test('what a kill means for the next start is noted until that has happened', async () => {
  const of = pod()
  const work = new PodWork(desired(of), { hasCgroup: true, hasDirectories: true })
  const older = run(of, { name: 'main', state: 'exited', exitCode: 1, finishedAt: new Date(5000) })
  work.containers = [run(of, { name: 'main', attempt: 1 }), older]
  const deps = { runtime: { stopContainer: async () => undefined }, event: () => undefined } as unknown as ContainerExecutorDeps
  const kill = { verb: 'killContainer', id: 'main-1', name: 'main', graceSeconds: 1, message: '', preStop: false, reason: '' } as const
  const { killContainer } = containerExecutors(deps)
  await killContainer({ ...kill, restart: true }, work, new AbortController().signal)
  await killContainer({ ...kill, probed: true }, work, new AbortController().signal)
  assert.deepEqual([[...work.restarting], work.probeKills.get('main-1')], [['main-1'], { before: new Date(5000) }])
})

test('a restart brings the limits of the pod up to date before those of the container', async () => {
  assert.deepEqual(await started(0), ['create container', 'start'])
  assert.deepEqual(await started(1), ['cgroup', 'create container', 'start'])
})
