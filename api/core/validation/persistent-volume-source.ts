/** Rules of where the data of a persistent volume are: one source, in upstream's order of sources. */
import type { PersistentVolumeSource } from '#api/core/persistent-volume-source.ts'
import { type FieldError, forbidden, invalid, required } from '#api/meta/field-error.ts'
import { byteLength, inclusiveRangeMessage } from '#api/validation/names.ts'
import { checkLabelName, checkNoBacksteps, checkSubdomainName, requireText } from './values.ts'
import * as plugin from './volume-plugins.ts'
import { checkHostPath, checkNFS } from './volumes.ts'

type Source<K extends keyof PersistentVolumeSource> = NonNullable<PersistentVolumeSource[K]>
type Check<K extends keyof PersistentVolumeSource> = (source: Source<K>, path: string, volumeName: string) => FieldError[]

interface SecretReference {
  name?: string | undefined
  namespace?: string | undefined
}

const noMonitors = (monitors: readonly string[] | undefined, path: string): FieldError[] =>
  (monitors ?? []).length === 0 ? [required(`${path}.monitors`)] : []

function requireSecret(ref: SecretReference | undefined, path: string): FieldError[] {
  return ref ? [...requireText(`${path}.name`, ref.name), ...requireText(`${path}.namespace`, ref.namespace)] : []
}

function checkSecret(ref: SecretReference | undefined, path: string): FieldError[] {
  if (!ref) return []
  return [
    ...(ref.name ? checkSubdomainName(`${path}.name`, ref.name) : [required(`${path}.name`)]),
    ...(ref.namespace ? checkLabelName(`${path}.namespace`, ref.namespace) : [required(`${path}.namespace`)]),
  ]
}

const checkGlusterfs: Check<'glusterfs'> = (source, path) => {
  const field = `${path}.endpointsNamespace`
  const { endpoints, endpointsNamespace: namespace } = source
  const found = [...requireText(`${path}.endpoints`, endpoints), ...requireText(`${path}.path`, source.path)]
  if (namespace === undefined) return found
  if (namespace !== '') return [...found, ...checkLabelName(field, namespace)]
  return [...found, invalid(field, '', 'if the endpointnamespace is set, it must be a valid namespace name')]
}

const wrongFormat = 'must be valid format'

const checkISCSI: Check<'iscsi'> = (iscsi, path, volumeName) => {
  const { targetPortal, iqn, lun = 0, initiatorName, secretRef } = iscsi
  const found = requireText(`${path}.targetPortal`, targetPortal)
  if (initiatorName !== undefined && byteLength(`${volumeName}:${targetPortal}`) > 64) {
    const text = 'Total length of <volume name>:<iscsi.targetPortal> must be under 64 characters if iscsi.initiatorName is specified.'
    found.push(invalid(`${path}.targetportal`, targetPortal, text))
  }
  found.push(...(iqn ? plugin.checkInitiator(`${path}.iqn`, iqn, wrongFormat) : [required(`${path}.iqn`)]))
  if (lun < 0 || lun > 255) found.push(invalid(`${path}.lun`, lun, inclusiveRangeMessage(0, 255)))
  if ((iscsi.chapAuthDiscovery || iscsi.chapAuthSession) && !secretRef) found.push(required(`${path}.secretRef`))
  if (secretRef && !secretRef.name) found.push(required(`${path}.secretRef.name`))
  if (initiatorName !== undefined) found.push(...plugin.checkInitiator(`${path}.initiatorname`, initiatorName, wrongFormat))
  return found
}

const checkCSI: Check<'csi'> = (csi, path) => [
  ...plugin.checkDriverName(`${path}.driver`, csi.driver ?? ''),
  ...requireText(`${path}.volumeHandle`, csi.volumeHandle),
  ...checkSecret(csi.controllerPublishSecretRef, `${path}.controllerPublishSecretRef`),
  ...checkSecret(csi.controllerExpandSecretRef, `${path}.controllerExpandSecretRef`),
  ...checkSecret(csi.nodePublishSecretRef, `${path}.nodePublishSecretRef`),
  ...checkSecret(csi.nodeExpandSecretRef, `${path}.nodeExpandSecretRef`),
]

/** In upstream's order; where it names a field otherwise than the schema does, so do we. */
const checks: { [K in keyof Required<PersistentVolumeSource>]: { check: Check<K>; path?: string; clashPath?: string } } = {
  hostPath: { check: checkHostPath },
  gcePersistentDisk: { check: plugin.checkGCEDisk, path: 'persistentDisk' },
  awsElasticBlockStore: { check: plugin.checkAWSDisk },
  glusterfs: { check: checkGlusterfs },
  flocker: { check: plugin.checkFlocker },
  nfs: { check: checkNFS },
  rbd: { check: (rbd, path) => [...noMonitors(rbd.monitors, path), ...requireText(`${path}.image`, rbd.image)] },
  quobyte: { check: plugin.checkQuobyte },
  cephfs: { check: (ceph, path) => noMonitors(ceph.monitors, path), clashPath: 'cephFS' },
  iscsi: { check: checkISCSI },
  cinder: {
    check: (cinder, path) => [...requireText(`${path}.volumeID`, cinder.volumeID), ...requireSecret(cinder.secretRef, `${path}.secretRef`)],
  },
  fc: { check: plugin.checkFC },
  flexVolume: { check: ({ secretRef: _, ...flex }, path) => plugin.checkFlex(flex, path) },
  azureFile: {
    check: (file, path) => [
      ...plugin.checkAzureFile(file, path),
      ...(file.secretNamespace === '' ? [required(`${path}.secretNamespace`)] : []),
    ],
  },
  vsphereVolume: { check: (source, path) => requireText(`${path}.volumePath`, source.volumePath) },
  photonPersistentDisk: { check: (source, path) => requireText(`${path}.pdID`, source.pdID) },
  portworxVolume: { check: (source, path) => requireText(`${path}.volumeID`, source.volumeID) },
  azureDisk: { check: plugin.checkAzureDisk },
  scaleIO: { check: ({ secretRef: _, ...source }, path) => plugin.checkScaleIO({ ...source, secretRef: {} } as never, path) },
  local: {
    check: ({ path: folder }, path) => (folder ? checkNoBacksteps(`${path}.path`, folder) : [required(`${path}.path`)]),
  },
  storageos: {
    check: ({ secretRef, ...source }, path) => [...plugin.checkStorageOS(source, path), ...requireSecret(secretRef, `${path}.secretRef`)],
  },
  csi: { check: checkCSI },
}
export const sourceNames = Object.keys(checks) as (keyof PersistentVolumeSource)[]

function checkOne<K extends keyof PersistentVolumeSource>(
  source: PersistentVolumeSource,
  name: K,
  path: string,
  volume: string,
): FieldError[] {
  const { check, path: own } = checks[name]
  return check(source[name] as Source<K>, `${path}.${own ?? name}`, volume)
}

/** `hasAffinity`: which nodes can reach the volume is said. */
export function validatePersistentVolumeSource(
  source: PersistentVolumeSource,
  path: string,
  { volume, hasAffinity }: { volume: string; hasAffinity: boolean },
): FieldError[] {
  const found: FieldError[] = []
  let given = 0
  for (const name of sourceNames) {
    if (source[name] === undefined || source[name] === null) continue
    // upstream takes a flexVolume beside others
    if (given > 0 && name !== 'flexVolume') {
      found.push(forbidden(`${path}.${checks[name].clashPath ?? name}`, 'may not specify more than 1 volume type'))
      continue
    }
    given++
    found.push(...checkOne(source, name, path, volume))
    if (name === 'local' && !hasAffinity) found.push(required(`${path}.nodeAffinity`, 'Local volume requires node affinity'))
  }
  return given > 0 ? found : [...found, required(path, 'must specify a volume type')]
}
