// Deployments: objects in the world → the next step, for rollouts, scaling, pauses, history and conditions.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Deployment } from '#api/apps/deployment.ts'
import type { ReplicaSet } from '#api/apps/replica-set.ts'
import type { KubeObject } from '#api/resource.ts'
import type { Failure } from '#client/runner/world.ts'
import { worldOf } from '#client/runner/world.ts'
import { actionOf, at, deployment, lines, pod, replicaSet, template, text } from '#controller-manager/controllers/test-objects.ts'
import { deploymentController, reconcileDeployment } from './deployment.ts'

const { watches } = deploymentController({ get: () => Promise.reject(new Error('not asked')) })
function plan(objects: readonly KubeObject[], more: { now?: Date; failed?: Failure; canAdopt?: boolean } = {}) {
  const world = { ...worldOf(watches, objects), failed: more.failed }
  return reconcileDeployment('ns/web', world, { canAdopt: more.canAdopt ?? false }, more.now ?? at(100))
}

/** Status and annotations as they are while a rollout goes on, so that plans hold its steps only. */
const settled = { 'deployment.kubernetes.io/revision': '2' }
const sized = (desired: number, max: number) => ({
  'deployment.kubernetes.io/desired-replicas': String(desired),
  'deployment.kubernetes.io/max-replicas': String(max),
})
const steps = (objects: readonly KubeObject[]): string[] => lines(plan(objects)).filter((line) => !line.startsWith('updateStatus'))
const progressing = {
  type: 'Progressing',
  status: 'True',
  reason: 'ReplicaSetUpdated',
  message: 'm',
  lastUpdateTime: text(90),
  lastTransitionTime: text(0),
}

interface Step {
  story: string
  replicas: number
  surge: number | string
  unavailable: number | string
  /** [size, available] of the old and the new set. */
  old: [number, number]
  /** Pods that the old set has, where they are not as many as its size. */
  oldPods?: number
  new: [number, number]
  expect: string[]
}
const up = (from: number, to: number): string =>
  `update replicasets ns/new=${to} (scale) [ScalingReplicaSet: Scaled ${to > from ? 'up' : 'down'} replica set new from ${from} to ${to}]`
const down = (from: number, to: number): string =>
  `update replicasets ns/old=${to} (scale) [ScalingReplicaSet: Scaled down replica set old from ${from} to ${to}]`
const rollout: Step[] = [
  { story: 'surge first', replicas: 10, surge: 3, unavailable: 2, old: [10, 10], new: [0, 0], expect: [up(0, 3)] },
  { story: 'then what may be missing', replicas: 10, surge: 3, unavailable: 2, old: [10, 10], new: [3, 0], expect: [down(10, 8)] },
  { story: 'the new set follows', replicas: 10, surge: 3, unavailable: 2, old: [8, 8], new: [3, 0], expect: [up(3, 5)] },
  { story: 'new pods that never get ready block the rest', replicas: 10, surge: 3, unavailable: 2, old: [8, 8], new: [5, 0], expect: [] },
  { story: 'ready ones let old ones go', replicas: 10, surge: 3, unavailable: 2, old: [8, 8], new: [5, 5], expect: [down(8, 3)] },
  {
    story: 'pods that the old set is about to lose do not count',
    replicas: 5,
    surge: 3,
    unavailable: 2,
    old: [4, 7],
    new: [4, 0],
    expect: [down(4, 3)],
  },
  {
    story: 'the new set waits for the pods of a shrunk one to go',
    replicas: 10,
    surge: 3,
    unavailable: 2,
    old: [8, 8],
    oldPods: 10,
    new: [3, 0],
    expect: [],
  },
  {
    story: 'and takes the place of those that went',
    replicas: 10,
    surge: 3,
    unavailable: 2,
    old: [8, 8],
    oldPods: 9,
    new: [3, 0],
    expect: [up(3, 4)],
  },
  { story: 'unhealthy old pods go first', replicas: 10, surge: 0, unavailable: 2, old: [10, 8], new: [0, 0], expect: [down(10, 8)] },
  { story: 'percentages round up for surge', replicas: 3, surge: '25%', unavailable: '25%', old: [3, 3], new: [0, 0], expect: [up(0, 1)] },
  { story: 'and down for unavailability', replicas: 3, surge: '25%', unavailable: '25%', old: [3, 3], new: [1, 0], expect: [] },
  {
    story: 'both rounded to zero: one may be missing',
    replicas: 2,
    surge: '0%',
    unavailable: '1%',
    old: [2, 2],
    new: [0, 0],
    expect: [down(2, 1)],
  },
  { story: 'the last old pod', replicas: 1, surge: 1, unavailable: 0, old: [1, 1], new: [1, 1], expect: [down(1, 0)] },
  { story: 'a new set that is too large shrinks', replicas: 2, surge: 1, unavailable: 0, old: [1, 1], new: [3, 3], expect: [up(3, 2)] },
]
for (const { story, replicas, surge, unavailable, old, oldPods = old[0], new: next, expect } of rollout) {
  test(`rolling update: ${story}`, () => {
    const strategy = { type: 'RollingUpdate', rollingUpdate: { maxSurge: surge, maxUnavailable: unavailable } }
    const d = deployment({ replicas, strategy, template: template('v2') }, { conditions: [progressing] }, { annotations: settled })
    const sets = [
      replicaSet('old', { replicas: old[0], available: old[1], actual: oldPods, revision: 1 }),
      replicaSet('new', { image: 'v2', replicas: next[0], available: next[1], revision: 2, createdAt: 1 }),
    ]
    assert.deepEqual(steps([d, ...sets]), expect)
  })
}

test('without a set for its template one is created, with the revision told at once', () => {
  const p = plan([
    deployment({ template: template('v2') }, {}, { annotations: { note: 'x', 'kubectl.kubernetes.io/last-applied-configuration': '{}' } }),
    replicaSet('old'),
  ])
  const created = actionOf(p, 'create').object as ReplicaSet
  const hash = created.metadata.labels?.['pod-template-hash'] ?? ''
  assert.match(hash, /^[bcdfghjklmnpqrstvwxz2456789]{8,10}$/)
  assert.equal(created.metadata.name, `web-${hash}`)
  assert.deepEqual(created.spec.selector, { matchLabels: { app: 'web', 'pod-template-hash': hash } })
  assert.equal(created.spec.template?.metadata?.labels?.['pod-template-hash'], hash)
  assert.equal(created.spec.replicas, 1)
  assert.deepEqual(created.metadata.annotations, { note: 'x', 'deployment.kubernetes.io/revision': '2', ...sized(3, 4) })
  assert.deepEqual(created.metadata.ownerReferences?.[0], {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    name: 'web',
    uid: 'd1',
    controller: true,
    blockOwnerDeletion: true,
  })
  const written = actionOf(p, 'updateStatus').object as Deployment
  assert.equal(written.metadata.annotations?.['deployment.kubernetes.io/revision'], '2')
  assert.equal(written.status.conditions?.[0]?.reason, 'NewReplicaSetCreated')
})

test('the same template gives the same name, a collision another one', () => {
  const name = (objects: KubeObject[]) => actionOf(plan(objects), 'create').object.metadata.name
  const first = name([deployment()])
  assert.equal(first, name([deployment({ replicas: 7 })]))
  assert.notEqual(first, name([deployment({ template: template('v2') })]))
  assert.notEqual(first, name([deployment({}, { collisionCount: 1 })]))
  const foreign = {
    ...replicaSet(first ?? '', { image: 'other', owner: undefined }),
    metadata: { namespace: 'ns', name: first ?? '', uid: 'x', labels: {} },
  }
  const p = plan([deployment(), foreign])
  assert.deepEqual(lines(p), ['updateStatus deployments ns/web (another template has the same hash)'])
  assert.equal((actionOf(p, 'updateStatus').object as Deployment).status.collisionCount, 1)
})

test('a create that failed is told in the conditions and tried again', () => {
  const p = plan([deployment()], { failed: { verb: 'create', kind: 'ReplicaSet', reason: 'Forbidden', message: 'exceeded quota' } })
  const { status } = actionOf(p, 'updateStatus').object as Deployment
  assert.deepEqual([status.conditions?.[0]?.status, status.conditions?.[0]?.reason], ['False', 'ReplicaSetCreateError'])
  assert.match(status.conditions?.[0]?.message ?? '', /^Failed to create new replica set "web-\w+": exceeded quota$/)
  assert.equal(p.actions.length, 2)
})

test('recreate: old ones go, their pods end, then the new set comes', () => {
  const d = deployment(
    { strategy: { type: 'Recreate' }, template: template('v2') },
    { conditions: [progressing] },
    { annotations: settled },
  )
  const old = replicaSet('old')
  assert.deepEqual(steps([d, old]), [down(3, 0)])
  const empty = replicaSet('old', { replicas: 0 })
  assert.deepEqual(steps([d, empty, pod('p', { owner: empty, deleting: true })]), [])
  assert.match(steps([d, empty, pod('p', { owner: empty, phase: 'Failed' })])[0] ?? '', /^create replicasets ns\/web-\w+=3 /)
})

test('scaling in the middle of a rollout keeps proportions', () => {
  const d = deployment(
    { replicas: 12, strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 2, maxUnavailable: 1 } }, template: template('v2') },
    { conditions: [progressing] },
    { annotations: settled },
  )
  const before = sized(8, 10)
  const sets = [
    replicaSet('old', { replicas: 7, annotations: before }),
    replicaSet('new', { image: 'v2', replicas: 3, available: 0, revision: 2, createdAt: 1, annotations: before }),
  ]
  assert.deepEqual(steps([d, ...sets]), [
    'update replicasets ns/old=10 (scale) [ScalingReplicaSet: Scaled up replica set old from 7 to 10]',
    'update replicasets ns/new=4 (scale) [ScalingReplicaSet: Scaled up replica set new from 3 to 4]',
  ])
  const toZero = deployment({ ...d.spec, replicas: 0 }, d.status, { annotations: settled })
  assert.deepEqual(
    steps([toZero, ...sets]).map((line) => line.split(' (')[0]),
    ['update replicasets ns/old=0', 'update replicasets ns/new=0'],
  )
})

test('scaling a finished deployment scales its one set', () => {
  const d = deployment({ replicas: 5 }, { conditions: [progressing] }, { annotations: { 'deployment.kubernetes.io/revision': '1' } })
  assert.deepEqual(steps([d, replicaSet('new', { annotations: sized(3, 4) })]), [
    'update replicasets ns/new=5 (scale) [ScalingReplicaSet: Scaled up replica set new from 3 to 5]',
  ])
})

test('paused: it says so, scales, and rolls nothing out', () => {
  const paused = deployment({ paused: true, template: template('v2') }, {}, { annotations: settled })
  const p = plan([paused, replicaSet('old')])
  assert.deepEqual(lines(p), ['updateStatus deployments ns/web (paused)'])
  const told = {
    type: 'Progressing',
    status: 'Unknown',
    reason: 'DeploymentPaused',
    message: 'Deployment is paused',
    lastUpdateTime: text(0),
    lastTransitionTime: text(0),
  }
  const quiet = deployment(paused.spec, { conditions: [told] }, { annotations: settled })
  assert.deepEqual(steps([quiet, replicaSet('old')]), [])
  assert.deepEqual(steps([deployment({ ...quiet.spec, replicas: 4 }, quiet.status), replicaSet('old')]).length, 1)
  const resumed = plan([deployment({ ...quiet.spec, paused: false }, quiet.status), replicaSet('old')])
  assert.equal((actionOf(resumed, 'updateStatus').object as Deployment).status.conditions?.[0]?.reason, 'DeploymentResumed')
})

test('going back to an old template gives its set a new revision and keeps the old in its history', () => {
  const d = deployment({}, { conditions: [progressing] }, { annotations: settled })
  const p = plan([d, replicaSet('one', { replicas: 0, revision: 1 }), replicaSet('two', { image: 'v2', revision: 2, createdAt: 1 })])
  const { annotations } = actionOf(p, 'update').object.metadata
  assert.equal(annotations?.['deployment.kubernetes.io/revision'], '3')
  assert.equal(annotations?.['deployment.kubernetes.io/revision-history'], '1')
})

test('revisions have 64 bits', () => {
  const large = { 'deployment.kubernetes.io/revision': '3546343826724305832' }
  const beyond = { 'deployment.kubernetes.io/revision': '9223372036854775808' }
  const p = plan([
    deployment({}, { conditions: [progressing] }),
    replicaSet('old', { image: 'v2', annotations: large }),
    replicaSet('odd', { image: 'v3', annotations: beyond }),
  ])
  assert.equal(actionOf(p, 'create').object.metadata.annotations?.['deployment.kubernetes.io/revision'], '3546343826724305833')
})

test('old sets beyond the history limit are deleted once the rollout is complete', () => {
  const status = {
    observedGeneration: 1,
    replicas: 3,
    updatedReplicas: 3,
    readyReplicas: 3,
    availableReplicas: 3,
    conditions: [progressing],
  }
  const d = deployment({ revisionHistoryLimit: 1, template: template('v9') }, status, {
    annotations: { 'deployment.kubernetes.io/revision': '4' },
  })
  const sets = [1, 2, 3].map((revision) =>
    replicaSet(`old${revision}`, { image: `v${revision}`, replicas: 0, revision, createdAt: revision }),
  )
  const busy = replicaSet('busy', { image: 'v0', replicas: 0, actual: 1, revision: 0 })
  const newest = replicaSet('new', { image: 'v9', revision: 4, createdAt: 9, annotations: sized(3, 4) })
  assert.deepEqual(
    steps([d, ...sets, busy, newest]).map((line) => line.split(' (')[0]),
    ['delete replicasets ns/old1', 'delete replicasets ns/old2'],
  )
})

const annotated = { annotations: { 'deployment.kubernetes.io/revision': '1' } }
test('conditions: progress, completion, deadline', () => {
  const condition = (d: Deployment, sets: KubeObject[], seconds = 100) => {
    const p = plan([d, ...sets], { now: at(seconds) })
    const { status } = actionOf(p, 'updateStatus').object as Deployment
    return status.conditions?.find((c) => c.type === 'Progressing')
  }
  const stuck = replicaSet('new', { available: 1, annotations: sized(3, 4) })
  const seen = { observedGeneration: 1, replicas: 3, updatedReplicas: 3, readyReplicas: 1, availableReplicas: 1, unavailableReplicas: 2 }
  const moved = condition(deployment({}, { ...seen, readyReplicas: 0, availableReplicas: 0, conditions: [progressing] }, annotated), [
    stuck,
  ])
  assert.deepEqual([moved?.reason, moved?.lastUpdateTime, moved?.lastTransitionTime], ['ReplicaSetUpdated', text(100), text(0)])
  const late = condition(deployment({}, { ...seen, conditions: [progressing] }, annotated), [stuck], 691)
  assert.deepEqual(
    [late?.status, late?.reason, late?.message],
    ['False', 'ProgressDeadlineExceeded', 'ReplicaSet "new" has timed out progressing.'],
  )
  const done = condition(deployment({}, { conditions: [progressing] }, annotated), [replicaSet('new', { annotations: sized(3, 4) })])
  assert.deepEqual([done?.reason, done?.message], ['NewReplicaSetAvailable', 'ReplicaSet "new" has successfully progressed.'])
})

test('a rollout in hand is looked at again when its deadline is over', () => {
  const d = deployment({}, { conditions: [progressing] }, annotated)
  const p = plan([d, replicaSet('new', { available: 1, annotations: sized(3, 4) })], { now: at(100) })
  assert.equal(p.recheckAfterMs, (90 + 600 - 100 + 1) * 1000)
})

test('orphans are adopted after a live look, strangers released', () => {
  const orphan = replicaSet('new', { owner: undefined })
  assert.deepEqual(lines(plan([deployment(), orphan], { canAdopt: true })), ['patch replicasets ns/new (adopt orphan for Deployment)'])
  assert.doesNotMatch(lines(plan([deployment(), orphan])).join(), /adopt/)
  const stranger = replicaSet('new')
  stranger.metadata.labels = { app: 'other' }
  assert.deepEqual(lines(plan([deployment(), stranger])), ['patch replicasets ns/new (release from Deployment)'])
})

test('while it is deleted only its status follows', () => {
  const d = deployment({ replicas: 9 }, {}, { deletionTimestamp: text(0) })
  assert.deepEqual(lines(plan([d, replicaSet('new')])), ['updateStatus deployments ns/web (status)'])
})

test('the deprecated annotation rolls back to a revision', () => {
  const annotations = { ...settled, 'deprecated.deployment.rollback.to': '1' }
  const sets = [
    replicaSet('one', { replicas: 0, revision: 1, annotations: { note: 'old' } }),
    replicaSet('two', { image: 'v2', revision: 2, createdAt: 1 }),
  ]
  const p = plan([deployment({ template: template('v2') }, { conditions: [progressing] }, { annotations }), ...sets])
  assert.deepEqual(lines(p), ['update deployments ns/web (rollback) [DeploymentRollback: Rolled back deployment "web" to revision 1]'])
  const next = actionOf(p, 'update').object as Deployment
  assert.deepEqual(next.spec.template, template('v1'))
  assert.deepEqual(next.metadata.annotations, { ...settled, note: 'old' })
})
