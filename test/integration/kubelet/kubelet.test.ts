/** The kubelet with real containers: a pod's life from its creation to the last trace, and restarts of the kubelet in the middle of it. */
import assert from 'node:assert/strict'
import { rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { after, before, test } from 'node:test'
import { Leases } from '#api/coordination/lease.ts'
import { ConfigMaps } from '#api/core/config-map.ts'
import type { Container } from '#api/core/container.ts'
import { CoreEvents } from '#api/core/event.ts'
import { Nodes } from '#api/core/node.ts'
import type { Pod } from '#api/core/pod.ts'
import { Secrets } from '#api/core/secret.ts'
import { inside, runInside, whyNot } from '#test/integration/runtime/node-with-docker.ts'
import { clean, containersOf, docker, eventually, image, manifests, nodeName, Rig } from './kubelet-rig.ts'

if (!inside) {
  test('kubelet with containers', { skip: whyNot() ?? false, timeout: 290_000 }, async () => {
    assert.equal(await runInside(import.meta.filename, { withRuntime: true }), 0)
  })
} else suite()

const forever = 'trap "exit 0" TERM; while true; do sleep 1; done'

function container(script: string, extra: Partial<Container> = {}): Container {
  return {
    name: 'main',
    image,
    imagePullPolicy: 'IfNotPresent',
    command: ['busybox', 'sh', '-c', script.replaceAll('sleep', 'busybox sleep')],
    ...extra,
  }
}
const sh = (id: string, script: string): string => docker('exec', id, 'busybox', 'sh', '-c', script)

function suite(): void {
  let rig: Rig
  before(async () => {
    rig = await Rig.start()
    rig.startKubelet()
    await eventually('the node is ready', async () => {
      const node = await rig.client.get(Nodes, { name: nodeName })
      return node.status?.conditions?.find(({ type }) => type === 'Ready')?.status === 'True'
    })
  })
  after(() => rig.dispose())

  test('the node has a lease, and says what it is', async () => {
    const lease = await eventually('the lease', () => rig.client.get(Leases, { namespace: 'kube-node-lease', name: nodeName }))
    assert.equal(lease.spec?.holderIdentity, nodeName)
    assert.equal(lease.metadata.ownerReferences?.[0]?.kind, 'Node')
    const node = await rig.client.get(Nodes, { name: nodeName })
    assert.deepEqual(node.status?.addresses, [
      { type: 'InternalIP', address: '127.0.0.1' },
      { type: 'Hostname', address: nodeName },
    ])
    assert.match(node.status?.nodeInfo?.containerRuntimeVersion ?? '', /^docker:\/\//)
  })

  test('volumes, variables and updates', async () => {
    await rig.client.create(ConfigMaps, { metadata: { name: 'settings', namespace: 'default' }, data: { colour: 'red' } })
    await rig.client.create(Secrets, {
      metadata: { name: 'secret', namespace: 'default' },
      data: { word: Buffer.from('sesame').toString('base64') },
    })
    await rig.create('volumes', {
      volumes: [
        { name: 'settings', configMap: { name: 'settings' } },
        { name: 'secret', secret: { secretName: 'secret', defaultMode: 0o400 } },
        { name: 'scratch', emptyDir: { medium: 'Memory', sizeLimit: '1Mi' } },
        { name: 'token', projected: { sources: [{ serviceAccountToken: { path: 'token', audience: 'vault' } }] } },
      ],
      containers: [
        container(forever, {
          env: [
            { name: 'IP', valueFrom: { fieldRef: { fieldPath: 'status.podIP' } } },
            { name: 'WORD', valueFrom: { secretKeyRef: { name: 'secret', key: 'word' } } },
            { name: 'BOTH', value: '$(WORD)/$$(WORD)/$(NONE)' },
          ],
          volumeMounts: [
            { name: 'settings', mountPath: '/settings' },
            { name: 'secret', mountPath: '/secret', readOnly: true },
            { name: 'scratch', mountPath: '/scratch' },
            { name: 'token', mountPath: '/token' },
            { name: 'settings', mountPath: '/one/colour', subPath: 'colour' },
          ],
        }),
      ],
    })
    const pod = await rig.running('volumes')
    const id = containersOf('volumes')[0] ?? ''
    assert.equal(sh(id, 'echo $IP $BOTH'), `${pod.status?.podIP} sesame/$(WORD)/$(NONE)`)
    assert.equal(sh(id, 'cat /settings/colour /secret/word /one/colour'), 'redsesamered')
    assert.match(sh(id, 'cat /token/token'), /^ey.*\..*\./)
    assert.match(sh(id, 'busybox grep /scratch /proc/mounts'), /^tmpfs .*size=1024k/)
    assert.match(sh(id, 'cat /etc/hosts'), new RegExp(`^${pod.status?.podIP}\\s+volumes$`, 'm'))
    await rig.client.patch(ConfigMaps, { namespace: 'default', name: 'settings' }, { type: 'merge', body: { data: { colour: 'blue' } } })
    await eventually('the new value is seen', () => sh(id, 'cat /settings/colour') === 'blue')
    assert.equal(sh(id, 'cat /one/colour'), 'red')
    await rig.delete('volumes')
    await rig.gone('volumes')
    await clean()
  })

  test('init containers, then the app, and how it all ended', async () => {
    await rig.create('job', {
      restartPolicy: 'Never',
      volumes: [{ name: 'data', emptyDir: {} }],
      initContainers: [{ ...container('echo one > /data/file'), name: 'first', volumeMounts: [{ name: 'data', mountPath: '/data' }] }],
      containers: [
        container('read line < /data/file; echo "told $line" > /dev/termination-log; exit 3', {
          volumeMounts: [{ name: 'data', mountPath: '/data' }],
        }),
      ],
    })
    const pod = await rig.until('job', 'fails', (each) => each.status?.phase === 'Failed')
    const ended = pod.status?.containerStatuses?.[0]?.state?.terminated
    assert.deepEqual([ended?.exitCode, ended?.reason, ended?.message], [3, 'Error', 'told one\n'])
    assert.equal(pod.status?.initContainerStatuses?.[0]?.ready, true)
    await rig.delete('job')
    await rig.gone('job')
    await clean()
  })

  test('a container that dies comes back, and waits longer each time', async () => {
    await rig.create('crash', { containers: [container('exit 1')] })
    const pod = await rig.until(
      'crash',
      'loops',
      (each) => each.status?.containerStatuses?.[0]?.state?.waiting?.reason === 'CrashLoopBackOff',
    )
    assert.equal(pod.status?.containerStatuses?.[0]?.restartCount, 1)
    assert.match(
      pod.status?.containerStatuses?.[0]?.state?.waiting?.message ?? '',
      /^back-off 10s restarting failed container=main pod=crash_default\(/,
    )
    await rig.delete('crash', 0)
    await rig.gone('crash')
    await clean()
  })

  test('probes: readiness follows, liveness ends the container', async () => {
    // Longer than a busy machine needs.
    const each = { periodSeconds: 1, timeoutSeconds: 30 }
    await rig.create('probed', {
      containers: [
        // What is dead lives again: the folder is the pod's.
        container(`busybox rm -f /dev/shm/dead; ${forever}`, {
          readinessProbe: { exec: { command: ['busybox', 'test', '-e', '/dev/shm/ready'] }, ...each },
          livenessProbe: { exec: { command: ['busybox', 'test', '!', '-e', '/dev/shm/dead'] }, ...each, failureThreshold: 1 },
        }),
      ],
    })
    const ready = (wanted: string) =>
      rig.until('probed', `is ${wanted}`, ({ status }) => status?.conditions?.find(({ type }) => type === 'Ready')?.status === wanted)
    await rig.until('probed', 'runs', ({ status }) => status?.phase === 'Running')
    await ready('False')
    sh(containersOf('probed')[0] ?? '', 'echo > /dev/shm/ready')
    await ready('True')
    sh(containersOf('probed')[0] ?? '', 'busybox rm /dev/shm/ready')
    await ready('False')
    sh(containersOf('probed')[0] ?? '', 'echo > /dev/shm/dead')
    await rig.until('probed', 'is started again', ({ status }) => status?.containerStatuses?.[0]?.restartCount === 1)
    await eventually('the events', async () => {
      const { items } = await rig.client.list(CoreEvents, { namespace: 'default', fieldSelector: 'involvedObject.name=probed' })
      const texts = items.map(({ reason, message }) => `${reason}: ${message}`)
      const isTold = (start: string): boolean => texts.some((text) => text.startsWith(start))
      if (isTold('Killing: Container main failed liveness probe, will be restarted') && isTold('Unhealthy: Readiness probe failed:'))
        return true
      throw new Error(texts.join('\n'))
    })
    await rig.delete('probed')
    await rig.gone('probed')
    await clean()
  })

  test('a pod that the node cannot hold is refused', async () => {
    await rig.create('big', { containers: [container(forever, { resources: { requests: { cpu: '1000' } } })] })
    const pod = await rig.until('big', 'is refused', (each) => each.status?.phase === 'Failed')
    assert.equal(pod.status?.reason, 'OutOfcpu')
    await rig.delete('big')
    await rig.gone('big')
  })

  test('a static pod lives by its file; its mirror only shows it', async () => {
    const file = path.join(manifests, 'own.yaml')
    writeFileSync(
      file,
      JSON.stringify({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'own' }, spec: { containers: [container(forever)] } }),
    )
    const name = `own-${nodeName}`
    const shown = await rig.running(name)
    const [id] = containersOf(name)
    assert.ok(shown.metadata.annotations?.['kubernetes.io/config.mirror'])
    await rig.delete(name, 0)
    const isNew = (old: Pod) => (pod: Pod) => pod.metadata.uid !== old.metadata.uid && pod.status?.phase === 'Running'
    const again = await rig.until(name, 'is shown again', isNew(shown))
    await rig.delete(name)
    await rig.until(name, 'is shown a third time', isNew(again))
    assert.deepEqual(containersOf(name), [id])
    rmSync(file)
    await rig.gone(name)
    await clean()
  })

  test('a killed kubelet comes back to containers that never noticed; what was deleted meanwhile goes', async () => {
    await rig.create('stays', { containers: [container(forever)] })
    await rig.create('goes', { containers: [container(forever)] })
    const before1 = await rig.running('stays')
    await rig.running('goes')
    const [id] = containersOf('stays')
    await rig.killKubelet()
    await rig.delete('goes', 0)
    assert.deepEqual(containersOf('stays'), [id])
    rig.startKubelet()
    await eventually('the orphan goes', () => containersOf('goes', true).length === 0)
    const now = await rig.get('stays')
    assert.deepEqual(containersOf('stays'), [id])
    assert.deepEqual(now.status?.containerStatuses, before1.status?.containerStatuses)
    await rig.delete('stays')
    await rig.gone('stays')
    await clean()
  })
}
