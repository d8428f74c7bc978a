import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import type { Secret } from '#api/core/secret.ts'
import { app, pod } from '#kubelet/pods/pod-fixtures.ts'
import type { Image } from '#kubelet/runtime/runtime.ts'
import { goDuration } from './go-duration.ts'
import { ImageError, ImagePuller, type ImagePullerOptions, sizeLabel } from './image-puller.ts'
import { referenceProblem } from './image-reference.ts'
import { pullCredentials } from './pull-credentials.ts'
import { type Access, mustPull, type PulledRecord, recordPull } from './pull-policy.ts'
import { PullQueue } from './pull-queue.ts'
import { PullRecords } from './pull-records.ts'

const hex = 'a'.repeat(64)
const names: [string, string | undefined][] = [
  ['busybox', undefined],
  ['busybox:1.36', undefined],
  ['a/b/c', undefined],
  ['localhost/x', undefined],
  ['127.0.0.1:5000/team/app:v1', undefined],
  ['[::1]:5000/app', undefined],
  ['reg.example/a__b/c-d.e', undefined],
  [`app@sha256:${hex}`, undefined],
  [`reg:5000/app:v1@sha256:${hex}`, undefined],
  ['', 'invalid reference format'],
  ['a b', 'invalid reference format'],
  ['-a', 'invalid reference format'],
  ['a//b', 'invalid reference format'],
  ['a:', 'invalid reference format'],
  [`a:${'x'.repeat(129)}`, 'invalid reference format'],
  ['App', 'invalid reference format: repository name (library/App) must be lowercase'],
  ['Reg/Name', 'invalid reference format: repository name (Name) must be lowercase'],
  [`app@sha256:${'a'.repeat(63)}`, 'invalid checksum digest length'],
  [`app@sha1:${hex}`, 'unsupported digest algorithm'],
  [hex, `invalid repository name (${hex}), cannot specify 64-byte hexadecimal strings`],
  [`${'a/'.repeat(150)}b`, 'repository name must not be more than 255 characters'],
]
for (const [name, problem] of names) test(`name: ${name.slice(0, 60)}`, () => assert.equal(referenceProblem(name), problem))

test('durations as Go prints them', () => {
  assert.deepEqual([0, 0.4, 12.7, 999, 1000, 1500, 61_003, 3_600_000].map(goDuration), [
    '0s',
    '0s',
    '12ms',
    '999ms',
    '1s',
    '1.5s',
    '1m1.003s',
    '1h0m0s',
  ])
})

const encoded = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64')
const secret = (auths: object, extra: Partial<Secret> = {}): Secret =>
  ({
    metadata: { name: 'pull', namespace: 'default', uid: 's1' },
    type: 'kubernetes.io/dockerconfigjson',
    data: { '.dockerconfigjson': encoded({ auths }) },
    ...extra,
  }) as Secret
const me = { username: 'me', password: 'secret' }

const keys: [string, string, boolean][] = [
  ['reg.example', 'reg.example/app', true],
  ['reg.example', 'reg.example:5000/app', false],
  ['reg.example:5000', 'reg.example:5000/app:v1', true],
  ['https://reg.example:5000/v2/', 'reg.example:5000/app', true],
  ['reg.example/team', 'reg.example/team/app', true],
  ['reg.example/team', 'reg.example/other/app', false],
  ['*.example', 'reg.example/app', true],
  ['*.example', 'a.b.example/app', false],
  ['r*.example', 'reg.example/app', true],
  ['https://index.docker.io/v1/', 'busybox', true],
  ['docker.io', 'busybox', true],
  ['docker.io/library', `docker.io/library/busybox@sha256:${hex}`, true],
  ['https://index.docker.io/v1/', 'reg.example/app', false],
  ['.*', 'reg/app', false],
]
for (const [server, image, fits] of keys) {
  test(`credentials: ${server} for ${image.slice(0, 40)}`, () =>
    assert.equal(pullCredentials(image, [secret({ [server]: me })]).length, fits ? 1 : 0))
}

test('credentials: the most exact path first, then the node’s; old secrets, wrong types, broken ones', () => {
  const exact = secret({ 'r.example': { ...me, username: 'wide' }, 'r.example/team': { auth: Buffer.from('near:a:b').toString('base64') } })
  const old = secret({}, { type: 'kubernetes.io/dockercfg', data: { '.dockercfg': encoded({ 'r.example': { ...me, username: 'old' } }) } })
  const mistyped = secret({ 'r.example': me }, { type: 'Opaque' })
  const broken = secret({}, { data: { '.dockerconfigjson': Buffer.from('{').toString('base64') } })
  const odd = secret({}, { data: { '.dockerconfigjson': encoded({ auths: ['x', null] }) } })
  const node = { 'r.example': { ...me, username: 'node' } }
  const found = pullCredentials('r.example/team/app', [exact, old, mistyped, broken, odd], node)
  assert.deepEqual(
    found.map(({ username, password, serverAddress, secret: source }) => [username, password, serverAddress, source?.name]),
    [
      ['near', 'a:b', 'r.example', 'pull'],
      ['wide', 'secret', 'r.example', 'pull'],
      ['old', 'secret', 'r.example', 'pull'],
      ['node', 'secret', 'r.example', undefined],
    ],
  )
  assert.ok(!JSON.stringify(found.map((each) => each.secret)).includes('a:b'))
})

const rules = { policy: 'NeverVerifyPreloadedImages', allowlist: [] } as const
const known = { uid: 's1', namespace: 'default', name: 'pull', credentialHash: 'h1' }
const record = (access?: Access): PulledRecord => ({
  lastUpdatedTime: '',
  imageRef: 'sha256:1',
  credentialMapping: access ? { 'r.example/app': access } : {},
})
const byMe: Access = { kubernetesSecrets: [known] }
const uses: [string, PulledRecord | undefined, boolean, readonly (typeof known)[], object][] = [
  ['loaded beforehand', undefined, false, [], { pull: false }],
  ['a pull that was cut short', undefined, true, [], { pull: true }],
  ['pulled by another name', record(), false, [known], { pull: true }],
  ['pulled without credentials', record({ nodePodsAccessible: true }), false, [], { pull: false }],
  ['pulled with a secret, none here', record(byMe), false, [], { pull: true }],
  ['the same secret', record(byMe), false, [known], { pull: false }],
  ['another secret that says the same', record(byMe), false, [{ ...known, uid: 's2' }], { pull: false, learnt: { ...known, uid: 's2' } }],
  [
    'the secret says something else now',
    record(byMe),
    false,
    [{ ...known, credentialHash: 'h2' }],
    { pull: false, learnt: { ...known, credentialHash: 'h2' } },
  ],
  ['another secret', record(byMe), false, [{ ...known, uid: 's2', credentialHash: 'h2' }], { pull: true }],
]
for (const [story, of, intended, secrets, expected] of uses) {
  test(`use of what is there: ${story}`, () =>
    assert.deepEqual(
      mustPull({ image: 'r.example/app:v1', record: of, intended }, rules, () => secrets),
      expected,
    ))
}

test('use of what is there, by policy', () => {
  const ask = (
    policy: 'NeverVerify' | 'AlwaysVerify' | 'NeverVerifyAllowlistedImages',
    of: PulledRecord | undefined,
    allowlist: string[] = [],
  ) => mustPull({ image: 'r.example/app', record: of, intended: false }, { policy, allowlist }, () => []).pull
  assert.equal(ask('NeverVerify', record(byMe)), false)
  assert.equal(ask('AlwaysVerify', undefined), true)
  assert.equal(ask('NeverVerifyAllowlistedImages', undefined), true)
  assert.equal(ask('NeverVerifyAllowlistedImages', undefined, ['r.example/app']), false)
  assert.equal(ask('NeverVerifyAllowlistedImages', undefined, ['r.example/*']), false)
})

test('records: what is known already is not written again, access for all stays', () => {
  const now = new Date('2026-11-21T12:00:00Z')
  const pulled = (access: Access) => ({ image: 'r.example/app:v1', imageRef: 'sha256:1', access })
  assert.equal(recordPull(record(byMe), pulled(byMe), now), undefined)
  assert.equal(recordPull(record({ nodePodsAccessible: true }), pulled(byMe), now), undefined)
  assert.deepEqual(recordPull(record(byMe), pulled({ nodePodsAccessible: true }), now)?.credentialMapping, {
    'r.example/app': { nodePodsAccessible: true },
  })
  const changed = { ...known, credentialHash: 'h2' }
  assert.deepEqual(recordPull(record(byMe), pulled({ kubernetesSecrets: [changed] }), now)?.credentialMapping, {
    'r.example/app': { kubernetesSecrets: [changed] },
  })
})

test('the queue: one at a time, or as many as allowed; so many requests a second', async () => {
  let clock = 0
  const now = () => new Date(clock)
  const never = new AbortController().signal
  const most = async (limits: { serializeImagePulls: boolean; maxParallelImagePulls?: number }): Promise<number> => {
    const queue = new PullQueue({ ...limits, registryPullQPS: 0, registryBurst: 0 }, now)
    let [running, peak] = [0, 0]
    const pull = async () => {
      peak = Math.max(peak, ++running)
      await new Promise(setImmediate)
      running -= 1
    }
    await Promise.all(Array.from({ length: 5 }, () => queue.run(never, pull)))
    return peak
  }
  assert.equal(await most({ serializeImagePulls: true }), 1)
  assert.equal(await most({ serializeImagePulls: false, maxParallelImagePulls: 2 }), 2)
  assert.equal(await most({ serializeImagePulls: false }), 5)
  const queue = new PullQueue({ serializeImagePulls: true, registryPullQPS: 5, registryBurst: 2 }, now)
  queue.take()
  queue.take()
  assert.throws(() => queue.take(), new Error('pull QPS exceeded'))
  clock += 200
  queue.take()
  assert.throws(() => queue.take())
})

const directory = mkdtempSync(join(tmpdir(), 'pulls-'))
after(() => rmSync(directory, { recursive: true }))

interface Setting {
  present?: boolean
  secrets?: Secret[]
  answers?: (Error | undefined)[]
  folder?: string
}

function setting({ present = false, secrets = [], answers = [], folder = 'a' }: Setting) {
  const image: Image = { id: 'sha256:1', repoTags: [], repoDigests: [], sizeBytes: 42, user: '' }
  const told: string[] = []
  const pulls: (string | undefined)[] = []
  const clock = { ms: 1000 }
  const now = () => new Date(clock.ms)
  const options: ImagePullerOptions = {
    runtime: {
      imageStatus: async () => (present ? image : undefined),
      pullImage: async (_name, auth) => {
        pulls.push(auth?.username)
        clock.ms += 1500
        const answer = answers.shift()
        if (answer) throw answer
        return image
      },
    },
    secret: (_namespace, name) => secrets.find(({ metadata }) => metadata.name === name),
    nodeAuths: () => ({}),
    pluginAuths: async () => [],
    queue: new PullQueue({ serializeImagePulls: true, registryPullQPS: 0, registryBurst: 0 }, now),
    records: new PullRecords(join(directory, folder)),
    verification: rules,
    now,
    failed: (error) => assert.fail(String(error)),
  }
  const puller = new ImagePuller(options)
  const ensure = async (policy: string, extra: Parameters<typeof pod>[0] = {}, name = 'r.example/app:v1') => {
    try {
      const container = app('main', { image: name, imagePullPolicy: policy as 'Always' })
      await puller.ensure(pod(extra), container, ({ reason, message }) => told.push(`${reason}: ${message}`), new AbortController().signal)
      return undefined
    } catch (error) {
      assert.ok(error instanceof ImageError)
      return `${error.reason}: ${error.message}`
    }
  }
  return { ensure, told, pulls, clock }
}

test('pulling: events, then silence about what is there', async () => {
  const { ensure, told } = setting({ folder: 'events' })
  assert.equal(await ensure('IfNotPresent'), undefined)
  assert.deepEqual(told, [
    'Pulling: Pulling image "r.example/app:v1"',
    'Pulled: Successfully pulled image "r.example/app:v1" in 1.5s (1.5s including waiting). Image size: 42 bytes.',
  ])
  const there = setting({ present: true, folder: 'events' })
  assert.equal(await there.ensure('IfNotPresent'), undefined)
  assert.equal(await there.ensure('Never'), undefined)
  assert.deepEqual(there.told[0], 'Pulled: Container image "r.example/app:v1" already present on machine and can be accessed by the pod')
  assert.equal(await there.ensure('Always'), undefined)
  assert.equal(there.pulls.length, 1)
})

test('pulling: what is not there and must not be fetched; what is no name', async () => {
  const { ensure, told } = setting({ folder: 'never' })
  const message = 'Container image "r.example/app:v1" is not present with pull policy of Never'
  assert.equal(await ensure('Never'), `ErrImageNeverPull: ${message}`)
  const text = `Failed to apply default image tag "A b": couldn't parse image name "A b": invalid reference format: repository name (library/A b) must be lowercase`
  assert.equal(await ensure('Always', {}, 'A b'), `InvalidImageName: ${text}`)
  assert.deepEqual(told, [
    `ErrImageNeverPull: ${message}`,
    'Failed: Error: ErrImageNeverPull',
    `InspectFailed: ${text}`,
    'Failed: Error: InvalidImageName',
  ])
})

test('pulling: a failure, the back-off after it, and the end of that', async () => {
  const { ensure, told, pulls, clock } = setting({ answers: [new Error('no such thing'), new Error('no such thing')], folder: 'fails' })
  assert.equal(await ensure('IfNotPresent'), 'ErrImagePull: no such thing')
  const waiting = 'ImagePullBackOff: Back-off pulling image "r.example/app:v1": ErrImagePull: no such thing'
  assert.equal(await ensure('IfNotPresent'), waiting)
  clock.ms += 10_000
  assert.equal(await ensure('IfNotPresent'), 'ErrImagePull: no such thing')
  clock.ms += 15_000
  assert.equal(await ensure('IfNotPresent'), waiting)
  clock.ms += 5000
  assert.equal(await ensure('IfNotPresent'), undefined)
  assert.equal(pulls.length, 3)
  assert.deepEqual(told.slice(0, 5), [
    'Pulling: Pulling image "r.example/app:v1"',
    'Failed: Failed to pull image "r.example/app:v1": no such thing',
    'Failed: Error: ErrImagePull',
    'BackOff: Back-off pulling image "r.example/app:v1"',
    'Failed: Error: ImagePullBackOff',
  ])
})

test('pulling: each secret in turn, the missing ones told; afterwards only who could have pulled it has it', async () => {
  const second = secret({ 'r.example': { ...me, username: 'right' } }, {
    metadata: { name: 'second', namespace: 'default', uid: 's2' },
  } as Partial<Secret>)
  const secrets = [secret({ 'r.example': { ...me, username: 'wrong' } }), second]
  const refs = { imagePullSecrets: [{ name: 'pull' }, { name: 'gone' }, { name: 'second' }] }
  const { ensure, told, pulls } = setting({ secrets, answers: [new Error('denied')], folder: 'secrets' })
  assert.equal(await ensure('IfNotPresent', refs), undefined)
  assert.deepEqual(pulls, ['wrong', 'right'])
  assert.equal(
    told[0],
    'FailedToRetrieveImagePullSecret: Unable to retrieve some image pull secrets (gone); attempting to pull the image may not succeed.',
  )
  const later = setting({ present: true, secrets, answers: [new Error('denied')], folder: 'secrets' })
  assert.equal(
    await later.ensure('Never'),
    'ErrImageNeverPull: Container image "r.example/app:v1" is not present with pull policy of Never',
  )
  assert.equal(await later.ensure('IfNotPresent'), 'ErrImagePull: denied')
  assert.equal(await later.ensure('Never', { imagePullSecrets: [{ name: 'second' }] }), undefined)
  assert.deepEqual(readdirSync(join(directory, 'secrets', 'image_manager', 'pulling')), [])
  const all = setting({ secrets, answers: [new Error('one'), new Error('two')], folder: 'aggregate' })
  assert.equal(await all.ensure('Always', refs), 'ErrImagePull: [one, two]')
})

test('records: the same image for several pods at once', async () => {
  const records = new PullRecords(join(directory, 'together'))
  const image = 'r.example/app:v1'
  await Promise.all([records.begin(image), records.begin(image), records.begin(image)])
  const pulling = join(directory, 'together', 'image_manager', 'pulling')
  await records.end(image)
  await records.end(image)
  assert.equal(readdirSync(pulling).length, 1)
  assert.ok(records.about(image, 'sha256:1').intended)
  await records.end(image)
  assert.deepEqual(readdirSync(pulling), [])
  assert.ok(!records.about(image, 'sha256:1').intended)
})

test('records: what is known of images that are gone is forgotten, but not what was learnt meanwhile', async () => {
  const records = new PullRecords(join(directory, 'prune'))
  const at = (seconds: number) => new Date(Date.parse('2026-11-21T12:00:00Z') + seconds * 1000)
  const learn = (imageRef: string, seconds: number) =>
    records.learn({ image: 'r.example/app', imageRef, access: { nodePodsAccessible: true } }, at(seconds))
  await learn('sha256:here', 0)
  await learn('sha256:gone', 0)
  await learn('sha256:new', 60)
  await records.prune(new Set(['sha256:here']), at(60))
  const again = new PullRecords(join(directory, 'prune'))
  await again.load()
  const known = ['here', 'gone', 'new'].filter((name) => again.about('', `sha256:${name}`).record !== undefined)
  assert.deepEqual(known, ['here', 'new'])
})

test('records: a pull that was cut short by the end of the kubelet proves nothing', async () => {
  await new PullRecords(join(directory, 'cut')).begin('r.example/app:v1')
  const { ensure } = setting({ present: true, answers: [new Error('denied')], folder: 'cut' })
  assert.equal(await ensure('IfNotPresent'), 'ErrImagePull: denied')
})

for (const [bytes, label] of [
  [0, 'N/A'],
  [1, '0-10MB'],
  [10 * 1024 * 1024, '0-10MB'],
  [10 * 1024 * 1024 + 1, '10MB-100MB'],
  [3 * 1024 ** 3, '1GB-5GB'],
  [200 * 1024 ** 3, 'GT100GB'],
] as const)
  test(`the class of an image of ${bytes} bytes`, () => assert.equal(sizeLabel(bytes), label))
