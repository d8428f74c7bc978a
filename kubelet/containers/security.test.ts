import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import type { PodSpec } from '#api/core/pod-spec.ts'
import { refuseSecurity } from '#kubelet/admission/security-admission.ts'
import { ConfigError } from '#kubelet/environment/env.ts'
import { app, pod } from '#kubelet/pods/pod-fixtures.ts'
import { profileProblem, readSeccompProfile } from './seccomp-profile.ts'
import { containerSecurity } from './security.ts'

type Shared = PodSpec['securityContext']
type Own = ReturnType<typeof app>['securityContext']

const of = (own: Own, shared: Shared = {}, user = '') => {
  const container = app('main', { securityContext: own })
  const subject = pod({ containers: [container], securityContext: shared })
  return containerSecurity(subject, container, { user }, { groups: [], readProfile: (name) => `profile ${name}` })
}

const users: [string, Own, Shared, string, string | undefined][] = [
  ['nothing said', {}, {}, '', undefined],
  ["the image's own user", {}, {}, 'joe', undefined],
  ['a user', { runAsUser: 5 }, {}, '', '5'],
  ['the container over the pod', { runAsUser: 5 }, { runAsUser: 6, runAsGroup: 7 }, '', '5:7'],
  ['a group for the user of the image', { runAsGroup: 7 }, {}, 'joe:joes', 'joe:7'],
  ['a group alone, of root', { runAsGroup: 7 }, {}, '', '0:7'],
]
for (const [story, own, shared, user, expected] of users) test(`user: ${story}`, () => assert.equal(of(own, shared, user).user, expected))

const where = '(pod: "web_default(uid-1)", container: main)'
const refusals: [string, Own, string, string | undefined][] = [
  ['another user', { runAsNonRoot: true, runAsUser: 1 }, '', undefined],
  ['root by number', { runAsNonRoot: true, runAsUser: 0 }, '', `container's runAsUser breaks non-root policy ${where}`],
  ['root by the image', { runAsNonRoot: true }, '', `container has runAsNonRoot and image will run as root ${where}`],
  ['zeros', { runAsNonRoot: true }, '000:5', `container has runAsNonRoot and image will run as root ${where}`],
  [
    'a name',
    { runAsNonRoot: true },
    'joe',
    `container has runAsNonRoot and image has non-numeric user (joe), cannot verify user is non-root ${where}`,
  ],
  ['a number of the image', { runAsNonRoot: true }, '1001', undefined],
  [
    'a number out of range',
    { runAsNonRoot: true },
    '4294967295',
    `container has runAsNonRoot and image has an invalid user id (4294967295). (Must be 1-(2147483647)): must be between 0 and 2147483647, inclusive ${where}`,
  ],
]
for (const [story, own, user, message] of refusals) {
  test(`not as root: ${story}`, () => {
    if (message === undefined) of(own, {}, user)
    else assert.throws(() => of(own, {}, user), new ConfigError(message))
  })
}

const profiles: [string, Own, Shared, boolean, object][] = [
  ['none', {}, {}, false, { type: 'Unconfined' }],
  ['none where the node has a default', {}, {}, true, { type: 'RuntimeDefault' }],
  ['unconfined by word where the node has a default', { seccompProfile: { type: 'Unconfined' } }, {}, true, { type: 'Unconfined' }],
  ["the pod's", {}, { seccompProfile: { type: 'RuntimeDefault' } }, false, { type: 'RuntimeDefault' }],
  [
    'a file',
    { seccompProfile: { type: 'Localhost', localhostProfile: 'a.json' } },
    { seccompProfile: { type: 'RuntimeDefault' } },
    false,
    { type: 'Localhost', profile: 'profile a.json' },
  ],
  ['privileged', { privileged: true, seccompProfile: { type: 'RuntimeDefault' } }, {}, true, { type: 'Unconfined' }],
]
for (const [story, own, shared, seccompDefault, expected] of profiles) {
  test(`seccomp: ${story}`, () => {
    const container = app('main', { securityContext: own })
    const extra = { groups: [], readProfile: (name: string) => `profile ${name}`, seccompDefault }
    assert.deepEqual(containerSecurity(pod({ securityContext: shared }), container, { user: '' }, extra).seccomp, expected)
  })
}

test('seccomp: a file without a name', () => {
  assert.throws(
    () => of({ seccompProfile: { type: 'Localhost', localhostProfile: '' } }),
    new ConfigError('localhostProfile must be set if seccompProfile type is Localhost.'),
  )
})

const dir = mkdtempSync(join(tmpdir(), 'seccomp-'))
after(() => rmSync(dir, { recursive: true }))

test('seccomp files: what is no profile does not open the container up', () => {
  const good = '{"defaultAction":"SCMP_ACT_ALLOW"}'
  writeFileSync(join(dir, 'good.json'), good)
  writeFileSync(join(dir, 'empty.json'), '')
  assert.equal(readSeccompProfile(dir, 'good.json'), good)
  assert.throws(() => readSeccompProfile(dir, 'empty.json'), /cannot load seccomp profile .*it is not JSON/)
  assert.throws(() => readSeccompProfile(dir, 'none.json'), /cannot load seccomp profile ".*none.json": open .*: no such file or directory/)
  assert.throws(() => readSeccompProfile(dir, '../good.json'), /outside/)
  for (const text of ['unconfined', '{}', 'null', '{"defaultAction":""}']) assert.ok(profileProblem(text) !== undefined, text)
})

test('admission: groups that are not merged, and AppArmor where there is none', () => {
  const on = { apparmor: true }
  const off = { apparmor: false }
  assert.deepEqual(refuseSecurity(pod({ securityContext: { supplementalGroupsPolicy: 'Strict' } }), on), {
    reason: 'SupplementalGroupsPolicyNotSupported',
    message: 'SupplementalGroupsPolicy=Strict is not supported in this node',
  })
  assert.equal(refuseSecurity(pod({ securityContext: { supplementalGroupsPolicy: 'Merge' } }), on), undefined)
  const asking = (type: string) => pod({ containers: [app('main', { securityContext: { appArmorProfile: { type } } })] })
  const disabled = { reason: 'AppArmor', message: 'Cannot enforce AppArmor: AppArmor is not enabled on the host' }
  assert.deepEqual(refuseSecurity(asking('RuntimeDefault'), off), disabled)
  assert.equal(refuseSecurity(asking('RuntimeDefault'), on), undefined)
  assert.equal(refuseSecurity(asking('Unconfined'), off), undefined)
  assert.deepEqual(refuseSecurity(pod({ securityContext: { appArmorProfile: { type: 'RuntimeDefault' } } }), off), disabled)
  const annotation = { annotations: { 'container.apparmor.security.beta.kubernetes.io/main': 'localhost/mine' } }
  assert.deepEqual(refuseSecurity(pod({}, annotation), off), disabled)
  assert.equal(refuseSecurity({ ...asking('RuntimeDefault'), status: { phase: 'Running' } }, off), undefined)
  assert.deepEqual(refuseSecurity(asking('Localhost'), on), {
    reason: 'AppArmor',
    message: 'Cannot enforce AppArmor: invalid empty AppArmor profile name: ""',
  })
})
