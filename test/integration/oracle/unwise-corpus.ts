/** Pods that upstream takes with a warning. */
import { type Case, env, main, pod, volume } from './pod-corpus.ts'

export const unwiseCases: readonly Case[] = [
  pod('unwise name', {}, {}, { name: 'a.b' }),
  pod('old labels', {
    nodeSelector: { 'beta.kubernetes.io/os': 'linux' },
    affinity: {
      nodeAffinity: {
        preferredDuringSchedulingIgnoredDuringExecution: [
          { weight: 1, preference: { matchExpressions: [{ key: 'node-role.kubernetes.io/master', operator: 'In', values: ['a b'] }] } },
        ],
      },
      podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey: 'zone' }] },
    },
  }),
  pod('spread without selector', {
    topologySpreadConstraints: [{ maxSkew: 1, topologyKey: 'beta.kubernetes.io/arch', whenUnsatisfiable: 'ScheduleAnyway' }],
  }),
  pod(
    'old annotations',
    {},
    {},
    {
      annotations: {
        'scheduler.alpha.kubernetes.io/critical-pod': '',
        'seccomp.security.alpha.kubernetes.io/pod': 'unconfined',
        'container.seccomp.security.alpha.kubernetes.io/main': 'unconfined',
      },
    },
  ),
  volume(
    'old plugins',
    { name: 'a', gitRepo: { repository: 'x' } },
    { name: 'b', glusterfs: { endpoints: 'e', path: 'p' } },
    { name: 'c', storageos: { volumeName: 'v' } },
  ),
  volume(
    'overlaps',
    {
      name: 'a',
      configMap: {
        name: 'c',
        items: [
          { key: 'a', path: 'x' },
          { key: 'b', path: 'x/y/' },
        ],
      },
    },
    {
      name: 'b',
      projected: {
        sources: [{}, { configMap: { name: 'c', items: [{ key: 'a', path: 'p' }] } }, { serviceAccountToken: { path: 'p/q' } }],
      },
    },
  ),
  pod('repeated', {
    hostAliases: [{ ip: '1.1.1.1' }, { ip: '1.1.1.1' }, { ip: '010.0.0.1' }],
    imagePullSecrets: [{ name: 'a' }, { name: 'a' }, {}],
    terminationGracePeriodSeconds: -1,
    dnsConfig: { nameservers: ['::ffff:1.2.3.4'] },
  }),
  pod('fractions', {}, { resources: { limits: { memory: '1500m' } } }),
  env('twice', { name: 'A', value: '1' }, { name: 'A', value: '2' }, { name: 'B', value: '1' }, { name: 'B', value: '$(B):2' }),
  pod('port clashes', {
    containers: [
      {
        ...main,
        ports: [
          { containerPort: 80, name: 'web' },
          { containerPort: 80, hostPort: 8080 },
        ],
      },
      { ...main, name: 'b', ports: [{ containerPort: 80 }, { containerPort: 81, name: 'web' }] },
    ],
  }),
]
