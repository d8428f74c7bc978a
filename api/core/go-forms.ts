/** Pod templates as upstream's messages print them: where its internal types differ from the served ones (upstream: pkg/apis/core/types.go). */
import { type GoForms, goStruct } from '#api/meta/go-struct.ts'
import { type PodTemplateSpec, podTemplateSpecSchema } from './pod-spec.ts'

type Plain = Record<string, unknown>

const ofSecurity = ['hostNetwork', 'hostPID', 'hostIPC', 'shareProcessNamespace', 'hostUsers'] as const
const flags = new Set<string>(['hostNetwork', 'hostPID', 'hostIPC'])
const goName = (name: string): string => name.charAt(0).toUpperCase() + name.slice(1)

/** What the served form has beside the security context stands inside of it. */
function withHostFields(made: Plain, value: Plain): Plain {
  const { ServiceAccount: _, SecurityContext: security, ...others } = made
  for (const name of ofSecurity) delete others[goName(name)]
  const host = Object.fromEntries(ofSecurity.map((name) => [goName(name), value[name] ?? (flags.has(name) ? false : null)]))
  const at = Object.keys(made).indexOf('SecurityContext')
  const before = new Set(Object.keys(made).slice(0, at))
  const entries = Object.entries(others)
  return Object.fromEntries([
    ...entries.filter(([name]) => before.has(name)),
    ['SecurityContext', security === null ? null : { ...host, ...(security as Plain) }],
    ...entries.filter(([name]) => !before.has(name)),
  ])
}

const forms: GoForms = {
  PodTemplateSpec: { embedded: 'metadata' },
  PersistentVolumeClaimTemplate: { embedded: 'metadata' },
  PodSpec: {
    first: [
      'volumes',
      'initContainers',
      'containers',
      'ephemeralContainers',
      'restartPolicy',
      'terminationGracePeriodSeconds',
      'activeDeadlineSeconds',
      'dnsPolicy',
      'nodeSelector',
      'serviceAccountName',
      'automountServiceAccountToken',
      'nodeName',
      'securityContext',
      'imagePullSecrets',
      'hostname',
      'subdomain',
      'setHostnameAsFQDN',
      'affinity',
      'schedulerName',
      'tolerations',
      'hostAliases',
      'priorityClassName',
      'priority',
      'preemptionPolicy',
      'dnsConfig',
      'readinessGates',
      'runtimeClassName',
      'overhead',
      'enableServiceLinks',
      'topologySpreadConstraints',
      'os',
    ],
    finish: withHostFields,
  },
  PodSecurityContext: {
    first: [
      'seLinuxOptions',
      'windowsOptions',
      'runAsUser',
      'runAsGroup',
      'runAsNonRoot',
      'supplementalGroups',
      'supplementalGroupsPolicy',
      'fsGroup',
      'fsGroupChangePolicy',
      'sysctls',
    ],
  },
  Volume: {
    first: [
      'name',
      'hostPath',
      'emptyDir',
      'gcePersistentDisk',
      'awsElasticBlockStore',
      'gitRepo',
      'secret',
      'nfs',
      'iscsi',
      'glusterfs',
      'persistentVolumeClaim',
      'rbd',
      'quobyte',
    ],
  },
  GlusterfsVolumeSource: { names: { endpoints: 'EndpointsName' } },
  RBDVolumeSource: { names: { monitors: 'CephMonitors', image: 'RBDImage', pool: 'RBDPool', user: 'RadosUser' } },
  ISCSIVolumeSource: {
    names: { iscsiInterface: 'ISCSIInterface', chapAuthDiscovery: 'DiscoveryCHAPAuth', chapAuthSession: 'SessionCHAPAuth' },
  },
  AzureDiskVolumeSource: { names: { diskURI: 'DataDiskURI' } },
}

export const shownTemplate = (template: PodTemplateSpec): Plain => goStruct(podTemplateSpecSchema, template, forms)
