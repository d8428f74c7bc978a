/** Kills the kubelet before and after every entry of its record of actions, starts it again, and compares with a life that was not disturbed. */
import assert from 'node:assert/strict'
import { after, afterEach, before, test } from 'node:test'
import type { Container } from '#api/core/container.ts'
import { type Pod, Pods } from '#api/core/pod.ts'
import { type ExecutorDeps, podExecutors } from '#kubelet/executors.ts'
import { inside, runInside, whyNot } from '#test/integration/runtime/node-with-docker.ts'
import { clean, containersOf, image, Rig } from './kubelet-rig.ts'

/** By the record itself, so that a new action is covered by itself. */
const verbs = Object.keys(podExecutors({} as ExecutorDeps))
/** Actions of the pod's end; the others belong to its beginning or its middle. */
const ending = new Set([
  'killContainer',
  'stopSandbox',
  'removeSandbox',
  'removeContainer',
  'unmountVolumes',
  'removeCgroup',
  'removeDirectories',
  'deleteObject',
])
/** Actions that a change of the running pod asks for. */
const middle = new Set(['resizePod'])
const notHere = new Set(['refreshVolumes', 'resizePod'])

function container(): Container {
  const script = 'trap "exit 0" TERM; while true; do busybox sleep 0.1; done'
  return {
    name: 'main',
    image,
    imagePullPolicy: 'IfNotPresent',
    command: ['busybox', 'sh', '-c', script],
    resources: { requests: { cpu: '10m' } },
    volumeMounts: [{ name: 'data', mountPath: '/data' }],
  }
}

async function resize(rig: Rig, name: string): Promise<void> {
  await rig.running(name)
  const body = { spec: { containers: [{ name: 'main', resources: { requests: { cpu: '20m' } } }] } }
  await rig.client.patch(Pods, { namespace: 'default', name }, { type: 'strategic', body }, { subresource: 'resize' })
}

function isResized({ status }: Pod): boolean {
  const done = status?.conditions?.every(({ type }) => !type.startsWith('PodResize')) ?? false
  return done && status?.containerStatuses?.[0]?.resources?.requests?.['cpu'] === '20m'
}

function suite(): void {
  let rig: Rig
  before(async () => {
    rig = await Rig.start()
  })
  after(() => rig.dispose())
  // Also after one that failed: a second kubelet on the node would make containers of the first one's pods without end.
  afterEach(() => rig.killKubelet())

  for (const verb of verbs) {
    if (notHere.has(verb)) continue
    for (const when of ['before', 'after'] as const) {
      test(`killed ${when} ${verb}`, { timeout: 240_000 }, async () => {
        const name = `${when}-${verb}`.toLowerCase()
        const inTheEnd = ending.has(verb)
        if (inTheEnd) rig.startKubelet()
        else rig.startKubelet(`${when}:${verb}`)
        await rig.create(name, { volumes: [{ name: 'data', emptyDir: { medium: 'Memory' } }], containers: [container()] })
        if (middle.has(verb)) await resize(rig, name)
        if (!inTheEnd) {
          assert.equal(await rig.exited(), null, 'the kubelet was to die')
          rig.startKubelet()
        }
        if (middle.has(verb)) await rig.until(name, 'is resized', isResized)
        const pod = await rig.running(name)
        assert.equal(pod.status?.containerStatuses?.[0]?.restartCount, 0, 'nothing was started twice')
        assert.equal(containersOf(name).length, 1)
        if (inTheEnd) {
          await rig.killKubelet()
          rig.startKubelet(`${when}:${verb}`)
        }
        await rig.delete(name)
        if (inTheEnd) {
          assert.equal(await rig.exited(), null, 'the kubelet was to die')
          rig.startKubelet()
        }
        await rig.gone(name)
        await clean()
      })
    }
  }
}

if (!inside) {
  test('a kubelet killed at each of its actions', { skip: whyNot() ?? false, timeout: 900_000 }, async () => {
    assert.equal(await runInside(import.meta.filename, { withRuntime: true }), 0)
  })
} else suite()
