/**
 * What is under a kubelet breaks: dockerd killed, hung or started anew with and without live restore, a shim or a sandbox killed, dead containers
 * taken away, the node booted again. Each time everything is as wanted again, and nothing is restarted that was not touched.
 */
import assert from 'node:assert/strict'
import { execFileSync, spawn } from 'node:child_process'
import { readdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { after, before, test } from 'node:test'
import { CoreEvents } from '#api/core/event.ts'
import { Nodes } from '#api/core/node.ts'
import type { Pod } from '#api/core/pod.ts'
import { clean, docker, eventually, image, nodeName, Rig } from '#test/integration/kubelet/kubelet-rig.ts'
import {
  asManyAsDockerKnows,
  containerdPid,
  dockerdCommand,
  dockerdPid,
  endDockerd,
  runDockerd,
} from '#test/integration/kubelet/node-dockerd.ts'
import { inside, nodeDir, runInside, whyNot } from '#test/integration/runtime/node-with-docker.ts'

const restarts = (pod: Pod): number => pod.status?.containerStatuses?.[0]?.restartCount ?? -1
const containerId = (pod: Pod): string => pod.status?.containerStatuses?.[0]?.containerID ?? ''
/** Ids of a pod's own containers, without what holds its namespaces. */
const appsOf = (pod: string, all = false): string[] =>
  docker(
    'ps',
    all ? '-aq' : '-q',
    '--no-trunc',
    ...labelled('io.kubernetes.docker.type=container'),
    ...labelled(`io.kubernetes.pod.name=${pod}`),
  )
    .split('\n')
    .filter(Boolean)
const labelled = (label: string): string[] => ['--filter', `label=${label}`]
const sh = (text: string): string => execFileSync('sh', ['-c', text], { encoding: 'utf8' })

function suite(): void {
  const isPinned = process.env['WITH_RUNTIME'] === 'true'
  let rig: Rig
  let argv: string[] = []
  before(async () => {
    argv = dockerdCommand()
    rig = await Rig.start()
    rig.startKubelet()
  })
  after(() => rig.dispose())

  const start = async (name: string): Promise<Pod> => {
    const script = 'trap "exit 0" TERM; while true; do busybox sleep 0.1; done'
    await rig.create(name, {
      containers: [{ name: 'main', image, imagePullPolicy: 'IfNotPresent', command: ['busybox', 'sh', '-c', script] }],
    })
    return await rig.running(name)
  }
  const end = async (name: string): Promise<void> => {
    await rig.delete(name)
    await rig.gone(name)
    await clean()
    await asManyAsDockerKnows()
  }
  const dockerd = (...flags: string[]): Promise<void> => runDockerd([...argv, ...flags])
  /** A dockerd that is told of each start twenty seconds late. */
  async function slowDockerd(): Promise<void> {
    const wrapper = argv.find((word) => word.startsWith('typernetes='))?.slice('typernetes='.length)
    const [runc, slow] = [wrapper ?? 'runc', path.join(nodeDir, 'slow-runc')]
    writeFileSync(slow, `#!/bin/sh\ncase " $* " in *" start "*) ${runc} "$@"; sleep 20 ;; *) exec ${runc} "$@" ;; esac\n`, { mode: 0o755 })
    const words = argv.map((word) => (word === `typernetes=${wrapper}` ? `typernetes=${slow}` : word))
    await runDockerd([...words, ...(isPinned ? [] : ['--add-runtime', `slow=${slow}`, '--default-runtime', 'slow'])])
  }
  const again = (name: string, count: number) =>
    rig.until(name, `runs after ${count} restarts`, (pod) => restarts(pod) === count && isReady(pod), 120_000)
  const isReady = (pod: Pod): boolean => pod.status?.conditions?.find(({ type }) => type === 'Ready')?.status === 'True'
  const nodeCondition = async (status: string): Promise<string> =>
    await eventually(
      `the node's Ready to be ${status}`,
      async () => {
        const node = await rig.client.get(Nodes, { name: nodeName })
        const ready = node.status?.conditions?.find(({ type }) => type === 'Ready')
        return ready?.status === status && `${ready.reason}: ${ready.message}`
      },
      120_000,
    )

  for (const signal of ['SIGKILL', 'SIGTERM'] as const)
    test(`dockerd ended by ${signal}: what ended with it comes back`, async () => {
      const names = ['one', 'two', 'three']
      const before = await Promise.all(names.map(start))
      await endDockerd(signal)
      // Without live restore dockerd ends what it finds running.
      await dockerd()
      // One that is told to end, ends containers one by one, and may have taken a start meanwhile that it or the next one ends again.
      const most = signal === 'SIGTERM' ? 2 : 1
      for (const [i, name] of names.entries()) {
        const isBack = (pod: Pod): boolean => isReady(pod) && restarts(pod) > 0 && containerId(pod) === `docker://${appsOf(name)}`
        const back = await rig.until(name, 'runs again', isBack, 120_000)
        assert.ok(restarts(back) <= most, `${restarts(back)} restarts`)
        if (isPinned) assert.equal(back.status?.podIP, before[i]?.status?.podIP, 'its namespaces are nobody’s to end')
      }
      for (const name of names) await rig.delete(name)
      for (const name of names) await rig.gone(name)
      await clean()
      await asManyAsDockerKnows()
    })

  test('dockerd killed with live restore: nothing is restarted', async () => {
    await endDockerd('SIGTERM')
    await dockerd('--live-restore')
    const before = await start('lives')
    await endDockerd('SIGKILL')
    const pid = Number(sh('ps -eo pid,args | grep "[b]usybox sh -c trap" | head -1').trim().split(' ')[0])
    assert.ok(pid > 0, 'its process lives on')
    await dockerd('--live-restore')
    await nodeCondition('True')
    const [id = ''] = appsOf('lives')
    assert.equal(`docker://${id}`, containerId(before))
    // A death after that is seen by the stream that was taken up again.
    docker('kill', id)
    await again('lives', 1)
    await end('lives')
  })

  const ways = isPinned ? ['busybox sleep 4321'] : ['busybox sleep 4321', '^/pause']
  for (const process of ways) {
    test(`dockerd killed when it does not know yet that it has started ${process}: nothing runs twice`, async () => {
      await endDockerd('SIGTERM')
      await slowDockerd()
      const count = (): number => Number(sh(`ps -eo args | grep -c "${process.replace(/(\w)/, '[$1]')}" || true`))
      await rig.create('half', {
        containers: [{ name: 'main', image, imagePullPolicy: 'IfNotPresent', command: ['busybox', 'sleep', '4321'] }],
      })
      await eventually('its process', () => count() === 1)
      assert.deepEqual(docker('ps', '-q').split('\n').filter(Boolean).length, isPinned || process === '^/pause' ? 0 : 1)
      await endDockerd('SIGKILL')
      await dockerd()
      const pod = await rig.running('half')
      await asManyAsDockerKnows()
      assert.equal(count(), 1)
      assert.equal(restarts(pod), 0)
      await end('half')
      assert.equal(count(), 0)
    })
  }

  test('containerd killed while pods start: what could not be tried is no failure of theirs, and nothing is restarted', async () => {
    await start('neighbour')
    const names = ['one', 'two', 'three', 'four']
    process.kill(containerdPid(), 'SIGKILL')
    await Promise.all(names.map(start))
    for (const name of ['neighbour', ...names]) assert.equal(restarts(await rig.get(name)), 0, name)
    for (const name of ['neighbour', ...names]) await rig.delete(name)
    for (const name of names) await rig.gone(name)
    await rig.gone('neighbour')
    await clean()
    await asManyAsDockerKnows()
  })

  test('a process in the cgroup of a pod that Docker knows nothing of ends with the pod', async () => {
    await start('host')
    const uid = (await rig.get('host')).metadata.uid ?? ''
    const guest = spawn('sleep', ['4321'], { stdio: 'ignore' })
    const folders = sh(`find /sys/fs/cgroup -type d -name "pod${uid}"`).trim().split('\n')
    assert.ok(folders.length > 0 && guest.pid !== undefined)
    for (const folder of folders) writeFileSync(path.join(folder, 'cgroup.procs'), String(guest.pid))
    const ended = new Promise<string | null>((resolve) => guest.on('exit', (_code, signal) => resolve(signal)))
    await end('host')
    assert.equal(await ended, 'SIGKILL')
  })

  test('dockerd hung: the node says so, and nothing is restarted when it is back', async () => {
    const before = await start('waits')
    process.kill(dockerdPid(), 'SIGSTOP')
    try {
      assert.match(await nodeCondition('False'), /^KubeletNotReady: .*(runtime|docker)/)
    } finally {
      process.kill(dockerdPid(), 'SIGCONT')
    }
    await nodeCondition('True')
    const now = await rig.get('waits')
    assert.deepEqual([containerId(now), restarts(now)], [containerId(before), 0])
    await end('waits')
  })

  test('a shim killed: its container is started again, its neighbour is not', async () => {
    await start('hit')
    const neighbour = await start('neighbour')
    const [id = ''] = appsOf('hit')
    const shim = sh(`ps -eo pid,args | grep "[c]ontainerd-shim.*${id}" | head -1`).trim().split(' ')[0]
    process.kill(Number(shim), 'SIGKILL')
    await again('hit', 1)
    assert.equal(containerId(await rig.get('neighbour')), containerId(neighbour))
    await rig.delete('neighbour')
    await rig.gone('neighbour')
    await end('hit')
  })

  test('a sandbox killed while its app lives: both are made anew', async () => {
    const before = await start('homeless')
    if (isPinned) sh('for f in /run/netns/typernetes-*; do umount -l "$f"; done')
    else docker('kill', docker('ps', '-q', '--filter', 'label=io.kubernetes.docker.type=podsandbox'))
    // Nobody tells of namespaces that are taken away: the audit finds it. A container's end is told of.
    const now = await rig.until(
      'homeless',
      'runs in another sandbox',
      (pod) => containerId(pod) !== containerId(before) && isReady(pod),
      isPinned ? 180_000 : 30_000,
    )
    assert.equal(docker('exec', appsOf('homeless')[0] ?? '', 'busybox', 'ip', '-4', 'addr').includes(now.status?.podIP ?? 'none'), true)
    await end('homeless')
  })

  test('dead containers taken away: the restart count goes on, also in another life of the kubelet', async () => {
    await start('counts')
    docker('kill', appsOf('counts')[0] ?? '')
    await again('counts', 1)
    const dead = appsOf('counts', true).filter((id) => !appsOf('counts').includes(id))
    docker('rm', ...dead)
    await rig.killKubelet()
    docker('rm', '-f', ...appsOf('counts'))
    rig.startKubelet()
    await again('counts', 2)
    await end('counts')
  })

  test('a node that booted again says so, and its pods run again', async () => {
    await start('stays')
    await rig.killKubelet()
    docker('kill', ...appsOf('stays'))
    if (!isPinned) docker('rm', '-f', docker('ps', '-aq', '--filter', 'label=io.kubernetes.docker.type=podsandbox'))
    // What is in memory is gone after a boot.
    for (const name of readdirSync('/run/netns')) sh(`umount -l /run/netns/${name}; rm -f /run/netns/${name}`)
    sh('umount -l /run/typernetes/sandboxes/*/shm /run/typernetes/ipc/* 2>/dev/null; umount -l /run/typernetes; rm -rf /run/typernetes')
    const bootId = path.join(nodeDir, 'boot-id')
    writeFileSync(bootId, '11111111-2222-4333-8444-555555555555\n')
    sh(`mount --bind ${bootId} /proc/sys/kernel/random/boot_id`)
    rig.startKubelet()
    await again('stays', 1)
    const told = await eventually('the word of it', async () => {
      const { items } = await rig.client.list(CoreEvents, {})
      return items.find((event) => event.reason === 'Rebooted')
    })
    assert.equal(told.message, `Node ${nodeName} has been rebooted, boot id: 11111111-2222-4333-8444-555555555555`)
    await end('stays')
  })
}

if (!inside) {
  for (const withRuntime of [true, false]) {
    test(`a kubelet on trouble, ${withRuntime ? 'pinned namespaces' : 'pause containers'}`, {
      skip: whyNot() ?? false,
      timeout: 900_000,
    }, async () => {
      const env = { WITH_RUNTIME: String(withRuntime) }
      assert.equal(await runInside(import.meta.filename, { withRuntime, env }), 0)
    })
  }
} else suite()
