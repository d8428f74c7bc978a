/** Changes of workloads, budgets, storage and limits: what may change in which state. */
type Fields = Record<string, unknown>

export interface Change {
  name: string
  /** A merge patch on the stored object. */
  patch: Fields
  subresource?: string
}

export interface Suite {
  object: Fields
  /** Written before the changes. */
  status?: Fields
  changes: readonly Change[]
}

const main = { name: 'main', image: 'app' }
const template = { metadata: { labels: { app: 'a' } }, spec: { containers: [main] } }
const ending = { ...template, spec: { ...template.spec, restartPolicy: 'Never' } }
const selector = { matchLabels: { app: 'a' } }
const time = '2024-01-01T00:00:00Z'
const later = '2024-01-02T00:00:00Z'

const status = (name: string, patch: Fields): Change => ({ name, patch: { status: patch }, subresource: 'status' })
const spec = (name: string, patch: Fields): Change => ({ name, patch: { spec: patch } })

function object(kind: string, apiVersion: string, name: string, body: Fields): Fields {
  const namespace = kind === 'PersistentVolume' ? {} : { namespace: 'default' }
  return { apiVersion, kind, metadata: { name: `updates-${name}`, ...namespace }, ...body }
}

const placed = { template: { spec: { nodeSelector: { a: 'b' }, tolerations: [{ key: 'a', operator: 'Exists' }] } } }
const is = (type: string): Fields => ({ type, status: 'True' })

const jobs: readonly Suite[] = [
  {
    object: object('Job', 'batch/v1', 'job', { spec: { template: ending, parallelism: 2, completions: 5 } }),
    changes: [
      spec('parallelism', { parallelism: 4 }),
      spec('completions', { completions: 6 }),
      spec('suspend', { suspend: true }),
      spec('mode', { completionMode: 'Indexed' }),
      spec('selector', { selector: { matchLabels: { app: 'b' } } }),
      spec('image', { template: { spec: { containers: [{ ...main, image: 'other' }] } } }),
      spec('placement', placed),
      spec('limits', { backoffLimit: 9, activeDeadlineSeconds: 4, ttlSecondsAfterFinished: 3 }),
      spec('manager', { managedBy: 'example.com/x' }),
      spec('failure rules', { podFailurePolicy: { rules: [{ action: 'FailJob', onExitCodes: { operator: 'In', values: [1] } }] } }),
      status('running', { active: 2, ready: 1, succeeded: 1, failed: 1, startTime: time }),
      status('more ready than active', { active: 1, ready: 2 }),
      status('wrong', { active: -1, succeeded: -1, failed: -1, ready: -1, terminating: -1, completedIndexes: '0', failedIndexes: '0' }),
      status('both ends', { conditions: [is('Complete'), is('Failed')], completionTime: time, startTime: later }),
      status('complete', { succeeded: 5, startTime: time, completionTime: later, conditions: [is('SuccessCriteriaMet'), is('Complete')] }),
      status('complete at once', { succeeded: 5, startTime: time, completionTime: later, conditions: [is('Complete')] }),
      status('uncounted', { uncountedTerminatedPods: { succeeded: ['a', 'a', ''], failed: ['a', 'b'] } }),
    ],
  },
  {
    object: object('Job', 'batch/v1', 'suspended', { spec: { template: ending, suspend: true } }),
    changes: [spec('placement', placed), spec('image', { template: { spec: { containers: [{ ...main, image: 'other' }] } } })],
  },
  {
    object: object('Job', 'batch/v1', 'ended', { spec: { template: ending } }),
    status: { failed: 1, startTime: time, conditions: [is('FailureTarget'), is('Failed')] },
    changes: [
      spec('parallelism', { parallelism: 4 }),
      status('again', { conditions: [], active: 1 }),
      status('other end', { conditions: [is('SuccessCriteriaMet'), is('Complete')], completionTime: later }),
      status('counts', { failed: 0, startTime: later }),
    ],
  },
  {
    object: object('Job', 'batch/v1', 'indexed', {
      spec: { template: ending, completionMode: 'Indexed', completions: 3, parallelism: 3, backoffLimitPerIndex: 1 },
    }),
    changes: [
      spec('both grow', { completions: 5, parallelism: 5 }),
      spec('one grows', { completions: 5 }),
      spec('limit', { backoffLimitPerIndex: 2 }),
      status('indexes', { completedIndexes: '0,2', failedIndexes: '1', startTime: time, succeeded: 2 }),
      status('common indexes', { completedIndexes: '0-1', failedIndexes: '1-2', startTime: time }),
      status('bad indexes', { completedIndexes: '2,1', failedIndexes: '7' }),
    ],
  },
  {
    object: object('CronJob', 'batch/v1', 'cron', { spec: { schedule: '0 0 * * *', jobTemplate: { spec: { template: ending } } } }),
    changes: [
      spec('schedule', { schedule: '@hourly' }),
      spec('zoned schedule', { schedule: 'TZ=UTC 0 0 * * *' }),
      spec('image', { jobTemplate: { spec: { template: { spec: { containers: [{ ...main, image: 'other' }] } } } } }),
      status('status', { lastScheduleTime: time, lastSuccessfulTime: time, active: [{ kind: 'Job', name: 'x' }] }),
    ],
  },
]

const claim = { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } }

const controllers: readonly Suite[] = [
  {
    object: object('DaemonSet', 'apps/v1', 'daemon-set', { spec: { selector, template } }),
    changes: [
      spec('image', { template: { spec: { containers: [{ ...main, image: 'other' }] } } }),
      spec('selector', { selector: { matchLabels: { app: 'a', b: 'c' } }, template: { metadata: { labels: { b: 'c' } } } }),
      spec('strategy', { updateStrategy: { type: 'OnDelete', rollingUpdate: null } }),
      { name: 'labels', patch: { metadata: { labels: { a: 'b' } } } },
      status('status', { numberReady: 1, desiredNumberScheduled: 2, currentNumberScheduled: 1, numberMisscheduled: 0, collisionCount: 1 }),
      status('bad status', { numberReady: -1, desiredNumberScheduled: -1, observedGeneration: -1, collisionCount: -1 }),
    ],
  },
  {
    object: object('StatefulSet', 'apps/v1', 'stateful-set', {
      spec: { selector, template, serviceName: 's', volumeClaimTemplates: [{ metadata: { name: 'data' }, spec: claim }] },
    }),
    status: { replicas: 2, readyReplicas: 1, availableReplicas: 1, collisionCount: 3 },
    changes: [
      spec('replicas', { replicas: 3 }),
      spec('image', { template: { spec: { containers: [{ ...main, image: 'other' }] } } }),
      spec('service', { serviceName: 't' }),
      spec('claims', { volumeClaimTemplates: null }),
      spec('management', { podManagementPolicy: 'Parallel' }),
      spec('retention', { persistentVolumeClaimRetentionPolicy: { whenScaled: 'Delete' } }),
      spec('ordinals', { ordinals: { start: 3 } }),
      spec('strategy', { updateStrategy: { rollingUpdate: { partition: 2 } } }),
      status('status', { replicas: 3, readyReplicas: 2, availableReplicas: 1 }),
      status('bad status', {
        replicas: 1,
        readyReplicas: 2,
        availableReplicas: 3,
        currentReplicas: 4,
        updatedReplicas: 5,
        collisionCount: 2,
      }),
    ],
  },
  {
    object: object('ReplicationController', 'v1', 'controller', { spec: { selector: { app: 'a' }, template } }),
    changes: [
      spec('replicas', { replicas: 3 }),
      spec('selector', { selector: { app: 'b' } }),
      spec('other labels', { selector: { app: 'b' }, template: { metadata: { labels: { app: 'b' } } } }),
      status('status', { replicas: 3, readyReplicas: 2, availableReplicas: 1, fullyLabeledReplicas: 2 }),
      status('bad status', { replicas: 1, readyReplicas: 2, availableReplicas: 3, fullyLabeledReplicas: 2 }),
    ],
  },
  {
    object: object('ControllerRevision', 'apps/v1', 'revision', { data: { a: 1 }, revision: 1 }),
    changes: [
      { name: 'data', patch: { data: { a: 2 } } },
      { name: 'revision', patch: { revision: 2 } },
    ],
  },
  {
    object: object('PodDisruptionBudget', 'policy/v1', 'budget', { spec: { selector, minAvailable: 1 } }),
    changes: [
      spec('amount', { minAvailable: '50%' }),
      spec('other amount', { minAvailable: null, maxUnavailable: 1 }),
      spec('selector', { selector: { matchLabels: { app: 'b' } } }),
      status('status', { disruptionsAllowed: 1, currentHealthy: 2, desiredHealthy: 1, expectedPods: 2, disruptedPods: { p: time } }),
      status('bad status', { disruptionsAllowed: -1, currentHealthy: -1, desiredHealthy: -1, expectedPods: -1 }),
    ],
  },
  {
    object: object('HorizontalPodAutoscaler', 'autoscaling/v2', 'autoscaler', {
      spec: { scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'd' }, maxReplicas: 3 },
    }),
    changes: [
      spec('limits', { minReplicas: 2, maxReplicas: 9 }),
      spec('bad limits', { minReplicas: 5 }),
      spec('behavior', { behavior: { scaleUp: { selectPolicy: 'Min' } } }),
      status('status', { currentReplicas: 1, desiredReplicas: 2, lastScaleTime: time }),
      status('bad status', { currentReplicas: -1, desiredReplicas: -1 }),
    ],
  },
]

const storage: readonly Suite[] = [
  {
    object: object('PersistentVolume', 'v1', 'volume', {
      spec: { capacity: { storage: '1Gi' }, accessModes: ['ReadWriteOnce'], hostPath: { path: '/x' } },
    }),
    changes: [
      spec('capacity', { capacity: { storage: '2Gi' } }),
      spec('path', { hostPath: { path: '/y' } }),
      spec('source', { hostPath: null, nfs: { server: 's', path: '/p' } }),
      spec('mode', { volumeMode: 'Block' }),
      spec('policy', { persistentVolumeReclaimPolicy: 'Delete' }),
      spec('attributes', { volumeAttributesClassName: 'gold' }),
      spec('claim', { claimRef: { namespace: 'default', name: 'c' } }),
      spec('affinity', { nodeAffinity: { required: { nodeSelectorTerms: [{ matchExpressions: [{ key: 'a', operator: 'Exists' }] }] } } }),
      status('same phase', { phase: 'Pending', message: 'm', reason: 'r' }),
    ],
  },
  {
    object: object('PersistentVolumeClaim', 'v1', 'claim', { spec: { ...claim, storageClassName: 'x' } }),
    changes: [
      spec('request', { resources: { requests: { storage: '2Gi' } } }),
      spec('class', { storageClassName: 'y' }),
      spec('volume', { volumeName: 'v' }),
      spec('attributes', { volumeAttributesClassName: 'gold' }),
      status('bound', { phase: 'Bound', capacity: { storage: '1Gi' }, accessModes: ['ReadWriteOnce'] }),
      status('bad', {
        phase: 'Some',
        capacity: { storage: '-1' },
        allocatedResourceStatuses: { storage: 'Odd' },
        allocatedResources: { cpu: '1' },
      }),
    ],
  },
  {
    object: object('PersistentVolumeClaim', 'v1', 'bound', {
      spec: { ...claim, storageClassName: 'x', volumeName: 'v', volumeAttributesClassName: 'gold' },
    }),
    status: { phase: 'Bound', capacity: { storage: '1Gi' }, accessModes: ['ReadWriteOnce'] },
    changes: [
      spec('smaller', { resources: { requests: { storage: '512Mi' } } }),
      spec('volume', { volumeName: 'w' }),
      spec('attributes', { volumeAttributesClassName: 'silver' }),
      spec('attributes gone', { volumeAttributesClassName: null }),
    ],
  },
  {
    object: object('ResourceQuota', 'v1', 'quota', { spec: { hard: { 'count/widgets.example.com': '3' }, scopes: ['NotTerminating'] } }),
    changes: [
      spec('amount', { hard: { 'count/widgets.example.com': '4' } }),
      spec('scopes', { scopes: ['Terminating'] }),
      status('status', { hard: { pods: '3' }, used: { pods: '1' } }),
      status('bad status', { hard: { fish: '3' }, used: { pods: '-1' } }),
    ],
  },
  {
    object: object('LimitRange', 'v1', 'limits', { spec: { limits: [{ type: 'PersistentVolumeClaim', max: { storage: '9Ti' } }] } }),
    changes: [
      spec('other', { limits: [{ type: 'PersistentVolumeClaim', max: { storage: '8Ti' } }] }),
      spec('bad', { limits: [{ type: 'a b' }] }),
    ],
  },
]

export const suites: readonly Suite[] = [...jobs, ...controllers, ...storage]
