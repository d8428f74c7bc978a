/** Good and bad pods: what upstream and we must fill in, refuse and say alike. */

export interface Case {
  name: string
  object: Record<string, unknown>
}

export type Fields = Record<string, unknown>

export const metadata = { name: 'case', namespace: 'default' }
export const main = { name: 'main', image: 'app' }

export function pod(name: string, spec: Fields = {}, container: Fields = {}, meta: Fields = {}): Case {
  return {
    name: `pod: ${name}`,
    object: {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { ...metadata, ...meta },
      spec: { containers: [{ ...main, ...container }], ...spec },
    },
  }
}

export const volume = (name: string, ...volumes: Fields[]): Case => pod(`volume ${name}`, { volumes })
const probe = (name: string, livenessProbe: Fields): Case => pod(`probe ${name}`, {}, { livenessProbe })
export const env = (name: string, ...variables: Fields[]): Case => pod(`env ${name}`, {}, { env: variables })
const resources = (name: string, amounts: Fields, spec: Fields = {}): Case => pod(`resources ${name}`, spec, { resources: amounts })
const term = (matchExpressions: Fields[]): Fields => ({ nodeSelectorTerms: [{ matchExpressions }] })
const nodeAffinity = (required: Fields): Fields => ({
  affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: required } },
})
const spread = (name: string, constraint: Fields): Case => pod(`spread ${name}`, { topologySpreadConstraints: [constraint] })
const projected = (name: string, ...sources: Fields[]): Case => volume(`projected ${name}`, { name: 'p', projected: { sources } })

const basics: Case[] = [
  pod('plain'),
  pod('old account field', { serviceAccount: 'default' }),
  pod('old init annotations', {}, {}, { annotations: { 'pod.beta.kubernetes.io/init-containers': 'x' } }),
  pod('tagged', {}, { image: 'reg.example.com:5000/a/b:v1' }),
  pod('digest', {}, { image: `app@sha256:${'0'.repeat(64)}` }),
  pod('no containers', { containers: [] }),
  pod('no name or image', { containers: [{}] }),
  pod('bad names', { containers: [{ name: 'Main_1', image: ' app ' }, main, main], nodeName: 'Node_1', hostname: 'A', subdomain: 'b.c' }),
  pod('policies', { restartPolicy: 'Sometimes', dnsPolicy: 'Never', terminationGracePeriodSeconds: -5 }),
  pod('image policies', {}, { imagePullPolicy: 'Sure', terminationMessagePolicy: 'Maybe' }),
  pod('deadline', { activeDeadlineSeconds: 0 }),
  pod('host network', { hostNetwork: true }, { ports: [{ containerPort: 80 }] }),
  pod('host network ports differ', { hostNetwork: true }, { ports: [{ containerPort: 80, hostPort: 81 }] }),
  pod(
    'ports',
    {},
    {
      ports: [
        { containerPort: 0 },
        { containerPort: 70000, name: 'Bad_Name', protocol: 'X' },
        { containerPort: 80, name: 'a-b' },
        { containerPort: 81, name: 'a-b', hostPort: 90000 },
      ],
    },
  ),
  pod('host port twice', {
    containers: [
      { ...main, ports: [{ containerPort: 80, hostPort: 80 }] },
      { ...main, name: 'b', ports: [{ containerPort: 81, hostPort: 80 }] },
    ],
  }),
  pod('node selector', { nodeSelector: { 'a b': 'c d' } }),
  pod('ephemeral on create', { ephemeralContainers: [{ name: 'e', image: 'x' }] }),
  pod('gated', { schedulingGates: [{ name: 'example.com/a' }, { name: 'example.com/a' }, { name: 'b c' }] }),
  pod('gated and bound', { schedulingGates: [{ name: 'example.com/a' }], nodeName: 'n' }),
  pod('readiness gates', { readinessGates: [{ conditionType: 'a b' }] }),
  pod('host users', { hostUsers: false, hostNetwork: true, hostPID: true, hostIPC: true }),
  pod('hostname override', { hostnameOverride: 'A_b', setHostnameAsFQDN: true }),
  pod('share and host pid', { shareProcessNamespace: true, hostPID: true }),
  pod('overhead', { overhead: { cpu: '-1' } }),
  pod('system', { os: { name: 'plan9' } }),
  pod(
    'windows',
    { os: { name: 'windows' }, hostPID: true, securityContext: { fsGroup: 1, runAsUser: 2 } },
    { securityContext: { privileged: true } },
  ),
  pod('linux with windows options', { os: { name: 'linux' }, securityContext: { windowsOptions: { runAsUserName: 'a' } } }),
  pod('labels', {}, {}, { labels: { 'a b': 'c d' }, annotations: { 'x y': 'z' }, finalizers: ['unqualified'] }),
  pod('deletion cost', {}, {}, { annotations: { 'controller.kubernetes.io/pod-deletion-cost': 'x' } }),
  pod('mirror', {}, {}, { annotations: { 'kubernetes.io/config.mirror': 'x' } }),
  pod('seccomp annotation', {}, {}, { annotations: { 'seccomp.security.alpha.kubernetes.io/pod': 'x' } }),
  pod(
    'apparmor annotation',
    {},
    {},
    {
      annotations: {
        'container.apparmor.security.beta.kubernetes.io/other': 'bad',
        'container.apparmor.security.beta.kubernetes.io/main': 'runtime/default',
      },
    },
  ),
]

const settings: Case[] = [
  pod('tolerations', {
    tolerations: [
      {},
      { key: 'a', operator: 'Exists', value: 'b' },
      { key: 'a b', operator: 'X', effect: 'Y' },
      { key: 'k', tolerationSeconds: 5 },
      { key: 'k', operator: 'Gt', value: '1' },
    ],
  }),
  pod('host aliases', {
    hostAliases: [
      { ip: '1.2.3', hostnames: ['A_b'] },
      { ip: '1.2.3.4', hostnames: ['ok'] },
    ],
  }),
  pod('dns none', { dnsPolicy: 'None' }),
  pod('dns none without servers', { dnsPolicy: 'None', dnsConfig: {} }),
  pod('dns', { dnsConfig: { nameservers: ['a', '1.1.1.1', '1.1.1.2', '1.1.1.3'], searches: ['a_b.c.', '.', '-x'], options: [{}] } }),
  pod('security', {
    securityContext: {
      runAsUser: -1,
      runAsGroup: -2,
      fsGroup: -3,
      supplementalGroups: [1, -1],
      fsGroupChangePolicy: 'x',
      supplementalGroupsPolicy: 'y',
      seLinuxChangePolicy: 'z',
      seccompProfile: { type: 'Localhost' },
      appArmorProfile: { type: '' },
    },
  }),
  pod('sysctls', {
    hostNetwork: true,
    securityContext: {
      sysctls: [
        { name: 'net.core.somaxconn', value: '1' },
        { name: 'A', value: '1' },
        { name: '', value: '' },
        { name: 'kernel.sem', value: '1' },
        { name: 'kernel.sem', value: '1' },
      ],
    },
  }),
  pod(
    'container security',
    {},
    {
      securityContext: {
        runAsUser: -1,
        runAsGroup: 2147483648,
        procMount: 'x',
        seccompProfile: { type: 'x', localhostProfile: 'p' },
        appArmorProfile: { type: 'Localhost', localhostProfile: ' p' },
      },
    },
  ),
  pod('unmasked', {}, { securityContext: { procMount: 'Unmasked' } }),
  pod('windows user', {}, { securityContext: { windowsOptions: { runAsUserName: 'a\\b\\c', gmsaCredentialSpecName: 'A_' } } }),
  pod(
    'resource claims',
    { resourceClaims: [{ name: 'a', resourceClaimName: 'b', resourceClaimTemplateName: 'c' }, { name: 'a' }] },
    { resources: { claims: [{ name: 'x' }, { name: 'a' }, { name: 'a' }] } },
  ),
  pod(
    'node affinity',
    nodeAffinity(
      term([
        { key: 'a', operator: 'In' },
        { key: 'b', operator: 'Exists', values: ['x'] },
        { key: 'c', operator: 'Gt', values: ['1', '2'] },
        { key: 'd e', operator: 'Is', values: ['x y'] },
      ]),
    ),
  ),
  pod(
    'node affinity fields',
    nodeAffinity({
      nodeSelectorTerms: [
        {
          matchFields: [
            { key: 'metadata.name', operator: 'In', values: ['a', 'b'] },
            { key: 'x', operator: 'Exists' },
          ],
        },
      ],
    }),
  ),
  pod('node affinity empty', nodeAffinity({ nodeSelectorTerms: [] })),
  pod('preferred', {
    affinity: {
      nodeAffinity: {
        preferredDuringSchedulingIgnoredDuringExecution: [
          { weight: 0, preference: {} },
          { weight: 101, preference: { matchExpressions: [{ key: 'a', operator: 'In' }] } },
        ],
      },
    },
  }),
  pod('pod affinity', {
    affinity: {
      podAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: [
          { topologyKey: '' },
          { topologyKey: 'zone', namespaces: ['A'], labelSelector: { matchExpressions: [{ key: 'a', operator: 'Has' }] } },
          { topologyKey: 'zone', matchLabelKeys: ['a'] },
        ],
      },
    },
  }),
  pod(
    'pod anti affinity',
    {
      affinity: {
        podAntiAffinity: {
          preferredDuringSchedulingIgnoredDuringExecution: [
            {
              weight: 5,
              podAffinityTerm: {
                topologyKey: 'zone',
                labelSelector: { matchLabels: { a: 'b' } },
                matchLabelKeys: ['a', 'c'],
                mismatchLabelKeys: ['c'],
              },
            },
          ],
        },
      },
    },
    {},
    { labels: { a: 'b', c: 'd' } },
  ),
  spread('good', { maxSkew: 1, topologyKey: 'zone', whenUnsatisfiable: 'DoNotSchedule', labelSelector: { matchLabels: { a: 'b' } } }),
  spread('bad', {
    maxSkew: 0,
    topologyKey: '',
    whenUnsatisfiable: 'X',
    minDomains: 0,
    nodeAffinityPolicy: 'x',
    nodeTaintsPolicy: 'y',
    matchLabelKeys: ['a'],
  }),
  pod('spread twice', {
    topologySpreadConstraints: [
      { maxSkew: 1, topologyKey: 'zone', whenUnsatisfiable: 'ScheduleAnyway' },
      { maxSkew: 2, topologyKey: 'zone', whenUnsatisfiable: 'ScheduleAnyway', minDomains: 3 },
    ],
  }),
]

const volumes: Case[] = [
  volume('emptyDir by silence', { name: 'v' }),
  volume('names', { name: 'V_' }, { name: '' }, { name: 'a', emptyDir: {} }, { name: 'a', emptyDir: {} }),
  volume('two sources', { name: 'v', emptyDir: {}, hostPath: { path: '/x' }, cephfs: { monitors: ['a'] } }),
  volume(
    'host path',
    { name: 'a', hostPath: { path: '' } },
    { name: 'b', hostPath: { path: '/a/../b', type: 'X' } },
    { name: 'c', hostPath: { path: '/x' } },
  ),
  volume('size', { name: 'v', emptyDir: { sizeLimit: '-1' } }),
  volume(
    'secret',
    { name: 'a', secret: {} },
    {
      name: 'b',
      secret: {
        secretName: 's',
        defaultMode: 1000,
        items: [
          { key: '', path: '..x' },
          { key: 'k', path: '/abs', mode: -1 },
          { key: 'k', path: 'a/../b' },
        ],
      },
    },
  ),
  volume('config map', { name: 'a', configMap: {} }, { name: 'b', configMap: { name: 'c', items: [{}] } }),
  volume('downward', {
    name: 'a',
    downwardAPI: {
      items: [
        { path: '', fieldRef: { fieldPath: 'spec.nodeName' } },
        { path: 'x' },
        { path: 'y', resourceFieldRef: { resource: 'limits.cpu' } },
        { path: 'z', fieldRef: { fieldPath: "metadata.labels['a b']" } },
        { path: 'w', resourceFieldRef: { containerName: 'main', resource: 'limits.gpu', divisor: '3' } },
      ],
    },
  }),
  volume(
    'plugins',
    { name: 'a', nfs: { server: '', path: 'x' } },
    { name: 'b', iscsi: { targetPortal: '', iqn: 'x', lun: 300, chapAuthSession: true } },
    { name: 'c', rbd: { monitors: [], image: '' } },
    { name: 'd', fc: {} },
    { name: 'e', azureDisk: { diskName: 'a', diskURI: 'b', kind: 'Managed', cachingMode: 'x' } },
    { name: 'f', scaleIO: { gateway: '', system: '', secretRef: null } },
  ),
  volume(
    'more plugins',
    { name: 'a', gcePersistentDisk: { pdName: '', partition: 300 } },
    { name: 'b', awsElasticBlockStore: { volumeID: '' } },
    { name: 'c', gitRepo: { repository: '', directory: '/x' } },
    { name: 'd', glusterfs: { endpoints: '', path: '' } },
    { name: 'e', persistentVolumeClaim: { claimName: '' } },
    { name: 'f', flexVolume: { driver: '', options: { 'kubernetes.io/x': 'y' } } },
    { name: 'g', cinder: { volumeID: '', secretRef: {} } },
    { name: 'h', cephfs: { monitors: [] } },
    { name: 'i', flocker: {} },
    { name: 'j', azureFile: { secretName: '', shareName: '' } },
    { name: 'k', vsphereVolume: { volumePath: '' } },
    { name: 'l', quobyte: { registry: 'a', volume: '' } },
    { name: 'm', photonPersistentDisk: { pdID: '' } },
    { name: 'n', portworxVolume: { volumeID: '' } },
    { name: 'o', storageos: {} },
    { name: 'p', csi: { driver: '', nodePublishSecretRef: {} } },
    { name: 'q', image: { reference: '', pullPolicy: 'X' } },
  ),
  volume(
    'plugin defaults',
    { name: 'b', iscsi: { targetPortal: 'a:1', iqn: 'iqn.2001-04.com.example:a', lun: 1 } },
    { name: 'c', rbd: { monitors: ['a'], image: 'i' } },
    { name: 'e', azureDisk: { diskName: 'a', diskURI: 'https://x' } },
    { name: 'f', scaleIO: { gateway: 'g', system: 's', volumeName: 'v', secretRef: { name: 'n' } } },
    { name: 'q', image: { reference: 'x' } },
    { name: 'z', csi: { driver: 'd.example' } },
  ),
  volume(
    'ephemeral',
    { name: 'a', ephemeral: {} },
    {
      name: 'b',
      ephemeral: {
        volumeClaimTemplate: {
          metadata: { name: 'x', labels: { 'a b': 'c' } },
          spec: {
            accessModes: ['X', 'ReadWriteOncePod', 'ReadWriteOnce'],
            resources: { requests: { storage: '0' } },
            storageClassName: 'A_',
            volumeMode: 'x',
            dataSource: { kind: '', name: '' },
          },
        },
      },
    },
  ),
  volume('ephemeral good', {
    name: 'a',
    ephemeral: { volumeClaimTemplate: { spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1.0001Gi' } } } } },
  }),
  projected(
    'good',
    { secret: { name: 's' } },
    { configMap: { name: 'c', items: [{ key: 'k', path: 'p' }] } },
    { downwardAPI: { items: [{ path: 'l', fieldRef: { fieldPath: 'metadata.labels' } }] } },
    { serviceAccountToken: { path: 't' } },
  ),
  projected(
    'bad',
    { secret: {}, configMap: { name: 'c' } },
    { serviceAccountToken: { path: '', expirationSeconds: 5 } },
    { serviceAccountToken: { path: '../x', expirationSeconds: 600 } },
    {
      configMap: {
        name: 'c',
        items: [
          { key: 'k', path: 'p' },
          { key: 'l', path: 'p' },
        ],
      },
    },
  ),
  volume('mounts', { name: 'v', emptyDir: {} }, { name: 'p', persistentVolumeClaim: { claimName: 'c' } }),
  pod(
    'mounts',
    {
      volumes: [
        { name: 'v', emptyDir: {} },
        { name: 'p', persistentVolumeClaim: { claimName: 'c' } },
      ],
    },
    {
      volumeMounts: [
        { name: 'v', mountPath: '' },
        { name: 'v', mountPath: '/a' },
        { name: 'x', mountPath: '/a', subPath: '/abs', subPathExpr: '..' },
        { name: 'v', mountPath: '/b', mountPropagation: 'Bidirectional', recursiveReadOnly: 'Enabled' },
        { name: 'v', mountPath: '/c', mountPropagation: 'X', recursiveReadOnly: 'Y' },
      ],
      volumeDevices: [
        { name: 'v', devicePath: '/a' },
        { name: '', devicePath: '' },
        { name: 'p', devicePath: '/d/../e' },
      ],
    },
  ),
]

const containers: Case[] = [
  env(
    'good',
    { name: 'A', value: 'b' },
    { name: 'B', valueFrom: { fieldRef: { fieldPath: 'status.podIP' } } },
    { name: 'C', valueFrom: { resourceFieldRef: { resource: 'limits.cpu', divisor: '1m' } } },
    { name: 'D', valueFrom: { configMapKeyRef: { name: 'c', key: 'k' } } },
  ),
  env(
    'bad',
    { name: '' },
    { name: 'a=b' },
    { name: 'X', value: 'v', valueFrom: { fieldRef: { fieldPath: 'status.phase' } } },
    { name: 'Y', valueFrom: {} },
    { name: 'Z', valueFrom: { secretKeyRef: { name: 'A_', key: '' }, configMapKeyRef: { name: 'c', key: 'a/b' } } },
    { name: 'W', valueFrom: { fieldRef: { fieldPath: 'spec.x', apiVersion: 'v2' } } },
    { name: 'V', valueFrom: { fieldRef: { fieldPath: 'spec.x' } } },
    { name: 'U', valueFrom: { resourceFieldRef: { resource: '', divisor: '7' } } },
    { name: 'T', valueFrom: { resourceFieldRef: { resource: 'limits.memory', divisor: '7' } } },
  ),
  env('file key', { name: 'A', valueFrom: { fileKeyRef: { volumeName: 'x', path: '../y', key: '' } } }),
  pod('env from', {}, { envFrom: [{}, { prefix: 'a=b', configMapRef: {} }, { secretRef: { name: 'x-' }, configMapRef: { name: 'B_' } }] }),
  probe('default', { httpGet: { port: 80 } }),
  probe('exec', { exec: {} }),
  probe('none', {}),
  probe('grpc', { grpc: { port: 0 } }),
  probe('bad', {
    httpGet: { port: 'Bad_Port', scheme: 'FTP', httpHeaders: [{ name: 'a b', value: '' }] },
    tcpSocket: { port: 99999 },
    initialDelaySeconds: -1,
    timeoutSeconds: -1,
    successThreshold: 3,
    terminationGracePeriodSeconds: 0,
  }),
  pod('readiness grace', {}, { readinessProbe: { tcpSocket: { port: 80 }, terminationGracePeriodSeconds: 5 } }),
  pod('hooks', {}, { lifecycle: { postStart: {}, preStop: { sleep: { seconds: 100 }, exec: { command: [] } } } }),
  pod('stop signal dropped', {}, { lifecycle: { stopSignal: 'SIGUSR1' } }),
  pod('init', {
    initContainers: [
      { name: 'main', image: 'x', livenessProbe: { exec: { command: ['a'] } }, lifecycle: { preStop: { exec: { command: ['a'] } } } },
      { name: 'side', image: 'y', restartPolicy: 'Always', startupProbe: { tcpSocket: { port: 1 } } },
      { name: 'once', image: 'z', restartPolicy: 'X' },
    ],
  }),
  pod('restart rules', {}, { restartPolicyRules: [{ action: 'X' }, { action: 'Restart', exitCodes: { operator: 'Is' } }] }),
  pod(
    'restart policy',
    {},
    { restartPolicy: 'Never', restartPolicyRules: [{ action: 'Restart', exitCodes: { operator: 'In', values: [1] } }] },
  ),
  pod(
    'resize policy',
    { restartPolicy: 'Never' },
    {
      resizePolicy: [
        { resourceName: 'cpu', restartPolicy: 'RestartContainer' },
        { resourceName: 'cpu', restartPolicy: 'X' },
        { resourceName: 'gpu', restartPolicy: '' },
      ],
    },
  ),
  resources('requests from limits', { limits: { cpu: '0.5', memory: '1Gi' } }),
  resources('nano', { requests: { cpu: '1n', memory: '1.5' } }),
  resources('bad', {
    limits: { cpu: '1', 'a b': '1', gpu: '1', 'example.com/gpu': '1.5', memory: '-1' },
    requests: { cpu: '2', 'example.com/gpu': '1' },
  }),
  resources('extended request alone', { requests: { 'example.com/gpu': '1' } }),
  resources('hugepages', { limits: { 'hugepages-2Mi': '3Mi' }, requests: { 'hugepages-2Mi': '2Mi' } }),
  resources(
    'pod level',
    { requests: { cpu: '1' }, limits: { cpu: '4', 'hugepages-2Mi': '4Mi' } },
    { resources: { limits: { cpu: '2', memory: '1Gi' } } },
  ),
  resources(
    'pod level bad',
    { requests: { cpu: '3' } },
    { resources: { requests: { cpu: '1', 'ephemeral-storage': '1Gi' }, limits: { cpu: '2' }, claims: [{ name: 'x' }] } },
  ),
  pod('guaranteed', {}, { resources: { limits: { cpu: '1', memory: '1Gi' } } }),
]

export const podCases: readonly Case[] = [...basics, ...settings, ...volumes, ...containers]
