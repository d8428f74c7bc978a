// What pods see of their volumes and their environment, with real containers: owners and modes, live updates, sub-paths that lead astray, claims, images
// as volumes, what is told of volumes that cannot be had, and that nothing stays mounted however the kubelet dies.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { dockerOk } from '#deploy/machine/docker-socket.ts'
import { signalProcess } from '#deploy/machine/processes.ts'
import { eventually, TestCluster, whyNoCluster } from '#test/harness/cluster.ts'
import { ClusterPods, core, mustSend } from '#test/harness/cluster-pods.ts'

const skip = whyNoCluster() ?? false
const cluster = await TestCluster.prepare(24_560, '--nodes=1')
const node = 'node-1'
const image = 'typernetes.local/hello:1'
const podsFolder = '/var/lib/kubelet/pods'

before(async () => {
  if (skip) return
  await cluster.mustRun('up')
  await must('POST', `${core}/configmaps`, { metadata: { name: 'words' }, data: { one: 'first', two: 'second' } })
  await must('POST', `${core}/secrets`, { metadata: { name: 'words' }, stringData: { one: 'hidden' } })
})
after(async () => {
  if (!skip) await cluster.down()
})

interface Pod {
  metadata: { uid: string }
  status: {
    phase?: string
    containerStatuses?: { ready: boolean; state?: { waiting?: { reason: string; message?: string } } }[]
  }
}

const must = (method: 'POST' | 'PATCH' | 'DELETE', path: string, body?: unknown) => mustSend(cluster, method, path, body)
const pods = new ClusterPods<Pod>(cluster, 90_000)

interface Container {
  script?: string
  mounts?: object[]
  extra?: object
}

const container = ({ script = 'trap "exit 0" TERM; while :; do sleep 0.1; done', mounts = [], extra = {} }: Container) => ({
  name: 'main',
  image,
  command: ['sh', '-c', script],
  volumeMounts: mounts,
  ...extra,
})

const create = (name: string, main: Container, spec: object): Promise<void> =>
  pods.create(name, { restartPolicy: 'Never', containers: [container(main)], ...spec })

/** Runs a script in a pod to its end; answers the lines that it printed. */
async function printed(name: string, main: Container, spec: object): Promise<string[]> {
  await create(name, main, spec)
  const { phase } = (await pods.inPhase(name, 'Succeeded', 'Failed')).status
  const log = (await cluster.api.send({ path: `${core}/pods/${name}/log` })).text
  assert.equal(phase, 'Succeeded', log)
  await must('DELETE', `${core}/pods/${name}`)
  return log.trimEnd().split('\n')
}

const events = async (name: string): Promise<string[]> => {
  const list = await cluster.api.get<{ items: { reason: string; message: string }[] }>(
    `${core}/events?fieldSelector=involvedObject.name=${name}`,
  )
  return (list?.items ?? []).map(({ reason, message }) => `${reason}: ${message}`)
}

const files = (paths: string) => `busybox stat -L -c '%A %u:%g %n' ${paths}`
const everyKind = [
  {
    name: 'cm',
    configMap: {
      name: 'words',
      defaultMode: 0o400,
      items: [
        { key: 'one', path: 'one' },
        { key: 'two', path: 'in/two', mode: 0o777 },
      ],
    },
  },
  { name: 'secret', secret: { secretName: 'words' } },
  { name: 'disk', emptyDir: {} },
  { name: 'memory', emptyDir: { medium: 'Memory', sizeLimit: '5Mi' } },
  {
    name: 'all',
    projected: {
      sources: [
        { serviceAccountToken: { path: 'token' } },
        { configMap: { name: 'words', items: [{ key: 'one', path: 'one' }] } },
        { downwardAPI: { items: [{ path: 'labels', mode: 0o440, fieldRef: { fieldPath: 'metadata.labels' } }] } },
      ],
    },
  },
]
const everyMount = everyKind.map(({ name }) => ({ name, mountPath: `/${name}` }))
const everyFile = '/cm /cm/one /cm/in/two /secret /secret/one /all/token /all/one /all/labels /disk /memory'

test('owners and modes: root, one user, one user with a group', { skip }, async () => {
  const script = `${files(everyFile)}; touch /disk/f /memory/f; ${files('/disk/f /memory/f')}
    df -k /memory | { read -r title; read -r device size rest; echo $size; }
    touch /cm/x 2>/dev/null || echo read-only; touch /secret/x 2>/dev/null || echo read-only`
  const seen = (name: string, securityContext: object) =>
    printed(name, { script, mounts: everyMount }, { volumes: everyKind, securityContext })
  const [root, user, group] = await Promise.all([
    seen('as-root', {}),
    seen('as-user', { runAsUser: 1000 }),
    seen('as-group', { runAsUser: 1000, fsGroup: 1001 }),
  ])
  const common = ['5120', 'read-only', 'read-only']
  const plain = [
    'drwxrwxrwx 0:0 /cm',
    '-r-------- 0:0 /cm/one',
    '-rwxrwxrwx 0:0 /cm/in/two',
    'drwxrwxrwt 0:0 /secret',
    '-rw-r--r-- 0:0 /secret/one',
    '-rw-r--r-- 0:0 /all/token',
    '-rw-r--r-- 0:0 /all/one',
    '-r--r----- 0:0 /all/labels',
    'drwxrwxrwx 0:0 /disk',
    'drwxrwxrwt 0:0 /memory',
    '-rw-r--r-- 0:0 /disk/f',
    '-rw-r--r-- 0:0 /memory/f',
  ]
  assert.deepEqual(root, [...plain, ...common])
  const own = plain.map((line) => (line.endsWith('token') ? '-rw------- 1000:0 /all/token' : line.replace(/0:0 (.*\/f)$/, '1000:0 $1')))
  assert.deepEqual(user, [...own, ...common])
  assert.deepEqual(group, [
    'drwxrwsrwx 0:1001 /cm',
    '-r--r----- 0:1001 /cm/one',
    '-rwxrwxrwx 0:1001 /cm/in/two',
    'drwxrwsrwt 0:1001 /secret',
    '-rw-r--r-- 0:1001 /secret/one',
    '-rw-r----- 1000:1001 /all/token',
    '-rw-r--r-- 0:1001 /all/one',
    '-r--r----- 0:1001 /all/labels',
    'drwxrwsrwx 0:1001 /disk',
    'drwxrwsrwt 0:1001 /memory',
    '-rw-r--r-- 1000:1001 /disk/f',
    '-rw-r--r-- 1000:1001 /memory/f',
    ...common,
  ])
})

test('the environment: sources in order, files of another container, amounts, expansion', { skip }, async () => {
  const init = {
    ...container({ script: `echo "WORD='from a file' # yes" > /disk/env`, mounts: [{ name: 'disk', mountPath: '/disk' }] }),
    name: 'init',
  }
  const env = [
    { name: 'FILE', valueFrom: { fileKeyRef: { volumeName: 'disk', path: 'env', key: 'WORD' } } },
    { name: 'NONE', valueFrom: { fileKeyRef: { volumeName: 'disk', path: 'env', key: 'OTHER', optional: true } } },
    { name: 'POD', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
    { name: 'CPU', valueFrom: { resourceFieldRef: { resource: 'requests.cpu', divisor: '1m' } } },
    { name: 'MEMORY', valueFrom: { resourceFieldRef: { resource: 'limits.memory', divisor: '1Mi' } } },
    { name: 'MIXED', value: '$(P_one)/$(POD)/$$(POD)/$(NOBODY)' },
  ]
  const extra = {
    env,
    envFrom: [{ prefix: 'P_', configMapRef: { name: 'words' } }, { secretRef: { name: 'nothing', optional: true } }],
    args: ['$(MIXED)'],
    command: ['sh', '-c', 'echo "$0|$FILE|$NONE|$CPU|$MEMORY|$P_two|$PWD|$KUBERNETES_SERVICE_HOST"'],
    workingDir: '/made/for/it',
    resources: { limits: { memory: '20Mi' }, requests: { cpu: '15m' } },
  }
  const lines = await printed(
    'variables',
    { mounts: [{ name: 'disk', mountPath: '/disk' }], extra },
    { initContainers: [init], volumes: [{ name: 'disk', emptyDir: {} }], enableServiceLinks: false },
  )
  assert.match(lines[0] ?? '', /^first\/variables\/\$\(POD\)\/\$\(NOBODY\)\|from a file\|\|15\|20\|second\|\/made\/for\/it\|[\d.]+$/)
})

test('what volumes show follows; a file by its sub-path does not', { skip }, async () => {
  await must('POST', `${core}/configmaps`, { metadata: { name: 'live' }, data: { word: 'old', going: 'x' } })
  await must('POST', `${core}/secrets`, { metadata: { name: 'live' }, stringData: { word: 'old' } })
  const volumes = [
    { name: 'cm', configMap: { name: 'live' } },
    { name: 'secret', secret: { secretName: 'live' } },
    { name: 'all', projected: { sources: [{ configMap: { name: 'live' } }, { secret: { name: 'late', optional: true } }] } },
    { name: 'down', downwardAPI: { items: [{ path: 'labels', fieldRef: { fieldPath: 'metadata.labels' } }] } },
  ]
  const mounts = [...volumes.map(({ name }) => ({ name, mountPath: `/${name}` })), { name: 'cm', mountPath: '/still', subPath: 'word' }]
  await create('live', { mounts }, { volumes })
  await pods.inPhase('live', 'Running')
  const socket = await cluster.docker(node)
  const filters = encodeURIComponent(JSON.stringify({ label: ['io.kubernetes.pod.name=live', 'io.kubernetes.container.name=main'] }))
  const found = JSON.parse((await dockerOk(socket, { method: 'GET', path: `/containers/json?filters=${filters}` })).toString()) as {
    Id: string
  }[]
  const inspect = JSON.parse((await dockerOk(socket, { method: 'GET', path: `/containers/${found[0]?.Id}/json` })).toString()) as {
    State: { Pid: number }
  }
  const inside = (path: string) => cluster.inNode(node, 'cat', `/proc/${inspect.State.Pid}/root${path}`)
  // Within a second, on a machine that has nothing else to do.
  const within = (what: string, path: string, wanted: RegExp) => eventually(what, 30_000, async () => wanted.test(await inside(path)))
  assert.match(await inside('/down/labels'), /name="live"/)
  await must('PATCH', `${core}/configmaps/live`, { data: { word: 'new', going: null } })
  await Promise.all([within('the config map', '/cm/word', /^new$/), within('the projection', '/all/word', /^new$/)])
  await must('PATCH', `${core}/secrets/live`, { stringData: { word: 'new' } })
  await within('the secret', '/secret/word', /^new$/)
  await must('POST', `${core}/secrets`, { metadata: { name: 'late' }, stringData: { extra: 'there' } })
  await within('what was optional', '/all/extra', /^there$/)
  await must('PATCH', `${core}/pods/live`, { metadata: { labels: { more: 'yes' } } })
  await within('the labels', '/down/labels', /more="yes"/)
  assert.equal(await inside('/still'), 'old')
  await assert.rejects(inside('/cm/going'))
  await must('DELETE', `${core}/pods/live`)
})

test('sub-paths stay in their volume', { skip }, async () => {
  const init = {
    ...container({
      script:
        'mkdir -p /disk/dir/sub; echo inside > /disk/dir/sub/file; ln -s dir /disk/link; ln -s /etc /disk/out; ln -s ../../../../../../etc /disk/up',
      mounts: [{ name: 'disk', mountPath: '/disk' }],
    }),
    name: 'init',
  }
  const spec = { initContainers: [init], volumes: [{ name: 'disk', emptyDir: {} }] }
  const mount = (extra: object) => [{ name: 'disk', mountPath: '/here', ...extra }]
  const name = { name: 'POD', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } }
  const good: Record<string, object> = { 'sub-dir': { subPath: 'dir/sub' }, 'sub-link': { subPath: 'link/sub' } }
  for (const [pod, extra] of Object.entries(good))
    assert.deepEqual(await printed(pod, { script: 'cat /here/file', mounts: mount(extra) }, spec), ['inside'], pod)
  const expr = { script: 'touch /here/x && ls -d /here/*', mounts: mount({ subPathExpr: 'made/$(POD)' }), extra: { env: [name] } }
  assert.deepEqual(await printed('sub-expr', expr, spec), ['/here/x'])
  const env = [name, { name: 'ABS', value: '/tmp' }, { name: 'DOTS', value: '../../y' }]
  const bad: Record<string, [object, string]> = {
    'sub-out': [{ subPath: 'out/ssl' }, 'failed to prepare subPath for volumeMount "disk" of container "main"'],
    'sub-up': [{ subPath: 'up/new' }, 'failed to prepare subPath for volumeMount "disk" of container "main"'],
    'sub-abs': [{ subPathExpr: '$(ABS)' }, 'error SubPath `/tmp` must not be an absolute path'],
    'sub-dots': [{ subPathExpr: 'x/$(DOTS)' }, "unable to provision SubPath `x/../../y`: must not contain '..'"],
    'sub-unset': [{ subPathExpr: '$(NOBODY)' }, 'missing value for NOBODY'],
    'sub-rro': [
      { readOnly: true, recursiveReadOnly: 'Enabled' },
      'failed to resolve recursive read-only mode: volume "disk" requested recursive read-only mode, but it is not supported by the runtime',
    ],
  }
  await Promise.all(Object.entries(bad).map(([pod, [extra]]) => create(pod, { mounts: mount(extra), extra: { env } }, spec)))
  for (const [pod, [, message]] of Object.entries(bad)) {
    const waiting = await eventually(`${pod} to be refused`, 60_000, async () => {
      const reason = (await pods.now(pod))?.status.containerStatuses?.[0]?.state?.waiting
      return reason?.reason === 'CreateContainerConfigError' ? reason : undefined
    })
    assert.equal(waiting.message, message, pod)
    await must('DELETE', `${core}/pods/${pod}`)
  }
})

async function bind(name: string, volume: object, annotations: Record<string, string> = {}): Promise<void> {
  const size = { storage: '1Gi' }
  const spec = { accessModes: ['ReadWriteOnce'], storageClassName: '', ...volume, capacity: size }
  const asks = { accessModes: ['ReadWriteOnce'], storageClassName: '', resources: { requests: size }, volumeName: name }
  const claim = (await must('POST', `${core}/persistentvolumeclaims`, { metadata: { name }, spec: asks })) as Pod
  const claimRef = { apiVersion: 'v1', kind: 'PersistentVolumeClaim', namespace: 'default', name, uid: claim.metadata.uid }
  await must('POST', '/api/v1/persistentvolumes', { metadata: { name, annotations }, spec: { ...spec, claimRef } })
  await must('PATCH', `/api/v1/persistentvolumes/${name}/status`, { status: { phase: 'Bound' } })
  await must('PATCH', `${core}/persistentvolumeclaims/${name}/status`, {
    status: { phase: 'Bound', accessModes: ['ReadWriteOnce'], capacity: size },
  })
}

const on = (hostname: string) => ({
  required: { nodeSelectorTerms: [{ matchExpressions: [{ key: 'kubernetes.io/hostname', operator: 'In', values: [hostname] }] }] },
})

test('claims bound to volumes of this node; their data outlives the pod', { skip }, async () => {
  await cluster.inNode(node, 'mkdir', '-p', '/run/local-disk/old')
  await bind('local', { local: { path: '/run/local-disk' }, nodeAffinity: on(node) }, { 'pv.beta.kubernetes.io/gid': '1234' })
  await bind('host', { hostPath: { path: '/run/host-disk', type: 'DirectoryOrCreate' } })
  const volumes = ['local', 'host'].map((name) => ({ name, persistentVolumeClaim: { claimName: name } }))
  const mounts = volumes.map(({ name }) => ({ name, mountPath: `/${name}` }))
  const spec = { volumes, nodeName: node, securityContext: { fsGroup: 1001 } }
  const script = `${files('/local /local/old /host')}; echo kept > /local/f; echo kept > /host/f`
  assert.deepEqual(await printed('claims', { script, mounts }, spec), [
    'drwxrwsr-x 0:1001 /local',
    'drwxrwsr-x 0:1001 /local/old',
    'drwxr-xr-x 0:0 /host',
  ])
  assert.equal(await cluster.inNode(node, 'cat', '/run/local-disk/f', '/run/host-disk/f'), 'kept\nkept\n')
  // As somebody else left it: the policy decides whether it becomes the group's.
  await cluster.inNode(node, 'sh', '-c', 'touch /run/local-disk/late && chown 0:0 /run/local-disk/late && chmod 600 /run/local-disk/late')
  const late = async (fsGroupChangePolicy: string): Promise<string[]> => {
    await eventually(
      'the last mount to go',
      60_000,
      async () => !(await cluster.inNode(node, 'cat', '/proc/self/mounts')).includes('local-volume'),
    )
    const securityContext = { fsGroup: 1001, supplementalGroups: [2000], fsGroupChangePolicy }
    return printed(
      `late-${fsGroupChangePolicy.toLowerCase()}`,
      { script: `${files('/local/late')}; id -G`, mounts },
      { ...spec, securityContext },
    )
  }
  assert.deepEqual(await late('OnRootMismatch'), ['-rw------- 0:0 /local/late', '0 1001 1234 2000'])
  assert.deepEqual(await late('Always'), ['-rw-rw---- 0:1001 /local/late', '0 1001 1234 2000'])
})

test('a disk of the node: as a device, and with a file system that is made on it', { skip }, async () => {
  const disk = (await cluster.inNode(node, 'sh', '-c', 'truncate -s 16M /run/disk.img && losetup --find --show /run/disk.img')).trim()
  try {
    await bind('device', { volumeMode: 'Block', local: { path: disk }, nodeAffinity: on(node) })
    await bind('formatted', { local: { path: disk }, nodeAffinity: on(node) })
    const claimed = (claimName: string) => ({ volumes: [{ name: 'disk', persistentVolumeClaim: { claimName } }], nodeName: node })
    const device = {
      script: 'busybox blockdev --getsize64 /dev/disk',
      extra: { volumeDevices: [{ name: 'disk', devicePath: '/dev/disk' }] },
    }
    assert.deepEqual(await printed('device', device, claimed('device')), [String(16 << 20)])
    const mounts = [{ name: 'disk', mountPath: '/disk' }]
    const spec = { ...claimed('formatted'), securityContext: { fsGroup: 1001 } }
    const script = "grep ' /disk ' /proc/mounts | cut -d ' ' -f 3; ls -d /disk/f 2>/dev/null; touch /disk/f; "
    assert.deepEqual(await printed('format', { script: script + files('/disk'), mounts }, spec), ['ext4', 'drwxrwsr-x 0:1001 /disk'])
    assert.deepEqual(await printed('formatted', { script, mounts }, spec), ['ext4', '/disk/f'])
    await eventually(
      'the file system to be let go',
      60_000,
      async () => !(await cluster.inNode(node, 'cat', '/proc/self/mounts')).includes(disk),
    )
  } finally {
    await cluster.inNode(node, 'losetup', '--detach', disk)
  }
})

test('mounts reach other containers as far as each asks for it', { skip }, async () => {
  const folder = '/var/lib/kubelet/shared-test'
  const sees = (name: string, script: string, mountPropagation: string, privileged: boolean) => ({
    ...container({
      script: `${script}; until [ -e /m/done ]; do sleep 0.1; done; for f in /m/made/f /m/host/f; do [ -e $f ] && echo $f; done; true`,
      mounts: [{ name: 'host', mountPath: '/m', mountPropagation }],
    }),
    name,
    securityContext: { privileged },
  })
  const make = 'mkdir -p /m/made /m/host && mount -t tmpfs made /m/made && touch /m/made/f'
  const containers = [
    sees('maker', make, 'Bidirectional', true),
    sees('reader', 'true', 'HostToContainer', false),
    sees('lonely', 'true', 'None', false),
  ]
  await create(
    'propagation',
    {},
    { containers, volumes: [{ name: 'host', hostPath: { path: folder, type: 'DirectoryOrCreate' } }], nodeName: node },
  )
  await pods.inPhase('propagation', 'Running')
  await eventually('the mount of the container', 60_000, async () => (await cluster.inNode(node, 'ls', `${folder}/made`)).includes('f'))
  await eventually('all containers', 60_000, async () =>
    (await pods.now('propagation'))?.status.containerStatuses?.every(({ ready }) => ready),
  )
  await cluster.inNode(node, 'sh', '-c', `mount -t tmpfs host ${folder}/host && touch ${folder}/host/f && touch ${folder}/done`)
  await pods.inPhase('propagation', 'Succeeded')
  const seen = async (name: string) =>
    (await cluster.api.send({ path: `${core}/pods/propagation/log?container=${name}` })).text.split('\n').filter(Boolean)
  assert.deepEqual(await Promise.all(['maker', 'reader', 'lonely'].map(seen)), [['/m/made/f', '/m/host/f'], ['/m/made/f', '/m/host/f'], []])
  await must('DELETE', `${core}/pods/propagation`)
  await cluster.inNode(node, 'umount', `${folder}/host`, `${folder}/made`)
})

test('an image as a volume: read-only, with sub-paths, and its own events', { skip }, async () => {
  const socket = await cluster.docker(node)
  const body = Buffer.from(
    JSON.stringify({ Image: image, Cmd: ['sh', '-c', 'rm /www/cgi-bin/index.cgi; echo two > /layer; mkdir /dir; echo deep > /dir/f'] }),
  )
  const created = JSON.parse(
    (await dockerOk(socket, { method: 'POST', path: '/containers/create?name=second-layer', body })).toString(),
  ) as { Id: string }
  for (const path of [
    `/containers/${created.Id}/start`,
    `/containers/${created.Id}/wait`,
    `/commit?container=${created.Id}&repo=layers&tag=2`,
  ])
    await dockerOk(socket, { method: 'POST', path })
  await dockerOk(socket, { method: 'DELETE', path: `/containers/${created.Id}` })
  const of = (reference: string) => ({ volumes: [{ name: 'image', image: { reference, pullPolicy: 'Never' } }], nodeName: node })
  const mounts = [
    { name: 'image', mountPath: '/image' },
    { name: 'image', mountPath: '/dir', subPath: 'dir' },
  ]
  const script =
    'cat /image/layer /dir/f; ls -A /image/www/cgi-bin | wc -l; ls /image/bin/busybox; touch /image/x 2>/dev/null || echo read-only'
  assert.deepEqual(await printed('image', { script, mounts }, of('layers:2')), ['two', 'deep', '0', '/image/bin/busybox', 'read-only'])
  await create('no-image', { mounts: mounts.slice(0, 1) }, of('layers:9'))
  await eventually('the image to be missed', 60_000, async () => {
    const waiting = (await pods.now('no-image'))?.status.containerStatuses?.[0]?.state?.waiting
    return waiting?.reason === 'ErrImageNeverPull'
  })
  await must('DELETE', `${core}/pods/no-image`)
})

test('volumes that cannot be had are told of, each', { skip }, async () => {
  await bind('elsewhere', { local: { path: '/run' }, nodeAffinity: on('node-9') })
  await must('POST', `${core}/persistentvolumeclaims`, {
    metadata: { name: 'unbound' },
    spec: { accessModes: ['ReadWriteOnce'], storageClassName: 'nothing', resources: { requests: { storage: '1Gi' } } },
  })
  const volumes = [
    { name: 'a', persistentVolumeClaim: { claimName: 'elsewhere' } },
    { name: 'b', persistentVolumeClaim: { claimName: 'unbound' } },
    { name: 'c', hostPath: { path: '/etc/passwd', type: 'Directory' } },
    { name: 'd', iscsi: { targetPortal: '10.0.0.1:3260', iqn: 'iqn.2001-04.com.example:x', lun: 0 } },
    { name: 'e', csi: { driver: 'x.example.com' } },
    { name: 'f', projected: { sources: [{ configMap: { name: 'none' } }, { secret: { name: 'none' } }] } },
    { name: 'unused', configMap: { name: 'none' } },
  ]
  const mounts = volumes.slice(0, -1).map(({ name }) => ({ name, mountPath: `/${name}` }))
  await create('refused', { mounts }, { volumes, nodeName: node })
  const told = await eventually('all events', 60_000, async () => {
    const failures = (await events('refused')).filter((text) => text.startsWith('FailedMount'))
    return failures.length >= 5 ? failures : undefined
  })
  assert.deepEqual(told.sort(), [
    'FailedMount: MountVolume.NodeAffinity check failed for volume "elsewhere" : no matching NodeSelectorTerms',
    'FailedMount: MountVolume.SetUp failed for volume "c" : hostPath type check failed: /etc/passwd is not a directory',
    'FailedMount: MountVolume.SetUp failed for volume "e" : kubernetes.io/csi: mounter.SetUpAt failed to get CSI client: driver name x.example.com not found in the list of registered CSI drivers',
    'FailedMount: MountVolume.SetUp failed for volume "f" : [configmap "none" not found, secret "none" not found]',
    'FailedMount: Unable to attach or mount volumes: unmounted volumes=[a b c d e f], unattached volumes=[], failed to process volumes=[b d]: error processing PVC default/unbound: PVC is not bound; failed to get Plugin from volumeSpec for volume "d" err=no volume plugin matched: iscsi volumes are not supported by this node',
  ])
  await must('DELETE', `${core}/pods/refused`)
})

const lines = async (...argv: string[]): Promise<string[]> => (await cluster.inNode(node, ...argv)).split('\n').filter(Boolean)
const mountsOf = async (uid: string): Promise<string[]> => (await lines('cat', '/proc/self/mounts')).filter((line) => line.includes(uid))
const gone = (uids: readonly string[]) =>
  eventually('nothing of the pods on the node', 60_000, async () => {
    const left = [...(await lines('ls', podsFolder)), ...(await lines('ls', '/var/lib/kubelet/memory'))]
    const mounts = await Promise.all(uids.map(mountsOf))
    return uids.every((uid, i) => !left.includes(uid) && mounts[i]?.length === 0)
  })

test('taking volumes away follows no link that a container made', { skip }, async () => {
  await cluster.inNode(node, 'sh', '-c', 'mkdir -p /run/precious && echo data > /run/precious/file')
  const links = ['/disk', '/memory']
    .map((at) => `ln -s /run/precious ${at}/a; mkdir ${at}/b; ln -s ../../../../../../../../run/precious ${at}/b/c`)
    .join('; ')
  await create(
    'planter',
    { script: links, mounts: [...everyMount, { name: 'disk', mountPath: '/sub', subPath: 'x' }] },
    { volumes: everyKind },
  )
  const { uid } = (await pods.inPhase('planter', 'Succeeded')).metadata
  await must('DELETE', `${core}/pods/planter`)
  await gone([uid])
  assert.equal(await cluster.inNode(node, 'cat', '/run/precious/file'), 'data\n')
})

test('a kubelet killed while it sets volumes up and takes them away leaves none behind', { skip }, async () => {
  const kill = async (): Promise<void> => {
    const running = await eventually('a kubelet', 60_000, () => cluster.program('kubelet', node))
    await signalProcess(running, 'SIGKILL')
  }
  const names = [1, 2, 3].map((n) => `killed-${n}`)
  const mounts = [...everyMount, { name: 'disk', mountPath: '/sub', subPath: 'x' }, { name: 'cm', mountPath: '/file', subPath: 'one' }]
  for (const name of names) await create(name, { mounts }, { volumes: everyKind })
  const uids = await Promise.all(names.map(async (name) => (await pods.now(name))?.metadata.uid ?? ''))
  const begun = async (): Promise<string[]> => (await lines('ls', podsFolder)).filter((uid) => uids.includes(uid))
  await eventually('the beginning of their volumes', 60_000, async () => (await begun()).length > 0)
  await kill()
  await eventually('mounts', 60_000, async () => (await Promise.all(uids.map(mountsOf))).some((each) => each.length > 0))
  await kill()
  await Promise.all(names.map((name) => pods.inPhase(name, 'Running')))
  for (const uid of uids) assert.equal((await mountsOf(uid)).length, 3, 'the memory volume and two sub-paths')
  await Promise.all(names.map((name) => must('DELETE', `${core}/pods/${name}`)))
  for (const left of [9, 4]) {
    await eventually('the end of their volumes', 60_000, async () => (await Promise.all(uids.map(mountsOf))).flat().length < left)
    await kill()
  }
  await eventually('the pods to be gone', 60_000, async () =>
    (await Promise.all(names.map((name) => pods.now(name)))).every((pod) => pod === undefined),
  )
  await gone(uids)
})
