/** Kinds of which one object lives through all requests beside upstream. */
type Fields = Record<string, unknown>

export interface Life {
  apiVersion: string
  plural: string
  kind: string
  body: Fields
  /** A merge patch. */
  change: Fields
  status?: Fields
  /** A strategic merge patch. */
  merged?: Fields
  scales?: true
  /** All versions that show it. */
  faces?: readonly string[]
  clusterScoped?: true
}

const time = '2024-01-01T00:00:00Z'
const main = { name: 'main', image: 'app:1' }
const template = { metadata: { labels: { app: 'a' } }, spec: { containers: [main] } }
const endingTemplate = { ...template, spec: { ...template.spec, restartPolicy: 'Never' } }
const selector = { matchLabels: { app: 'a' } }
const moreContainers = {
  spec: {
    template: {
      spec: {
        containers: [
          { name: 'main', image: 'app:2' },
          { name: 'b', image: 'c' },
        ],
      },
    },
  },
}
const claim = { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } }
const limit = (storage: string): Fields => ({ spec: { limits: [{ type: 'PersistentVolumeClaim', max: { storage } }] } })
const target = { kind: 'Deployment', name: 'd', apiVersion: 'apps/v1' }
const faces = ['autoscaling/v1', 'autoscaling/v2']

const batch: Life[] = [
  {
    apiVersion: 'batch/v1',
    plural: 'jobs',
    kind: 'Job',
    body: { spec: { template: endingTemplate } },
    change: { spec: { parallelism: 3 } },
    status: { active: 1, startTime: time },
    merged: moreContainers,
  },
  {
    apiVersion: 'batch/v1',
    plural: 'cronjobs',
    kind: 'CronJob',
    body: { spec: { schedule: '* * * * *', jobTemplate: { spec: { template: endingTemplate } } } },
    change: { spec: { suspend: true } },
    status: { lastScheduleTime: time },
    merged: { spec: { jobTemplate: moreContainers } },
  },
]

const apps: Life[] = [
  {
    apiVersion: 'apps/v1',
    plural: 'daemonsets',
    kind: 'DaemonSet',
    body: { spec: { selector, template } },
    change: { spec: { minReadySeconds: 3 } },
    status: { numberReady: 1, desiredNumberScheduled: 1, currentNumberScheduled: 1, numberMisscheduled: 0 },
    merged: moreContainers,
  },
  {
    apiVersion: 'apps/v1',
    plural: 'statefulsets',
    kind: 'StatefulSet',
    body: { spec: { selector, serviceName: 's', template, volumeClaimTemplates: [{ metadata: { name: 'd' }, spec: claim }] } },
    change: { spec: { minReadySeconds: 3 } },
    status: { replicas: 1 },
    merged: moreContainers,
    scales: true,
  },
  ...[
    { plural: 'deployments', kind: 'Deployment' },
    { plural: 'replicasets', kind: 'ReplicaSet' },
  ].map(
    (names): Life => ({
      ...names,
      apiVersion: 'apps/v1',
      body: { spec: { selector, template } },
      change: { spec: { minReadySeconds: 3 } },
      status: { replicas: 1 },
      merged: moreContainers,
      scales: true,
    }),
  ),
  {
    apiVersion: 'apps/v1',
    plural: 'controllerrevisions',
    kind: 'ControllerRevision',
    body: { revision: 1, data: { a: 1 } },
    change: { revision: 2 },
  },
  {
    apiVersion: 'v1',
    plural: 'replicationcontrollers',
    kind: 'ReplicationController',
    body: { spec: { selector: { app: 'a' }, template } },
    change: { spec: { minReadySeconds: 3 } },
    status: { replicas: 1 },
    merged: moreContainers,
    scales: true,
  },
  {
    apiVersion: 'v1',
    plural: 'podtemplates',
    kind: 'PodTemplate',
    body: { template },
    change: { template: { metadata: { labels: { x: 'y' } } } },
  },
  {
    apiVersion: 'policy/v1',
    plural: 'poddisruptionbudgets',
    kind: 'PodDisruptionBudget',
    body: { spec: { selector, minAvailable: 1 } },
    change: { spec: { minAvailable: 2 } },
    status: { disruptionsAllowed: 1, currentHealthy: 1, desiredHealthy: 1, expectedPods: 1 },
  },
]

const others: Life[] = [
  {
    apiVersion: 'v1',
    plural: 'persistentvolumes',
    kind: 'PersistentVolume',
    body: { spec: { capacity: { storage: '1Gi' }, accessModes: ['ReadWriteOnce'], hostPath: { path: '/x' } } },
    change: { spec: { mountOptions: ['a'] } },
    status: { phase: 'Bound' },
    clusterScoped: true,
  },
  {
    apiVersion: 'v1',
    plural: 'persistentvolumeclaims',
    kind: 'PersistentVolumeClaim',
    body: { spec: claim },
    change: { spec: { volumeName: 'v' } },
    status: { phase: 'Bound', capacity: { storage: '1Gi' } },
  },
  {
    apiVersion: 'v1',
    plural: 'resourcequotas',
    kind: 'ResourceQuota',
    body: { spec: { hard: { 'count/widgets.example.com': '3' } } },
    change: { spec: { hard: { 'count/widgets.example.com': '4' } } },
    status: { hard: { pods: '3' } },
  },
  { apiVersion: 'v1', plural: 'limitranges', kind: 'LimitRange', body: limit('9Ti'), change: limit('99Ti') },
  {
    apiVersion: 'autoscaling/v2',
    plural: 'horizontalpodautoscalers',
    kind: 'HorizontalPodAutoscaler',
    body: {
      spec: {
        scaleTargetRef: target,
        maxReplicas: 3,
        metrics: [
          { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 5 } } },
          { type: 'Pods', pods: { metric: { name: 'm' }, target: { type: 'AverageValue', averageValue: '5' } } },
        ],
        behavior: { scaleDown: { selectPolicy: 'Disabled' } },
      },
    },
    change: { spec: { maxReplicas: 4 } },
    status: {
      currentReplicas: 1,
      desiredReplicas: 2,
      conditions: [{ type: 'AbleToScale', status: 'True', lastTransitionTime: time }],
      currentMetrics: [{ type: 'Resource', resource: { name: 'cpu', current: { averageValue: '3', averageUtilization: 4 } } }],
    },
    faces,
  },
  {
    apiVersion: 'autoscaling/v1',
    plural: 'horizontalpodautoscalers',
    kind: 'HorizontalPodAutoscaler',
    body: { spec: { scaleTargetRef: target, maxReplicas: 3, targetCPUUtilizationPercentage: 50 } },
    change: { spec: { targetCPUUtilizationPercentage: null } },
    status: { currentReplicas: 1, desiredReplicas: 2 },
    faces,
  },
]

export const lives: readonly Life[] = [...batch, ...apps, ...others]
