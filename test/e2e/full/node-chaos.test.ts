/**
 * Pods come and go in random order while kubelet, dockerd, containerd and shims are killed: those that are to stay run, each container once, and of the
 * others nothing is left. CHAOS_SECONDS and CHAOS_SEED make it longer, and the same again.
 */
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { after, before, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { ConfigMaps } from '#api/core/config-map.ts'
import { type Pod, Pods } from '#api/core/pod.ts'
import type { PodSpec } from '#api/core/pod-spec.ts'
import { clean, docker, eventually, image, Rig } from '#test/integration/kubelet/kubelet-rig.ts'
import { asManyAsDockerKnows, containerdPid, dockerdCommand, endDockerd, runDockerd } from '#test/integration/kubelet/node-dockerd.ts'
import { inside, runInside, whyNot } from '#test/integration/runtime/node-with-docker.ts'

const seconds = Number(process.env['CHAOS_SECONDS'] ?? 40)
const firstSeed = Number(process.env['CHAOS_SEED'] ?? Date.now() % 1_000_000)
/** Alive at a time; and in the API with those that are on their way out, so that a slow machine is not asked for more and more. */
const [mostAlive, mostInAll] = [10, 25]

/** The same numbers for the same seed. */
function randomOf(seed: number): () => number {
  let last = seed
  return () => {
    last = (last * 1_103_515_245 + 12_345) % 2_147_483_648
    return last / 2_147_483_648
  }
}
const random = randomOf(firstSeed)
const oneOf = <T>(list: readonly [T, ...T[]]): T => list[Math.floor(random() * list.length)] ?? list[0]

const forever = 'trap "exit 0" TERM; while true; do busybox sleep 0.2; done'
const container = (name: string, script = forever, more: object = {}): PodSpec['containers'][number] => ({
  name,
  image,
  imagePullPolicy: 'IfNotPresent',
  command: ['busybox', 'sh', '-c', script],
  volumeMounts: [
    { name: 'memory', mountPath: '/memory' },
    { name: 'words', mountPath: '/words' },
  ],
  ...more,
})
const kinds: readonly [(port: number) => Partial<PodSpec>, ...((port: number) => Partial<PodSpec>)[]] = [
  () => ({}),
  () => ({ containers: [container('main'), container('other')] }),
  () => ({ initContainers: [container('first', 'exit 0'), container('second', 'busybox sleep 0.5')] }),
  (port) => ({ containers: [container('main', forever, { ports: [{ containerPort: 80, hostPort: port }] })] }),
  () => ({ shareProcessNamespace: true }),
  () => ({ hostNetwork: true }),
]

function killers(rig: Rig, command: readonly string[]): readonly [() => Promise<void>, ...(() => Promise<void>)[]] {
  const kill = (pid: number): void => {
    // There may be none, and it may have ended by itself.
    if (pid > 0) execFileSync('sh', ['-c', `kill -9 ${pid} 2>/dev/null || true`])
  }
  const kubelet = async (): Promise<void> => {
    await rig.killKubelet()
    await delay(oneOf([0, 300, 1500]))
    rig.startKubelet()
  }
  const dockerd = async (...flags: string[]): Promise<void> => {
    await endDockerd('SIGKILL')
    await runDockerd([...command, ...flags])
  }
  return [
    kubelet,
    () => dockerd(),
    () => dockerd('--live-restore'),
    async () => kill(containerdPid()),
    async () => kill(Number(execFileSync('sh', ['-c', 'pgrep -x containerd-shim | head -1 || true'], { encoding: 'utf8' }))),
    async () => void (await Promise.all([kubelet(), dockerd()])),
  ]
}

function suite(): void {
  let rig: Rig
  let command: readonly string[] = []
  const alive = new Set<string>()
  before(async () => {
    command = dockerdCommand()
    rig = await Rig.start()
    rig.startKubelet()
    await rig.client.create(ConfigMaps, { metadata: { name: 'words', namespace: 'default' }, data: { a: 'b' } })
  })
  after(() => rig.dispose())

  let made = 0
  async function step(): Promise<void> {
    const { items } = await rig.client.list(Pods, {})
    if (items.length > mostInAll) return
    if (alive.size < 3 || (alive.size < mostAlive && random() < 0.6)) {
      made += 1
      const volumes = [
        { name: 'memory', emptyDir: { medium: 'Memory' } },
        { name: 'words', configMap: { name: 'words' } },
      ]
      const spec = {
        containers: [container('main')],
        volumes,
        terminationGracePeriodSeconds: oneOf([0, 1, 2]),
        ...oneOf(kinds)(20_000 + made),
      }
      await rig.create(`pod-${made}`, spec)
      alive.add(`pod-${made}`)
      return
    }
    const name = [...alive][Math.floor(random() * alive.size)] ?? ''
    alive.delete(name)
    await rig.delete(name, oneOf([undefined, 0, 1]))
  }

  /** Its containers as Docker has them, and as its status has them: what was killed last may not have reached the status yet. */
  function isAsItShouldBe(pod: Pod): true {
    const labels = [`io.kubernetes.pod.uid=${pod.metadata.uid}`, 'io.kubernetes.docker.type=container']
    const running = docker('ps', '-q', '--no-trunc', ...labels.flatMap((label) => ['--filter', `label=${label}`])).split('\n')
    const told = pod.status?.containerStatuses?.map(({ containerID = '' }) => containerID.replace('docker://', ''))
    assert.deepEqual(running.toSorted(), told?.toSorted(), pod.metadata.name)
    if (pod.spec?.hostNetwork) return true
    const addresses = docker('exec', running[0] ?? '', 'busybox', 'ip', '-4', 'addr')
    assert.ok(addresses.includes(`inet ${pod.status?.podIP}/`), `${pod.metadata.name}: ${addresses}`)
    execFileSync('/bin/busybox', ['ping', '-c', '1', '-W', '5', pod.status?.podIP ?? ''])
    return true
  }

  test(`chaos with seed ${firstSeed}`, { timeout: (seconds + 500) * 1000 }, async () => {
    const until = Date.now() + seconds * 1000
    const killing = (async () => {
      while (Date.now() < until) {
        await delay(2000 + random() * 4000)
        await oneOf(killers(rig, command))()
      }
    })()
    while (Date.now() < until) {
      await step()
      await delay(random() * 400)
    }
    await killing
    assert.ok(made > 10, `${made} pods`)
    for (const name of alive) {
      // Back-off after what was killed may last some minutes.
      const isReady = (pod: Pod): boolean => pod.status?.conditions?.find(({ type }) => type === 'Ready')?.status === 'True'
      await rig.until(name, 'is ready, as Docker has it', (pod) => isReady(pod) && isAsItShouldBe(pod), 330_000)
    }
    await asManyAsDockerKnows()
    for (const name of alive) await rig.delete(name)
    await eventually('all pods to be gone', async () => (await rig.client.list(Pods, {})).items.length === 0)
    await clean()
    await asManyAsDockerKnows()
  })
}

if (!inside) {
  for (const withRuntime of [true, false]) {
    const how = withRuntime ? 'pinned namespaces' : 'pause containers'
    test(`a node in chaos, ${how}`, { skip: whyNot() ?? false, timeout: (seconds + 600) * 1000 }, async () => {
      assert.equal(await runInside(import.meta.filename, { withRuntime }), 0)
    })
  }
} else suite()
