/** Objects whose tables are compared with upstream's: controllers of pods, storage, quotas, autoscalers. */
type Fields = Record<string, unknown>

export interface Row {
  title: string
  object: Fields
  status?: Fields
}

const clusterKinds = new Set(['Node', 'Namespace', 'PersistentVolume'])
const longAgo = '2020-01-01T00:00:00Z'
const main = { name: 'main', image: 'app:1' }
const two = { containers: [main, { ...main, name: 'side', image: 'other' }] }
const template = { metadata: { labels: { app: 'a' } }, spec: two }
const endingTemplate = { ...template, spec: { ...two, restartPolicy: 'Never' } }
const selector = { matchLabels: { app: 'a' }, matchExpressions: [{ key: 'tier', operator: 'NotIn', values: ['x', 'w'] }] }

export function object(kind: string, apiVersion: string, { metadata, ...body }: { metadata?: Fields } & Fields): Fields {
  const namespace = clusterKinds.has(kind) ? {} : { namespace: 'default' }
  return { apiVersion, kind, metadata: { name: 'tables-case', ...namespace, ...metadata }, ...body }
}

const job = (title: string, spec: Fields, status: Fields): Row => ({
  title: `job ${title}`,
  object: object('Job', 'batch/v1', { spec: { ...spec, template: endingTemplate } }),
  status,
})
const ended = (type: string): Fields => ({ type, status: 'True' })

const jobs: Row[] = [
  job('new', {}, {}),
  job('without count', { parallelism: 3, completions: null }, { active: 2, succeeded: 1, startTime: longAgo }),
  job('suspended', { suspend: true }, { conditions: [ended('Suspended')] }),
  job(
    'complete',
    { completions: 2 },
    {
      succeeded: 2,
      startTime: longAgo,
      completionTime: '2020-01-01T00:03:20Z',
      conditions: [ended('SuccessCriteriaMet'), ended('Complete')],
    },
  ),
  job('failed', { completions: 2 }, { failed: 2, startTime: longAgo, conditions: [ended('FailureTarget'), ended('Failed')] }),
  job('failing', {}, { startTime: longAgo, conditions: [ended('FailureTarget')] }),
  job('near its end', {}, { startTime: longAgo, conditions: [ended('SuccessCriteriaMet')] }),
]

const cronJob = (title: string, spec: Fields, status: Fields): Row => ({
  title: `cron job ${title}`,
  object: object('CronJob', 'batch/v1', {
    spec: { schedule: '*/5 * * * *', jobTemplate: { spec: { template: endingTemplate } }, ...spec },
  }),
  status,
})

const controllers: Row[] = [
  ...jobs,
  cronJob('new', {}, {}),
  cronJob(
    'with a zone',
    { timeZone: 'Europe/Berlin', suspend: true, jobTemplate: { spec: { template: endingTemplate } } },
    { active: [{ kind: 'Job', name: 'x' }], lastScheduleTime: longAgo },
  ),
  {
    title: 'daemon set',
    object: object('DaemonSet', 'apps/v1', {
      spec: { selector, template: { ...template, spec: { ...two, nodeSelector: { b: 'c', a: '' } } } },
    }),
    status: {
      desiredNumberScheduled: 6,
      currentNumberScheduled: 5,
      numberReady: 4,
      updatedNumberScheduled: 3,
      numberAvailable: 2,
      numberMisscheduled: 1,
    },
  },
  { title: 'new daemon set', object: object('DaemonSet', 'apps/v1', { spec: { selector: { matchLabels: { app: 'a' } }, template } }) },
  {
    title: 'stateful set',
    object: object('StatefulSet', 'apps/v1', { spec: { replicas: 3, serviceName: 's', selector, template } }),
    status: { replicas: 2, readyReplicas: 1 },
  },
  {
    title: 'owned controller revision',
    object: object('ControllerRevision', 'apps/v1', {
      revision: 3,
      data: { a: 'b' },
      metadata: { ownerReferences: [{ apiVersion: 'apps/v1', kind: 'DaemonSet', name: 'd', uid: 'u', controller: true }] },
    }),
  },
  {
    title: 'controller revision of a core kind',
    object: object('ControllerRevision', 'apps/v1', {
      revision: 0,
      data: {},
      metadata: { ownerReferences: [{ apiVersion: 'v1', kind: 'Pod', name: 'd', uid: 'u', controller: true }] },
    }),
  },
  { title: 'controller revision', object: object('ControllerRevision', 'apps/v1', { revision: 1, data: {} }) },
  {
    title: 'replication controller',
    object: object('ReplicationController', 'v1', { spec: { replicas: 4, selector: { app: 'a' }, template } }),
    status: { replicas: 3, readyReplicas: 2, fullyLabeledReplicas: 1 },
  },
  { title: 'pod template', object: object('PodTemplate', 'v1', { template: { ...template, metadata: { labels: { b: 'c', a: '' } } } }) },
  { title: 'bare pod template', object: object('PodTemplate', 'v1', { template: { spec: { containers: [main] } } }) },
]

const claim = { accessModes: ['ReadOnlyMany', 'ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } }
const volume = { capacity: { storage: '1Gi' }, accessModes: ['ReadWriteOnce'], hostPath: { path: '/x' } }

const storage: Row[] = [
  { title: 'volume', object: object('PersistentVolume', 'v1', { spec: volume }), status: { phase: 'Available' } },
  {
    title: 'bound volume',
    object: object('PersistentVolume', 'v1', {
      spec: {
        ...volume,
        accessModes: ['ReadWriteMany', 'ReadWriteOnce', 'ReadOnlyMany'],
        claimRef: { kind: 'PersistentVolumeClaim', namespace: 'default', name: 'c', uid: 'u' },
        storageClassName: 'fast',
        persistentVolumeReclaimPolicy: 'Delete',
        volumeMode: 'Block',
      },
    }),
    status: { phase: 'Bound', reason: 'R', message: 'm' },
  },
  {
    title: 'volume of an annotated class',
    object: object('PersistentVolume', 'v1', {
      metadata: { annotations: { 'volume.beta.kubernetes.io/storage-class': 'old' } },
      spec: { ...volume, accessModes: ['ReadWriteOncePod'] },
    }),
  },
  { title: 'claim', object: object('PersistentVolumeClaim', 'v1', { spec: { ...claim, storageClassName: 'fast', volumeMode: 'Block' } }) },
  {
    title: 'bound claim',
    object: object('PersistentVolumeClaim', 'v1', { spec: { ...claim, volumeName: 'v', volumeAttributesClassName: 'gold' } }),
    status: { phase: 'Bound', accessModes: ['ReadOnlyMany', 'ReadWriteOnce'], capacity: { storage: '2Gi' } },
  },
  {
    title: 'claim without capacity',
    object: object('PersistentVolumeClaim', 'v1', { spec: { ...claim, volumeName: 'v', storageClassName: '' } }),
    status: { phase: 'Lost' },
  },
]

const limits: Row[] = [
  {
    title: 'quota',
    object: object('ResourceQuota', 'v1', { spec: { hard: { pods: '3' } } }),
    status: {
      hard: { pods: '3', 'limits.memory': '1Gi', 'requests.cpu': '2', 'limits.cpu': '4', 'count/jobs.batch': '1' },
      used: { pods: '1', 'limits.cpu': '1500m', 'requests.cpu': '0.5' },
    },
  },
  { title: 'new quota', object: object('ResourceQuota', 'v1', { spec: { hard: { pods: '3' } } }) },
  { title: 'limit range', object: object('LimitRange', 'v1', { spec: { limits: [{ type: 'Pod', max: { cpu: '1' } }] } }) },
  {
    title: 'disruption budget',
    object: object('PodDisruptionBudget', 'policy/v1', { spec: { selector, minAvailable: '30%' } }),
    status: { disruptionsAllowed: 2, currentHealthy: 3, desiredHealthy: 1, expectedPods: 3 },
  },
  { title: 'other disruption budget', object: object('PodDisruptionBudget', 'policy/v1', { spec: { maxUnavailable: 0 } }) },
]

const scaled = { scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'd' }, minReplicas: 2, maxReplicas: 5 }
const target = (type: string, value: unknown): Fields => ({
  type,
  [type === 'Utilization' ? 'averageUtilization' : type === 'Value' ? 'value' : 'averageValue']: value,
})
const metric = { name: 'm' }
const describedObject = { apiVersion: 'v1', kind: 'Service', name: 's' }
const resource = (type: string, value: unknown): Fields => ({ type: 'Resource', resource: { name: 'cpu', target: target(type, value) } })

function autoscaler(title: string, metrics: readonly Fields[], currentMetrics: readonly Fields[]): Row[] {
  const status = { currentReplicas: 3, desiredReplicas: 4, currentMetrics }
  const [name, made] = [`autoscaler ${title}`, object('HorizontalPodAutoscaler', 'autoscaling/v2', { spec: { ...scaled, metrics } })]
  return [
    { title: `new ${name}`, object: made },
    { title: name, object: made, status },
  ]
}

const autoscalers: Row[] = [
  ...autoscaler(
    'by use',
    [resource('Utilization', 50)],
    [{ type: 'Resource', resource: { name: 'cpu', current: { averageUtilization: 4, averageValue: '1' } } }],
  ),
  ...autoscaler(
    'by amount',
    [resource('AverageValue', '2')],
    [{ type: 'Resource', resource: { name: 'cpu', current: { averageValue: '1500m' } } }],
  ),
  ...autoscaler(
    'by a container',
    [{ type: 'ContainerResource', containerResource: { name: 'cpu', container: 'main', target: target('Utilization', 30) } }],
    [
      {
        type: 'ContainerResource',
        containerResource: { name: 'cpu', container: 'main', current: { averageUtilization: 4, averageValue: '1' } },
      },
    ],
  ),
  ...autoscaler(
    'by pods',
    [{ type: 'Pods', pods: { metric, target: target('AverageValue', '5') } }],
    [{ type: 'Pods', pods: { metric, current: { averageValue: '2' } } }],
  ),
  ...autoscaler(
    'by an object',
    [{ type: 'Object', object: { describedObject, metric, target: target('Value', '5') } }],
    [{ type: 'Object', object: { describedObject, metric, current: { value: '2' } } }],
  ),
  ...autoscaler(
    'by the average of an object',
    [{ type: 'Object', object: { describedObject, metric, target: target('AverageValue', '5') } }],
    [{ type: 'Object', object: { describedObject, metric, current: { averageValue: '2' } } }],
  ),
  ...autoscaler(
    'from outside',
    [{ type: 'External', external: { metric, target: target('Value', '5') } }],
    [{ type: 'External', external: { metric, current: { value: '2' } } }],
  ),
  ...autoscaler(
    'by much',
    [
      resource('Utilization', 50),
      { type: 'Pods', pods: { metric, target: target('AverageValue', '5') } },
      { type: 'External', external: { metric, target: target('AverageValue', '5') } },
    ],
    [{ type: 'Resource', resource: { name: 'cpu', current: { averageUtilization: 4, averageValue: '1' } } }],
  ),
  {
    title: 'autoscaler of version 1',
    object: object('HorizontalPodAutoscaler', 'autoscaling/v1', { spec: { ...scaled, targetCPUUtilizationPercentage: 40 } }),
    status: { currentReplicas: 1, desiredReplicas: 2, currentCPUUtilizationPercentage: 6 },
  },
]

export const rows: readonly Row[] = [...controllers, ...storage, ...limits, ...autoscalers]
