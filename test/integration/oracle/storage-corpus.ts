/** Good and bad volumes, claims, quotas and limits. */
import type { Case, Fields } from './pod-corpus.ts'

function made(kind: string, name: string, spec: Fields, meta: Fields = {}): Case {
  const namespace = kind === 'PersistentVolume' ? {} : { namespace: 'default' }
  return { name: `${kind}: ${name}`, object: { apiVersion: 'v1', kind, metadata: { name: 'case', ...namespace, ...meta }, spec } }
}

const base = { capacity: { storage: '1Gi' }, accessModes: ['ReadWriteOnce'] }
const volume = (name: string, spec: Fields, meta?: Fields): Case => made('PersistentVolume', name, { ...base, ...spec }, meta)
const hostPath = { path: '/x' }
const secretRef = { name: 'a', namespace: 'b' }
const affinity = (expressions: readonly Fields[]): Fields => ({
  nodeAffinity: { required: { nodeSelectorTerms: [{ matchExpressions: expressions }] } },
})

const sources: Readonly<Record<string, Fields>> = {
  nfs: { server: '', path: 'relative', readOnly: true },
  csi: { driver: 'a b', volumeHandle: '', nodeStageSecretRef: { name: '' }, controllerPublishSecretRef: secretRef },
  gcePersistentDisk: { pdName: '', partition: 256 },
  awsElasticBlockStore: { volumeID: '', partition: -1 },
  glusterfs: { endpoints: '', path: '', endpointsNamespace: '' },
  rbd: { monitors: [], image: '', secretRef },
  iscsi: { targetPortal: '', iqn: 'x', lun: 256, chapAuthSession: true, initiatorName: 'y' },
  cephfs: { monitors: [], secretRef },
  fc: { targetWWNs: [], wwids: ['a'], lun: 300 },
  flexVolume: { driver: '' },
  azureFile: { secretName: '', shareName: '', secretNamespace: '' },
  azureDisk: { diskName: '', diskURI: 'x', cachingMode: 'Some', kind: 'Other' },
  vsphereVolume: { volumePath: '' },
  quobyte: { registry: 'a', volume: '' },
  scaleIO: { gateway: '', system: '', volumeName: '', secretRef },
  storageos: { volumeName: 'A_b', volumeNamespace: 'C_d' },
  local: { path: '../x' },
}

const volumes: readonly Case[] = [
  volume('plain', { hostPath }),
  volume('no source', {}),
  volume('two sources', { hostPath, nfs: { server: 's', path: '/p' } }),
  volume('no capacity', { capacity: null, hostPath }),
  volume('other capacity', { capacity: { storage: '0', cpu: '1' }, hostPath }),
  volume('modes', { accessModes: ['Some', 'ReadWriteOncePod', 'ReadWriteOnce'], hostPath }),
  volume('no modes', { accessModes: [], hostPath }),
  volume('policies', { persistentVolumeReclaimPolicy: 'Keep', volumeMode: 'Other', storageClassName: 'A_b', hostPath }),
  volume('recycled root', { persistentVolumeReclaimPolicy: 'Recycle', hostPath: { path: '/' } }),
  volume('recycled', { persistentVolumeReclaimPolicy: 'Recycle', hostPath }),
  volume(
    'old annotations',
    { hostPath },
    { annotations: { 'volume.beta.kubernetes.io/mount-options': 'a', 'volume.beta.kubernetes.io/storage-class': 'b' } },
  ),
  volume('attributes', { volumeAttributesClassName: '', hostPath }),
  volume('attributes of others', { volumeAttributesClassName: 'gold', hostPath }),
  volume('affinity', { local: { path: '/d' }, ...affinity([{ key: 'a', operator: 'In', values: ['b'] }]) }),
  volume('local without affinity', { local: { path: '/d' } }),
  volume('bad affinity', { hostPath, ...affinity([{ key: 'a b', operator: 'Like' }]) }),
  volume('empty affinity', { hostPath, nodeAffinity: { required: { nodeSelectorTerms: [] } } }),
  ...Object.entries(sources).map(([name, source]) => volume(`bad ${name}`, { [name]: source })),
]

const wanted = { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } }
const claim = (name: string, spec: Fields, meta?: Fields): Case => made('PersistentVolumeClaim', name, { ...wanted, ...spec }, meta)
const snapshot = { apiGroup: 'snapshot.storage.k8s.io', kind: 'VolumeSnapshot', name: 's' }

const claims: readonly Case[] = [
  claim('plain', {}),
  claim('nothing', { accessModes: null, resources: null }),
  claim('modes', { accessModes: ['Some', 'ReadWriteOncePod', 'ReadWriteOnce'] }),
  claim('amounts', { resources: { requests: { storage: '1500m', cpu: '1' }, limits: { storage: '500m' } } }),
  claim('no amount', { resources: { requests: { storage: '0' } } }),
  claim('names', { storageClassName: 'A_b', volumeMode: 'Other', volumeAttributesClassName: 'C_d' }),
  claim('empty attributes', { volumeAttributesClassName: '' }),
  claim('selector', { selector: { matchExpressions: [{ key: 'a', operator: 'Like' }] } }),
  claim('snapshot', { dataSource: snapshot }),
  claim('two sources', { dataSource: snapshot, dataSourceRef: { ...snapshot, name: 't' } }),
  claim('odd source', { dataSource: { kind: 'Other', name: 'x' } }),
  claim('odd reference', { dataSourceRef: { kind: 'Other', name: '' } }),
  claim('source elsewhere', { dataSourceRef: { ...snapshot, namespace: 'other' } }),
  claim('old annotation', {}, { annotations: { 'volume.beta.kubernetes.io/storage-class': 'b' } }),
]

const quota = (name: string, spec: Fields): Case => made('ResourceQuota', name, spec)
const scoped = (...matchExpressions: Fields[]): Fields => ({ scopeSelector: { matchExpressions } })
const limitRange = (name: string, ...limits: Fields[]): Case => made('LimitRange', name, { limits })

const amounts: readonly Case[] = [
  quota('plain', {
    hard: { cpu: '1', 'requests.memory': '1Gi', 'count/jobs.batch': '2', 'gold.storageclass.storage.k8s.io/requests.storage': '1Gi' },
  }),
  quota('bad names', { hard: { 'a b': '1', 'count/': '1', fish: '1', 'limits.fish': '1' } }),
  quota('bad amounts', { hard: { pods: '1500m', cpu: '-1', services: '-1' } }),
  quota('scopes', { hard: { pods: '1' }, scopes: ['BestEffort', 'NotTerminating'] }),
  quota('bad scopes', {
    hard: { pods: '1', services: '1' },
    scopes: ['BestEffort', 'NotBestEffort', 'Some', 'Terminating', 'NotTerminating'],
  }),
  quota('scopes of cpu', { hard: { cpu: '1' }, scopes: ['BestEffort'] }),
  quota('selected', { hard: { pods: '1' }, ...scoped({ scopeName: 'PriorityClass', operator: 'In', values: ['a'] }) }),
  quota('badly selected', {
    hard: { pods: '1' },
    ...scoped(
      { scopeName: 'PriorityClass', operator: 'In' },
      { scopeName: 'BestEffort', operator: 'In', values: ['a'] },
      { scopeName: 'Some', operator: 'Exists' },
      { scopeName: 'PriorityClass', operator: 'Exists', values: ['a'] },
    ),
  }),
  limitRange('plain', { type: 'Container', max: { cpu: '2' }, min: { cpu: '1' }, default: { cpu: '2' }, defaultRequest: { cpu: '1' } }),
  limitRange('defaults from the maximum', { type: 'Container', max: { cpu: '2', memory: '1Gi' } }),
  limitRange('out of order', {
    type: 'Container',
    max: { cpu: '1' },
    min: { cpu: '2' },
    default: { cpu: '3' },
    defaultRequest: { cpu: '4' },
  }),
  limitRange('defaults of a pod', { type: 'Pod', default: { cpu: '1' }, defaultRequest: { cpu: '1' } }),
  limitRange('ratio', { type: 'Pod', max: { cpu: '4' }, min: { cpu: '1' }, maxLimitRequestRatio: { cpu: '500m', memory: '5' } }),
  limitRange('ratio beyond reach', { type: 'Container', max: { cpu: '4' }, min: { cpu: '2' }, maxLimitRequestRatio: { cpu: '5' } }),
  limitRange('claims', { type: 'PersistentVolumeClaim', max: { cpu: '1' } }, { type: 'PersistentVolumeClaim' }),
  limitRange('types', { type: '' }, { type: 'a b' }, { type: 'Pod' }, { type: 'Pod' }),
  limitRange('extended', { type: 'Container', default: { 'example.com/x': '2' }, defaultRequest: { 'example.com/x': '1' } }),
]

export const storageCases: readonly Case[] = [...volumes, ...claims, ...amounts]
