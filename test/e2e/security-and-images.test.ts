// What a pod may be and see, and where its image comes from, with real containers and real registries: security contexts, names and resolvers, runtime
// classes, pulls with and without login, registries that fail, and sessions with stock kubectl.
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { eventually, TestCluster, whyNoCluster } from '#test/harness/cluster.ts'
import { Kubectl, stockKubectls } from '#test/harness/kubectl.ts'
import { type MoodyRegistry, type Registries, startMoodyRegistry, startRegistries, whyNoRegistry } from '#test/harness/node-registry.ts'
import { loadToolImage, toolImage } from '#test/harness/tool-image.ts'

const skip = whyNoCluster() ?? false
const cluster = await TestCluster.prepare(24_580, '--nodes=1', '--no-example')
const node = 'node-1'
const core = '/api/v1/namespaces/default'
/** Of other bytes: what is known of who may use an image is known by its id. */
const pushedImage = 'typernetes.local/pushed:1'
const scratch = await mkdtemp(join(tmpdir(), 'typernetes-images-'))
let registries: Registries | undefined
let moody: readonly MoodyRegistry[] = []

before(async () => {
  if (skip) return
  await cluster.mustRun('up')
  await loadToolImage(cluster, join(scratch, 'image'))
  await loadToolImage(cluster, join(scratch, 'pushed'), pushedImage)
})
after(async () => {
  registries?.stop()
  for (const each of moody) each.stop()
  if (!skip) await cluster.down()
  await rm(scratch, { recursive: true, force: true })
})

interface Pod {
  metadata: { name: string; uid: string }
  status: {
    phase?: string
    reason?: string
    message?: string
    podIP?: string
    containerStatuses?: { image: string; imageID: string; state: { waiting?: { reason: string; message?: string } } }[]
    ephemeralContainerStatuses?: { state: { waiting?: { reason: string } } }[]
  }
}

async function must(method: 'POST' | 'PATCH' | 'DELETE', path: string, body?: unknown): Promise<void> {
  const patching = method === 'PATCH' ? { contentType: 'application/strategic-merge-patch+json' } : {}
  const reply = await cluster.api.send({ method, path, body, ...patching })
  assert.ok(reply.status < 300, `${method} ${path}: ${reply.text}`)
}

/** `spec` is laid over a pod of one container that runs `script` and is not started again. */
async function create(name: string, script: string, spec: object = {}, container: object = {}): Promise<void> {
  const main = { name: 'main', image: toolImage, command: ['sh', '-c', script], ...container }
  const whole = { nodeName: node, restartPolicy: 'Never', terminationGracePeriodSeconds: 0, containers: [main], ...spec }
  await must('POST', `${core}/pods`, { metadata: { name }, spec: whole })
}

const podNow = (name: string) => cluster.api.get<Pod>(`${core}/pods/${name}`)
const textOf = async (name: string): Promise<string> => (await cluster.api.send({ path: `${core}/pods/${name}/log` })).text

async function outputOf(name: string): Promise<string> {
  await eventually(`the end of ${name}`, 90_000, async () => ['Succeeded', 'Failed'].includes((await podNow(name))?.status.phase ?? ''))
  return await textOf(name)
}

const waitingOf = (pod: Pod | undefined) => pod?.status.containerStatuses?.[0]?.state.waiting
const waiting = (name: string, reason: string) =>
  eventually(`${name} to wait for ${reason}`, 60_000, async () => {
    const found = waitingOf(await podNow(name))
    return found?.reason === reason ? found : undefined
  })

interface Event {
  involvedObject: { name: string }
  type: string
  reason: string
  message: string
}

async function eventsOf(name: string): Promise<string[]> {
  const list = await cluster.api.get<{ items: Event[] }>(`${core}/events?fieldSelector=involvedObject.name=${name}`)
  return (list?.items ?? []).map(({ type, reason, message }) => `${type} ${reason}: ${message}`)
}
async function event(name: string, text: string): Promise<void> {
  await eventually(`${name}: ${text}`, 60_000, async () => (await eventsOf(name)).some((each) => each.startsWith(text)))
}

const refusals = { failing: /out of order|500/, busy: /come back later|toomanyrequests|429/i } as const

test('registries that fail or are busy: the pods wait', { skip }, async () => {
  const refusing = await startMoodyRegistry(cluster, node)
  moody = [refusing]
  for (const [mood, message] of Object.entries(refusals)) {
    await refusing.feel(mood as keyof typeof refusals)
    await create(mood, 'echo', {}, { image: `${refusing.address}/app:v1`, imagePullPolicy: 'Always' })
    const told = (await waiting(mood, 'ImagePullBackOff')).message ?? ''
    assert.match(told, message)
    assert.ok(told.startsWith(`Back-off pulling image "${refusing.address}/app:v1": ErrImagePull: `), told)
  }
  await refusing.feel('well')
})

const look = "id; grep -E '^(NoNewPrivs|Seccomp|CapEff):' /proc/self/status; touch /x 2>&1 && echo can write"

interface Case {
  security?: object
  spec?: object
  script?: string
  says: RegExp
}

const contexts: Record<string, Case> = {
  nothing: { says: /^uid=0\(root\) gid=0\(root\).*CapEff:\t00000000a80425fb\nNoNewPrivs:\t0\nSeccomp:\t0\n.*can write\n$/s },
  user: {
    security: { runAsUser: 1001 },
    says: /^uid=1001\(joe\) gid=1002\(joe\) groups=1002\(joe\),50000\(extra\)\n.*CapEff:\t0000000000000000/s,
  },
  'user-unknown': { security: { runAsUser: 4242, runAsNonRoot: true }, says: /^uid=4242 gid=0\(root\) groups=0\(root\)\n/ },
  groups: {
    security: { runAsUser: 1001, runAsGroup: 2001 },
    spec: { securityContext: { supplementalGroups: [60_000], fsGroup: 777 } },
    says: /^uid=1001\(joe\) gid=2001 groups=777,2001,50000\(extra\),60000\n/,
  },
  'group-alone': { security: { runAsGroup: 3000 }, says: /^uid=0\(root\) gid=3000 / },
  capabilities: { security: { capabilities: { add: ['NET_ADMIN', 'CAP_SYS_TIME'], drop: ['ALL'] } }, says: /CapEff:\t0000000002001000\n/ },
  'no-escalation': { security: { allowPrivilegeEscalation: false }, says: /NoNewPrivs:\t1\n/ },
  'root-read-only': { security: { readOnlyRootFilesystem: true }, says: /Read-only file system/ },
  privileged: {
    security: { privileged: true },
    script: 'ls /dev | grep -c loop-control; grep CapEff /proc/self/status',
    // Dockers of before 2021 know the 38 capabilities of then.
    says: /CapEff:\t00000(03|1f)f/,
  },
  'seccomp-default': { security: { seccompProfile: { type: 'RuntimeDefault' } }, says: /Seccomp:\t2\n/ },
  'seccomp-none': { security: { seccompProfile: { type: 'Unconfined' } }, says: /Seccomp:\t0\n/ },
  sysctls: {
    spec: {
      securityContext: {
        sysctls: [
          { name: 'kernel.shm_rmid_forced', value: '1' },
          { name: 'net.ipv4.ping_group_range', value: '1 3' },
          { name: 'net/ipv4/tcp_syncookies', value: '0' },
        ],
      },
    },
    script: 'cat /proc/sys/kernel/shm_rmid_forced /proc/sys/net/ipv4/ping_group_range /proc/sys/net/ipv4/tcp_syncookies',
    says: /^1\n1\t3\n0\n$/,
  },
  'processes-shared': { spec: { shareProcessNamespace: true }, script: 'ps', says: / 1 root +\/pause\n/ },
  'processes-own': { script: 'ps | wc -l', says: /^[34]\n$/ },
  'processes-of-node': { spec: { hostPID: true }, script: 'ps', says: /dockerd/ },
  'network-of-node': {
    spec: { hostNetwork: true },
    script: 'ip -o addr; hostname; head -1 /etc/hosts',
    says: /cni0.*\nnode-1\n# Kubernetes-managed hosts file \(host network\)\.\n/s,
  },
}
test('security contexts, as seen from inside', { skip }, async (t) => {
  await Promise.all(
    Object.entries(contexts).map(([name, { script = look, spec, security }]) =>
      create(name, script, spec, security && { securityContext: security }),
    ),
  )
  for (const [name, { says }] of Object.entries(contexts)) await t.test(name, async () => assert.match(await outputOf(name), says))
})

test('what must not run does not, and says why', { skip }, async (t) => {
  const own = (securityContext: object) => ({ securityContext })
  await create('root', look, {}, own({ runAsNonRoot: true }))
  await create('root-by-number', look, {}, own({ runAsNonRoot: true, runAsUser: 0 }))
  await create('capability', look, {}, own({ capabilities: { add: ['NO_SUCH'] } }))
  await create('profile', look, {}, own({ seccompProfile: { type: 'Localhost', localhostProfile: 'none.json' } }))
  await create('sysctl', look, { securityContext: { sysctls: [{ name: 'kernel.msgmax', value: '1' }] } })
  await create('strict', look, { securityContext: { supplementalGroupsPolicy: 'Strict' } })
  await create('users', look, { hostUsers: false })
  await create('longest-name-that-one-can-think-of-today', look, { subdomain: 'below-some-other', setHostnameAsFQDN: true })
  const where = async (name: string) => `(pod: "${name}_default(${(await podNow(name))?.metadata.uid})", container: main)`
  await t.test('root by the image', async () => {
    const { message } = await waiting('root', 'CreateContainerConfigError')
    assert.equal(message, `container has runAsNonRoot and image will run as root ${await where('root')}`)
    await event('root', `Warning Failed: Error: ${message}`)
  })
  await t.test('root by number', async () => {
    const { message } = await waiting('root-by-number', 'CreateContainerConfigError')
    assert.equal(message, `container's runAsUser breaks non-root policy ${await where('root-by-number')}`)
  })
  await t.test('a capability that is none', async () => {
    assert.match((await waiting('capability', 'CreateContainerError')).message ?? '', /NO_SUCH/)
  })
  await t.test('a seccomp profile that is not there', async () => {
    assert.match((await waiting('profile', 'CreateContainerError')).message ?? '', /none\.json: no such file or directory$/)
  })
  for (const [name, reason, message] of [
    ['sysctl', 'SysctlForbidden', 'forbidden sysctl: "kernel.msgmax" not allowlisted'],
    ['strict', 'SupplementalGroupsPolicyNotSupported', 'SupplementalGroupsPolicy=Strict is not supported in this node'],
  ] as const) {
    await t.test(reason, async () => {
      const pod = await eventually(`${name} to fail`, 60_000, async () => {
        const found = await podNow(name)
        return found?.status.phase === 'Failed' ? found : undefined
      })
      assert.equal(pod.status.reason, reason)
      await event(name, `Warning ${reason}: ${message}`)
    })
  }
  await t.test('users of its own', () =>
    event('users', "Warning FailedCreatePodSandBox: Failed to create pod sandbox: can't set `spec.hostUsers: false`"),
  )
  await t.test('a full name that is too long', async () => {
    const full = 'longest-name-that-one-can-think-of-today.below-some-other.default.svc.cluster.local'
    const words = `failed to construct FQDN from pod hostname and cluster domain, FQDN ${full} is too long (64 characters is the max, 83 characters requested)`
    await event('longest-name-that-one-can-think-of-today', `Warning FailedCreatePodSandBox: Failed to create pod sandbox: ${words}`)
  })
})

test('a working folder that leads to the node is none', { skip }, async () => {
  const names = [6, 7, 8, 9].map((number) => ({ name: `descriptor-${number}`, workingDir: `/proc/self/fd/${number}` }))
  const own = randomBytes(16).toString('hex')
  await writeFile(join(scratch, 'own'), own)
  const script = `cat ${'../'.repeat(12)}${join(scratch, 'own')}; echo end`
  await Promise.all(names.map(({ name, workingDir }) => create(name, script, {}, { workingDir })))
  for (const { name } of names) {
    const output = await outputOf(name)
    assert.ok(!output.includes(own), `${name} reads the node's files: ${output}`)
  }
})

test('names, hosts and resolvers', { skip }, async (t) => {
  const show = 'hostname; cat /etc/hosts /etc/resolv.conf'
  const aliases = [{ ip: '192.0.2.7', hostnames: ['one', 'two'] }]
  const dnsConfig = { nameservers: ['192.0.2.1'], searches: ['a.example'], options: [{ name: 'ndots', value: '2' }, { name: 'edns0' }] }
  await create('named', show, { hostname: 'h', subdomain: 'sub', setHostnameAsFQDN: true, hostAliases: aliases })
  await create('overridden', show, { hostnameOverride: 'other.example' })
  await create('resolver', show, { dnsPolicy: 'None', dnsConfig })
  await create('crowded', show, {
    dnsPolicy: 'None',
    dnsConfig: { nameservers: ['192.0.2.1', '192.0.2.2', '192.0.2.3'], searches: [`${'x'.repeat(60)}.example`] },
  })
  await t.test('a full name and aliases', async () => {
    const output = await outputOf('named')
    const ip = (await podNow('named'))?.status.podIP
    assert.ok(output.startsWith('h.sub.default.svc.cluster.local\n# Kubernetes-managed hosts file.\n127.0.0.1\tlocalhost\n'), output)
    assert.ok(
      output.includes(`\n${ip}\th.sub.default.svc.cluster.local\th\n\n# Entries added by HostAliases.\n192.0.2.7\tone\ttwo\n`),
      output,
    )
  })
  await t.test('a name over all', async () => assert.match(await outputOf('overridden'), /^other\.example\n.*\tother\.example\n/s))
  await t.test('a resolver of its own', async () =>
    assert.match(await outputOf('resolver'), /nameserver 192\.0\.2\.1\nsearch a\.example\noptions ndots:2 edns0\n$/),
  )
  await t.test('no more than fits', async () =>
    assert.match(await outputOf('crowded'), /nameserver 192\.0\.2\.3\nsearch x{60}\.example\n$/),
  )
})

test('runtime classes', { skip }, async (t) => {
  const define = (name: string, handler: string) => must('POST', '/apis/node.k8s.io/v1/runtimeclasses', { metadata: { name }, handler })
  await define('usual', 'runc')
  await define('strange', 'no-such-handler')
  await create('with-usual', 'echo ran', { runtimeClassName: 'usual' })
  await create('with-strange', 'echo ran', { runtimeClassName: 'strange' })
  await t.test('a handler that Docker has', async () => assert.equal(await outputOf('with-usual'), 'ran\n'))
  await t.test('one that it has not', () =>
    event(
      'with-strange',
      'Warning FailedCreatePodSandBox: Failed to create pod sandbox: failed to get sandbox runtime: no runtime for "no-such-handler" is configured',
    ),
  )
  const handlers = (await cluster.api.get<{ status: { runtimeHandlers: { name: string }[] } }>(`/api/v1/nodes/${node}`))?.status
    .runtimeHandlers
  assert.ok(handlers?.some(({ name }) => name === '') && handlers.some(({ name }) => name === 'runc'))
})

const noRegistry = skip || (whyNoRegistry() ?? false)

test('pulls from a registry, open and with login', { skip: noRegistry }, async (t) => {
  registries = await startRegistries(cluster, node, scratch)
  const { open, guarded } = registries
  await registries.push(pushedImage, 'team/tools:1')
  const config = (password: string) => JSON.stringify({ auths: { [`${guarded}/team`]: { username: 'me', password } } })
  for (const [name, password] of [
    ['right', 'secret'],
    ['wrong', 'guess'],
  ] as const)
    await must('POST', `${core}/secrets`, {
      metadata: { name },
      type: 'kubernetes.io/dockerconfigjson',
      stringData: { '.dockerconfigjson': config(password) },
    })
  const pull = (name: string, image: string, secrets: string[] = [], imagePullPolicy = 'IfNotPresent') =>
    create(name, 'echo ran', { imagePullSecrets: secrets.map((each) => ({ name: each })) }, { image, imagePullPolicy })
  await t.test('an image by tag, and then by digest', async () => {
    await pull('open', `${open}/team/tools:1`)
    assert.equal(await outputOf('open'), 'ran\n')
    await event('open', `Normal Pulling: Pulling image "${open}/team/tools:1"`)
    const successes = async () => (await eventsOf('open')).find((each) => each.includes('Successfully'))
    assert.match(
      await eventually('the event of the pull', 60_000, successes),
      /^Normal Pulled: Successfully pulled image "[^"]+" in [\d.]+m?s \([\d.]+m?s including waiting\)\. Image size: \d+ bytes\.$/,
    )
    const status = (await podNow('open'))?.status.containerStatuses?.[0]
    assert.equal(status?.image, `${open}/team/tools:1`)
    assert.match(status?.imageID ?? '', new RegExp(`^${open}/team/tools@sha256:[0-9a-f]{64}$`))
    await pull('digest', status?.imageID ?? '')
    assert.equal(await outputOf('digest'), 'ran\n')
    // A node tells of its images when it looks at itself, every ten seconds.
    await eventually('the node to tell of the image', 30_000, async () => {
      const seen = await cluster.api.get<{ status: { images?: { names: string[] }[] } }>(`/api/v1/nodes/${node}`)
      return seen?.status.images?.some(({ names }) => names.includes(`${open}/team/tools:1`))
    })
  })
  await t.test('nothing without a login, nothing with a wrong one', async () => {
    await pull('stranger', `${guarded}/team/tools:1`)
    await pull('liar', `${guarded}/team/tools:1`, ['wrong', 'missing'])
    assert.match(
      (await waiting('stranger', 'ImagePullBackOff')).message ?? '',
      /^Back-off pulling image "[^"]+": ErrImagePull: .*no basic auth credentials/,
    )
    assert.match((await waiting('liar', 'ImagePullBackOff')).message ?? '', /ErrImagePull: .*unauthorized/)
    await event('liar', 'Warning FailedToRetrieveImagePullSecret: Unable to retrieve some image pull secrets (missing); attempting')
  })
  await t.test('with the right one, and through a service account', async () => {
    await pull('friend', `${guarded}/team/tools:1`, ['wrong', 'right'])
    assert.equal(await outputOf('friend'), 'ran\n')
    await must('POST', `${core}/serviceaccounts`, { metadata: { name: 'puller' }, imagePullSecrets: [{ name: 'right' }] })
    await create('account', 'echo ran', { serviceAccountName: 'puller' }, { image: `${guarded}/team/tools:1`, imagePullPolicy: 'Always' })
    assert.equal(await outputOf('account'), 'ran\n')
  })
  await t.test('what somebody else has pulled is not there for those who could not', async () => {
    await pull('thief', `${guarded}/team/tools:1`, [], 'Never')
    await waiting('thief', 'ErrImageNeverPull')
    await pull('heir', `${guarded}/team/tools:1`, ['right'], 'Never')
    assert.equal(await outputOf('heir'), 'ran\n')
    await create('host', 'sleep 600', {}, { image: `${open}/team/tools:1` })
    const debugger_ = { name: 'look', image: `${guarded}/team/tools:1`, imagePullPolicy: 'Never', command: ['true'] }
    await eventually('host to run', 60_000, async () => (await podNow('host'))?.status.phase === 'Running')
    await must('PATCH', `${core}/pods/host/ephemeralcontainers`, { spec: { ephemeralContainers: [debugger_] } })
    await eventually('the ephemeral container to be refused', 60_000, async () => {
      return (await podNow('host'))?.status.ephemeralContainerStatuses?.[0]?.state.waiting?.reason === 'ErrImageNeverPull'
    })
  })
  await t.test('images that are not there, or no names', async () => {
    await pull('untagged', `${open}/team/tools`)
    await pull('never', `${open}/team/other:1`, [], 'Never')
    await pull('capitals', `${open}/Team`)
    assert.match((await waiting('untagged', 'ImagePullBackOff')).message ?? '', /manifest unknown/)
    assert.equal(
      (await waiting('never', 'ErrImageNeverPull')).message,
      `Container image "${open}/team/other:1" is not present with pull policy of Never`,
    )
    const text = `Failed to apply default image tag "${open}/Team": couldn't parse image name "${open}/Team": invalid reference format: repository name (Team) must be lowercase`
    assert.equal((await waiting('capitals', 'InvalidImageName')).message, text)
    await event('capitals', `Warning InspectFailed: ${text}`)
  })
  await t.test('no password is told', async () => {
    const told = [await cluster.logs(), ...(await Promise.all(['friend', 'liar', 'heir'].map(eventsOf))).flat()].join('\n')
    for (const word of ['guess', '"secret"', Buffer.from('me:secret').toString('base64')]) assert.ok(!told.includes(word), word)
  })
})

test('registries that are well again: the pods go on', { skip }, async () => {
  for (const name of Object.keys(refusals)) await event(name, 'Normal Pulled: Successfully pulled image')
})

test('a layer that breaks off is asked for', { skip }, async () => {
  const breaking = await startMoodyRegistry(cluster, node)
  moody = [...moody, breaking]
  await breaking.feel('truncated')
  await create('truncated', 'echo', {}, { image: `${breaking.address}/app:v1`, imagePullPolicy: 'Always' })
})

/** Debian's own is too old for ephemeral containers. */
const able = stockKubectls(27)
const ends = new Set([able[0], able.at(-1)].filter((path) => path !== undefined))
if (ends.size === 0) test('sessions with stock kubectl', { skip: 'no kubectl.1.27 or newer here' })
for (const path of ends) {
  test(`sessions with ${path.split('/').at(-1)}`, { skip }, async (t) => {
    const kubectl = new Kubectl(path, cluster.layout.adminConf)
    const name = `sessions-${path.split('.').at(-1)?.replace(/\W/g, '')}`
    const script = 'echo out; echo err >&2; httpd -p 8080 -h /www; while read line; do echo "got $line"; done; sleep 600'
    // As privileged as can be, and with the whole of the node: what is run in it later is no less so.
    const volumeMounts = [{ name: 'node', mountPath: '/node', mountPropagation: 'HostToContainer' }]
    const whole = { stdin: true, securityContext: { privileged: true }, volumeMounts }
    await create(name, script, { volumes: [{ name: 'node', hostPath: { path: '/' } }] }, whole)
    await kubectl.ok('wait', '--for=condition=Ready', `pod/${name}`, '--timeout=55s')
    await t.test('logs', async () => {
      // The two streams reach Docker by pipes of their own.
      const lines = async () => (await kubectl.ok('logs', name, '--tail=2')).split('\n').sort().join(' ')
      await eventually('both lines', 30_000, async () => (await lines()) === ' err out')
    })
    await t.test('exec: streams and codes', async () => {
      const { code, stdout, stderr } = await kubectl.run(['exec', '-i', name, '--', 'sh', '-c', 'cat; echo err >&2; exit 42'], {
        input: 'in',
      })
      assert.deepEqual([code, stdout, stderr.split('\n')[0]], [42, 'in', 'err'])
      assert.match(
        await kubectl.ok('exec', name, '--', 'nsenter', '--mount=/node/proc/1/ns/mnt', 'cat', '/proc/self/status'),
        /CapEff:\t00000(03|1f)f/,
      )
    })
    await t.test('attach', async () => {
      const attached = kubectl.start(['attach', '-i', name, '--quiet'], { input: 'hello\n' })
      const arrived = async () => (await textOf(name)).includes('got hello')
      await eventually('the line to arrive', 30_000, arrived).finally(() => attached.end())
    })
    await t.test('port-forward', async () => assert.equal(await forwarded(kubectl, name), 'page\n'))
    await t.test('cp there and back', async () => {
      const folder = await mkdtemp(join(scratch, 'copied-'))
      await writeFile(join(folder, 'there'), randomBytes(300_000))
      await kubectl.ok('cp', join(folder, 'there'), `${name}:/tmp/there`)
      await kubectl.ok('cp', `${name}:/tmp/there`, join(folder, 'back'))
      assert.ok((await readFile(join(folder, 'back'))).equals(await readFile(join(folder, 'there'))))
    })
    await t.test('debug: beside it, a copy of it, its node', async () => {
      const image = [`--image=${toolImage}`, '--image-pull-policy=IfNotPresent']
      await kubectl.ok('debug', name, ...image, '--target=main', '-c', 'look', '--', 'ps')
      await kubectl.ok('debug', name, ...image, `--copy-to=${name}-copy`, '-c', 'more', '--', 'echo', 'copied')
      const answer = await kubectl.run(['debug', `node/${node}`, `--image=${toolImage}`, '--', 'cat', '/host/etc/hostname'])
      const onNode = /node-debugger-[\w-]+/.exec(answer.stdout + answer.stderr)?.[0] ?? ''
      const logs = async (pod: string, container: string) => (await kubectl.run(['logs', pod, '-c', container])).stdout
      const says = (pod: string, container: string, isIt: (text: string) => boolean) =>
        eventually(`the word of ${container} of ${pod}`, 30_000, async () => isIt(await logs(pod, container)))
      const hostname = await readFile('/etc/hostname', 'utf8')
      await says(name, 'look', (text) => text.includes('httpd'))
      await says(`${name}-copy`, 'more', (text) => text === 'copied\n')
      await says(onNode, 'debugger', (text) => text === hostname)
    })
    await t.test('run, with its input, and away', async () => {
      const words = ['run', `${name}-run`, '--rm', '-i', '--quiet', '--restart=Never', `--image=${toolImage}`, '--', 'cat']
      assert.match((await kubectl.run(words, { input: 'through\n' })).stdout, /^through\n/)
    })
  })
}

async function forwarded(kubectl: Kubectl, name: string): Promise<string> {
  const forward = kubectl.start(['port-forward', `pod/${name}`, ':8080'])
  try {
    // It says so once it listens there.
    const port = await eventually('the port', 30_000, async () => /127\.0\.0\.1:(\d+) -> 8080/.exec(forward.output.stdout)?.[1])
    return await fetch(`http://127.0.0.1:${port}/`).then((response) => response.text())
  } finally {
    await forward.end()
  }
}

test('the API of the node, by token', { skip }, async () => {
  await must('POST', `${core}/serviceaccounts`, { metadata: { name: 'reader' } })
  const role = { metadata: { name: 'reads-metrics' }, rules: [{ apiGroups: [''], resources: ['nodes/metrics'], verbs: ['get'] }] }
  await must('POST', '/apis/rbac.authorization.k8s.io/v1/clusterroles', role)
  await must('POST', '/apis/rbac.authorization.k8s.io/v1/clusterrolebindings', {
    metadata: { name: 'reads-metrics' },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'reads-metrics' },
    subjects: [{ kind: 'ServiceAccount', name: 'reader', namespace: 'default' }],
  })
  const reply = await cluster.api.send({ method: 'POST', path: `${core}/serviceaccounts/reader/token`, body: { spec: {} } })
  const { token } = (JSON.parse(reply.text) as { status: { token: string } }).status
  const ask = (path: string, bearer: string) =>
    cluster.inNode(node, 'curl', '-sk', '-w', ' %{http_code}', '-H', `Authorization: Bearer ${bearer}`, `https://127.0.0.1:10250${path}`)
  assert.match(await ask('/metrics/resource', token), / 200$/)
  const refused = await ask('/pods', token)
  assert.equal(
    refused,
    'Forbidden (user=system:serviceaccount:default:reader, verb=get, resource=nodes, subresource(s)=[pods proxy])\n 403',
  )
  assert.equal(await ask('/metrics/resource', 'none'), 'Unauthorized 401')
})

test('a layer that broke off is a failed pull', { skip }, async () => {
  // Docker tries again and again for a while, as other pods go about their business.
  const { message = '' } = await eventually('the failure of the pull', 150_000, async () => {
    const found = waitingOf(await podNow('truncated'))
    return found?.reason === 'ErrImagePull' || found?.reason === 'ImagePullBackOff' ? found : undefined
  })
  assert.match(message, /EOF/)
})
