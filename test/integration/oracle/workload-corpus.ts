/** Good and bad objects of the controllers of pods, budgets and autoscalers: rules across fields, and texts with a grammar of their own. */
import type { Case, Fields } from './pod-corpus.ts'

// biome-ignore lint/complexity/useMaxParams: a table reads best with short rows
function made(kind: string, apiVersion: string, name: string, body: Fields, meta: Fields = {}): Case {
  return { name: `${kind}: ${name}`, object: { apiVersion, kind, metadata: { name: 'case', namespace: 'default', ...meta }, ...body } }
}

const main = { name: 'main', image: 'app:1' }
const template = { metadata: { labels: { app: 'a' } }, spec: { containers: [main] } }
const ending = { ...template, spec: { ...template.spec, restartPolicy: 'Never' } }
const selector = { matchLabels: { app: 'a' } }

const job = (name: string, spec: Fields, meta?: Fields): Case =>
  made('Job', 'batch/v1', name, { spec: { template: ending, ...spec } }, meta)
const failures = (rules: readonly Fields[]): Fields => ({ podFailurePolicy: { rules } })
const codes = (onExitCodes: Fields, action = 'FailJob'): Fields => ({
  action,
  onExitCodes: { operator: 'In', values: [1], ...onExitCodes },
})
const indexed = { completionMode: 'Indexed', completions: 3, parallelism: 3 }

const jobs: readonly Case[] = [
  job('plain', {}),
  job('name that pods cannot have', {}, { name: 'a.b' }),
  job('long name', { ...indexed }, { name: 'a'.repeat(62) }),
  job('indexed without completions', { completionMode: 'Indexed' }),
  job('indexed and large', { completionMode: 'Indexed', completions: 100_001, parallelism: 100_001 }),
  job('indexed, slow and large', { completionMode: 'Indexed', completions: 100_001, parallelism: 10_001 }),
  job('another mode', { completionMode: 'Other' }),
  job('failing indexes', { ...indexed, backoffLimitPerIndex: 1, maxFailedIndexes: 4 }),
  job('failing indexes without limit', { ...indexed, maxFailedIndexes: 1 }),
  job('failing indexes of none', { backoffLimitPerIndex: 1, maxFailedIndexes: 1 }),
  job('selector of its own', { selector }),
  job('manual selector', { manualSelector: true, selector }),
  job('manual selector of others', { manualSelector: true, selector: { matchLabels: { app: 'b' } } }),
  job('foreign labels', { template: { ...ending, metadata: { labels: { 'job-name': 'x', 'batch.kubernetes.io/controller-uid': 'y' } } } }),
  job('restarted always', { template }),
  job('restarted on failure with rules', {
    template: { ...ending, spec: { ...ending.spec, restartPolicy: 'OnFailure' } },
    ...failures([codes({})]),
  }),
  job('failure rules', {
    ...failures([
      codes({ containerName: 'main' }),
      { action: 'Ignore', onPodConditions: [{ type: 'DisruptionTarget', status: 'True' }] },
      { action: 'Count', onPodConditions: [{ type: 'a', status: 'Maybe' }] },
    ]),
  }),
  job('bad failure rules', {
    ...failures([
      {},
      { action: 'Other', onExitCodes: { operator: 'Like', values: [3] } },
      codes({ containerName: 'none', values: [0, 1, 1] }),
      codes({ values: [2, 1] }),
      codes({}, 'FailIndex'),
      { ...codes({}), onPodConditions: [{ type: 'a b', status: 'True' }] },
      codes({ operator: 'NotIn', values: Array.from({ length: 256 }, (_, i) => i + 1) }),
    ]),
  }),
  job('many failure rules', failures(Array.from({ length: 21 }, () => codes({})))),
  job('success rules', { ...indexed, successPolicy: { rules: [{ succeededIndexes: '0,2' }, { succeededCount: 1 }] } }),
  job('bad success rules', {
    ...indexed,
    successPolicy: {
      rules: [
        {},
        { succeededIndexes: '2,1' },
        { succeededIndexes: '0-5', succeededCount: 9 },
        { succeededIndexes: '0', succeededCount: 2 },
      ],
    },
  }),
  job('success rules without indexes', { successPolicy: { rules: [{ succeededCount: 1 }] } }),
  job('managed by', { managedBy: 'a b' }),
  job('replacement', { podReplacementPolicy: 'TerminatingOrFailed', ...failures([codes({})]) }),
  job('replacement and rules', { podReplacementPolicy: 'Failed', ...failures([codes({})]) }),
  job('less than nothing', { parallelism: -1, completions: -1, backoffLimit: -1, activeDeadlineSeconds: -1, ttlSecondsAfterFinished: -1 }),
]

const cron = (name: string, spec: Fields, meta?: Fields): Case =>
  made('CronJob', 'batch/v1', name, { spec: { schedule: '@daily', jobTemplate: { spec: { template: ending } }, ...spec } }, meta)

const schedules = [
  '@hourly',
  '@every 1h30m',
  '@every x',
  '@foo',
  '',
  '* * * *',
  '* * * * * *',
  '60 * * * *',
  '-1 * * * *',
  '1-2-3 * * * *',
  '1/2/3 * * * *',
  '*/0 * * * *',
  '5-2 * * * *',
  'x * * * *',
  '0 0 1 jan-mar mon,FRI',
  '0 0 31 2 ?',
  'TZ=UTC 0 0 * * *',
  'CRON_TZ=Foo/Bar 0 0 * * *',
  'TZ=0',
  '0 0 0 * *',
  '0 0 * * 7',
  '0 0 * * 99999999999999999999',
]
const zones = ['UTC', 'Local', 'Foo/Bar', 'Etc/GMT+1', 'europe/berlin', 'a/../b', '-x', 'America/Argentina/Buenos_Aires', '']

const cronJobs: readonly Case[] = [
  ...schedules.map((schedule) => cron(`schedule ${JSON.stringify(schedule)}`, { schedule })),
  ...zones.map((timeZone) => cron(`zone ${JSON.stringify(timeZone)}`, { timeZone })),
  cron('two zones', { schedule: 'TZ=UTC 0 0 * * *', timeZone: 'UTC' }),
  cron('long name', {}, { name: 'a'.repeat(53) }),
  cron('limits', { startingDeadlineSeconds: -1, successfulJobsHistoryLimit: -1, failedJobsHistoryLimit: -1, concurrencyPolicy: 'Never' }),
  cron('restarted always', { jobTemplate: { spec: { template } } }),
  cron('selector', { jobTemplate: { spec: { manualSelector: true, selector, template: ending } } }),
  cron('nothing to do', { jobTemplate: {} }),
]

const daemonSet = (name: string, spec: Fields): Case => made('DaemonSet', 'apps/v1', name, { spec: { selector, template, ...spec } })
const rolling = (rollingUpdate: Fields, type = 'RollingUpdate'): Fields => ({ updateStrategy: { type, rollingUpdate } })
const statefulSet = (name: string, spec: Fields): Case =>
  made('StatefulSet', 'apps/v1', name, { spec: { selector, template, serviceName: 's', ...spec } })
const claim = { metadata: { name: 'data' }, spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } } }
const controller = (name: string, spec: Fields): Case => made('ReplicationController', 'v1', name, { spec: { template, ...spec } })

const controllers: readonly Case[] = [
  daemonSet('plain', {}),
  daemonSet('surge', rolling({ maxSurge: 1, maxUnavailable: 0 })),
  daemonSet('surge and unavailable', rolling({ maxSurge: '10%', maxUnavailable: 1 })),
  daemonSet('neither', rolling({ maxSurge: 0, maxUnavailable: 0 })),
  daemonSet('percents', rolling({ maxUnavailable: '101%', maxSurge: 'x' })),
  daemonSet('on deletion', rolling({ maxUnavailable: 1 }, 'OnDelete')),
  daemonSet('another strategy', rolling({}, 'Other')),
  daemonSet('no selector', { selector: null }),
  daemonSet('empty selector', { selector: {} }),
  daemonSet('ends', { template: ending }),
  daemonSet('deadline', { template: { ...template, spec: { ...template.spec, activeDeadlineSeconds: 5 } } }),
  daemonSet('below nothing', { minReadySeconds: -1, revisionHistoryLimit: -1 }),
  statefulSet('plain', {}),
  statefulSet('claims', { volumeClaimTemplates: [claim] }),
  statefulSet('bad claims', { volumeClaimTemplates: [{ metadata: { name: 'A_b' }, spec: {} }] }),
  statefulSet('without service', { serviceName: '' }),
  statefulSet('service', { serviceName: 'A_b' }),
  statefulSet('policies', { podManagementPolicy: 'Serial', updateStrategy: { type: 'Other' } }),
  statefulSet('partition', rolling({ partition: -1 })),
  statefulSet('on deletion', rolling({ partition: 1 }, 'OnDelete')),
  statefulSet('retention', { persistentVolumeClaimRetentionPolicy: { whenDeleted: 'Delete', whenScaled: 'Keep' } }),
  statefulSet('ordinals', { ordinals: { start: -1 }, replicas: -1, revisionHistoryLimit: -1, minReadySeconds: -1 }),
  statefulSet('ends', { template: ending }),
  controller('plain', {}),
  controller('selector of others', { selector: { app: 'b' } }),
  controller('ends', { template: ending }),
  controller('no template', { template: null, selector: { app: 'a' } }),
  controller('below nothing', { replicas: -1, minReadySeconds: -1 }),
  made('ControllerRevision', 'apps/v1', 'plain', { data: { a: 1 }, revision: 1 }),
  made('ControllerRevision', 'apps/v1', 'nothing', { revision: -1 }),
  made('PodTemplate', 'v1', 'plain', { template }),
  made('PodTemplate', 'v1', 'nothing', {}),
]

const budget = (name: string, spec: Fields): Case => made('PodDisruptionBudget', 'policy/v1', name, { spec })
const scaleTargetRef = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'd' }
const scaler = (name: string, spec: Fields): Case =>
  made('HorizontalPodAutoscaler', 'autoscaling/v2', name, { spec: { scaleTargetRef, maxReplicas: 3, ...spec } })
const oldScaler = (name: string, spec: Fields, meta?: Fields): Case =>
  made('HorizontalPodAutoscaler', 'autoscaling/v1', name, { spec: { scaleTargetRef, maxReplicas: 3, ...spec } }, meta)
const metric = { name: 'm' }
const average = { type: 'AverageValue', averageValue: '5' }
const alpha = 'autoscaling.alpha.kubernetes.io/'

const policies: readonly Case[] = [
  budget('plain', { minAvailable: 1, selector }),
  budget('both', { minAvailable: 1, maxUnavailable: '10%', selector }),
  budget('neither', { selector: {} }),
  budget('percents', { minAvailable: '101%' }),
  budget('words', { maxUnavailable: 'x', unhealthyPodEvictionPolicy: 'Never' }),
  budget('below nothing', { maxUnavailable: -1 }),
  budget('selector', { selector: { matchExpressions: [{ key: 'a b', operator: 'Like' }] } }),
  scaler('plain', {}),
  scaler('to nothing', { minReplicas: 0, maxReplicas: 0 }),
  scaler('min above max', { minReplicas: 4 }),
  scaler('to nothing by a metric', { minReplicas: 0, metrics: [{ type: 'External', external: { metric, target: average } }] }),
  scaler('target', { scaleTargetRef: { kind: 'a/b', name: '', apiVersion: 'x/y/z' } }),
  scaler('metrics', {
    metrics: [
      { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 50 } } },
      { type: 'ContainerResource', containerResource: { name: 'cpu', container: 'main', target: average } },
      { type: 'Pods', pods: { metric, target: average } },
      { type: 'Object', object: { metric, target: { type: 'Value', value: '5' }, describedObject: { kind: 'Service', name: 's' } } },
    ],
  }),
  scaler('bad metrics', {
    metrics: [
      { type: 'Other' },
      { type: 'Resource' },
      { type: 'Pods', resource: { name: 'cpu', target: average } },
      { type: 'Resource', resource: { name: '', target: { type: 'Utilization', averageUtilization: 0, averageValue: '1' } } },
      { type: 'Pods', pods: { metric: { name: '' }, target: { type: 'Value', value: '-1' } } },
      { type: 'Object', object: { metric, target: { type: 'AverageValue' }, describedObject: { kind: '', name: '' } } },
      { type: 'External', external: { metric, target: { type: 'Value', value: '1', averageValue: '1' } } },
    ],
  }),
  scaler('behavior', {
    behavior: {
      scaleUp: { stabilizationWindowSeconds: 5, policies: [{ type: 'Pods', value: 1, periodSeconds: 5 }] },
      scaleDown: { selectPolicy: 'Disabled', tolerance: '50m' },
    },
  }),
  scaler('bad behavior', {
    behavior: {
      scaleUp: {
        stabilizationWindowSeconds: 3601,
        selectPolicy: 'Some',
        policies: [
          { type: 'Other', value: 0, periodSeconds: 1801 },
          { type: 'Percent', value: -1, periodSeconds: 0 },
        ],
      },
      scaleDown: { policies: [], stabilizationWindowSeconds: -1 },
    },
  }),
  oldScaler('plain', { targetCPUUtilizationPercentage: 50 }),
  oldScaler('below nothing', { targetCPUUtilizationPercentage: -1 }),
  oldScaler(
    'annotations',
    {},
    {
      annotations: {
        own: 'x',
        [`${alpha}metrics`]: '[{"type":"Pods","pods":{"metricName":"m","targetAverageValue":"5"}}]',
        [`${alpha}behavior`]: '{"ScaleDown":{"SelectPolicy":"Disabled"}}',
      },
    },
  ),
  oldScaler('unreadable annotations', {}, { annotations: { [`${alpha}metrics`]: '{', [`${alpha}behavior`]: '[]' } }),
]

export const workloadCases: readonly Case[] = [...jobs, ...cronJobs, ...controllers, ...policies]
