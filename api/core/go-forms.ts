/** Specs as upstream's messages print them: where its internal types differ from the served ones (upstream: pkg/apis/core/types.go). */
import { type GoForms, goStruct } from '#api/meta/go-struct.ts'
import { type EphemeralContainer, ephemeralContainerSchema } from './container.ts'
import { type PersistentVolumeSource, persistentVolumeSourceSchema } from './persistent-volume-source.ts'
import { type PodSpec, type PodTemplateSpec, podSpecSchema, podTemplateSpecSchema } from './pod-spec.ts'
import { type PersistentVolumeClaimSpec, persistentVolumeClaimSpecSchema } from './volume-claim-spec.ts'

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

const rbd = { names: { monitors: 'CephMonitors', image: 'RBDImage', pool: 'RBDPool', user: 'RadosUser' } }
const iscsi = {
  names: { iscsiInterface: 'ISCSIInterface', chapAuthDiscovery: 'DiscoveryCHAPAuth', chapAuthSession: 'SessionCHAPAuth' },
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
  PersistentVolumeSource: {
    first: [
      'gcePersistentDisk',
      'awsElasticBlockStore',
      'hostPath',
      'glusterfs',
      'nfs',
      'rbd',
      'quobyte',
      'iscsi',
      'flexVolume',
      'cinder',
      'cephfs',
      'fc',
      'flocker',
      'azureFile',
      'vsphereVolume',
      'azureDisk',
      'photonPersistentDisk',
      'portworxVolume',
      'scaleIO',
      'local',
      'storageos',
      'csi',
    ],
  },
  GlusterfsVolumeSource: { names: { endpoints: 'EndpointsName' } },
  GlusterfsPersistentVolumeSource: { names: { endpoints: 'EndpointsName' } },
  RBDVolumeSource: rbd,
  RBDPersistentVolumeSource: rbd,
  ISCSIVolumeSource: iscsi,
  ISCSIPersistentVolumeSource: iscsi,
  AzureDiskVolumeSource: { names: { diskURI: 'DataDiskURI' } },
}

export const shownPodSpec = (spec: PodSpec): Plain => goStruct(podSpecSchema, spec, forms)
export const shownEphemeralContainer = (container: EphemeralContainer): Plain => goStruct(ephemeralContainerSchema, container, forms)
export const shownClaimSpec = (spec: PersistentVolumeClaimSpec): Plain => goStruct(persistentVolumeClaimSpecSchema, spec, forms)
export const shownVolumeSource = (source: PersistentVolumeSource): Plain => goStruct(persistentVolumeSourceSchema, source, forms)
export const shownTemplate = (template: PodTemplateSpec): Plain => goStruct(podTemplateSpecSchema, template, forms)
